package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Past;
import app.gpra.migrations.operation.Procedures;
import app.gpra.migrations.operation.UnsafeChanges;
import app.gpra.migrations.operation.Wanted;
import app.gpra.migrations.report.Invocation;
import app.gpra.migrations.report.Report;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.core.SQLFileChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;
import liquibase.executor.LoggingExecutor;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorFactory;
import liquibase.statement.core.RawSqlStatement;

/** What comes before the first changeset, in a run or in a script. */
abstract class BeginStep extends AbstractCommandStep {

  /** A file of procedures that several of the changelog's changesets call. */
  private static final String PROCEDURES = "safe.procedures";

  private final String name;
  private final Set<String> commands;
  private final List<Class<?>> after;

  /**
   * For some commands.
   *
   * @param name its own: that of another command would bring that one's arguments along
   * @param commands which it is a part of
   * @param after what else has to be there before
   */
  BeginStep(String name, Set<String> commands, List<Class<?>> after) {
    this.name = name;
    this.commands = commands;
    this.after = after;
  }

  @Override
  public final String[][] defineCommandNames() {
    return new String[][] {{name}};
  }

  @Override
  public final int getOrder(CommandDefinition command) {
    // Any positive number takes part; Liquibase sorts by dependencies.
    return commands.contains(String.join(" ", command.getName())) ? 1 : super.getOrder(command);
  }

  @Override
  public final List<Class<?>> requiredDependencies() {
    List<Class<?>> required = new ArrayList<>(List.of(Database.class, DatabaseChangeLog.class));
    required.addAll(after);
    return required;
  }

  @Override
  public final void run(CommandResultsBuilder results) throws LiquibaseException {
    CommandScope command = results.getCommandScope();
    DatabaseChangeLog changelog =
        (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
    if (!Wanted.by(changelog) || changelog.getChangeSets().isEmpty()) {
      return;
    }
    Database database = (Database) command.getDependency(Database.class);
    try {
      Past.check(changelog);
      if (!isNeeded(command, changelog, database)) {
        return;
      }
      // A script needs to know what it calls; a run looks after the changelog's own procedures have
      // run, which may take over what an earlier version remembers.
      boolean script = isScript(database);
      List<String> beginning = script ? begin(command, changelog, database) : List.of();
      if (script) {
        // All of it, or nothing that follows can be called.
        execute("BEGIN", database);
      }
      String own =
          changelog.getChangeLogParameters().getValue(PROCEDURES, changelog) instanceof String file
              ? text(file, changelog, database)
              : null;
      execute(
          Procedures.definition(
              procedures(changelog),
              own,
              script
                  ? Stream.of(
                          beginning.stream(),
                          sql(changelog, database),
                          Stream.of(tables(own, database)))
                      .flatMap(one -> one)
                  : Stream.empty(),
              changelog,
              script),
          database);
      if (!script) {
        execute("SELECT set_config('gpra.commit', '" + Commit.CURRENT + "', false)", database);
        beginning = begin(command, changelog, database);
      }
      executeAtOnce(beginning, database);
      if (script) {
        execute("COMMIT", database);
      }
      database.commit();
    } catch (LiquibaseException | RuntimeException e) {
      Report.failedToBegin(e);
      try {
        abandon(database);
      } catch (LiquibaseException gone) {
        // Where the session has ended, it has ended of the same.
        e.addSuppressed(gone);
      }
      throw e;
    }
  }

  /**
   * The tables of a script's database, for what is needed only where one of them is there: a
   * comment. Without a database, any may be.
   */
  private static String tables(String own, Database database) throws DatabaseException {
    if (!(database.getConnection() instanceof JdbcConnection connection)) {
      return "-- a table with row-level security\n"
          + Objects.requireNonNullElse(own, "")
              .replaceAll("(?m)^(?!.*-- where there is a table ).*\n?", "");
    }
    try (Statement statement = connection.getUnderlyingConnection().createStatement();
        ResultSet tables =
            statement.executeQuery(
                "SELECT concat('-- ', string_agg(format('a table %s.%s, ', relnamespace::regnamespace, relname)"
                    + " || CASE WHEN relrowsecurity THEN 'a table with row-level security, ' ELSE '' END, ''))"
                    + " FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace <> 'pg_catalog'::regnamespace")) {
      tables.next();
      return tables.getString(1);
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** The files of the procedures that it needs. */
  abstract List<String> procedures(DatabaseChangeLog changelog);

  /** What comes after it in a script. */
  abstract Stream<String> sql(DatabaseChangeLog changelog, Database database)
      throws LiquibaseException;

  /** Gives back what it has taken. */
  void abandon(Database database) throws LiquibaseException {
    // Nothing.
  }

  /** Whether there is anything to do. */
  boolean isNeeded(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws LiquibaseException {
    return true;
  }

  /** A file beside one of the changelog's, or from the root, with its parameters in it. */
  private static String text(String file, DatabaseChangeLog changelog, Database database) {
    SQLFileChange change = new SQLFileChange();
    change.setPath(
        changelog.getChangeSets().stream()
            .map(one -> one.getChangeLog().getPhysicalFilePath().replaceFirst("[^/]*$", file))
            .distinct()
            .filter(BeginStep::exists)
            .findFirst()
            .orElse(file));
    change.setSplitStatements(false);
    change.setChangeSet(changelog.getChangeSets().get(0));
    return Stream.of(SqlGeneratorFactory.getInstance().generateSql(change, database))
        .map(Sql::toSql)
        .collect(Collectors.joining(";\n\n"));
  }

  private static boolean exists(String file) {
    try {
      return Scope.getCurrentScope().getResourceAccessor().get(file).exists();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Refuses changes that have no safe form, before anything is done. */
  static void refuse(List<ChangeSet> changeSets, boolean back, Database database)
      throws DatabaseException {
    List<String> unsafe = UnsafeChanges.in(changeSets, back, database);
    if (!unsafe.isEmpty()) {
      throw new DatabaseException(
          "Nothing was done, as the changelog has what is not safe to %s: %s. Correct it%s, then run the same command again."
              .formatted(
                  back ? "undo" : "run",
                  UnsafeChanges.shortened(unsafe),
                  Past.hint(changeSets.get(0).getChangeLog())));
    }
  }

  /** A string of JSON. */
  static String quote(String text) {
    return new JsonPrimitive(text).toString();
  }

  /** Runs or writes statements as one: all of them, or none. */
  static void executeAtOnce(List<String> statements, Database database) throws DatabaseException {
    if (!statements.isEmpty()) {
      execute(
          statements.stream()
              .collect(Collectors.joining(";\n", "DO $gpra_body$ BEGIN\n", ";\nEND $gpra_body$")),
          database);
    }
  }

  /** Runs or writes a statement, which names commands as they may be typed here. */
  // Liquibase's own, and its one statement that is not prepared.
  @SuppressWarnings("deprecation")
  static void execute(String sql, Database database) throws DatabaseException {
    executor(database).execute(new RawSqlStatement(Invocation.worded(sql)));
  }

  /** The same for a listener, which may throw no other. */
  static void executeFromListener(String sql, Database database) {
    try {
      execute(sql, database);
    } catch (DatabaseException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  /** Whether it writes, instead of running. */
  static boolean isScript(Database database) {
    return executor(database) instanceof LoggingExecutor;
  }

  private static Executor executor(Database database) {
    return Scope.getCurrentScope()
        .getSingleton(ExecutorService.class)
        .getExecutor("jdbc", database);
  }

  /** Who is told what the command does; in a script, in transactions. */
  static DefaultChangeExecListener listeners(CommandScope command, String nothing, String why)
      throws DatabaseException {
    if (command.getDependency(ChangeExecListener.class)
        instanceof DefaultChangeExecListener listeners) {
      if (isScript((Database) command.getDependency(Database.class))) {
        listeners.addListener(new ScriptTransaction());
      }
      return listeners;
    }
    throw new DatabaseException(
        "%s was given a ChangeExecListener of its own, through which each changeset %s. Give it a DefaultChangeExecListener that yours was added to, then run it again."
            .formatted(nothing, why));
  }

  /** What comes first, after the procedures that it calls. */
  abstract List<String> begin(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws LiquibaseException;
}
