package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Changes that have no safe form: all of them are named before anything runs. */
class UnsafeChangesIT {

  private static final String[] FORWARD = {
    "900-type has no rollback block, and Liquibase does not know the type before: write a rollback with modifyDataType",
    "900-sql: sql has no safe form",
    "or answer for it with the changelog's property plain.900-sql, whose value says why it is safe",
    "900-drop has no rollback block, and Liquibase does not know what dropColumn drops: write in its rollback what makes it again",
    "900-undone-by-sql: sql has no safe form",
    "900-undone-by-liquibase has no rollback block, and Liquibase's own would first take the default",
    "900-default: addDefaultValue on a column that this changelog did not make",
    "900-key: dropPrimaryKey goes by the key's name: give it the constraintName",
    "900-rows: update writes rows that nothing remembers",
    "900-filled: defaultNullValue of addNotNullConstraint writes rows",
  };

  private static TestDatabase database;
  private static String schema;

  @BeforeAll
  static void create() {
    database = TestDatabase.legacy();
    schema = database.schema();
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  private static LiquibaseRun run() {
    return new LiquibaseRun(database).changelog("changelogs/unsafe.yaml");
  }

  @Test
  void areRefusedInAnUpdateAndInItsScript() {
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("Nothing was done, as the changelog has what is not safe to run: ")
        .hasMessageContainingAll(FORWARD)
        .hasMessageNotContaining("900-answered");
    assertThatThrownBy(() -> run().updateSql()).hasMessageContainingAll(FORWARD);
    assertThat(database.applied()).isEmpty();
    assertSame("the schema", schema, database.schema());
  }

  @Test
  void areRefusedOfProceduresViewsAndChecks() {
    assertThatThrownBy(
            () -> new LiquibaseRun(database).changelog("changelogs/unsafe-objects.yaml").update())
        .hasMessageContainingAll(
            "900-procedure: createProcedure bears no mark: write defineFunction with procedure: true",
            "900-view: the comment of a view bears the mark: leave out the remarks of createView",
            "900-full-view: createView: write CREATE VIEW titles WITH (…) AS … in selectQuery, or leave out fullDefinition",
            "900-check has no rollback block, and Liquibase does not know the condition before: write a rollback with modifyCheck",
            "900-comment: the condition has a comment with --, which would end more than itself: leave it out, or write /* */",
            "900-comment: the definition has a comment with --",
            "900-comment: the value has a comment with --")
        .hasMessageNotContaining("900-quoted");
    assertSame("the schema", schema, database.schema());
  }

  /**
   * What another Liquibase has run, or an older version, is not undone in its plain form either.
   */
  @Test
  void areRefusedInARollbackAsFarAsItReaches() {
    try (TestDatabase noted = database.copy()) {
      LiquibaseRun run = new LiquibaseRun(noted).changelog("changelogs/unsafe.yaml");
      run.updateCount(1);
      noted.execute(
          "INSERT INTO databasechangelog SELECT '900-undone-by-sql', author, filename, dateexecuted, 2, exectype FROM databasechangelog");
      assertThatThrownBy(() -> run.rollbackCount(1))
          .hasMessageContaining("is not safe to undo: 900-undone-by-sql: sql has no safe form");
      assertThatThrownBy(() -> run.rollbackSqlCount(1))
          .hasMessageContaining("is not safe to undo: 900-undone-by-sql: sql has no safe form");
      assertThat(noted.applied()).hasSize(2);

      noted.execute("DELETE FROM databasechangelog WHERE id = '900-undone-by-sql'");
      run.rollbackCount(1);
      assertSame("the schema", schema, noted.schema());
    }
  }

  /** Nothing would undo it, and the history would say that it is undone. */
  @Test
  void areRollbacksThatLeaveOutWhatTheirChangesetDoes() {
    LiquibaseRun run = new LiquibaseRun(database).changelog("changelogs/unsafe-rollbacks.yaml");
    assertThatThrownBy(() -> run.labels("most").update())
        .hasMessageContaining("Nothing was done, as the changelog has what is not safe to run: ")
        .hasMessageContainingAll(
            "900-index: its rollback leaves out the index idx_title of items: write dropIndex",
            "900-key: its rollback leaves out the constraint uq_title of items: write dropUniqueConstraint",
            "900-check: its rollback leaves out the constraint ck_title of items: write dropCheck",
            "900-required: its rollback leaves out the constraint nn_title of items: write dropNotNullConstraint",
            "900-columns: its rollback leaves out the column pace of items: write dropColumn",
            "900-table: its rollback leaves out the table notes: write dropTable",
            "900-filled: its rollback leaves out the constraint nn_mood of items: write unfillColumn",
            "900-renamed: its rollback leaves out the renamed column title of items: write renameColumn",
            "900-type: its rollback leaves out the type of column title of items: write modifyDataType",
            "900-dropped: its rollback leaves out the column tempo of items: write what makes it again, or the change empty with the reason")
        .hasMessageNotContaining("901-");
    assertThatThrownBy(() -> run.labels("more").updateSql())
        .hasMessageContainingAll(
            "900-function: its rollback leaves out the function one: write removeFunction",
            "900-not-required: its rollback leaves out the not null title of items: write what makes it again",
            "900-filled-otherwise: fillColumn gives items.mood another value than 900-filled did, whose value every later fill of the column gets: write this one in"
                + " sql of its author's (plain.900-filled-otherwise), or into a column of its own",
            "900-copied: its rollback leaves out the column heading of items: write dropColumn",
            "900-isolated: its rollback leaves out the policy tenant_isolation of items: write dropTenantIsolation",
            "900-parent: plans.id = plan_id is no parent: write column = table.key")
        .hasMessageNotContaining("901-");
    assertSame("the schema", schema, database.schema());

    try (TestDatabase noted = database.copy()) {
      LiquibaseRun other = new LiquibaseRun(noted).changelog("changelogs/unsafe-rollbacks.yaml");
      other.changelogSync();
      assertThatThrownBy(() -> other.rollbackCount(noted.applied().size()))
          .hasMessageContainingAll(
              "is not safe to undo: 900-index: its rollback leaves out the index idx_title of items",
              "; and 4 more, 14 in all")
          .hasMessageNotContaining("901-");
    }
  }
}
