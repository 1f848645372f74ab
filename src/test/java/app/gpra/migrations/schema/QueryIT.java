package app.gpra.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryIT {

  private static List<String> answer(TestDatabase database, String sql) throws SQLException {
    List<String> said = new ArrayList<>();
    try (Connection connection = database.connect()) {
      Query.answer(connection, sql, said::add);
    }
    return said;
  }

  @Test
  void showsRowsInColumnsAndNothingThatATerminalWouldObey() throws SQLException {
    try (TestDatabase database = TestDatabase.empty()) {
      assertThat(
              answer(
                  database,
                  "VALUES ('a' || chr(27) || '[2J', 1), ('longer', NULL) ORDER BY column2"))
          .containsExactly("column1  column2", "a␛[2J    1", "longer   NULL", "2 row(s)");
      assertThat(answer(database, "SELECT n FROM generate_series(1, 2000) AS n"))
          .hasSize(1002)
          .endsWith("the first 1,000 rows");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE TABLE t () | cannot execute CREATE TABLE in a read-only transaction",
        "COMMIT; CREATE TABLE t () | cannot execute CREATE TABLE in a read-only transaction",
        "SELECT nothing | column \"nothing\" does not exist",
        "SET work_mem = '1MB' | This has no rows: give a SELECT in -Dsql",
      })
  void refusesWhatWouldWriteAndWhatIsNoQuery(String sql, String reason) {
    try (TestDatabase database = TestDatabase.empty()) {
      String schema = database.schema();
      assertThatThrownBy(() -> answer(database, sql))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining(reason)
          .hasMessageContaining("run");
      assertThat(database.schema()).isEqualTo(schema);
    }
  }
}
