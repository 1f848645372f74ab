package app.gpra.migrations.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Row-level security is switched on and off while the application works. */
@Tag("thorough")
@Tag("nightly")
@Timeout(value = 9, unit = TimeUnit.MINUTES)
class SwitchingIT {

  private static final int ROUNDS = ReliabilityReport.full() ? 3 : 1;
  private static final int READER = 3;
  private static final List<Integer> WRITERS = List.of(4, 5, 6, 7);

  private TestRole owner;
  private TestRole application;
  private TestDatabase database;

  @BeforeEach
  void migrate() {
    owner = TestRole.create("secret");
    application = TestRole.create("secret");
    database = TestDatabase.legacy();
    owner.own(database);
    database.execute(
        """
        GRANT SELECT, INSERT, UPDATE, DELETE ON items, routines, routine_items TO %s;
        INSERT INTO ab_user (id, first_name, last_name, username, active, email)
          VALUES (6, 'C', 'D', 'student3', true, 'c@example.org'), (7, 'E', 'F', 'student4', true, 'e@example.org');
        """
            .formatted(application.name()));
    run().updateTo("003");
  }

  @AfterEach
  void drop() {
    database.close();
    application.close();
    owner.close();
  }

  private LiquibaseRun run() {
    return new LiquibaseRun(database)
        .as(owner)
        .enforce()
        .with("gpra.app.role", application.name())
        .with("gpra.wait.limit", "60s");
  }

  private String forced() {
    return database.value(
        "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity");
  }

  @Test
  void isNotNoticedByTheApplication() {
    try (Traffic traffic = new Traffic(database, application, WRITERS, READER)) {
      traffic.letEachWork();
      for (int round = 1; round <= ROUNDS; round++) {
        long before = traffic.transactions();
        run().update();
        assertThat(traffic.transactions()).as("while it was switched on").isGreaterThan(before);
        assertThat(forced()).isEqualTo("6");
        assertThat(database.applied()).contains("004-tag");
        traffic.letEachWork();
        traffic.relyOnPolicies(true);
        traffic.letEachWork();
        traffic.relyOnPolicies(false);
        traffic.letEachWork();

        before = traffic.transactions();
        run().rollbackTo("003");
        assertThat(traffic.transactions()).as("while it was switched off").isGreaterThan(before);
        assertThat(forced()).isEqualTo("0");
        assertThat(database.query("SELECT polname FROM pg_policy")).isEmpty();
        traffic.letEachWork();
        assertThat(traffic.faults()).as("round " + round).isEmpty();
      }
    }
  }

  /** That the clients above would have noticed: no policy yet means no row. */
  @Test
  void wouldBeNoticedInTheWrongOrder() {
    try (Traffic traffic = new Traffic(database, application, WRITERS, READER)) {
      traffic.letEachWork();
      assertThat(traffic.faults()).isEmpty();
      database.script(
          owner, "ALTER TABLE items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
      traffic.untilFault("tenant 3: saw \\[0, 0, .*");
    }
  }

  /** The same for rows of others. */
  @Test
  void wouldBeNoticedWithoutPolicies() {
    try (Traffic traffic = new Traffic(database, application, WRITERS, READER)) {
      traffic.letEachWork();
      traffic.relyOnPolicies(true);
      traffic.untilFault("tenant 3: saw \\[\\d+, [1-9].*");
      traffic.untilFault("tenant [4-7]: saw \\[\\d+, [1-9].*");
    }
  }
}
