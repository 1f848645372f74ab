package app.gpra.migrations.benchmark;

import app.gpra.migrations.benchmark.SqlMigration.Step;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each operation on the same table, by plain statements and by ours, in one run. */
class OperationsBenchmark {

  private static final int ROWS = Integer.getInteger("benchmark.operations.rows", 1_000_000);

  /** Of the longest wait that plain statements cause; less cannot be told from the machine's. */
  private static final double SHARE = 0.05;

  /**
   * One of those that a migration consists of.
   *
   * @param name for people to read
   * @param label of the changesets in changelogs/benchmark.yaml that are ours
   * @param prepare what both find; may be empty
   * @param naive what Liquibase sends without the jar, a transaction for each changeset
   */
  private record Operation(String name, String label, String prepare, List<String> naive) {}

  private static final List<Operation> OPERATIONS =
      List.of(
          new Operation(
              "index", "index", "", List.of("CREATE INDEX idx_items_songbook ON items (songbook)")),
          new Operation(
              "unique constraint",
              "unique",
              "",
              List.of("ALTER TABLE items ADD CONSTRAINT uq_items_item_id UNIQUE (item_id)")),
          new Operation(
              "primary key",
              "key",
              // (The clients that look need an index.)
              "ALTER TABLE items DROP CONSTRAINT items_pkey CASCADE; ALTER TABLE items ALTER id DROP IDENTITY, ALTER id DROP NOT NULL; CREATE INDEX idx_items_id ON items (id)",
              List.of("ALTER TABLE items ADD CONSTRAINT pk_items PRIMARY KEY (id)")),
          new Operation(
              "foreign key",
              "foreign",
              "ALTER TABLE items ADD COLUMN routine_id integer DEFAULT 1",
              List.of(
                  "ALTER TABLE items ADD CONSTRAINT fk_items_routine_id FOREIGN KEY (routine_id) REFERENCES routines (id)")),
          new Operation(
              "CHECK",
              "check",
              "",
              List.of("ALTER TABLE items ADD CONSTRAINT ck_items_order CHECK (\"order\" >= 0)")),
          new Operation(
              "NOT NULL",
              "required",
              "",
              List.of("ALTER TABLE items ALTER COLUMN item_id SET NOT NULL")),
          new Operation(
              "new column, index, a value for each row",
              "fill",
              "",
              List.of(
                  "ALTER TABLE items ADD level integer",
                  "CREATE INDEX idx_items_level ON items (level)",
                  "UPDATE items SET level = 1 WHERE level IS NULL")),
          new Operation(
              "a value for each fifth row",
              "rows",
              "",
              List.of("UPDATE items SET tuning = 'EADGBE' WHERE tuning IS NULL")),
          new Operation(
              "column renamed",
              "rename",
              "",
              List.of("ALTER TABLE items RENAME COLUMN duration TO length")),
          new Operation(
              "key gets a larger type",
              "type",
              "",
              List.of("ALTER TABLE items ALTER COLUMN id TYPE bigint USING (id::bigint)")));

  private record Comparison(Operation operation, Measurement naive, Measurement ours) {}

  @BeforeAll
  static void startServer() {
    BenchmarkServer.start();
  }

  @Test
  void nobodyWaitsForOurs() throws SQLException {
    List<Comparison> comparisons = new ArrayList<>();
    try (TestDatabase library = PracticeLibrary.of(ROWS)) {
      for (Operation operation : OPERATIONS) {
        comparisons.add(
            new Comparison(operation, naive(library, operation), ours(library, operation)));
      }
    }
    report(comparisons);
  }

  private static Measurement naive(TestDatabase library, Operation operation) throws SQLException {
    List<Step> steps =
        operation.naive.stream()
            .flatMap(sql -> Stream.of("BEGIN", sql, "COMMIT"))
            .map(sql -> new Step("naive", sql))
            .toList();
    try (TestDatabase database = library.copy();
        Connection connection = database.execute(operation.prepare).connect()) {
      return Measurement.of(database, connection, steps, true);
    }
  }

  /** The steps before the first changeset make procedures and the history. */
  private static Measurement ours(TestDatabase library, Operation operation) throws SQLException {
    try (TestDatabase database = library.copy()) {
      List<Step> steps =
          SqlMigration.steps(
              new LiquibaseRun(database.execute(operation.prepare))
                  .changelog("changelogs/benchmark.yaml")
                  .labels(operation.label));
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        for (Step step : steps) {
          if (step.changeSet().isEmpty()) {
            statement.execute(step.sql());
          }
        }
        return Measurement.of(
            database,
            connection,
            steps.stream().filter(step -> !step.changeSet().isEmpty()).toList(),
            true);
      }
    }
  }

  private static void report(List<Comparison> comparisons) {
    BenchmarkReport report =
        new BenchmarkReport("operations", "Operations, by plain statements and by ours");
    report.paragraph(
        """
        Naive is what Liquibase sends without the jar, each changeset in a transaction. Ours is the script of `updateSQL` for the same
        changesets ([the changelog](../../src/test/resources/changelogs/benchmark.yaml)). Each runs once, on a copy of the same database
        with %s items and their indexes, while one client takes the locks of an UPDATE of one row over and over, another reads one row,
        and a third looks at the locks."""
            .formatted(Figures.number(ROWS)));
    List<List<String>> rows = new ArrayList<>();
    for (Comparison one : comparisons) {
      rows.add(row(one.operation.name, "naive", one.naive));
      rows.add(row("", "ours", one.ours));
    }
    report.table(
        List.of("operation", "", "UPDATE waited", "SELECT waited", "time", "WAL", "growth"), rows);
    report.paragraph(
        """
        *Waited*: the longest time that a statement of another client took meanwhile. *Growth*: by how much items grew, with its indexes.""");
    report.plot(
        "wait",
        "Longest time that another client's UPDATE waited, by operation",
        Plots.bars(
            "Longest time that another client's UPDATE waited",
            "milliseconds (logarithmic)",
            comparisons.stream().map(one -> one.operation.name).toList(),
            comparisons.stream().map(one -> millis(one.naive)).toList(),
            comparisons.stream().map(one -> millis(one.ours)).toList()));
    report
        .heading("Where ours takes longer")
        .table(
            List.of("operation", "time, ours to naive", "WAL, ours to naive"),
            comparisons.stream()
                .filter(one -> one.ours.seconds() > one.naive.seconds())
                .map(
                    one ->
                        List.of(
                            one.operation.name,
                            Figures.number(one.ours.seconds() / one.naive.seconds()) + " times",
                            Figures.number((double) one.ours.wal() / one.naive.wal()) + " times"))
                .toList());
    report.paragraph(
        """
        A plain rename changes one row of the catalogs, and from then on each statement of the running application that says the old name
        fails. Ours has both names until the next release, so it writes each row once. So does a larger type: naive writes the table
        anew while everybody waits, ours copies the column in batches and then lets the two change places.""");
    double naive = longest(comparisons.stream().map(Comparison::naive));
    double ours = longest(comparisons.stream().map(Comparison::ours));
    report
        .heading("Goal")
        .goals(
            List.of(
                Goal.share(
                    "longest wait of a client with ours, divided by that with naive",
                    SHARE,
                    ours / naive)));
    report.write();
  }

  private static double longest(Stream<Measurement> measurements) {
    return measurements
        .mapToDouble(one -> Math.max(one.longestWrite(), one.longestRead()))
        .max()
        .orElseThrow();
  }

  private static double millis(Measurement measured) {
    return measured.longestWrite() * 1000;
  }

  private static List<String> row(String operation, String way, Measurement measured) {
    return List.of(
        operation,
        way,
        Figures.time(measured.longestWrite()),
        Figures.time(measured.longestRead()),
        Figures.time(measured.seconds()),
        Figures.size(measured.wal()),
        Figures.size(measured.growth()));
  }
}
