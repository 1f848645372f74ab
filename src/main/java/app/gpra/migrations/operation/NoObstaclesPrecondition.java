package app.gpra.migrations.operation;

import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.database.Database;
import liquibase.database.OfflineConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.PreconditionErrorException;
import liquibase.exception.PreconditionFailedException;
import liquibase.exception.ValidationErrors;
import liquibase.exception.Warnings;
import liquibase.executor.ExecutorService;
import liquibase.precondition.AbstractPrecondition;
import liquibase.statement.core.RawParameterizedSqlStatement;

/**
 * {@code noObstacles}: a query that says in a sentence what is in the way, and nothing where
 * nothing is. Offline there is no database to look at, and nothing is in the way.
 */
public final class NoObstaclesPrecondition extends AbstractPrecondition {

  private String sql;

  /** Used through {@code META-INF/services}. */
  public NoObstaclesPrecondition() {}

  /**
   * What is asked.
   *
   * @return a query of one row with one text: the sentence, or null
   */
  public String getSql() {
    return sql;
  }

  /**
   * Sets it.
   *
   * @param sql a query of one row with one text: the sentence, or null
   */
  public void setSql(String sql) {
    this.sql = sql;
  }

  @Override
  public String getName() {
    return "noObstacles";
  }

  @Override
  public Warnings warn(Database database) {
    return new Warnings();
  }

  @Override
  public ValidationErrors validate(Database database) {
    ValidationErrors errors = new ValidationErrors();
    errors.checkRequiredField("sql", sql);
    return errors;
  }

  @Override
  public void check(
      Database database,
      DatabaseChangeLog changelog,
      ChangeSet changeSet,
      ChangeExecListener listener)
      throws PreconditionFailedException, PreconditionErrorException {
    if (database.getConnection() instanceof OfflineConnection) {
      return;
    }
    String obstacles;
    try {
      obstacles =
          Scope.getCurrentScope()
              .getSingleton(ExecutorService.class)
              .getExecutor("jdbc", database)
              .queryForObject(new RawParameterizedSqlStatement(sql), String.class);
    } catch (DatabaseException e) {
      throw new PreconditionErrorException(e, changelog, this);
    }
    if (obstacles != null) {
      throw new PreconditionFailedException(obstacles, changelog, this);
    }
  }

  @Override
  public String getSerializedObjectNamespace() {
    return STANDARD_CHANGELOG_NAMESPACE;
  }
}
