package app.gpra.migrations.schema;

import app.gpra.migrations.schema.Catalog.Column;
import app.gpra.migrations.schema.Catalog.Constraint;
import app.gpra.migrations.schema.Catalog.Index;
import app.gpra.migrations.schema.Catalog.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes changesets as those of 001 to 004 are written. What a person has to say is a TODO, which
 * the rules of the changelog notice.
 */
final class HouseStyle {

  /** One changeset. {@code undo} is what its rollback does, again as a part of the preflight's. */
  record ChangeSet(String id, String yaml, String undo) {}

  private static final Pattern TEXT =
      Pattern.compile("'((?:[^'\\\\]|'')*)'::(?:character varying|text)");

  /** What YAML takes for true, false or nothing unless it is quoted. */
  private static final Pattern YAML_WORD = Pattern.compile("y|n|yes|no|on|off|true|false|null");

  /** A number that Liquibase writes as it is: it would make 1.5 of 1.50. */
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d*[1-9])?");

  private static final Pattern NUMBERS =
      Pattern.compile("integer|bigint|smallint|numeric.*|real|double precision");

  /** Stands for a brace of the schema's own, which names no blank of a template. */
  private static final String BRACE = "\uE000";

  private static final Map<String, String> SHORT =
      Map.of(
          "integer",
          "int",
          "timestamp with time zone",
          "timestamptz",
          "character varying",
          "varchar");

  private static final String OFFLINE =
      """
      # Offline there is no database to look at: everything is in the preview.
                  - &offline
                    not:
                      - changeLogPropertyDefined: {property: database.defaultCatalogName}""";

  private static final Pattern PLAIN_INDEX =
      Pattern.compile("btree \\(((?:[a-z_][a-z0-9_]*(?: DESC)?(?:, )?)+)\\)");

  private final String number;
  private final Set<String> ids = new HashSet<>();
  private boolean offlineIsNamed;

  HouseStyle(String number) {
    this.number = number;
  }

  /** Whether a name can stand in the changelog as it is. */
  static boolean isPlain(String name) {
    return name.matches("[a-z_][a-z0-9_]{0,47}") && !YAML_WORD.matcher(name).matches();
  }

  ChangeSet createTable(Table table) {
    StringBuilder columns = new StringBuilder();
    Constraint key = table.primaryKey();
    for (Column column : table.columns().values()) {
      List<String> facts = new ArrayList<>();
      facts.add("name: " + yaml(column.name()));
      facts.add("type: " + yaml(type(column.type())));
      if (column.identity() != null) {
        facts.add("autoIncrement: true");
        if (column.identity().equals("ALWAYS")) {
          facts.add("generationType: ALWAYS");
        }
      }
      if (column.comment() != null) {
        facts.add("remarks: " + quote(verbatim(column.comment())));
      }
      value(column).ifPresent(facts::add);
      List<String> constraints = new ArrayList<>();
      boolean isKey = key != null && key.columns().contains(column.name());
      if (isKey) {
        constraints.add("primaryKey: true");
        constraints.add("primaryKeyName: " + key.name());
      } else if (column.required()) {
        constraints.add("nullable: false");
      }
      for (Constraint constraint : table.constraints().values()) {
        if (constraint.columns().equals(List.of(column.name()))) {
          if (constraint.type().equals("u")) {
            constraints.add("unique: true");
            constraints.add("uniqueConstraintName: " + constraint.name());
          } else if (constraint.type().equals("f")) {
            constraints.add("foreignKeyName: " + constraint.name());
            constraints.add(
                "references: "
                    + quote(constraint.definition().replaceFirst("^.* REFERENCES ", "")));
          }
        }
      }
      if (!constraints.isEmpty()) {
        facts.add("constraints: {" + String.join(", ", constraints) + "}");
      }
      columns.append("              - column: {").append(String.join(", ", facts)).append("}\n");
    }
    return changeSet(
        slug(table.name()),
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: "TODO: what {table} is for, in a sentence for whoever is on call. Starts empty."
              preConditions:
                - onFail: MARK_RAN  # there already, and equal, or the preflight would have stopped
                - onSqlOutput: TEST
                - not:
                    - tableExists: {tableName: {table}}
              changes:
                - createTable:
                    tableName: {table}
                    remarks: {remarks}
                    columns:
        """
                .replace(
                    "{remarks}",
                    quote(
                        table.comment() == null ? "TODO what a row is" : verbatim(table.comment())))
            + columns,
        """
                - dropTable: {tableName: {table}}
        """,
        Map.of("table", table.name()));
  }

  /** Nullable, unless its default says what the rows that are there have. */
  ChangeSet addColumn(Column column) {
    boolean required = column.required() && column.value() != null;
    return changeSet(
        slug(column.table() + "-" + column.name()),
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: "TODO: what {table}.{column} is for, in a sentence for whoever is on call.{why}"
              preConditions:
                - onFail: MARK_RAN  # there already, and equal, or the preflight would have stopped
                - onSqlOutput: TEST
                - not:
                    - columnExists: {tableName: {table}, columnName: {column}}
              changes:
                - addColumn:
                    tableName: {table}
                    columns:
                      - column:
                          name: {column}
                          type: {type}
                          remarks: {remarks}
        """
                .replace(
                    "{why}",
                    column.value() == null
                        ? ""
                        : " A constant default gives every row its value without touching one.")
                .replace("{type}", yaml(type(column.type())))
                .replace(
                    "{remarks}",
                    quote(
                        column.comment() == null
                            ? "TODO what it holds"
                            : verbatim(column.comment())))
            + value(column).map(text -> "                  " + text + "\n").orElse("")
            + (required ? "                  constraints: {nullable: false}\n" : ""),
        """
                - dropColumn: {tableName: {table}, columnName: {column}}
        """,
        Map.of("table", column.table(), "column", column.name()));
  }

  /**
   * Changes a column that is there; the comment remembers how it was.
   *
   * @param what the id's end, such as {@code type}
   * @param wasBefore how it was, as PostgreSQL writes it
   * @param changed and {@code backAgain} what follows ALTER COLUMN
   * @param discardingWhatIsLonger the same as {@code backAgain} where what does not fit may be lost
   */
  ChangeSet alterColumn(
      Column column,
      String what,
      String wasBefore,
      String changed,
      String backAgain,
      String discardingWhatIsLonger) {
    String was = verbatim(wasBefore);
    String change = verbatim(changed);
    String back = verbatim(backAgain);
    String discarding = verbatim(discardingWhatIsLonger);
    String trace = "[gpra {number}] was " + was;
    return changeSet(
        slug(column.table() + "-" + column.name() + "-" + what),
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: "TODO: why {table}.{column} changes, in a sentence for whoever is on call. No row is read. The comment says what it was."
              preConditions:
                - onFail: MARK_RAN  # a run that was killed has done it, or somebody else, whose it is then
                - onSqlOutput: IGNORE  # the script looks itself: what makes the column may be in it too
                - sqlCheck:
                    expectedResult: 1
                    sql: |
                      SELECT count(*) FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                       WHERE a.attrelid = to_regclass('{table}') AND a.attname = '{column}' AND {as-it-was}
              changes:
                - sql:
                    splitStatements: false
                    sql: |
                      DO $gpra_body$ BEGIN
                        IF EXISTS (SELECT FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                                    WHERE a.attrelid = to_regclass('{table}') AND a.attname = '{column}' AND {as-it-was}) THEN
                          ALTER TABLE {table} ALTER COLUMN {column} {change};
                          EXECUTE format('COMMENT ON COLUMN {table}.{column} IS %L', concat_ws(' ', (SELECT col_description(attrelid, attnum)
                            FROM pg_attribute WHERE attrelid = to_regclass('{table}') AND attname = '{column}'), {trace}));
                        END IF;
                      END $gpra_body$;
        """
            .replace(
                "{as-it-was}",
                what.equals("type")
                    ? "format_type(a.atttypid, a.atttypmod) = " + literal(was)
                    : "coalesce(pg_get_expr(d.adbin, d.adrelid), 'no default') = " + literal(was))
            .replace("{change}", change)
            .replace("{trace}", literal(trace)),
        body(
            "right((SELECT col_description(attrelid, attnum) FROM pg_attribute\n"
                + "     WHERE attrelid = to_regclass('{table}') AND attname = '{column}'), length({trace})) = {trace}"
                    .replace("{trace}", literal(trace)),
            """
            {undo}            EXECUTE format('COMMENT ON COLUMN {table}.{column} IS %L', (SELECT nullif(rtrim(left(col_description(attrelid, attnum), - length({trace}))), '')
              FROM pg_attribute WHERE attrelid = to_regclass('{table}') AND attname = '{column}'));
            """
                .replace(
                    "{undo}",
                    back.equals(discarding)
                        ? "ALTER TABLE {table} ALTER COLUMN {column} " + back + ";\n"
                        : """
                        IF $gpra_value$${gpra.rollback.discard}$gpra_value$ = 'true' THEN
                          ALTER TABLE {table} ALTER COLUMN {column} {discarding};
                        ELSE
                          ALTER TABLE {table} ALTER COLUMN {column} {back};
                        END IF;
                        """
                            .replace("{discarding}", discarding)
                            .replace("{back}", back))
                .replace("{trace}", literal(trace))),
        Map.of("table", column.table(), "column", column.name()));
  }

  /** An index: an ordinary change where Liquibase has words for it. */
  ChangeSet index(Index index) {
    String slug = slug(index.table() + "-" + withoutPrefix(index.name(), index.table()) + "-index");
    Matcher plain = PLAIN_INDEX.matcher(index.definition());
    if (!plain.matches()) {
      return otherIndex(slug, index);
    }
    return changeSet(
        slug,
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: "TODO: which query needs {index}."
              runInTransaction: false
              preConditions:
                - onFail: MARK_RAN  # there already, whoever made it
                - onSqlOutput: TEST
                - not:
                    - indexExists: {tableName: {table}, indexName: {index}}
              changes:
                - createIndex:
                    tableName: {table}
                    indexName: {index}
        {unique}            columns:
        {columns}
        """
            .replace("{unique}", index.unique() ? "            unique: true\n" : "")
            .replace(
                "{columns}",
                Stream.of(plain.group(1).split(", "))
                    .map(
                        column ->
                            column.endsWith(" DESC")
                                ? "              - column: {name: %s, descending: true}"
                                    .formatted(column.replace(" DESC", ""))
                                : "              - column: {name: %s}".formatted(column))
                    .collect(Collectors.joining("\n"))),
        """
                - dropIndex: {tableName: {table}, indexName: {index}}
        """,
        Map.of("table", index.table(), "index", index.name()));
  }

  /** An index, built concurrently under a working name. */
  private ChangeSet otherIndex(String slug, Index index) {
    return changeSet(
        slug,
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: >-
                TODO: which query needs {index}. Built concurrently under a working name, so that an unfinished one is known as ours, then
                named and marked in one statement. It waits for older transactions, without blocking any.
              runInTransaction: false
              preConditions:
                - onFail: MARK_RAN  # an equal one under another name will do
                - onSqlOutput: TEST
                - or:
                    {offline}
                    - sqlCheck:
                        expectedResult: 0
                        sql: |
                          SELECT count(*) FROM pg_index
                           WHERE indrelid = to_regclass('{table}') AND indisvalid
                             AND indexrelid IS DISTINCT FROM to_regclass('gpra_building_{index}')
                             AND regexp_replace(pg_get_indexdef(indexrelid), '^CREATE (UNIQUE )?INDEX \\S+ ON (?:ONLY )?(?:"[^"]*"|[^\\s"])+ USING ', '\\1') = {definition}
              changes:
                - sqlFile: {path: changelog/sql/limit-wait.sql, splitStatements: false}
                - sql:
                    splitStatements: true
                    endDelimiter: ";"
                    sql: |
                      DROP INDEX CONCURRENTLY IF EXISTS gpra_building_{index};
                      CREATE {unique}INDEX CONCURRENTLY gpra_building_{index} ON {table} USING {tail};
                      RESET lock_timeout;
                - sql: SET gpra.changeset = '{id}'
                - sql: SET gpra.index = '{index}'
                - sqlFile: {path: changelog/sql/end-index.sql, splitStatements: false}
        """
            .replace("{definition}", literal(verbatim(definition(index))))
            .replace("{unique}", index.unique() ? "UNIQUE " : "")
            .replace("{tail}", verbatim(index.definition())),
        """
                - sql: SET gpra.index = '{index}'
                - sqlFile: {path: changelog/sql/begin-drop-index.sql, splitStatements: false}
                - sqlFile: {path: changelog/sql/limit-wait.sql, splitStatements: false}
                - sql:
                    splitStatements: true
                    endDelimiter: ";"
                    sql: |
                      DROP INDEX CONCURRENTLY IF EXISTS gpra_building_{index};
                      RESET lock_timeout;
        """,
        Map.of("table", index.table(), "index", index.name()));
  }

  /** What check-objects.sql compares it with. */
  static String definition(Index index) {
    return (index.unique() ? "UNIQUE " : "") + index.definition();
  }

  /** A foreign key or CHECK, NOT VALID, and its validation. */
  List<ChangeSet> constraint(Constraint constraint, boolean forced) {
    boolean key = constraint.type().equals("f");
    boolean users = "ab_user".equals(constraint.leadsTo());
    String definition = verbatim(constraint.definition());
    String remark =
        constraint.comment() != null
            ? verbatim(constraint.comment())
            : key ? "Leads to " + constraint.leadsTo() : "Holds for every row";
    String slug =
        slug(
            constraint.table()
                + "-"
                + withoutPrefix(constraint.name(), constraint.table())
                + (key ? "-fk" : "-check"));
    String lock = users ? lockWithUsers("{table} IN ACCESS EXCLUSIVE MODE") : "";
    Map<String, String> names = Map.of("table", constraint.table(), "name", constraint.name());
    String comment = "COMMENT ON CONSTRAINT {name} ON {table} IS " + literal(mark(remark));
    String marked =
        """
        EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('{table}') AND conname = '{name}'
                  AND obj_description(oid, 'pg_constraint') LIKE '[gpra {number}]%'{valid})""";
    List<ChangeSet> both = new ArrayList<>();
    both.add(
        changeSet(
            slug,
            """
              - changeSet:
                  id: {id}
                  author: gpra
                  comment: "TODO: what {name} is for. NOT VALID, so that no row is read under the lock; the next changeset validates."
                  preConditions:
                    - onFail: MARK_RAN  # an equal one under another name will do
                    - onSqlOutput: TEST
                    - or:
                        {offline}
                        - sqlCheck:
                            expectedResult: 0
                            sql: |
                              SELECT count(*) FROM pg_constraint
                               WHERE conrelid = to_regclass('{table}') AND regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '') = {definition}
                  changes:
            """
                    .replace("{definition}", literal(definition))
                + (users ? lockWithUsers("{table} IN SHARE ROW EXCLUSIVE MODE") : "")
                + "        - sql: "
                + quote("ALTER TABLE {table} ADD CONSTRAINT {name} " + definition + " NOT VALID")
                + "\n        - sql: "
                + quote(comment)
                + "\n",
            lock
                + body(
                    marked.replace("{valid}", ""), "ALTER TABLE {table} DROP CONSTRAINT {name};\n"),
            names));
    both.add(
        changeSet(
            slug + "-valid",
            """
              - changeSet:
                  id: {id}
                  author: gpra
                  comment: Checks the rows that are there; the application reads and writes meanwhile.
                  preConditions:
                    - onFail: MARK_RAN  # valid already
                    - onSqlOutput: IGNORE
                    - sqlCheck:
                        expectedResult: 1
                        sql: |
                          SELECT count(*) FROM pg_constraint
                           WHERE conrelid = to_regclass('{table}') AND conname = '{name}' AND NOT convalidated
                  changes:
            """
                + (key && forced
                    ? validateByTenant(constraint)
                    : "        - sql: ALTER TABLE {table} VALIDATE CONSTRAINT {name}\n"),
            lock
                + body(
                    marked.replace("{valid}", " AND convalidated"),
                    "ALTER TABLE {table} DROP CONSTRAINT {name},\n  ADD CONSTRAINT {name} "
                        + definition
                        + " NOT VALID;\n"
                        + comment
                        + ";\n"),
            names,
            "      # A constraint cannot be made not valid again: it is replaced by itself, without looking at a row.\n"));
    return both;
  }

  /** Under row-level security PostgreSQL itself would see no row: docs/migrations.md. */
  private static String validateByTenant(Constraint key) {
    Matcher parts =
        Pattern.compile("FOREIGN KEY \\((.*?)\\) REFERENCES (\\S+)\\((.*?)\\).*")
            .matcher(key.definition());
    if (!parts.matches()) {
      throw new IllegalStateException(key.definition());
    }
    String[] from = parts.group(1).split(", ");
    String[] to = parts.group(3).split(", ");
    List<String> present = new ArrayList<>();
    List<String> equal = new ArrayList<>();
    for (int i = 0; i < from.length; i++) {
      present.add("t." + from[i] + " IS NOT NULL");
      equal.add("r." + to[i] + " = t." + from[i]);
    }
    return """
            - sql:
                splitStatements: false
                sql: |
                  DO $gpra_body$
                  DECLARE
                    tenant integer;
                    n      bigint;
                  BEGIN
                    PERFORM set_config('row_security', 'on', true);
                    FOR tenant IN SELECT id FROM ab_user ORDER BY id LOOP
                      PERFORM set_config('app.current_user_id', tenant::text, true);
                      SELECT count(*) INTO n FROM {table} t
                       WHERE {present} AND NOT EXISTS (SELECT FROM {to} r WHERE {equal});
                      IF n > 0 THEN
                        RAISE EXCEPTION '% row(s) of {table} of user % point at no row of {to} that is theirs. Nothing was changed.', n, tenant;
                      END IF;
                    END LOOP;
                    -- All rows were looked at, and since it was added the key refuses others. As nobody, PostgreSQL looks at none.
                    PERFORM set_config('app.current_user_id', '', true);
                    ALTER TABLE {table} VALIDATE CONSTRAINT {name};
                  END $gpra_body$;
    """
        .replace("{present}", String.join(" AND ", present))
        .replace("{equal}", String.join(" AND ", equal))
        .replace("{to}", parts.group(2));
  }

  /** The last step of a column's NOT NULL; its check comes before, with its validation. */
  ChangeSet required(Column column, Constraint check) {
    String marked =
        """
        EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('{table}') AND conname = '{check}'
                  AND obj_description(oid, 'pg_constraint') LIKE '[gpra {number}]%')""";
    return changeSet(
        slug(column.table() + "-" + column.name() + "-required"),
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: >-
                Says so in the column too. The valid check is proof enough, so no row is looked at. It stays: a column's NOT NULL
                bears no mark, the check does, and by that a rollback knows whose it is.
              preConditions:
                - onFail: MARK_RAN  # required already, by somebody else
                - onSqlOutput: IGNORE
                - sqlCheck:
                    expectedResult: 1
                    sql: |
                      SELECT count(*) FROM pg_constraint
                       WHERE conrelid = to_regclass('{table}') AND conname = '{check}' AND convalidated
                         AND obj_description(oid, 'pg_constraint') LIKE '[gpra {number}]%'
              changes:
                - sql: ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL
        """,
        body(marked, "ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;\n"),
        Map.of("table", column.table(), "column", column.name(), "check", check.name()));
  }

  /** First of a file: looks before anything is made; undone last. */
  ChangeSet preflight(List<String> expected, List<ChangeSet> made) {
    StringBuilder undo = new StringBuilder();
    for (int i = made.size() - 1; i >= 0; i--) {
      if (!made.get(i).id().endsWith("-valid")) {
        undo.append(made.get(i).undo());
      }
    }
    return check(
        "preflight",
        "Changes nothing. Stops before anything is touched when something that {number} would make is there already but different.",
        expected,
        undo.toString(),
        "      # Undone last: with it goes what a killed run had made and not recorded.\n");
  }

  /** Last but one: all is there, whoever made it. */
  ChangeSet verify(List<String> expected) {
    return check(
        "verify",
        "Changes nothing. Reads in the catalogs whether everything of {number} is there, valid, and as it should be.",
        expected,
        "",
        "");
  }

  private ChangeSet check(
      String what, String comment, List<String> expected, String undo, String reason) {
    return changeSet(
        what,
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: {comment}
              runInTransaction: false
              changes:
                - sql: SET gpra.changeset = '{id}'
                - sql:
                    splitStatements: false
                    sql: |
                      SET gpra.expected = '
                      {expected}'
                - sqlFile: {path: changelog/sql/check-objects.sql, splitStatements: false}
        """
            .replace("{comment}", comment)
            .replace(
                "{expected}",
                String.join(
                    "\n              ",
                    expected.stream().map(line -> verbatim(line.replace("'", "''"))).toList())),
        undo,
        Map.of(),
        reason);
  }

  /** Of a migration that a person writes. */
  ChangeSet emptyVerify() {
    return changeSet(
        "verify",
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: "Changes nothing. TODO: what has to be so once {number} has run."
              preConditions:
                - onFail: HALT
                - onError: HALT
                - onSqlOutput: IGNORE
                # TODO: a query that returns ok, or the sentence that says what is missing.
                - sqlCheck:
                    expectedResult: ok
                    sql: SELECT 'ok'
              changes:
                - empty: {}
        """,
        "",
        Map.of());
  }

  ChangeSet tag() {
    return changeSet(
        "tag",
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: The state after migration {number}.
              changes:
                - tagDatabase: {tag: "{number}", keepTagOnRollback: true}
        """,
        "",
        Map.of());
  }

  private ChangeSet changeSet(String slug, String yaml, String undo, Map<String, String> names) {
    return changeSet(slug, yaml, undo, names, "");
  }

  private ChangeSet changeSet(
      String slug, String yaml, String undo, Map<String, String> names, String reason) {
    String id = number + "-" + slug;
    String named = undo;
    String text = yaml;
    if (text.contains("{offline}")) {
      text = text.replace("{offline}", offlineIsNamed ? "- *offline" : OFFLINE);
      offlineIsNamed = true;
    }
    text = text + reason + "      rollback:\n" + (undo.isEmpty() ? "        - empty: {}\n" : undo);
    for (Map.Entry<String, String> name : names.entrySet()) {
      text = text.replace("{" + name.getKey() + "}", name.getValue());
      named = named.replace("{" + name.getKey() + "}", name.getValue());
    }
    return new ChangeSet(
        id,
        text.replace("{id}", id).replace("{number}", number).replace(BRACE, "{"),
        named.replace("{number}", number));
  }

  private static String lockWithUsers(String lock) {
    return """
            - sql: SET gpra.lock = '%s'
            - sqlFile: {path: changelog/sql/lock-with-users.sql, splitStatements: false}
    """
        .formatted(lock);
  }

  private static String body(String condition, String statements) {
    return """
            - sql:
                splitStatements: false
                sql: |
                  DO $gpra_body$ BEGIN
                    IF current_setting('gpra.guarded', true) = 'yes'
                       AND %s THEN
    %s                END IF;
                  END $gpra_body$;
    """
        .formatted(condition.replace("\n", "\n                   "), statements.indent(18));
  }

  private String mark(String text) {
    return "[gpra " + number + "] " + text;
  }

  /** Letters only, and each once. */
  private String slug(String name) {
    String slug = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-").replaceAll("^-|-$", "");
    String unique = slug;
    for (char letter = 'b'; !ids.add(unique); letter++) {
      unique = slug + "-" + letter;
    }
    return unique;
  }

  /** {@code idx_items_difficulty} on items is about the difficulty. */
  private static String withoutPrefix(String name, String table) {
    String rest =
        name.replaceFirst("^(idx|ix|fk|ck|uq)_", "")
            .replaceFirst("^" + table + "_", "")
            .replaceFirst("_(fkey|check|idx)$", "");
    return rest.isEmpty() ? name : rest;
  }

  private static String type(String type) {
    String base = type.replaceFirst("\\(.*", "");
    return SHORT.containsKey(base) ? SHORT.get(base) + type.substring(base.length()) : type;
  }

  private static Optional<String> value(Column column) {
    if (column.value() == null) {
      return Optional.empty();
    }
    String value = verbatim(column.value());
    Matcher text = TEXT.matcher(value);
    return Optional.of(
        text.matches()
            ? "defaultValue: " + quote(text.group(1).replace("''", "'"))
            : NUMBER.matcher(value).matches() && NUMBERS.matcher(column.type()).matches()
                ? "defaultValueNumeric: " + value
                : value.matches("true|false")
                    ? "defaultValueBoolean: " + value
                    : "defaultValueComputed: " + quote(value));
  }

  private static String verbatim(String text) {
    return text.replace("{", BRACE);
  }

  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String yaml(String text) {
    return text.matches("[a-z_][a-z0-9_]*(\\(\\d+\\))?") && !YAML_WORD.matcher(text).matches()
        ? text
        : quote(text);
  }

  private static String quote(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }
}
