package app.gpra.migrations.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import liquibase.datatype.core.IntType;
import liquibase.statement.ForeignKeyConstraint;
import liquibase.statement.core.CreateTableStatement;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class SafeCreateTableTest {

  private static final List<String> COLUMNS =
      IntStream.range(0, 14).mapToObj(number -> "c" + number).toList();

  @RepeatedTest(5)
  void writesTheKeysInTheOrderOfTheirColumns(RepetitionInfo repetition) {
    CreateTableStatement statement = new CreateTableStatement(null, null, "t");
    COLUMNS.forEach(column -> statement.addColumn(column, new IntType()));
    List<String> shuffled = new ArrayList<>(COLUMNS);
    Collections.shuffle(shuffled, new Random(repetition.getCurrentRepetition()));
    for (String column : shuffled) {
      statement.addColumnConstraint(
          new ForeignKeyConstraint("fk_" + column, "parents(id)").setColumn(column));
    }

    SafeCreateTable.order(statement);

    assertThat(statement.getForeignKeyConstraints())
        .extracting(ForeignKeyConstraint::getColumn)
        .containsExactlyElementsOf(COLUMNS);
  }
}
