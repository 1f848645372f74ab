package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.call;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.Change;
import liquibase.change.core.EmptyChange;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.database.ObjectQuotingStrategy;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.PreconditionErrorException;
import liquibase.exception.PreconditionFailedException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;
import liquibase.executor.LoggingExecutor;
import liquibase.precondition.core.PreconditionContainer;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorFactory;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawSqlStatement;

/**
 * What changesets would make, compared with what is there: made from the changes themselves, which
 * are asked how to look instead of what to do.
 */
public final class Look {

  private static final String ON = Look.class.getName();

  private static final Set<Class<?>> MAKE_NOTHING =
      Set.of(EmptyChange.class, TagDatabaseChange.class);

  private static final String PAST = call("look_past");

  private Look() {}

  /** Whether changes are asked how to look. */
  static boolean isOn() {
    return Scope.getCurrentScope().has(ON);
  }

  /**
   * The look at what changesets have made: all of it has to be there.
   *
   * @param changeSets those that have run, in their order
   * @param database where
   * @return statements; empty where no changeset wants its changes made safe
   */
  public static List<String> after(List<ChangeSet> changeSets, Database database) {
    return at(changeSets, List.of(), true, database);
  }

  /**
   * The look at what changesets would make, before the first of them runs.
   *
   * @param pending those that are going to run, in their order
   * @param made what applied ones have made, a JSON array of objects with table, column (not for a
   *     table) and back: the command that goes back to before it
   * @param database where
   * @return statements; empty where no changeset wants its changes made safe
   */
  public static List<String> before(List<ChangeSet> pending, String made, Database database) {
    return at(pending, List.of(call("look_made", SafeChangeSet.literal(made))), false, database);
  }

  private static List<String> at(
      List<ChangeSet> changeSets, List<String> beginning, boolean after, Database database) {
    List<String> looks =
        changeSets.stream()
            .filter(changeSet -> SafeChangeSet.of(changeSet).isPresent())
            .flatMap(changeSet -> at(changeSet, after, database))
            .toList();
    if (looks.isEmpty()) {
      return List.of();
    }
    List<String> statements = new ArrayList<>(List.of(call("begin_look", after)));
    statements.addAll(beginning);
    statements.addAll(looks);
    statements.add(call("end_look"));
    return statements;
  }

  private static Stream<String> at(ChangeSet changeSet, boolean after, Database database) {
    List<String> looks =
        changeSet.getChanges().stream()
            .filter(change -> !MAKE_NOTHING.contains(change.getClass()))
            .flatMap(change -> at(change, changeSet, database))
            .toList();
    return !after
            && looks.contains(PAST)
            && (makesNothing(changeSet) || isPassedOver(changeSet, database))
        ? Stream.empty()
        : looks.stream();
  }

  /** As its comment says. */
  private static boolean makesNothing(ChangeSet changeSet) {
    return changeSet.getComments() != null
        && changeSet.getComments().strip().startsWith("Changes nothing.");
  }

  /** Whether a precondition will say that it has nothing to make. */
  private static boolean isPassedOver(ChangeSet changeSet, Database database) {
    PreconditionContainer asked = changeSet.getPreconditions();
    if (asked == null
        || asked.getOnFail() != PreconditionContainer.FailOption.MARK_RAN
        || !(database.getConnection() instanceof JdbcConnection)) {
      return false;
    }
    Executor executor =
        Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", database);
    // A script has nothing of this in it.
    boolean runs = !(executor instanceof LoggingExecutor) && !database.getAutoCommitMode();
    try {
      if (runs) {
        execute("SAVEPOINT gpra_look", executor);
      }
      try {
        asked.check(database, changeSet.getChangeLog(), changeSet, null);
      } catch (PreconditionFailedException e) {
        return true;
      } catch (PreconditionErrorException e) {
        // It is asked again when it runs.
        if (runs) {
          execute("ROLLBACK TO SAVEPOINT gpra_look", executor);
        } else {
          database.rollback();
        }
      }
      return false;
    } catch (DatabaseException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  // Liquibase's own, and its one statement that is not prepared.
  @SuppressWarnings("deprecation")
  private static void execute(String sql, Executor executor) throws DatabaseException {
    executor.execute(new RawSqlStatement(sql));
  }

  private static Stream<String> at(Change change, ChangeSet changeSet, Database database) {
    ObjectQuotingStrategy before = database.getObjectQuotingStrategy();
    // As it is when it runs.
    database.setObjectQuotingStrategy(changeSet.getObjectQuotingStrategy());
    try {
      return Scope.child(
          Map.of(ON, true, Scope.Attr.changeSet.name(), changeSet),
          () ->
              Arrays.stream(change.generateStatements(database))
                  .flatMap(
                      statement -> at(statement, change instanceof TableChange, database).stream())
                  .toList()
                  .stream());
    } catch (Exception e) {
      throw new UnexpectedLiquibaseException(e);
    } finally {
      database.setObjectQuotingStrategy(before);
    }
  }

  /** Of a statement that nobody here knows, nothing can be said. */
  private static List<String> at(SqlStatement statement, boolean own, Database database) {
    SqlGeneratorFactory generators = SqlGeneratorFactory.getInstance();
    return own || generators.getGenerators(statement, database).first() instanceof SafeGenerator<?>
        ? Arrays.stream(generators.generateSql(statement, database)).map(Sql::toSql).toList()
        : List.of(PAST);
  }
}
