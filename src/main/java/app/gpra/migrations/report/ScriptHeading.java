package app.gpra.migrations.report;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;

/**
 * What a script says of itself, in comments: for which database it was made, and with which
 * settings. An approval of the script is one of these, too.
 */
public final class ScriptHeading {

  /**
   * The same on a standby that was promoted: by host and port it would be another. A server may
   * keep it from this role, or not have it; then the database's number has to do.
   */
  private static final String MAY_ASK =
      "SELECT pg_catalog.current_database(), oid, pg_catalog.has_function_privilege("
          + "pg_catalog.to_regprocedure('pg_catalog.pg_control_system()'), 'EXECUTE')"
          + " FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()";

  private static final String SYSTEM =
      "SELECT system_identifier FROM pg_catalog.pg_control_system()";

  private ScriptHeading() {}

  /**
   * The lines, without what makes them comments.
   *
   * @param command that writes the script
   * @param connection to the database that the script is for
   * @return never null; nothing in it ends a line
   * @throws SQLException if the server does not answer
   */
  public static List<String> of(CommandScope command, Connection connection) throws SQLException {
    return List.of(
        "Database: " + database(connection),
        "Settings: "
            + Invocation.of("update")
                .settings(command.getArgumentValue(DatabaseChangelogCommandStep.LABEL_FILTER_ARG)));
  }

  private static String database(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String name;
      String number;
      boolean tells;
      try (ResultSet row = statement.executeQuery(MAY_ASK)) {
        row.next();
        name = Screen.printable(row.getString(1));
        number = row.getString(2);
        tells = row.getBoolean(3);
      }
      if (!tells) {
        return "%s, number %s of a server that does not tell its system identifier"
            .formatted(name, number);
      }
      try (ResultSet row = statement.executeQuery(SYSTEM)) {
        row.next();
        return name + ", system identifier " + row.getString(1);
      }
    }
  }
}
