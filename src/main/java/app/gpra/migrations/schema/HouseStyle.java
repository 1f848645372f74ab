package app.gpra.migrations.schema;

import static app.gpra.migrations.operation.Procedures.literal;

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

  /** One changeset. */
  record ChangeSet(String id, String yaml) {}

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

  private static final String PLAIN =
      "  - property: {name: plain.{id}, value: \"written by autogenerate, and looks first\"}\n\n";

  private static final String ACTION = "(CASCADE|RESTRICT|SET NULL|SET DEFAULT)";

  private static final Pattern KEY =
      Pattern.compile(
          "FOREIGN KEY \\((.*?)\\) REFERENCES (\\w+)\\((.*?)\\)(?: ON UPDATE "
              + ACTION
              + ")?(?: ON DELETE "
              + ACTION
              + ")?( DEFERRABLE)?( INITIALLY DEFERRED)?");

  /** PostgreSQL puts another pair around all but a column, a function's call and the like. */
  private static final Pattern CHECK = Pattern.compile("CHECK \\((?:\\((.*)\\)|(.*))\\)");

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
                - onFail: MARK_RAN
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
                - onFail: MARK_RAN
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
   * @param loses which rows do not fit; null where all do
   */
  ChangeSet alterColumn(
      Column column,
      String what,
      String wasBefore,
      String changed,
      String backAgain,
      String discardingWhatIsLonger,
      String loses) {
    String was = verbatim(wasBefore);
    String change = verbatim(changed);
    String back = verbatim(backAgain);
    String discarding = verbatim(discardingWhatIsLonger);
    String trace = "[gpra {number}] was " + was;
    return changeSet(
        slug(column.table() + "-" + column.name() + "-" + what),
        (loses == null
                ? ""
                : "  - property: {name: loses.{id}, value: \"{table}.{column} WHERE "
                    + loses
                    + "\"}\n\n")
            + """
          - changeSet:
              id: {id}
              author: gpra
              comment: "TODO: why {table}.{column} changes, in a sentence for whoever is on call. No row is read. The comment says what it was."
              preConditions:
                - onFail: MARK_RAN
                - onFailMessage: "a run that was killed has done it, or somebody else, whose it is then"
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
                        : "coalesce(pg_get_expr(d.adbin, d.adrelid), 'no default') = "
                            + literal(was))
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
                - onFail: MARK_RAN
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
          - property: {name: makes.{id}, value: "index {table}.{index}"}

          - changeSet:
              id: {id}
              author: gpra
              comment: >-
                TODO: which query needs {index}. Built concurrently under a working name, so that an unfinished one is known as ours, then
                named and marked in one statement. It waits for older transactions, without blocking any.
              runInTransaction: false
              preConditions:
                - onFail: MARK_RAN
                - onFailMessage: "an equal one under another name will do"
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
                - sql: CALL pg_temp.gpra_limit_wait()
                - sql:
                    splitStatements: true
                    endDelimiter: ";"
                    sql: |
                      DROP INDEX CONCURRENTLY IF EXISTS gpra_building_{index};
                      CREATE {unique}INDEX CONCURRENTLY gpra_building_{index} ON {table} USING {tail};
                      RESET lock_timeout;
                - sql: CALL pg_temp.gpra_end_index('{table}', '{index}', 'gpra_building_{index}', '[gpra {id}]')
        """
            .replace("{definition}", literal(verbatim(definition(index))))
            .replace("{unique}", index.unique() ? "UNIQUE " : "")
            .replace("{tail}", verbatim(index.definition())),
        """
                - sql: CALL pg_temp.gpra_begin_drop_index(NULL, '{index}', 'gpra_building_{index}', ARRAY['[gpra {id}]'])
                - sql: CALL pg_temp.gpra_limit_wait()
                - sql:
                    splitStatements: true
                    endDelimiter: ";"
                    sql: |
                      DROP INDEX CONCURRENTLY IF EXISTS gpra_building_{index};
                      RESET lock_timeout;
        """,
        Map.of("table", index.table(), "index", index.name()));
  }

  /** With what makes it unique. */
  static String definition(Index index) {
    return (index.unique() ? "UNIQUE " : "") + index.definition();
  }

  /**
   * A foreign key or CHECK.
   *
   * @return empty where Liquibase has no word for a part of it
   */
  Optional<ChangeSet> constraint(Constraint constraint) {
    boolean key = constraint.type().equals("f");
    Matcher parts = (key ? KEY : CHECK).matcher(verbatim(constraint.definition()));
    if (!parts.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        changeSet(
            slug(
                constraint.table()
                    + "-"
                    + withoutPrefix(constraint.name(), constraint.table())
                    + (key ? "-fk" : "-check")),
            """
              - changeSet:
                  id: {id}
                  author: gpra
                  comment: "TODO: what {name} is for."
                  runInTransaction: false
                  changes:
            """
                + (key ? key(parts) : check(parts)),
            """
                    - {drop}
            """
                .replace(
                    "{drop}",
                    key
                        ? "dropForeignKeyConstraint: {baseTableName: {table}, constraintName: {name}}"
                        : "dropCheck: {tableName: {table}, constraintName: {name}}"),
            Map.of("table", constraint.table(), "name", constraint.name())));
  }

  private static String key(Matcher parts) {
    StringBuilder yaml =
        new StringBuilder(
            """
                    - addForeignKeyConstraint:
                        constraintName: {name}
                        baseTableName: {table}
                        baseColumnNames: "{columns}"
                        referencedTableName: {to}
                        referencedColumnNames: "{keys}"
            """
                .replace("{columns}", parts.group(1))
                .replace("{to}", parts.group(2))
                .replace("{keys}", parts.group(3)));
    if (parts.group(4) != null) {
      yaml.append("            onUpdate: ").append(parts.group(4)).append('\n');
    }
    if (parts.group(5) != null) {
      yaml.append("            onDelete: ").append(parts.group(5)).append('\n');
    }
    if (parts.group(6) != null) {
      yaml.append("            deferrable: true\n");
    }
    if (parts.group(7) != null) {
      yaml.append("            initiallyDeferred: true\n");
    }
    return yaml.toString();
  }

  private static String check(Matcher parts) {
    return """
            - addCheck:
                tableName: {table}
                constraintName: {name}
                condition: %s
    """
        .formatted(quote(parts.group(1) == null ? parts.group(2) : parts.group(1)));
  }

  /** A column's NOT NULL, with the check that proves it. */
  ChangeSet required(Column column, String check) {
    return changeSet(
        slug(column.table() + "-" + column.name() + "-required"),
        """
          - changeSet:
              id: {id}
              author: gpra
              comment: "TODO: why every row of {table} has its {column}."
              runInTransaction: false
              changes:
                - addNotNullConstraint: {tableName: {table}, columnName: {column}, constraintName: {check}}
        """,
        """
                - dropNotNullConstraint: {tableName: {table}, columnName: {column}, constraintName: {check}}
        """,
        Map.of("table", column.table(), "column", column.name(), "check", check));
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
    String id = number + "-" + slug;
    String text = yaml;
    if (text.contains("{offline}")) {
      text = text.replace("{offline}", offlineIsNamed ? "- *offline" : OFFLINE);
      offlineIsNamed = true;
    }
    text = text + "      rollback:\n" + (undo.isEmpty() ? "        - empty: {}\n" : undo);
    if (text.contains("- sql")) {
      text = PLAIN + text;
    }
    for (Map.Entry<String, String> name : names.entrySet()) {
      text = text.replace("{" + name.getKey() + "}", name.getValue());
    }
    return new ChangeSet(
        id, text.replace("{id}", id).replace("{number}", number).replace(BRACE, "{"));
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

  private static String yaml(String text) {
    return text.matches("[a-z_][a-z0-9_]*(\\(\\d+\\))?") && !YAML_WORD.matcher(text).matches()
        ? text
        : quote(text);
  }

  private static String quote(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }
}
