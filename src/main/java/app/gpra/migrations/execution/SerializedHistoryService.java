package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.connection.MigrationConnection;
import app.gpra.migrations.connection.Strangers;
import app.gpra.migrations.operation.Mark;
import app.gpra.migrations.operation.Wanted;
import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.Screen;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.StandardChangeLogHistoryService;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.executor.ExecutorService;

/**
 * Liquibase's history table, made once. Liquibase makes it before it takes the changelog lock, so
 * that of several first runs at once all but one would fail.
 */
public final class SerializedHistoryService extends StandardChangeLogHistoryService {

  private static final String ID = "ID";

  private Replaced replaced;

  private UnaryOperator<List<Map<String, ?>>> order = UnaryOperator.identity();

  /** Not recorded, and shown all the same. */
  private List<ChangeSet> begun = List.of();

  /** Where strangers were looked for last. */
  private Connection looked;

  private boolean strictly;

  /** By the changelog that was read last. */
  private boolean wanted;

  /** Used through {@code META-INF/services}. */
  public SerializedHistoryService() {}

  /** {@inheritDoc} Higher than Liquibase's own. */
  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /** {@inheritDoc} PostgreSQL with a connection; not offline. */
  @Override
  public boolean supports(Database database) {
    return database instanceof PostgresDatabase
        && database.getConnection() instanceof JdbcConnection;
  }

  /**
   * Makes the history table if it is not there, but not for a connection that is read-only.
   *
   * @throws DatabaseException if a {@code gpra.} property is unknown or malformed, the server's
   *     deadlock_timeout is too short, a stranger decides what runs, the session means another
   *     schema than the application's, or the table cannot be made or read
   */
  @Override
  public void init() throws DatabaseException {
    try {
      GpraProperties.check();
    } catch (IllegalArgumentException e) {
      throw new DatabaseException(e.getMessage());
    }
    JdbcConnection session = (JdbcConnection) getDatabase().getConnection();
    Connection connection = session.getUnderlyingConnection();
    boolean preview =
        !(Scope.getCurrentScope()
                .getSingleton(ExecutorService.class)
                .getExecutor("jdbc", getDatabase())
            instanceof PostgresExecutor);
    wanted = Wanted.soFar(wanted);
    String table = HistoryAccess.tableName(getDatabase());
    try {
      if (wanted) {
        refuseStrangers(connection);
        // A preview takes over no session that somebody else has opened.
        if (!preview || session instanceof MigrationConnection) {
          MigrationConnection own = MigrationConnection.of(session);
          own.begin();
          if (own != session) {
            getDatabase().setConnection(own);
          }
        }
        ApplicationSchema.check(getDatabase(), connection, Wanted.parameter("safe.schema.table"));
        PreviewStep.begin();
      }
      Optional<String> obstacle = HistoryAccess.obstacle(getDatabase(), false);
      boolean there =
          obstacle.isEmpty() && ask(connection, "SELECT to_regclass(?) IS NOT NULL", table);
      // Who only looks makes no table.
      boolean looks = connection.isReadOnly();
      if (obstacle.isEmpty() && !there && !preview && !looks) {
        obstacle = HistoryAccess.obstacle(getDatabase(), true);
      }
      if (obstacle.isPresent()) {
        throw new DatabaseException(obstacle.get());
      }
      if (looks && !there) {
        return;
      }
      try {
        super.init();
      } catch (DatabaseException | RuntimeException e) {
        // No lock keeps several first runs apart: an advisory one is open to whoever may connect.
        if (there || !madeMeanwhile(connection, table)) {
          throw e;
        }
        reset();
        super.init();
      }
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /**
   * Also in a session that is none of this project's: a preview takes none over. Once in each, and
   * again where the changelog asks for more, as Liquibase comes here for every file of it.
   */
  private void refuseStrangers(Connection connection) throws DatabaseException {
    boolean wanted = GpraProperties.REFUSE.equals(Wanted.parameter(GpraProperties.STRANGERS));
    if (connection.equals(looked) && (strictly || !wanted)) {
      return;
    }
    try {
      Strangers.refuse(connection, getDatabase().getLiquibaseSchemaName(), wanted)
          .forEach(Scope.getCurrentScope().getLog(getClass())::warning);
      looked = connection;
      strictly = wanted;
    } catch (SQLException e) {
      DatabaseException told = new DatabaseException(e.getMessage(), e);
      Report.failedToBegin(told);
      throw told;
    }
  }

  /** Whether another run was quicker; if the session has ended that is not the reason. */
  private static boolean madeMeanwhile(Connection connection, String table) {
    try {
      // Otherwise the next statement hides the cause.
      connection.rollback();
      return ask(connection, "SELECT to_regclass(?) IS NOT NULL", table);
    } catch (SQLException e) {
      return false;
    }
  }

  /** {@inheritDoc} What others have written into it is shown, as tags and by {@code history}. */
  @Override
  public List<Map<String, ?>> queryDatabaseChangeLogTable(Database database)
      throws DatabaseException {
    List<Map<String, ?>> rows = super.queryDatabaseChangeLogTable(database);
    rows.forEach(row -> makePrintable(row));
    if (replaced != null) {
      Set<Object> ids = rows.stream().map(row -> (Object) row.get(ID)).collect(Collectors.toSet());
      rows.removeIf(
          row -> {
            String now = replaced.byOldId().get(row.get(ID));
            return now != null && !ids.add(now);
          });
      rows.forEach(row -> showReplaced(row));
    }
    List<Map<String, ?>> shown = new ArrayList<>(order.apply(rows));
    begun.forEach(changeSet -> shown.add(row(changeSet, shown.size())));
    return shown;
  }

  /**
   * From here on, a row of a changeset that another one stands for now is shown as that one's, once
   * for each, so that a rollback undoes that.
   */
  void showReplacedAs(Replaced replaced) {
    this.replaced = replaced;
    reset();
  }

  /** From here on these are shown as the last ones that ran, so that a rollback undoes them too. */
  void showAsRan(List<ChangeSet> begun) {
    this.begun = begun;
    reset();
  }

  /** From here on what stands after a tag in the changelog comes last, whenever it ran. */
  void showInOrder(TagOrder order, DatabaseChangeLog changelog) {
    this.order =
        rows ->
            order.sort(
                rows,
                row ->
                    Mark.key(changelog, text(row, "FILENAME"), text(row, ID), text(row, "AUTHOR")));
    reset();
  }

  private static String text(Map<String, ?> row, String column) {
    return String.valueOf(row.get(column));
  }

  private static Map<String, ?> row(ChangeSet changeSet, int place) {
    return Map.of(
        ID,
        changeSet.getId(),
        "AUTHOR",
        changeSet.getAuthor(),
        "FILENAME",
        changeSet.getFilePath(),
        "DATEEXECUTED",
        Timestamp.from(Instant.now()),
        "EXECTYPE",
        ChangeSet.ExecType.EXECUTED.value,
        "ORDEREXECUTED",
        Integer.MAX_VALUE - 1000 + place);
  }

  private <T> void showReplaced(Map<String, T> row) {
    row.computeIfPresent(ID, (column, id) -> now(id));
  }

  /** The same type comes back. */
  @SuppressWarnings("unchecked")
  private <T> T now(T id) {
    return (T) replaced.byOldId().getOrDefault(id, (String) id);
  }

  private static <T> void makePrintable(Map<String, T> row) {
    row.replaceAll((column, value) -> printable(value));
  }

  /** The same type comes back. */
  @SuppressWarnings("unchecked")
  private static <T> T printable(T value) {
    return value instanceof String text ? (T) Screen.printable(text) : value;
  }

  static boolean ask(Connection connection, String sql, Object argument) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, argument);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }
}
