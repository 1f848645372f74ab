package app.gpra.migrations.operation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.statement.core.RawSqlStatement;

/**
 * What the SQL of several changesets calls: made in the session's own schema for temporary things.
 */
public final class Procedures {

  private static final String TEXT = read();

  private Procedures() {}

  /**
   * Makes them, in a session or in a script.
   *
   * @param executor runs or writes it
   * @throws DatabaseException if the role may not make temporary objects; says what to grant
   */
  // Not prepared: it is several statements.
  @SuppressWarnings("deprecation")
  public static void define(Executor executor) throws DatabaseException {
    executor.execute(new RawSqlStatement(TEXT));
  }

  /** Their SQL. */
  static String text() {
    return TEXT;
  }

  private static String read() {
    try (InputStream file = Procedures.class.getResourceAsStream("procedures.sql")) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
      // A script ends it itself.
      return text.substring(0, text.length() - 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
