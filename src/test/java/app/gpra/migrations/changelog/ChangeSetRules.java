package app.gpra.migrations.changelog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The rules for one changeset; {@link ChangelogRules} has those for files. */
final class ChangeSetRules {

  private static final List<String> READING_ORDER =
      List.of(
          "id",
          "author",
          "validCheckSum",
          "labels",
          "comment",
          "runInTransaction",
          "preConditions",
          "changes",
          "rollback");

  /** Need no preconditions, with the reason: nothing can change between a look and the act. */
  private static final Map<String, String> LOOK_THEMSELVES =
      named(
          "add-admin-subscription.sql", "adds one only where there is none",
          "addCheck", "looks for one that is there",
          "addDefaultValue", "says the same again",
          "dropDefaultValue", "says the same again",
          "modifyCheck", "looks at what is there",
          "createSequence", "looks for one that is there",
          "createView", "looks for one that is there",
          "defineFunction", "looks for one that is there",
          "defineTrigger", "looks for one that is there",
          "dropSequence", "passes over what is not there",
          "dropView", "passes over what is not there",
          "removeFunction", "passes over what is not there",
          "removeTrigger", "passes over what is not there",
          "addPrimaryKey", "looks for one that is there",
          "addUniqueConstraint", "looks for one that is there",
          "modifyDataType", "looks at what is there",
          "addForeignKeyConstraint", "looks for one that is there",
          "addNotNullConstraint", "looks for one that is there",
          "copyColumn", "goes on where an interrupted run was",
          "renameColumn", "passes over one that has its name",
          "renameTable", "passes over one that has its name",
          "setColumnRemarks", "says the same again",
          "setTableRemarks", "says the same again",
          "dropCheck", "passes over what is not there",
          "dropColumn", "passes over what is not there",
          "dropForeignKeyConstraint", "passes over what is not there",
          "dropIndex", "passes over what is not there",
          "dropNotNullConstraint", "passes over what is not there",
          "dropPrimaryKey", "passes over what is not there",
          "dropTable", "passes over what is not there",
          "dropUniqueConstraint", "passes over what is not there",
          "empty", "makes nothing",
          "fillColumn", "looks at each row, and goes on where an interrupted run was",
          "tenantIsolation", "looks for one that is there",
          "check-assignment.sql", "is a check itself",
          "check-owners.sql", "is a check itself",
          "check-tenants.sql", "is a check itself",
          "verify-owners-required.sql", "is a check itself",
          "verify-row-level-security.sql", "is a check itself",
          "verify-subscription.sql", "is a check itself");

  private static final List<String> OUTSIDE_OF_A_TRANSACTION =
      List.of(
          "createIndex",
          "createIndexAs",
          "dropIndex",
          "dropPrimaryKey",
          "dropUniqueConstraint",
          "addPrimaryKey",
          "addUniqueConstraint",
          "addForeignKeyConstraint",
          "addCheck",
          "modifyCheck",
          "addNotNullConstraint",
          "copyColumn",
          "renameColumn",
          "fillColumn",
          "unfillColumn");

  /** Indexes built or dropped otherwise than concurrently, with the reason. */
  private static final Map<String, String> NOT_CONCURRENTLY =
      Map.of("000-legacy-tables.sql", "on tables that it has just made");

  private static final Pattern NO_CHANGE =
      Pattern.compile(
          "(SET|RESET) .*"
              // Steps around a change: how long to wait, an index's names and mark.
              + "|CALL pg_temp\\.gpra_(limit_wait|(end|begin_drop)_index)\\(.*\\)"
              // The mark.
              + "|COMMENT ON .* IS '\\[gpra \\d{3}\\] .*"
              // What an interrupted build left, and a build, which is none until it has its name.
              + "|DROP INDEX CONCURRENTLY IF EXISTS gpra_building_\\w+"
              + "|CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_\\w+ ON .*"
              // Nothing that could be undone.
              + "|ANALYZE .*");

  /** A regular expression for a definition of an index begins with a circumflex. */
  private static final Pattern BLOCKING_INDEX =
      Pattern.compile("(?i)(?<!\\^)\\b(CREATE(\\s+UNIQUE)?|DROP)\\s+INDEX\\s+(?!CONCURRENTLY)");

  private static final Pattern VALIDATED_CONSTRAINT =
      Pattern.compile(
          "(?i)\\bADD\\s+CONSTRAINT\\s+\\S+\\s+(FOREIGN\\s+KEY|CHECK)\\b(?![^;]*NOT\\s+VALID)");

  private static final Pattern ROLLBACK_WITH_REASON =
      Pattern.compile("(?m)^ *#.*\n *rollback:|^ *rollback: *#");

  private static final int SHORTEST_COMMENT = 20;

  /** What a change is about: its table, or an object that is on none. */
  private static final List<String> SUBJECTS =
      List.of(
          "tableName", "baseTableName", "oldTableName", "viewName", "functionName", "sequenceName");

  private final Path project;
  private final String number;
  private final Map<String, Object> changeSet;
  private final String source;
  private final List<String> violations = new ArrayList<>();

  private static Map<String, String> named(String... pairs) {
    return IntStream.range(0, pairs.length / 2)
        .boxed()
        .collect(Collectors.toMap(i -> pairs[2 * i], i -> pairs[2 * i + 1]));
  }

  ChangeSetRules(Path project, String number, Map<String, Object> changeSet, String source) {
    this.project = project;
    this.number = number;
    this.changeSet = changeSet;
    this.source = source;
  }

  /** What is wrong, and what to do, a sentence each. */
  List<String> violations() {
    checkWhoAndWhy();
    checkPreconditions();
    checkChanges();
    checkRollback();
    checkLocks("changes");
    checkLocks("rollback");
    return violations;
  }

  private void violates(String sentence) {
    violations.add(sentence);
  }

  private void checkWhoAndWhy() {
    if (!(changeSet.get("id") instanceof String id)) {
      violates("the id is not read as text, put it in quotes");
    } else if (!id.matches(number + "(-[a-z]+)+")) {
      violates("the id is no slug with the file's number, name it %s-…".formatted(number));
    }
    for (Object tag : Yaml.of(changes()).under("tag").values()) {
      if (!(tag instanceof String)) {
        violates("the tag %s is not read as text, put it in quotes".formatted(tag));
      }
    }
    if (text("author").isBlank()) {
      violates("has no author, add author: gpra");
    }
    if (text("comment").length() < SHORTEST_COMMENT) {
      violates("has no comment that says why, add one for whoever is on call");
    }
    List<String> subjects =
        SUBJECTS.stream().flatMap(name -> Yaml.of(changes()).texts(name).stream()).toList();
    if (!subjects.isEmpty() && subjects.stream().noneMatch(this::isNamed)) {
      violates(
          "its comment does not name %s, begin it with the object and what becomes of it, then why"
              .formatted(subjects.get(0)));
    }
    List<String> known = changeSet.keySet().stream().filter(READING_ORDER::contains).toList();
    if (known.size() < changeSet.size()) {
      violates("has a key that none here has, use only " + READING_ORDER);
    }
    if (!known.equals(READING_ORDER.stream().filter(changeSet::containsKey).toList())) {
      violates("is not in the order in which the others read, sort its keys: " + READING_ORDER);
    }
  }

  private boolean isNamed(String object) {
    return Pattern.compile("(?<!\\w)" + Pattern.quote(object) + "(?!\\w)")
        .matcher(text("comment"))
        .find();
  }

  private void checkPreconditions() {
    List<Object> asked =
        steps("preConditions").stream()
            .filter(
                step ->
                    !(step instanceof Map<?, ?> map
                        && map.keySet().iterator().next() instanceof String key
                        && key.startsWith("on")))
            .toList();
    boolean needsNone =
        countedChanges().stream()
            .allMatch(
                change -> change.equals("tagDatabase") || LOOK_THEMSELVES.containsKey(change));
    if (asked.isEmpty() && !needsNone) {
      violates("asks nothing before it changes something, add preConditions");
    }
  }

  private void checkChanges() {
    List<String> counted = new ArrayList<>(new TreeSet<>(countedChanges()));
    if (counted.size() != 1) {
      violates(
          counted.isEmpty()
              ? "has no change, write empty: {} if it only asks"
              : "makes %d changes %s, give each a changeset of its own"
                  .formatted(counted.size(), counted));
    }
    if (statements("changes").anyMatch(sql -> sql.contains("${"))) {
      violates("has a parameter in sql:, where it is part of the checksum, use a sqlFile");
    }
    String mark = "[gpra " + number + "] ";
    Yaml changes = Yaml.of(changes());
    if (changes.texts("remarks").stream().anyMatch(text -> text.startsWith("[gpra"))) {
      violates("writes a mark, which the jar does, leave it out of the remarks");
    }
    boolean constraint = statements("changes").anyMatch(sql -> sql.contains("ADD CONSTRAINT"));
    boolean policy = statements("changes").anyMatch(sql -> sql.startsWith("CREATE POLICY "));
    if (constraint
            && statements("changes")
                .noneMatch(sql -> sql.startsWith("COMMENT ON CONSTRAINT ") && sql.contains(mark))
        || policy
            && statements("changes")
                .noneMatch(sql -> sql.startsWith("COMMENT ON POLICY ") && sql.contains(mark))) {
      violates(
          "makes something that does not bear its mark, add COMMENT ON that begins with "
              + mark.strip());
    }
  }

  /** Each by its name: a procedure's file, a statement, or a change of Liquibase's. */
  private List<String> countedChanges() {
    List<String> counted = new ArrayList<>();
    for (Object change : changes()) {
      ((Map<?, ?>) change)
          .forEach(
              (type, value) -> {
                if (type.equals("sql")) {
                  statements(value).filter(sql -> !matches(NO_CHANGE, sql)).forEach(counted::add);
                } else if (type.equals("sqlFile")) {
                  counted.add(file(value));
                } else {
                  counted.add(type.toString());
                }
              });
    }
    return counted;
  }

  private void checkRollback() {
    List<Object> steps = steps("rollback");
    if (steps.isEmpty()) {
      violates("has no rollback, add one, also where there is nothing to undo");
      return;
    }
    boolean says =
        ROLLBACK_WITH_REASON.matcher(source).find()
            || text("comment").startsWith("Changes nothing")
            || countedChanges().equals(List.of("tagDatabase"));
    if (steps.equals(List.of(Map.of("empty", Map.of()))) && !says) {
      violates("its rollback undoes nothing, add # and the reason above it");
    }
  }

  private void checkLocks(String part) {
    Yaml steps = Yaml.of(steps(part));
    if (!Boolean.FALSE.equals(changeSet.get("runInTransaction"))) {
      OUTSIDE_OF_A_TRANSACTION.stream()
          .filter(type -> !steps.under(type).values().isEmpty())
          .forEach(
              type -> violates(type + " takes several transactions, add runInTransaction: false"));
    }
    if (Stream.of("references", "referencedTableName", "foreignKeyName")
        .anyMatch(name -> !steps.under("addColumn").under(name).values().isEmpty())) {
      violates("its column comes with a foreign key, add that NOT VALID in another changeset");
    }
    List<String> sql = new ArrayList<>(statements(part).toList());
    for (Object value : steps.under("sqlFile").values()) {
      String file = file(value);
      Path path = project.resolve("changelog/sql").resolve(file);
      if (!Files.exists(path)) {
        violates("names changelog/sql/%s, which is not there, add it".formatted(file));
      } else if (!NOT_CONCURRENTLY.containsKey(file)) {
        sql.add(read(path));
      }
    }
    if (sql.stream().anyMatch(one -> BLOCKING_INDEX.matcher(one).find())) {
      violates("builds or drops an index while writers wait, do it CONCURRENTLY");
    }
    if (sql.stream().anyMatch(one -> VALIDATED_CONSTRAINT.matcher(one).find())) {
      violates("its constraint reads every row under a lock, add NOT VALID");
    }
    if (statements(part).anyMatch(one -> one.contains("INDEX CONCURRENTLY"))
        && !Boolean.FALSE.equals(changeSet.get("runInTransaction"))) {
      violates("CONCURRENTLY fails in a transaction, add runInTransaction: false");
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).replaceAll("(?m)--.*$", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Object> changes() {
    return steps("changes");
  }

  private List<Object> steps(String part) {
    return Yaml.of(Objects.requireNonNullElse(changeSet.get(part), List.of())).values();
  }

  private String text(String key) {
    return changeSet.get(key) instanceof String text ? text : "";
  }

  private Stream<String> statements(String part) {
    return steps(part).stream()
        .filter(step -> step instanceof Map<?, ?> map && map.containsKey("sql"))
        .flatMap(step -> statements(((Map<?, ?>) step).get("sql")));
  }

  /** The statements of one {@code sql}; a body that is not to be split is one. */
  private static Stream<String> statements(Object value) {
    if (value instanceof Map<?, ?> map) {
      String sql = map.get("sql").toString();
      return Boolean.FALSE.equals(map.get("splitStatements"))
          ? Stream.of(sql)
          : Stream.of(sql.split(";")).map(String::strip).filter(one -> !one.isEmpty());
    }
    return statements(Map.of("sql", value));
  }

  private static boolean matches(Pattern pattern, String sql) {
    return pattern.matcher(sql.replaceAll("\\s+", " ").strip()).matches();
  }

  private static String file(Object sqlFile) {
    String path = ((Map<?, ?>) sqlFile).get("path").toString();
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
