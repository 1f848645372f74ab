package app.gpra.migrations.execution;

import app.gpra.migrations.report.Invocation;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import liquibase.changelog.RanChangeSet;
import liquibase.command.CommandScope;
import liquibase.command.core.RollbackCommandStep;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.RollbackFailedException;

/** Says which tags there are, where a rollback is given one that is not: Liquibase does not. */
public final class RollbackTag {

  private static final List<String> TO_A_TAG = List.of("rollback", "rollbackSql");

  private RollbackTag() {}

  /**
   * Looks for the tag, as Liquibase does: whatever its case.
   *
   * @param command any; one that goes nowhere passes
   * @throws RollbackFailedException if the database has no such tag; lists those that it has
   * @throws DatabaseException if the history cannot be read
   */
  public static void check(CommandScope command) throws RollbackFailedException, DatabaseException {
    if (!TO_A_TAG.contains(String.join(" ", command.getCommand().getName()))) {
      return;
    }
    String wanted = command.getArgumentValue(RollbackCommandStep.TAG_ARG);
    Database database = (Database) command.getDependency(Database.class);
    List<String> tags =
        database.getRanChangeSetList().stream()
            .map(RanChangeSet::getTag)
            .filter(Objects::nonNull)
            .distinct()
            .toList();
    if (wanted != null && tags.stream().noneMatch(wanted::equalsIgnoreCase)) {
      throw new RollbackFailedException(
          Invocation.worded(
              "This database has no tag %s to go back to: %s. Nothing was undone. mvn liquibase:history shows what is applied; then run the same command again with a tag that is there."
                  .formatted(
                      wanted,
                      tags.isEmpty()
                          ? "it has none"
                          : "it has " + tags.stream().collect(Collectors.joining(", ")))));
    }
  }
}
