package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import liquibase.exception.ChangeLogParseException;
import liquibase.exception.DatabaseException;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.error.YAMLException;

class ReportTest {

  @Test
  void saysWhatCouldNotBeDoneWhereTheNetworkFailed() {
    assertThat(
            Report.sentence(
                new DatabaseException(
                    new SQLException(
                        "An I/O error occurred.", "08006", new SocketException("Broken pipe")))))
        .isEqualTo("An I/O error occurred.");
    assertThat(
            Report.sentence(
                new DatabaseException(
                    new SQLException("It failed.", "08001", new UnknownHostException("nowhere")))))
        .isEqualTo("It failed. (unknown host nowhere)");
  }

  @Test
  void saysTheCauseOfAllThatPassedItOn() {
    SQLException server = new SQLException("no such table", "42P01");

    assertThat(Report.sentence(new DatabaseException(new IllegalStateException(server))))
        .isEqualTo("no such table");
  }

  @Test
  void saysWhichFileIsNoYaml() {
    assertThat(
            Report.sentence(
                new ChangeLogParseException(
                    "Error parsing a.yaml",
                    new ChangeLogParseException(
                        "Syntax error in file b.yaml: while parsing\\n in line 3:\\n    ^\\n"
                            .translateEscapes(),
                        new YAMLException("while parsing")))))
        .isEqualTo("Syntax error in file b.yaml: while parsing in line 3");
  }
}
