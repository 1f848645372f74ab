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
 * <p>Of SQL nobody here knows what it makes, so the changelog says it: {@code fills.<changeset id>}
 * names a column whose filled rows its SQL remembers as {@code fillColumn} does ({@code
 * table.column}), {@code loses.<changeset id>} what undoing it would lose ({@code table.column
 * WHERE …}), {@code own.rows.<table>} a query that counts rows which are nobody's but the
 * changelog's.
 */
public final class Made {

  private static final Pattern COLUMN =
      Pattern.compile("(\\w+)\\.(\\w+)(?:\\s+(?i:where)\\s+(.+))?");

  private static final String FILLS = "fills.";

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
            .flatMap(
                changeSet ->
                    Stream.concat(
                        changeSet.getChanges().stream()
                            .filter(UnsafeChanges::isSafe)
                            .flatMap(
                                change ->
                                    Asked.WHAT_IT_MAKES.of(change, changeSet, database, List.of())),
                        ofItsSql(changeSet)))
            .collect(Collectors.joining(",\n  "));
    return rows.isEmpty()
        ? "SELECT NULL, NULL, NULL, NULL, NULL, NULL::jsonb WHERE false"
        : "VALUES\n  " + rows;
  }

  /**
   * A query of what they make and is there: id of the changeset, kind, table, name, name until it
   * is whole, details, catalog, oid, number of the column, comment, whether that is a mark, and
   * whether it is the changeset's own.
   *
   * @param changelog whose changesets
   * @param database for the names that have to be quoted
   * @return SQL
   */
  public static String there(DatabaseChangeLog changelog, Database database) {
    return Procedures.there(rows(changelog, database));
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
        Stream.concat(
            column(safe, FILLS)
                .map(
                    column ->
                        safe.made(
                            "fill",
                            column.group(1),
                            column.group(2),
                            "'memory'",
                            FillChange.memory(safe),
                            "'by'",
                            "'SQL'")),
            column(safe, "loses.")
                .map(
                    column ->
                        safe.made(
                            "loss",
                            column.group(1),
                            column.group(2),
                            "'condition'",
                            SafeChangeSet.literal(column.group(3)))));
    // What bears its mark.
    return Stream.concat(Stream.of(safe.made("SQL", null, null)), declared);
  }

  private static Stream<Matcher> column(SafeChangeSet changeSet, String parameter) {
    String value =
        SafeChangeSet.parameter(changeSet.changeSet(), parameter + changeSet.changeSet().getId());
    if (value == null) {
      return Stream.empty();
    }
    Matcher column = COLUMN.matcher(value.strip());
    if (!column.matches() || (column.group(3) == null) != parameter.equals(FILLS)) {
      throw new UnexpectedLiquibaseException(
          "The changelog's parameter %s%s is \"%s\": write %s"
              .formatted(
                  parameter,
                  changeSet.changeSet().getId(),
                  value,
                  parameter.equals(FILLS) ? "table.column" : "table.column WHERE condition"));
    }
    return Stream.of(column);
  }
}
