package app.gpra.migrations.operation;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import liquibase.Scope;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.DatabaseHistoryException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.structure.core.Column;
import liquibase.structure.core.Table;

/**
 * The changeset whose SQL is being made, in a changelog that wants its changes made safe.
 *
 * @param changeSet is also the one that is being undone
 */
record SafeChangeSet(ChangeSet changeSet) {

  /** 1.0.0 marked with the migration's number. */
  private static final Pattern NUMBERED = Pattern.compile("(\\d{3})-.*");

  /** PostgreSQL cuts longer ones off. */
  private static final int LONGEST_NAME = 63;

  private static final String DETAILS = "jsonb_build_object";

  /** What bears a mark, in a row for {@link Made}. */
  private static final Pattern OBJECT =
      Pattern.compile("^'(table|column|index|constraint|policy|function|trigger|view|sequence)'");

  /** What is no comment, whatever is in it. */
  private static final Pattern QUOTED =
      Pattern.compile("(?s)'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(\\$\\w*\\$).*?\\1|/\\*.*?\\*/");

  private static final String WORKING = "gpra_building_";

  static final String END_WAIT = "RESET lock_timeout";

  /** Empty outside of changesets, for Liquibase's own statements, and where it is not wanted. */
  static Optional<SafeChangeSet> current() {
    return of(Scope.getCurrentScope().get(Scope.Attr.changeSet, ChangeSet.class));
  }

  /** Empty for null, and where it is not wanted. */
  static Optional<SafeChangeSet> of(ChangeSet changeSet) {
    return Optional.ofNullable(changeSet)
        .filter(
            one ->
                "true".equals(parameter(one, Wanted.PARAMETER))
                    && !Past.has(one)
                    && !UnsafeChanges.isLeft(one))
        .map(SafeChangeSet::new);
  }

  /** One of the changelog's, as a string constant; NULL where it has none. */
  String parameter(String name) {
    return Procedures.literal(parameter(changeSet, name));
  }

  /** One of the changelog's; null where it has none. */
  static String parameter(ChangeSet changeSet, String name) {
    DatabaseChangeLog changelog = changeSet.getChangeLog();
    ChangeLogParameters parameters = changelog == null ? null : changelog.getChangeLogParameters();
    Object value = parameters == null ? null : parameters.getValue(name, changelog);
    return value == null ? null : value.toString();
  }

  /** Whether what users wrote since may go, as {@code -Dgpra.rollback.discard=true} says. */
  boolean mayDiscard() {
    return "true".equals(parameter(changeSet, "gpra.rollback.discard"));
  }

  /** Whether values may be written anew for it, as {@code -Dgpra.rollback.narrow=true} says. */
  boolean mayNarrow() {
    return "true".equals(parameter(changeSet, "gpra.rollback.narrow"));
  }

  /** A refusal, where it is not. */
  List<String> outsideOfATransaction(String what) {
    return changeSet.isRunInTransaction()
        ? List.of(what + " outside of a transaction: add runInTransaction: false")
        : List.of();
  }

  /** What it is called, as an argument. */
  String id() {
    return Procedures.literal(Mark.key(changeSet));
  }

  /** What the comment of an object that it makes begins with. */
  String mark() {
    return Mark.of(changeSet);
  }

  /** The marks of what is its own, as an array: an older version's too. */
  String marks() {
    Matcher numbered = NUMBERED.matcher(Mark.key(changeSet));
    return Procedures.literals(
        Mark.byIdAlone(changeSet.getChangeLog()) && numbered.matches()
            ? Stream.of(
                mark(), "[%s %s]".formatted(Mark.name(changeSet.getChangeLog()), numbered.group(1)))
            : Stream.of(mark()));
  }

  /**
   * Whose mark it bears that a rollback makes again: that of the changeset that made it first, if
   * one did, as that one takes it back.
   *
   * @param made what is made now
   */
  SafeChangeSet maker(Stream<String> made, Database database) {
    Set<String> objects = made.map(this::object).collect(Collectors.toSet());
    if (objects.isEmpty() || !objects.stream().allMatch(OBJECT.asPredicate())) {
      return this;
    }
    List<ChangeSet> all = changeSet.getChangeLog().getRootChangeLog().getChangeSets();
    return all.subList(0, all.indexOf(changeSet)).stream()
        .flatMap(one -> of(one).stream())
        .filter(
            one ->
                Made.by(one.changeSet(), database)
                    .map(one::object)
                    .collect(Collectors.toSet())
                    .containsAll(objects))
        .filter(one -> !isSomebodyElses(one.changeSet(), database))
        .reduce(this, (earlier, later) -> later);
  }

  /** Of a row for {@link Made}, without its changeset and details. */
  private String object(String row) {
    return row.substring(id().length() + "(, ".length(), row.indexOf(DETAILS));
  }

  /** As the history says. */
  static boolean isSomebodyElses(ChangeSet changeSet, Database database) {
    try {
      RanChangeSet ran = database.getRanChangeSet(changeSet);
      return ran != null && ran.getExecType() == ChangeSet.ExecType.MARK_RAN;
    } catch (DatabaseException | DatabaseHistoryException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  /** A refusal, where PostgreSQL would cut it off without a word. */
  static Optional<String> tooLong(String name) {
    return Optional.of(name)
        .filter(SafeChangeSet::isTooLong)
        .map(
            "PostgreSQL would cut off the name %s after 63 bytes: give it a shorter one"
                ::formatted);
  }

  /** A refusal of a comment that ends with the line: a statement goes on behind what has it. */
  static Optional<String> commented(String property, String sql) {
    return Optional.ofNullable(sql)
        .filter(text -> QUOTED.matcher(text).replaceAll("''").contains("--"))
        .map(
            text ->
                "the %s has a comment with --, which would end more than itself: leave it out, or write /* */"
                    .formatted(property));
  }

  static boolean isTooLong(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME;
  }

  /** The name of an object until it is whole. */
  static String workingName(String name) {
    return fitting(WORKING, name);
  }

  /** A name, and one of its own also where PostgreSQL would cut it off. */
  static String fitting(String prefix, String name) {
    String whole = prefix + name;
    if (!isTooLong(whole)) {
      return whole;
    }
    CRC32 sum = new CRC32();
    sum.update(name.getBytes(StandardCharsets.UTF_8));
    String end = "_%08x".formatted(sum.getValue());
    String beginning = whole;
    while (isTooLong(beginning + end)) {
      beginning = beginning.substring(0, beginning.length() - 1);
    }
    return beginning + end;
  }

  /**
   * A table's name, quoted where it has to be. Without a schema where none is given: one that
   * somebody dropped may have a temporary one in its place while it is gone back.
   */
  static String name(Database database, String schema, String name) {
    return schema == null
        ? database.escapeObjectName(name, Table.class)
        : database.escapeTableName(null, schema, name);
  }

  /** What PostgreSQL calls it: it writes a name small that Liquibase does not quote. */
  static String stored(Database database, String name) {
    String written = name == null ? null : database.escapeObjectName(name, Column.class);
    return written == null || written.startsWith("\"") ? name : written.toLowerCase(Locale.ROOT);
  }

  /** The same of several. */
  static List<String> stored(Database database, List<String> names) {
    return names.stream().map(name -> stored(database, name)).toList();
  }

  /** A table's name, quoted where it has to be, as a string constant. */
  static String table(Database database, String catalog, String schema, String name) {
    return Procedures.literal(database.escapeTableName(catalog, schema, name));
  }

  /**
   * A row for {@link Made}: an object of a table's, or the table itself.
   *
   * @param table as of {@link #name(Database, String, String)}; null where nobody knows
   * @param name the object's; null for the table itself
   * @param details names and SQL expressions, one after the other
   */
  String made(String kind, String table, String name, String... details) {
    return Stream.of(
            id(),
            Procedures.literal(kind),
            Procedures.literal(table),
            Procedures.literal(name),
            name == null ? "NULL" : Procedures.literal(workingName(name)),
            DETAILS + "(%s)".formatted(String.join(", ", details)))
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
