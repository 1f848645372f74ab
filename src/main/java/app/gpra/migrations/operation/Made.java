package app.gpra.migrations.operation;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * What the changesets of a changelog make, from the changes themselves: what a rollback looks for.
 *
 * <p>Of SQL nobody here knows what it makes, so the changelog says it: {@code makes.<changeset id>}
 * names an object that bears its mark ({@code index table.name}), {@code fills.<changeset id>} a
 * column whose filled rows its SQL remembers as {@code fillColumn} does ({@code table.column}),
 * {@code loses.<changeset id>} what undoing it would lose ({@code table.column WHERE …}), {@code
 * own.rows.<table>} a query that counts rows which are nobody's but the changelog's.
 */
public final class Made {

  private Made() {}

  /**
   * Rows of a query: id of the changeset, kind, table, name, name until it is whole, details.
   *
   * @param changelog whose changesets
   * @param database for the names that have to be quoted
   * @return SQL; a query without rows where no changeset wants its changes made safe
   */
  public static String rows(DatabaseChangeLog changelog, Database database) {
    String rows =
        changelog.getChangeSets().stream()
            .filter(changeSet -> SafeChangeSet.of(changeSet).isPresent())
            .flatMap(changeSet -> by(changeSet, database))
            .collect(Collectors.joining(",\n  "));
    return rows.isEmpty()
        ? "SELECT NULL, NULL, NULL, NULL, NULL, NULL::jsonb WHERE false"
        : "VALUES\n  " + rows;
  }

  /** The rows of one changeset. */
  static Stream<String> by(ChangeSet changeSet, Database database) {
    return Stream.concat(
        changeSet.getChanges().stream()
            .filter(UnsafeChanges::isSafe)
            .flatMap(change -> Asked.WHAT_IT_MAKES.of(change, changeSet, database, List.of())),
        ofItsSql(changeSet));
  }

  /**
   * A query of what they make and is there: id of the changeset, kind, table, name, name until it
   * is whole, details, catalog, oid, number of the column, comment, whether that is a mark, and
   * whether it is the changeset's own.
   *
   * @param rows what they make, as of {@link #rows}
   * @param changelog whose marks
   * @return SQL; its columns are id, kind, tab, name, working, detail, catalog, object, part,
   *     comment, marked and ours
   */
  public static String there(String rows, DatabaseChangeLog changelog) {
    return Procedures.there(rows, Mark.name(changelog));
  }

  /**
   * The same rows, under the names that their tables have now.
   *
   * @param rows what they make, as of {@link #rows}
   * @param ran an SQL array of the changesets that ran
   * @return SQL; a query with the same columns
   */
  public static String renamed(String rows, String ran) {
    return Procedures.renamed(rows, ran);
  }

  /**
   * Where the rows of fills are remembered.
   *
   * @param changelog the one that has the parameter
   * @return the schema, not quoted; null where the changelog fills nothing
   */
  public static String memory(DatabaseChangeLog changelog) {
    Object memory = changelog.getChangeLogParameters().getValue(FillChange.MEMORY, changelog);
    return memory == null ? null : memory.toString();
  }

  private static Stream<String> ofItsSql(ChangeSet changeSet) {
    SafeChangeSet safe = new SafeChangeSet(changeSet);
    if (UnsafeChanges.reason(changeSet) == null) {
      return Stream.empty();
    }
    Stream<String> declared =
        Stream.of(
                declared(
                        "makes.",
                        "(index|constraint|column) (\\w+)\\.(\\w+)",
                        "index table.name",
                        safe)
                    .map(one -> safe.made(one.group(1), one.group(2), one.group(3))),
                declared("fills.", "(\\w+)\\.(\\w+)", "table.column", safe)
                    .map(
                        one ->
                            safe.made(
                                "fill",
                                one.group(1),
                                one.group(2),
                                "'memory'",
                                FillChange.memory(safe),
                                "'by'",
                                "'SQL'")),
                declared(
                        "loses.",
                        "(\\w+)\\.(\\w+)\\s+(?i:where)\\s+(.+)",
                        "table.column WHERE condition",
                        safe)
                    .map(
                        one ->
                            safe.made(
                                "loss",
                                one.group(1),
                                one.group(2),
                                "'condition'",
                                Procedures.literal(one.group(3)))))
            .flatMap(rows -> rows);
    // What bears its mark.
    return Stream.concat(Stream.of(safe.made("SQL", null, null)), declared);
  }

  private static Stream<Matcher> declared(
      String parameter, String pattern, String expected, SafeChangeSet changeSet) {
    String name = parameter + changeSet.changeSet().getId();
    String value = SafeChangeSet.parameter(changeSet.changeSet(), name);
    if (value == null) {
      return Stream.empty();
    }
    Matcher parts = Pattern.compile(pattern).matcher(value.strip());
    if (!parts.matches()) {
      throw new UnexpectedLiquibaseException(
          "The changelog's parameter %s is \"%s\": write %s".formatted(name, value, expected));
    }
    return Stream.of(parts);
  }
}
