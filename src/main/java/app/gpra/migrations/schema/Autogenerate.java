package app.gpra.migrations.schema;

import app.gpra.migrations.connection.DatabaseUrlDriver;
import app.gpra.migrations.report.Screen;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.database.Database;
import liquibase.exception.LiquibaseException;

/**
 * {@code mvn compile exec:java@autogenerate -Dmigration=what-it-does}: the migration from what the
 * changelog makes to the desired schema, {@code changelog/schema.sql} or {@code -Dschema=…}, tried
 * forward and back in a database of its own. {@code -Drename=table.column=name} is a column that
 * gets another name over two migrations.
 */
public final class Autogenerate {

  private final Path project;
  private final ShadowServer server;
  private final String url;
  private final Consumer<String> out;

  /**
   * In a project.
   *
   * @param url of the database of which it says what is to come there; null if none is named
   */
  Autogenerate(Path project, ShadowServer server, String url, Consumer<String> out) {
    this.project = project;
    this.server = server;
    this.url = url;
    // What a database's objects are called is anybody's text.
    this.out = line -> out.accept(Screen.printable(line));
  }

  /**
   * Writes the migration.
   *
   * @param args the project's directory, and the address of a database as Liquibase has it
   * @throws SQLException if a server does not answer
   * @throws IOException if a file cannot be written
   * @throws LiquibaseException if the schemas cannot be compared
   */
  public static void main(String[] args) throws SQLException, IOException, LiquibaseException {
    Path project = Path.of(args[0]);
    Quiet.down();
    String name = new ProjectChangelog(project).newName();
    DesiredSchema desired =
        DesiredSchema.of(project, System.getProperty("schema", DesiredSchema.DEFAULT));
    try (ShadowServer server = ShadowServer.start(project)) {
      String url = DatabaseUrlDriver.isNamed(args[1]) ? args[1] : null;
      new Autogenerate(project, server, url, System.out::println).run(name, desired);
    }
  }

  /**
   * Writes the migration.
   *
   * @throws Refusal if nothing can be written, or what was written does not work; then nothing is
   */
  void run(String name, DesiredSchema wanted) throws SQLException, IOException, LiquibaseException {
    ProjectChangelog changelog = new ProjectChangelog(project);
    String last = changelog.lastNumber();
    ShadowDatabase migrated = server.create("migrated").withUsers(project);
    SchemaReader desired = wanted.load(project, server);
    SchemaFacts wantedFacts = desired.facts();
    migrated.update(project);
    SchemaFacts before = migrated.reader().facts();
    SchemaDifference difference =
        SchemaDifference.between(wantedFacts, before.withoutBookkeeping(wantedFacts));
    List<String> gone =
        SchemaDifference.between(before.withoutBookkeeping(wantedFacts), wantedFacts)
            .missing()
            .stream()
            .filter(sentence -> sentence.startsWith("The table "))
            .toList();
    if (difference.isEmpty() && gone.isEmpty() && System.getProperty(Plan.RENAMES) == null) {
      out.accept(
          "The migrations make what %s says: there is nothing to write.".formatted(wanted.name()));
      return;
    }

    List<Change> changes = changes(desired, migrated.reader());
    Map<String, Definition> wantedTexts = desired.definitions();
    Map<String, Definition> texts = migrated.reader().definitions();
    Trial trial =
        new Trial(
            project,
            name,
            migrated,
            leftOut ->
                Plan.of(
                    changes,
                    wantedFacts,
                    before,
                    wantedTexts,
                    texts,
                    changelog.nextNumber(),
                    leftOut));
    Plan plan = trial.run();
    List<String> left = new ArrayList<>(plan.byHand());
    List<String> there = migrated.reader().extensions();
    desired.extensions().stream()
        .filter(sentence -> !there.contains(sentence))
        .map(ByHand::way)
        .forEach(left::add);
    if (plan.drafts().isEmpty()) {
      ByHand.ways(difference.sentences().stream().filter(one -> !plan.hasSaid(one)).toList())
          .forEach(left::add);
      left.addAll(gone);
      left.forEach(sentence -> out.accept("By hand: " + sentence));
      throw new Refusal(
          "Nothing of the difference to %s can be written for you, so no file was: mvn exec:java@new-migration -Dmigration=%s makes an empty one."
              .formatted(wanted.name(), name));
    }
    SchemaFacts after = migrated.reader().facts().withoutBookkeeping(wantedFacts);
    SchemaDifference rest = SchemaDifference.between(wantedFacts, after);
    ByHand.ways(
            Stream.of(rest.missing(), rest.different())
                .flatMap(List::stream)
                .filter(sentence -> !plan.hasSaid(sentence))
                .toList())
        .forEach(left::add);
    rest.unexpected().forEach(sentence -> left.add(sentence + " Nothing is dropped for you."));
    gone.forEach(
        sentence ->
            left.add(
                sentence.replace(" is missing", " is not in the desired schema")
                    + " Nothing is dropped for you."));
    trial.undo(plan, last);
    List<String> stays =
        SchemaDifference.between(before, migrated.reader().facts()).sentences().stream()
            .map("Going back leaves this: %s"::formatted)
            .toList();

    List<Path> written = add(changelog, name, wanted, plan.file(), left, stays);
    out.accept("Written: " + String.join(", ", written.stream().map(Path::toString).toList()));
    plan.file().forEach(draft -> out.accept("  " + draft.id()));
    out.accept(
        "Tried in a database of its own: forward, and back to %s, which restored %s."
            .formatted(
                last, stays.isEmpty() ? "the schema exactly" : "all but what is said below"));
    left.forEach(sentence -> out.accept("By hand: " + sentence));
    stays.forEach(out);
    if (url != null) {
      new PendingUpdate(project, url).sentences().forEach(out);
    }
    out.accept(
        "Next: say why where it says TODO, then mvn verify -Dgroups=golden -Dgolden.refresh=true, then mvn verify");
  }

  private static List<Path> add(
      ProjectChangelog changelog,
      String name,
      DesiredSchema wanted,
      List<Draft> drafts,
      List<String> left,
      List<String> stays) {
    List<String> trailer = new ArrayList<>();
    if (!left.isEmpty()) {
      trailer.add("TODO, left to do by hand:");
      left.forEach(sentence -> trailer.add("  " + sentence));
    }
    trailer.addAll(stays);
    return changelog.add(
        name,
        List.of(
            "TODO: what this migration does, and what the application has to do first.",
            "",
            "Written from the difference between the migrations before it and "
                + wanted.name()
                + ". Read it as if somebody else had."),
        drafts,
        trailer);
  }

  private static List<Change> changes(SchemaReader desired, SchemaReader migrated)
      throws SQLException, LiquibaseException {
    try (Database first = desired.open();
        Database second = migrated.open()) {
      return LiquibaseDiff.between(first, second).changes();
    }
  }
}
