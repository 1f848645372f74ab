package app.gpra.migrations.operation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.statement.core.RawSqlStatement;

/**
 * What the SQL of several changesets calls: made in the session's own schema for temporary things.
 */
public final class Procedures {

  // (A script ends it itself.)
  private static final String TEXT =
      (read("procedures.sql") + "\n\n" + read("look.sql") + "\n\n" + read("fill.sql"))
          .replaceFirst(";$", "");

  private Procedures() {}

  /**
   * Makes them, in a session or in a script.
   *
   * @param changelog has the parameters that they take
   * @param executor runs or writes it
   * @throws DatabaseException if the role may not make temporary objects; says what to grant
   */
  // Not prepared: it is several statements.
  @SuppressWarnings("deprecation")
  public static void define(DatabaseChangeLog changelog, Executor executor)
      throws DatabaseException {
    executor.execute(
        new RawSqlStatement(changelog.getChangeLogParameters().expandExpressions(TEXT, changelog)));
  }

  /** Their SQL. */
  static String text() {
    return TEXT;
  }

  private static String read(String name) {
    try (InputStream file = Procedures.class.getResourceAsStream(name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
