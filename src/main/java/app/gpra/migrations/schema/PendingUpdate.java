package app.gpra.migrations.schema;

import app.gpra.migrations.report.Report;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ResourceAccessor;

/**
 * What the next {@code mvn liquibase:update} of a database would do, in the sentences of {@code mvn
 * liquibase:status}. Only looks.
 *
 * @param project whose changelog it would run
 * @param url the database's, as Liquibase has it
 */
record PendingUpdate(Path project, String url) {

  /** One that says why it is not known, where it cannot be asked. */
  @SuppressWarnings("try") // close() of Liquibase's accessor may throw anything.
  List<String> sentences() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (ResourceAccessor files = ShadowDatabase.files(project);
        Connection connection = Drift.connect(url)) {
      connection.setReadOnly(true);
      try (Database database =
          DatabaseFactory.getInstance()
              .findCorrectDatabaseImplementation(new JdbcConnection(connection))) {
        // Tables by their names alone, as everywhere.
        database.setOutputDefaultSchema(false);
        ShadowDatabase.execute("status", database, files, Map.of(), said);
      }
    } catch (Exception e) {
      return List.of("What is to come there is not known: " + Report.sentence(e));
    }
    return said.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
