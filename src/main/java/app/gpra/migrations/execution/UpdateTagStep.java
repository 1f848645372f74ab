package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Wanted;
import app.gpra.migrations.report.Report;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.changelog.filter.ChangeSetFilter;
import liquibase.changelog.filter.ContextChangeSetFilter;
import liquibase.changelog.filter.IgnoreChangeSetFilter;
import liquibase.changelog.filter.LabelChangeSetFilter;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.core.UpdateToTagCommandStep;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Stops an update to a tag that it would not reach: Liquibase would deploy everything. It sees a
 * tag that is no system property too, another project's {@code <toTag>} or an application's.
 */
public final class UpdateTagStep extends AbstractCommandStep {

  private static final Set<String> TO_A_TAG =
      Set.of(
          "updateToTag",
          "updateToTagSql",
          "changelogSyncToTag",
          "changelogSyncToTagSql",
          "updateTestingRollback");

  /** Used through {@code META-INF/services}. */
  public UpdateTagStep() {}

  /** {@inheritDoc} Its own name: that of another command would bring that one's arguments along. */
  @Override
  public String[][] defineCommandNames() {
    return new String[][] {{"updateTagStep"}};
  }

  /** {@inheritDoc} It is a part of every command that goes on to a tag. */
  @Override
  public int getOrder(CommandDefinition command) {
    // Any positive number takes part; Liquibase sorts by dependencies.
    return TO_A_TAG.contains(String.join(" ", command.getName())) ? 1 : super.getOrder(command);
  }

  /** {@inheritDoc} The changelog, as the filters leave it. */
  @Override
  public List<Class<?>> requiredDependencies() {
    return List.of(Database.class, DatabaseChangeLog.class);
  }

  /**
   * Looks for the tag among the changesets that may run, and those that have.
   *
   * @throws CommandExecutionException if there is no such tag, or a filter leaves it out; lists
   *     those that there are
   * @throws DatabaseException if the history cannot be read
   */
  @Override
  public void run(CommandResultsBuilder results)
      throws CommandExecutionException, DatabaseException {
    var command = results.getCommandScope();
    String wanted = command.getArgumentValue(UpdateToTagCommandStep.TAG_ARG);
    Database database = (Database) command.getDependency(Database.class);
    DatabaseChangeLog changelog =
        (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
    LabelExpression labels = (LabelExpression) command.getDependency(LabelExpression.class);
    List<ChangeSetFilter> filters =
        List.of(
            new ContextChangeSetFilter((Contexts) command.getDependency(Contexts.class)),
            new LabelChangeSetFilter(labels),
            new IgnoreChangeSetFilter());
    List<String> reached =
        changelog.getChangeSets().stream()
            .filter(
                changeSet ->
                    filters.stream().allMatch(filter -> filter.accepts(changeSet).isAccepted()))
            .flatMap(UpdateTagStep::tags)
            .toList();
    if (wanted == null
        || !Wanted.by(changelog)
        || reached.contains(wanted)
        || database.getRanChangeSetList().stream()
            .map(RanChangeSet::getTag)
            .anyMatch(wanted::equals)) {
      return;
    }
    List<String> known = changelog.getChangeSets().stream().flatMap(UpdateTagStep::tags).toList();
    CommandExecutionException refusal =
        new CommandExecutionException(
            known.contains(wanted)
                ? "The tag %s is not reached with the label filter \"%s\", which leaves it out: it reaches %s. Nothing was changed. Name its label in the label filter, then run the same command again."
                    .formatted(
                        wanted,
                        Objects.toString(labels.getOriginalString(), ""),
                        String.join(", ", reached))
                : "This changelog has no tag %s: it has %s. Nothing was changed. Liquibase would have deployed everything. Correct it, then run the same command again."
                    .formatted(wanted, known.isEmpty() ? "none" : String.join(", ", known)));
    Report.failedToBegin(refusal);
    throw refusal;
  }

  private static Stream<String> tags(ChangeSet changeSet) {
    return changeSet.getChanges().stream()
        .filter(TagDatabaseChange.class::isInstance)
        .map(change -> ((TagDatabaseChange) change).getTag());
  }
}
