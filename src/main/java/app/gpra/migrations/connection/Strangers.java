package app.gpra.migrations.connection;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.Screen;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.util.PSQLException;

/**
 * Roles that could have their own functions and operators run with the rights of a migration:
 * {@code docs/sql/strangers.sql} says who they are, and stops because of them. Its text is what a
 * session runs first, what a script begins with, and what the other files beside it include.
 */
public final class Strangers {

  private static final String SCRIPT = read();

  /** What becomes of those who may CREATE. */
  private static final String WARN = "warn";

  /** What follows sets the search path of a script. */
  private static final String CHECK =
      SCRIPT.substring(SCRIPT.indexOf("DO $gpra_body$"), SCRIPT.lastIndexOf(';'));

  private Strangers() {}

  /**
   * Looks for them, with no name that is not PostgreSQL's own.
   *
   * @param connection a session whose transaction, if there is one, may be ended
   * @param schema of Liquibase's own tables; null if they are in the search path
   * @param strictly also those who may CREATE, and have made nothing yet
   * @return a sentence about each that passes, as {@code gpra.trusted.roles} or {@code strictly}
   *     says
   * @throws SQLException if there are others; says who they are and what takes it from them
   */
  public static List<String> refuse(Connection connection, String schema, boolean strictly)
      throws SQLException {
    List<String> passing = new ArrayList<>();
    try (PreparedStatement given =
            connection.prepareStatement(
                "SELECT pg_catalog.set_config('gpra.trusted.roles', ?, false), pg_catalog.set_config('gpra.liquibase.schema', ?, false), pg_catalog.set_config('gpra.may_create', ?, false)");
        Statement check = connection.createStatement()) {
      given.setString(1, GpraProperties.trustedRoles());
      given.setString(2, schema == null ? "" : schema);
      given.setString(3, strictly ? "" : WARN);
      given.execute();
      check.setEscapeProcessing(false);
      check.execute(CHECK);
      for (SQLWarning one = check.getWarnings(); one != null; one = one.getNextWarning()) {
        passing.add(Screen.printable(one.getMessage()));
      }
    } catch (PSQLException e) {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
      throw e.getServerErrorMessage() == null
          ? e
          : new SQLException(
              Screen.printable(e.getServerErrorMessage().getMessage()), e.getSQLState());
    }
    if (!connection.getAutoCommit()) {
      connection.commit();
    }
    return passing;
  }

  /**
   * The same for the session in which a script will be run, and that session's search path.
   *
   * @param schema of Liquibase's own tables; null if they are in the search path
   * @param strictly as of {@link #refuse}
   * @return statements, without a semicolon after the last
   */
  public static String script(String schema, boolean strictly) {
    StringBuilder script = new StringBuilder();
    if (!GpraProperties.trustedRoles().isEmpty()) {
      script.append(set("gpra.trusted.roles", GpraProperties.trustedRoles()));
    }
    if (schema != null) {
      script.append(set("gpra.liquibase.schema", schema));
    }
    if (!strictly) {
      script.append(set("gpra.may_create", WARN));
    }
    // Until they were looked for, whoever goes on after an error.
    script.append(set("gpra.strangers", "unknown"));
    return script.append(SCRIPT, 0, SCRIPT.lastIndexOf(';')).toString();
  }

  private static String set(String name, String value) {
    return "SET %s = '%s';\n".formatted(name, value.replace("'", "''"));
  }

  private static String read() {
    try (InputStream text = Strangers.class.getResourceAsStream("/docs/sql/strangers.sql")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
