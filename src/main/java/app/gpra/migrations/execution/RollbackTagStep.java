package app.gpra.migrations.execution;

import app.gpra.migrations.report.Report;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.core.RollbackCommandStep;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.RollbackFailedException;

/** Says which tags there are, where a rollback is given one that is not: Liquibase does not. */
public final class RollbackTagStep extends AbstractCommandStep {

  private static final Set<String> TO_A_TAG = Set.of("rollback", "rollbackSql");

  /** Used through {@code META-INF/services}. */
  public RollbackTagStep() {}

  /** {@inheritDoc} Its own name: that of another command would bring that one's arguments along. */
  @Override
  public String[][] defineCommandNames() {
    return new String[][] {{"rollbackTagStep"}};
  }

  /** {@inheritDoc} It is a part of every command that goes back to a tag. */
  @Override
  public int getOrder(CommandDefinition command) {
    // Any positive number takes part; Liquibase sorts by dependencies.
    return TO_A_TAG.contains(String.join(" ", command.getName())) ? 1 : super.getOrder(command);
  }

  /** {@inheritDoc} The history has been looked at when the changelog is read. */
  @Override
  public List<Class<?>> requiredDependencies() {
    return List.of(Database.class, DatabaseChangeLog.class);
  }

  /**
   * Looks for the tag, as Liquibase does: whatever its case.
   *
   * @throws RollbackFailedException if the database has no such tag; lists those that it has
   * @throws DatabaseException if the history cannot be read
   */
  @Override
  public void run(CommandResultsBuilder results) throws RollbackFailedException, DatabaseException {
    String wanted = results.getCommandScope().getArgumentValue(RollbackCommandStep.TAG_ARG);
    Database database = (Database) results.getCommandScope().getDependency(Database.class);
    List<String> tags =
        database.getRanChangeSetList().stream()
            .map(RanChangeSet::getTag)
            .filter(Objects::nonNull)
            .distinct()
            .toList();
    if (wanted != null && tags.stream().noneMatch(wanted::equalsIgnoreCase)) {
      RollbackFailedException failure =
          new RollbackFailedException(
              "This database has no tag %s to go back to: %s. Nothing was undone. mvn liquibase:history shows what is applied; then run the same command again with a tag that is there."
                  .formatted(
                      wanted,
                      tags.isEmpty()
                          ? "it has none"
                          : "it has " + tags.stream().collect(Collectors.joining(", "))));
      Report.failedToBegin(failure);
      throw failure;
    }
  }
}
