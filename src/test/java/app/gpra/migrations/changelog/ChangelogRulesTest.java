package app.gpra.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A changelog without fault, and what is said of it after one edit. */
class ChangelogRulesTest {

  private static final String MASTER =
      """
      databaseChangeLog:
        - include: {file: 000-start.yaml, relativeToChangelogFile: true}
        - include: {file: 001-colors.yaml, relativeToChangelogFile: true}
      """;

  private static final String START =
      """
      databaseChangeLog:
        - logicalFilePath: changelog/000-start.yaml
        - changeSet:
            id: 000-tag
            author: gpra
            comment: The state before this project.
            changes:
              - tagDatabase: {tag: "000", keepTagOnRollback: true}
            rollback:
              - empty: {}
      """;

  private static final String COLORS =
      """
      databaseChangeLog:
        - logicalFilePath: changelog/001-colors.yaml

        - changeSet:
            id: 001-color
            author: gpra
            comment: New column items.color, by which a player finds an item.
            preConditions:
              - onFail: MARK_RAN
              - not:
                  - columnExists: {tableName: items, columnName: color}
            changes:
              - addColumn:
                  tableName: items
                  columns:
                    - column: {name: color, type: int, remarks: Color}
            rollback:
              - sql: ALTER TABLE items DROP COLUMN color

        - changeSet:
            id: 001-color-fk
            author: gpra
            comment: Every color is one of those that there are.
            preConditions:
              - tableExists: {tableName: colors}
            changes:
              - sql: SET gpra.wait = 'short'
              - sql: CALL pg_temp.gpra_limit_wait()
              - sql: >-
                  ALTER TABLE items ADD CONSTRAINT fk FOREIGN KEY (color)
                  REFERENCES colors (id) NOT VALID
              - sql: COMMENT ON CONSTRAINT fk ON items IS '[gpra 001] A color'
            rollback:
              - sqlFile: {path: sql/before.sql, relativeToChangelogFile: true}
              - sql: ALTER TABLE items DROP CONSTRAINT fk

        - changeSet:
            id: 001-color-index
            author: gpra
            comment: By which the page of a color finds its items.
            runInTransaction: false
            preConditions:
              - tableExists: {tableName: items}
            changes:
              - sql:
                  splitStatements: true
                  sql: |
                    SET lock_timeout = 0;
                    DROP INDEX CONCURRENTLY IF EXISTS gpra_building_i;
                    CREATE INDEX CONCURRENTLY gpra_building_i ON items (color);
            # It goes with its column.
            rollback:
              - empty: {}

        - changeSet:
            id: 001-verify
            author: gpra
            comment: Changes nothing. Fails without a color.
            preConditions:
              - tableExists: {tableName: colors}
            changes:
              - empty: {}
            rollback:
              - empty: {}

        - changeSet:
            id: 001-tag
            author: gpra
            comment: The state after migration 001.
            changes:
              - tagDatabase: {tag: "001", keepTagOnRollback: true}
            rollback:
              - empty: {}
      """;

  private static final String COLORS_FILE = "changelog/001-colors.yaml";

  @TempDir Path project;

  @BeforeEach
  void writeChangelog() throws IOException {
    Files.createDirectories(project.resolve("changelog/sql"));
    write("changelog/db.changelog-master.yaml", MASTER);
    write("changelog/000-start.yaml", START);
    write(COLORS_FILE, COLORS);

    write("changelog/sql/before.sql", "-- CREATE INDEX is not what this does\nSELECT 1;");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(project.resolve(file), text);
  }

  @Test
  void aChangelogThatKeepsThemHasNoViolation() {
    assertThat(ChangelogRules.violations(project)).isEmpty();
  }

  /**
   * One edit and what is said.
   *
   * @param violation the end of the sentence, after the file
   */
  record Wrong(String from, String to, String violation) {
    @Override
    public String toString() {
      return violation;
    }
  }

  @Test
  void whatACommandCouldNotKnowHasToBeWritten() throws IOException {
    write(COLORS_FILE, "# TODO: why\n" + COLORS.replace("Color}", "TODO}"));
    assertThat(ChangelogRules.violations(project))
        .containsExactly(COLORS_FILE + ": says TODO in line 1, 17, write what only a person knows");
  }

  static Stream<Wrong> changeSets() {
    return Stream.of(
        new Wrong(
            "id: 001-color\n",
            "id: 001-Color 2\n",
            "001-Color 2: the id is no slug with the file's number, name it 001-…"),
        new Wrong(
            "id: 001-color\n",
            "id: 002-color\n",
            "002-color: the id is no slug with the file's number, name it 001-…"),
        new Wrong(
            "id: 001-color\n", "id: 001\n", "1: the id is not read as text, put it in quotes"),
        new Wrong(
            "tag: \"001\"", "tag: 001", "001-tag: the tag 1 is not read as text, put it in quotes"),
        new Wrong(
            "author: gpra\n      comment: New column",
            "comment: New column",
            "001-color: has no author, add author: gpra"),
        new Wrong(
            "comment: New column items.color, by which a player finds an item.",
            "comment: Color of items.",
            "001-color: has no comment that says why, add one for whoever is on call"),
        new Wrong(
            "New column items.color, by which a player finds an item.",
            "The color by which a player finds one of my_items.",
            "001-color: its comment does not name items, begin it with the object"),
        new Wrong(
            "author: gpra\n      comment: New column",
            "context: test\n      author: gpra\n      comment: New column",
            "001-color: has a key that none here has"),
        new Wrong(
            "id: 001-color-fk\n      author: gpra",
            "author: gpra\n      id: 001-color-fk",
            "001-color-fk: is not in the order in which the others read"),
        new Wrong(
            "preConditions:\n        - tableExists: {tableName: colors}\n      changes:\n        - sql: SET",
            "changes:\n        - sql: SET",
            "001-color-fk: asks nothing before it changes something, add preConditions"),
        new Wrong(
            "- tableExists: {tableName: items}",
            "- onFail: HALT",
            "001-color-index: asks nothing before it changes something, add preConditions"),
        new Wrong(
            "ON items (color);\n",
            "ON items (color);\n              UPDATE items SET color = 1;\n",
            "001-color-index: makes 2 changes"),
        new Wrong(
            "- empty: {}",
            "- sql: SET gpra.x = 'y'",
            "001-verify: has no change, write empty: {} if it only asks"),
        new Wrong(
            "gpra_building_i ON items (color)",
            "gpra_building_i ON items (${column})",
            "001-color-index: has a parameter in sql:"),
        new Wrong(
            "remarks: Color",
            "remarks: \"[gpra 001] Color\"",
            "001-color: writes a mark, which the jar does, leave it out of the remarks"),
        new Wrong(
            "IS '[gpra 001] A color'",
            "IS '[gpra 002] A color'",
            "001-color-fk: makes something that does not bear its mark"),
        new Wrong(
            "      # It goes with its column.\n",
            "",
            "001-color-index: its rollback undoes nothing, add # and the reason above it"),
        new Wrong(
            "- sql: ALTER TABLE items DROP COLUMN color",
            "- dropIndex: {indexName: i}",
            "001-color: dropIndex takes several transactions, add runInTransaction: false"),
        new Wrong(
            "REFERENCES colors (id) NOT VALID",
            "REFERENCES colors (id)",
            "001-color-fk: its constraint reads every row under a lock, add NOT VALID"),
        new Wrong(
            "CREATE INDEX CONCURRENTLY",
            "CREATE UNIQUE INDEX",
            "001-color-index: builds or drops an index while writers wait, do it CONCURRENTLY"),
        new Wrong(
            "      runInTransaction: false\n",
            "",
            "001-color-index: CONCURRENTLY fails in a transaction, add runInTransaction: false"),
        new Wrong(
            "type: int, remarks",
            "type: int, constraints: {foreignKeyName: fk, references: colors(id)}, remarks",
            "001-color: its column comes with a foreign key"),
        new Wrong(
            "- sql: ALTER TABLE items DROP CONSTRAINT fk",
            "- addForeignKeyConstraint: {constraintName: fk}",
            "001-color-fk: addForeignKeyConstraint takes several transactions, add runInTransaction: false"),
        new Wrong(
            "- sql: ALTER TABLE items DROP CONSTRAINT fk",
            "- sqlFile: {path: sql/drop-key.sql, relativeToChangelogFile: true}",
            "001-color-fk: names changelog/sql/drop-key.sql, which is not there, add it"),
        new Wrong(
            "sql/before.sql, relativeToChangelogFile: true",
            "changelog/sql/before.sql",
            "names changelog/sql/before.sql from the root, and lies elsewhere in the jar: write the path from here, and relativeToChangelogFile: true"));
  }

  @ParameterizedTest
  @MethodSource("changeSets")
  void saysWhatIsWrongWithAChangeSet(Wrong wrong) throws IOException {
    edit(COLORS_FILE, COLORS, wrong);
    assertThat(ChangelogRules.violations(project))
        .anySatisfy(
            sentence -> assertThat(sentence).startsWith(COLORS_FILE + ": " + wrong.violation()));
  }

  @Test
  void aChangeSetWithoutRollbackIsAViolation() throws IOException {
    int rollback = COLORS.lastIndexOf("      rollback:");
    write(COLORS_FILE, COLORS.substring(0, rollback));
    assertThat(ChangelogRules.violations(project))
        .containsExactly(
            COLORS_FILE
                + ": 001-tag: has no rollback, add one, also where there is nothing to undo");
  }

  @Test
  void aProcedureThatBlocksWritersIsAViolation() throws IOException {
    write("changelog/sql/before.sql", "DROP INDEX i;");
    assertThat(ChangelogRules.violations(project))
        .containsExactly(
            COLORS_FILE
                + ": 001-color-fk: builds or drops an index while writers wait, do it CONCURRENTLY");
  }

  static Stream<Wrong> files() {
    return Stream.of(
        new Wrong(
            "  - logicalFilePath: changelog/001-colors.yaml\n\n",
            "",
            "does not begin with its logicalFilePath, write logicalFilePath: " + COLORS_FILE),
        new Wrong(
            "logicalFilePath: changelog/001",
            "logicalFilePath: 001",
            "does not begin with its logicalFilePath, write logicalFilePath: " + COLORS_FILE),
        new Wrong(
            "{tag: \"001\", keepTagOnRollback: true}",
            "{tag: \"001\"}",
            "does not end with its tag, add the changeset 001-tag with"),
        new Wrong(
            "id: 001-color-index",
            "id: 001-color-fk",
            "001-color-fk: this id is used in " + COLORS_FILE + ", take another"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void saysWhatIsWrongWithAFile(Wrong wrong) throws IOException {
    edit(COLORS_FILE, COLORS, wrong);
    assertThat(ChangelogRules.violations(project))
        .anySatisfy(
            sentence -> assertThat(sentence).startsWith(COLORS_FILE + ": " + wrong.violation()));
  }

  static Stream<Wrong> masters() {
    return Stream.of(
        new Wrong(
            "  - include: {file: 001-colors.yaml, relativeToChangelogFile: true}\n",
            "",
            "does not include changelog/001-colors.yaml, add it at its place"),
        new Wrong(
            "{file: 001-colors.yaml, relativeToChangelogFile: true}\n",
            "{file: 001-colors.yaml, relativeToChangelogFile: true}\n  - include: {file: notes.yaml, relativeToChangelogFile: true}\n",
            "includes changelog/notes.yaml, which is no migration NNN-….yaml, rename it"),
        new Wrong(
            "  - include: {file: 000-start.yaml, relativeToChangelogFile: true}\n  - include: {file: 001-colors.yaml, relativeToChangelogFile: true}\n",
            "  - include: {file: 001-colors.yaml, relativeToChangelogFile: true}\n  - include: {file: 000-start.yaml, relativeToChangelogFile: true}\n",
            "includes the migrations out of order, sort them by number"),
        new Wrong(
            "{file: 001-colors.yaml, relativeToChangelogFile: true}",
            "{file: 001-colors.yaml, relativeToChangelogFile: true, ignore: \"${enforce.ignored}\"}",
            "ignores changelog/001-colors.yaml, which has no label: take ignore out"),
        new Wrong(
            "{file: 001-colors.yaml, relativeToChangelogFile: true}",
            "{file: changelog/001-colors.yaml}",
            "names changelog/001-colors.yaml from the root, and lies elsewhere in the jar: write the path from here, and relativeToChangelogFile: true"));
  }

  @ParameterizedTest
  @MethodSource("masters")
  void saysWhatIsWrongWithTheMaster(Wrong wrong) throws IOException {
    String file = "changelog/db.changelog-master.yaml";
    edit(file, MASTER, wrong);
    assertThat(ChangelogRules.violations(project)).containsExactly(file + ": " + wrong.violation());
  }

  @Test
  void twoFilesWithOneNumberAreAViolation() throws IOException {
    write("changelog/001-tones.yaml", START);
    assertThat(ChangelogRules.violations(project))
        .contains(
            "changelog/001-tones.yaml: has the number of changelog/001-colors.yaml, give it the next free one: mvn compile exec:java@renumber");
  }

  @Test
  void whatHasALabelAndRunsWithoutFilterIsAViolation() throws IOException {
    String author = "id: 001-color\n      author: gpra\n";
    edit(COLORS_FILE, COLORS, new Wrong(author, author + "      labels: enforce\n", ""));
    assertThat(ChangelogRules.violations(project))
        .containsExactly(
            "changelog/db.changelog-master.yaml: runs changelog/001-colors.yaml without a label filter too, and it has"
                + " labels: include it with ignore: \"${enforce.ignored}\"");
  }

  private void edit(String file, String text, Wrong wrong) throws IOException {
    assertThat(text).contains(wrong.from());
    write(file, text.replace(wrong.from(), wrong.to()));
  }
}
