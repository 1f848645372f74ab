package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.sql.SQLException;
import liquibase.exception.ChangeLogParseException;
import liquibase.exception.DatabaseException;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.error.YAMLException;

class ReportTest {

  @Test
  void saysTheInnermostReason() {
    assertThat(Report.sentence(new DatabaseException("outer", new SQLException("There is no x."))))
        .isEqualTo("There is no x.");
  }

  @Test
  void saysWhichServerDoesNotAnswer() {
    assertThat(
            Report.sentence(
                new DatabaseException(
                    new SQLException(
                        "Connection to h:1 refused.", new ConnectException("Connection refused")))))
        .startsWith("Connection to h:1 refused. (")
        .endsWith("Connection refused)");
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
