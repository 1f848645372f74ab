package app.gpra.migrations.operation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.statement.core.RawSqlStatement;

/**
 * What the SQL of several changesets calls: made in the session's own schema for temporary things.
 */
public final class Procedures {

  private static final String ALWAYS = "procedures.sql";
  private static final String FILL = "fill.sql";

  private Procedures() {}

  /**
   * Makes those that an update needs, in a session or in a script.
   *
   * @param changelog has the parameters that they take
   * @param executor runs or writes it
   * @throws DatabaseException if the role may not make temporary objects; says what to grant
   */
  public static void defineForUpdate(DatabaseChangeLog changelog, Executor executor)
      throws DatabaseException {
    define(List.of("look.sql"), changelog, executor);
  }

  /**
   * Makes those that a rollback needs, in a session or in a script.
   *
   * @param changelog has the parameters that they take
   * @param looks whether it looks at what changesets have made as an update does
   * @param executor runs or writes it
   * @throws DatabaseException if the role may not make temporary objects; says what to grant
   */
  public static void defineForRollback(
      DatabaseChangeLog changelog, boolean looks, Executor executor) throws DatabaseException {
    define(looks ? List.of("look.sql", "undo.sql") : List.of("undo.sql"), changelog, executor);
  }

  // Not prepared: it is several statements.
  @SuppressWarnings("deprecation")
  private static void define(List<String> besides, DatabaseChangeLog changelog, Executor executor)
      throws DatabaseException {
    boolean fills =
        changelog.getChangeSets().stream()
            .flatMap(changeSet -> changeSet.getChanges().stream())
            .anyMatch(FillChange.class::isInstance);
    String text =
        text(
            Stream.of(List.of(ALWAYS), besides, fills ? List.of(FILL) : List.<String>of())
                .flatMap(List::stream)
                .toList());
    executor.execute(
        new RawSqlStatement(changelog.getChangeLogParameters().expandExpressions(text, changelog)));
  }

  /** Their SQL. */
  static String text() {
    return text(List.of(ALWAYS, "undo.sql", FILL));
  }

  private static String text(List<String> files) {
    // (A script ends it itself.)
    return files.stream()
        .map(Procedures::read)
        .collect(Collectors.joining("\n\n"))
        .replace("{there}", there("TABLE pg_temp.gpra_made"))
        .replaceFirst(";$", "");
  }

  /** The query that finds what changesets make; it is given that. */
  static String there(String made) {
    return read("there.sql").replace("{made}", made);
  }

  private static String read(String name) {
    try (InputStream file = Procedures.class.getResourceAsStream(name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
