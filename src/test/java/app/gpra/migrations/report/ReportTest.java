package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketException;
import java.sql.SQLException;
import liquibase.exception.DatabaseException;
import org.junit.jupiter.api.Test;

class ReportTest {

  @Test
  void saysWhatCouldNotBeDoneWhereTheNetworkFailed() {
    SQLException driver =
        new SQLException("An I/O error occurred.", "08006", new SocketException("Broken pipe"));

    assertThat(Report.sentence(new DatabaseException(driver))).isEqualTo("An I/O error occurred.");
  }

  @Test
  void saysTheCauseOfAllThatPassedItOn() {
    SQLException server = new SQLException("no such table", "42P01");

    assertThat(Report.sentence(new DatabaseException(new IllegalStateException(server))))
        .isEqualTo("no such table");
  }
}
