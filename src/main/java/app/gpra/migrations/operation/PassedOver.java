package app.gpra.migrations.operation;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.PreconditionErrorException;
import liquibase.exception.PreconditionFailedException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;
import liquibase.executor.LoggingExecutor;
import liquibase.precondition.Precondition;
import liquibase.precondition.PreconditionLogic;
import liquibase.precondition.core.DBMSPrecondition;
import liquibase.precondition.core.NotPrecondition;
import liquibase.precondition.core.PreconditionContainer;
import liquibase.statement.core.RawSqlStatement;

/** Changesets that do not run, as their preconditions say. */
public final class PassedOver {

  private static final Set<PreconditionContainer.FailOption> OPTIONS =
      Set.of(PreconditionContainer.FailOption.MARK_RAN, PreconditionContainer.FailOption.CONTINUE);

  /** Where the name stands of what a precondition asks for: the first that it has. */
  private static final List<String> NAMES =
      List.of(
          "columnName",
          "indexName",
          "foreignKeyName",
          "primaryKeyName",
          "constraintName",
          "sequenceName",
          "viewName",
          "tableName");

  private PassedOver() {}

  /** Whether it will be on PostgreSQL, whatever there is. */
  static boolean elsewhere(ChangeSet changeSet, Database database) {
    return asked(changeSet)
        .filter(DBMSPrecondition.class::isInstance)
        .anyMatch(one -> fails(one, changeSet, database));
  }

  /**
   * Whether it will be as things stand. That what it makes is there already does not count: whether
   * it is the same is looked at.
   *
   * @param alsoByItsOwn that counts too
   */
  static boolean now(ChangeSet changeSet, boolean alsoByItsOwn, Database database) {
    List<Precondition> asked =
        asked(changeSet)
            .filter(one -> alsoByItsOwn || !isItsOwn(one, false, changeSet, database))
            .toList();
    Executor executor =
        Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", database);
    boolean script = executor instanceof LoggingExecutor;
    if (asked.isEmpty()
        || !(database.getConnection() instanceof JdbcConnection)
        || script
            && changeSet.getPreconditions().getOnSqlOutput()
                != PreconditionContainer.OnSqlOutputOption.TEST) {
      return false;
    }
    try {
      // A script has nothing of this in it.
      boolean transaction = !script && !database.getAutoCommitMode();
      if (transaction) {
        execute("SAVEPOINT gpra_look", executor);
      }
      for (Precondition one : asked) {
        try {
          one.check(database, changeSet.getChangeLog(), changeSet, null);
        } catch (PreconditionFailedException e) {
          return true;
        } catch (PreconditionErrorException e) {
          // It is asked again when it runs.
          if (transaction) {
            execute("ROLLBACK TO SAVEPOINT gpra_look", executor);
          } else {
            database.rollback();
          }
        }
      }
      return false;
    } catch (DatabaseException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  /**
   * Whether one may be for another reason than that what it makes is there already.
   *
   * @param changeSet of the changelog
   * @param database where
   * @return false also where its preconditions stop the update
   */
  public static boolean isConditional(ChangeSet changeSet, Database database) {
    return asked(changeSet).anyMatch(one -> !isItsOwn(one, false, changeSet, database));
  }

  private static Stream<Precondition> asked(ChangeSet changeSet) {
    PreconditionContainer asked = changeSet.getPreconditions();
    return asked == null || !OPTIONS.contains(asked.getOnFail())
        ? Stream.empty()
        : asked.getNestedPreconditions().stream();
  }

  /** Whether all that it asks is that what the changeset makes is not there. */
  private static boolean isItsOwn(
      Precondition one, boolean not, ChangeSet changeSet, Database database) {
    if (one instanceof PreconditionLogic several) {
      boolean negated = not ^ one instanceof NotPrecondition;
      return several.getNestedPreconditions().stream()
          .allMatch(each -> isItsOwn(each, negated, changeSet, database));
    }
    return not
        && one.getName().endsWith("Exists")
        && NAMES.stream()
            .filter(one.getSerializableFields()::contains)
            .map(one::getSerializableFieldValue)
            .filter(String.class::isInstance)
            .findFirst()
            .map(
                name -> Pattern.compile("(?iu)(?<!\\w)" + Pattern.quote((String) name) + "(?!\\w)"))
            .filter(name -> Made.by(changeSet, database).anyMatch(name.asPredicate()))
            .isPresent();
  }

  private static boolean fails(Precondition one, ChangeSet changeSet, Database database) {
    try {
      one.check(database, changeSet.getChangeLog(), changeSet, null);
      return false;
    } catch (PreconditionFailedException e) {
      return true;
    } catch (PreconditionErrorException e) {
      return false;
    }
  }

  // Liquibase's own, and its one statement that is not prepared.
  @SuppressWarnings("deprecation")
  private static void execute(String sql, Executor executor) throws DatabaseException {
    executor.execute(new RawSqlStatement(sql));
  }
}
