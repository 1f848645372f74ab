package app.gpra.migrations.report;

import app.gpra.migrations.operation.Mark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.change.Change;
import liquibase.change.core.EmptyChange;
import liquibase.change.core.OutputChange;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.database.ObjectQuotingStrategy;
import liquibase.database.jvm.JdbcConnection;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorFactory;

/**
 * What a changeset that has not run would do.
 *
 * @param label what has to be in the label filter; null where it runs without
 * @param sql what it runs; null where it is to be undone
 * @param locks what that locks
 * @param back what a rollback does with it, and where it stops
 */
record Outlook(
    String id,
    String migration,
    String comment,
    String label,
    String sql,
    List<Lock> locks,
    List<String> back) {

  /** A line above a statement, as of the page of locks: a table, then what is done to it. */
  static final Pattern LINE =
      Pattern.compile("(?m)^-- (.+): ((?:(?:SHARE|ACCESS|EXCLUSIVE|ROW)\\b|(?:no )?scan, ).*)$");

  private static final String NOBODY = "🟢";

  private static final String SILENT = "⚪";

  /** What locks a table; not in a comment. */
  private static final Pattern LOCKING =
      Pattern.compile(
          "(?im)^(?!--).*\\b(?:ALTER|DROP|TRUNCATE|LOCK|REINDEX|CLUSTER|REFRESH|CREATE (?:UNIQUE )?INDEX|CREATE TRIGGER)\\b");

  /** The signs, the worst first, and who waits. */
  static final Map<String, String> WAITS = new LinkedHashMap<>();

  static {
    WAITS.put("🔴", "whoever reads or writes, until all rows are written anew");
    WAITS.put(SILENT, "not said, its SQL has to be read");
    WAITS.put("🟠", "whoever reads or writes, for milliseconds");
    WAITS.put("🟡", "whoever writes, for milliseconds");
    WAITS.put(NOBODY, "nobody");
  }

  /** Of a row of pg_class, c: how many rows it has, about. */
  static final String ROWS =
      "greatest(c.reltuples::pg_catalog.int8, nullif(pg_catalog.pg_stat_get_live_tuples(c.oid), 0))";

  private static final long UNKNOWN = -1;

  private static final String PARENTS = " and what its keys lead to";

  private static final Map<String, String> BACK =
      Map.of(
          "createTable", "drops the table, and stops where users wrote rows into it",
          "addColumn", "drops the column, and stops where users wrote values into it",
          "fillColumn", "takes the values from exactly the rows that it filled",
          "modifyDataType", "leaves the wider type, unless gpra.rollback.narrow=true is given",
          "dropTable", "makes the table again, without its rows",
          "dropColumn", "makes the column again, without its values",
          "tenantIsolation", "drops the policy and switches row-level security off");

  /** Nothing is left of them that a rollback would have to take back. */
  private static final Set<Class<? extends Change>> CHANGES_NOTHING =
      Set.of(EmptyChange.class, OutputChange.class, TagDatabaseChange.class);

  /**
   * What a statement locks.
   *
   * @param table its name
   * @param what the strongest lock, and whether all rows are read
   * @param waits who has to wait meanwhile
   * @param rows of the table, about; -1 where nobody knows, before an ANALYZE or without a server;
   *     null where the table is not there yet
   */
  record Lock(String table, String what, String waits, Long rows) {

    /** Its rows, as they are read. */
    public String count() {
      return rows == null
          ? "not there yet"
          : rows < 0 ? "not known, without statistics" : String.valueOf(rows);
    }
  }

  /** Of which no more is asked than its name. */
  static Outlook named(Entry entry) {
    return new Outlook(
        entry.id(),
        entry.migration(),
        entry.comment(),
        entry.label().isEmpty() ? null : entry.label(),
        null,
        List.of(),
        List.of());
  }

  /**
   * Of each of these, in their order.
   *
   * @param forward whether they are to run; otherwise to be undone
   * @throws SQLException if the server does not answer
   */
  static List<Outlook> of(
      DatabaseChangeLog changelog, Database database, List<Entry> entries, boolean forward)
      throws SQLException {
    Map<String, ChangeSet> changeSets =
        changelog.getChangeSets().stream()
            .collect(Collectors.toMap(Mark::key, Function.identity(), (first, second) -> first));
    List<Outlook> all = new ArrayList<>();
    Map<String, Optional<Long>> rows = new HashMap<>();
    for (Entry entry : entries) {
      ChangeSet changeSet = changeSets.get(entry.key());
      String sql = forward && changeSet != null ? sql(changeSet, database) : null;
      all.add(
          new Outlook(
              entry.id(),
              entry.migration(),
              entry.comment(),
              entry.label().isEmpty() ? null : entry.label(),
              sql,
              sql == null ? List.of() : locks(sql, database, rows),
              changeSet == null ? List.of() : back(changeSet, database)));
    }
    return all;
  }

  private static String sql(ChangeSet changeSet, Database database) {
    ObjectQuotingStrategy before = database.getObjectQuotingStrategy();
    try {
      if (changeSet.getObjectQuotingStrategy() != null) {
        database.setObjectQuotingStrategy(changeSet.getObjectQuotingStrategy());
      }
      return Scope.child(
          Map.of(Scope.Attr.changeSet.name(), changeSet),
          () ->
              changeSet.getChanges().stream()
                  .flatMap(
                      change ->
                          Arrays.stream(
                              SqlGeneratorFactory.getInstance().generateSql(change, database)))
                  .map(Sql::toSql)
                  .filter(Objects::nonNull)
                  .map(statement -> statement.strip().replaceFirst(";$", "") + ";")
                  .collect(Collectors.joining("\n\n")));
    } catch (Exception e) {
      // It only shows it. Whether it can run, the run says.
      return "-- It cannot be shown: " + Screen.printable(Report.sentence(e));
    } finally {
      database.setObjectQuotingStrategy(before);
    }
  }

  /** Who waits, as one sign: the worst of its locks. */
  public String sign() {
    if (isSilent()) {
      return SILENT;
    }
    return WAITS.entrySet().stream()
        .filter(sign -> locks.stream().anyMatch(lock -> lock.waits().startsWith(sign.getValue())))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(NOBODY);
  }

  /** Who waits, for what: a table once, with the worst. */
  public String waiting() {
    if (isSilent()) {
      return WAITS.get(SILENT);
    }
    Set<String> said = new HashSet<>();
    List<String> parts = new ArrayList<>();
    for (String waits : WAITS.values()) {
      List<String> tables =
          locks.stream()
              .filter(lock -> lock.waits().equals(waits) && !waits.equals(WAITS.get(NOBODY)))
              .map(Lock::table)
              .distinct()
              .filter(table -> said.add(table.replace(PARENTS, "")))
              .toList();
      if (!tables.isEmpty()) {
        parts.add(waits + ": " + String.join(", ", tables));
      }
    }
    return parts.isEmpty() ? WAITS.get(NOBODY) : String.join("; ", parts);
  }

  /** Whether an author's SQL locks something, and no line above it says what. */
  private boolean isSilent() {
    return sql != null && locks.isEmpty() && LOCKING.matcher(sql).find();
  }

  /** How long it takes in all. */
  public String time() {
    return Forecast.time(this);
  }

  /** Each table's rows are asked for once. */
  private static List<Lock> locks(String sql, Database database, Map<String, Optional<Long>> rows)
      throws SQLException {
    Set<List<String>> lines = new LinkedHashSet<>();
    Matcher line = LINE.matcher(sql);
    while (line.find()) {
      lines.add(List.of(line.group(1), line.group(2)));
    }
    List<Lock> locks = new ArrayList<>();
    for (List<String> one : lines) {
      String table = Screen.printable(one.get(0));
      String asked = one.get(0).replace(PARENTS, "");
      if (!rows.containsKey(asked)) {
        rows.put(asked, Optional.ofNullable(rows(asked, database)));
      }
      locks.add(new Lock(table, one.get(1), waits(one.get(1)), rows.get(asked).orElse(null)));
    }
    return locks;
  }

  /** As the page of locks says. */
  static String waits(String lock) {
    if (lock.startsWith("ACCESS EXCLUSIVE, scan")) {
      return "whoever reads or writes, until all rows are written anew";
    }
    if (lock.contains("ACCESS EXCLUSIVE")) {
      return "whoever reads or writes, for milliseconds";
    }
    if (lock.matches(".*\\bSHARE\\b(?! UPDATE).*|(?<!ACCESS )EXCLUSIVE.*")) {
      return lock.contains("only if it is empty")
          ? "nobody, unless it is empty"
          : "whoever writes, for milliseconds";
    }
    return "nobody, but another schema change and VACUUM";
  }

  private static Long rows(String table, Database database) throws SQLException {
    if (!(database.getConnection() instanceof JdbcConnection connection)) {
      return UNKNOWN;
    }
    Connection session = connection.getUnderlyingConnection();
    try (PreparedStatement query =
        session.prepareStatement(
            "SELECT "
                + ROWS
                + " FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(?)")) {
      query.setString(1, table);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getLong(1) : null;
      }
    }
  }

  /** What the changelog says of going back, and what follows from its changes. */
  private static List<String> back(ChangeSet changeSet, Database database) {
    List<String> lines = new ArrayList<>();
    List<Change> block = changeSet.getRollback().getChanges();
    List<Change> all =
        (block.isEmpty() ? changeSet.getChanges() : block)
            .stream().filter(change -> !CHANGES_NOTHING.contains(change.getClass())).toList();
    if (block.isEmpty()
        && all.stream()
            .anyMatch(
                change ->
                    !BACK.containsKey(change.getSerializedObjectName())
                        && !change.supportsRollback(database))) {
      return List.of("stops here: nothing says how to take it back");
    }
    Set<String> said =
        changeSet.getChanges().stream()
            .map(Change::getSerializedObjectName)
            .map(BACK::get)
            .filter(Objects::nonNull)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    if (said.isEmpty()) {
      lines.add(all.isEmpty() ? "has nothing to take back" : "takes it back");
    } else {
      lines.addAll(said);
    }
    String loses = parameter(changeSet, "loses." + changeSet.getId());
    if (loses != null) {
      lines.add("stops where rows would be lost: " + Screen.printable(loses));
    }
    return lines;
  }

  private static String parameter(ChangeSet changeSet, String name) {
    DatabaseChangeLog changelog = changeSet.getChangeLog();
    ChangeLogParameters parameters = changelog == null ? null : changelog.getChangeLogParameters();
    Object value = parameters == null ? null : parameters.getValue(name, changelog);
    return value == null ? null : value.toString();
  }
}
