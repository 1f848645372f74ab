package app.gpra.migrations.maven;

import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Something that is wrong, and what the operator is to read about it. In each text {@code {role}},
 * {@code {password}}, {@code {server}}, {@code {db}} and {@code {project}} stand for what they are
 * in the run.
 */
final class BadInput {

  private static final String OWN_ROLE = "postgresql://{role}:{password}@{server}/{db}";

  final String what;
  final List<String> command;
  String sentence = "";

  /** Null: the superuser's. */
  String url;

  /** Null: there is none, and the address is in the environment. */
  byte[] envFile;

  boolean withoutUrl;
  boolean asRole;
  boolean migrated;
  boolean withoutTables;
  boolean mavenOnly;
  String sql = "";

  /** The migration that is the last one applied after the run; null: nothing is changed. */
  String reaches;

  /** What ends it; null: that is not tried. Then the same command again does its work. */
  String cure;

  private BadInput(String what, String... command) {
    this.what = what;
    this.command = List.of(command);
  }

  /** {@code update}, with {@code -D…} arguments. */
  static BadInput update(String what, String... properties) {
    String[] command = new String[properties.length + 1];
    command[0] = "liquibase:update";
    System.arraycopy(properties, 0, command, 1, properties.length);
    return new BadInput(what, command);
  }

  /** Another command, by the operator with a migrated database. */
  static BadInput run(String what, String... command) {
    return new BadInput(what, command);
  }

  /** What the operator reads. */
  BadInput says(String text) {
    sentence = text;
    return this;
  }

  BadInput url(String text) {
    url = text;
    return this;
  }

  BadInput withoutUrl() {
    withoutUrl = true;
    return this;
  }

  BadInput env(String text) {
    return env(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The text of {@code .env}. */
  BadInput env(byte[] text) {
    envFile = text;
    withoutUrl = true;
    return this;
  }

  /** Run as superuser on the database beforehand. */
  BadInput given(String statements) {
    sql = statements;
    return this;
  }

  /** The database's user is a role that has what docs/production.md lists, and nothing else. */
  BadInput asRole() {
    asRole = true;
    url = OWN_ROLE;
    return this;
  }

  /** The database was migrated by the same user. */
  BadInput migrated() {
    migrated = true;
    return this;
  }

  /** There is no table in the database. */
  BadInput withoutTables() {
    withoutTables = true;
    return this;
  }

  /** It is about Maven's or the plugin's own arguments. */
  BadInput mavenOnly() {
    mavenOnly = true;
    return this;
  }

  BadInput reaches(String migration) {
    reaches = migration;
    return this;
  }

  BadInput curedBy(String statements) {
    cure = statements;
    return this;
  }

  /** A text with the run's names in it. */
  static String in(TestDatabase database, TestRole role, Object project, String text) {
    String server = database.bareUrl().replaceAll("^jdbc:postgresql://|/[^/]*$", "");
    return text.replace("{role}", role.name())
        .replace("{password}", role.password())
        .replace("{server}", server)
        .replace("{user}", database.value("SELECT current_user"))
        .replace("{jdbc}", database.jdbcUrl())
        .replace("{db}", database.toString())
        .replace("{project}", project.toString());
  }

  /** A row of the table in docs/reliability.md. */
  String row() {
    String text =
        sentence
            .replace("{role}", "migrator")
            .replace("{user}", "migrator")
            .replace("{server}", "127.0.0.1:5432")
            .replace("{db}", "gpra")
            .replace("{project}/", "");
    return "| %s | %s%s |".formatted(what, text, text.endsWith(".") ? "" : " …");
  }

  @Override
  public String toString() {
    return what;
  }
}
