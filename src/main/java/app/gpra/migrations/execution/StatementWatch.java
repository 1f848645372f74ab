package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.Screen;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.postgresql.util.PSQLWarning;

/**
 * One run of a statement, watched from another thread: shows its notices when they come, and who
 * keeps it waiting. A quick one is over before anything begins.
 */
final class StatementWatch implements AutoCloseable {

  /** Class of SQLSTATE. */
  private static final String WARNING = "01";

  /** Where in the server's source a notice of PL/pgSQL's comes from. */
  private static final String RAISE = "exec_stmt_raise";

  private static final long TICK_NANOS = 50_000_000L;
  private static final long NANOS_BETWEEN_STEPS = 1_000_000_000L;

  /** One thread for all statements; ends when there has been none for a while. */
  private static final ScheduledThreadPoolExecutor CLOCK =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "gpra-statement-watch");
            thread.setDaemon(true);
            return thread;
          });

  static {
    CLOCK.setKeepAliveTime(2, TimeUnit.SECONDS);
    CLOCK.allowCoreThreadTimeOut(true);
    CLOCK.setRemoveOnCancelPolicy(true);
  }

  private final Statement statement;
  private final MigrationSession session;
  private final boolean buildsIndex;
  private final Progress progress;
  private final long limitNanos;
  private final LongSupplier left;

  /** Often enough that no wait is missed. */
  private final long nanosBetweenLooks = GpraProperties.lockTimeout().toNanos() / 4;

  private final long began = System.nanoTime();

  private final Future<?> ticks;
  private SQLWarning first;
  private SQLWarning last;
  private long nextLook;
  private long nextStep;
  private long waitingSince;
  private boolean waiting;
  private boolean cancelled;
  private boolean over;

  /**
   * Begins with the statement, in its thread.
   *
   * @param limitNanos how long it may wait without a break before it is cancelled
   * @param left how many nanoseconds are left of that, where it is tried again
   */
  StatementWatch(
      Statement statement,
      MigrationSession session,
      boolean buildsIndex,
      long limitNanos,
      LongSupplier left) {
    this.statement = statement;
    this.session = session;
    this.buildsIndex = buildsIndex;
    this.limitNanos = limitNanos;
    this.left = left;
    this.progress = new Progress(session::say, session.bar(), System::nanoTime);
    this.ticks =
        CLOCK.scheduleWithFixedDelay(
            this::tick,
            nanosBetweenLooks,
            Math.min(TICK_NANOS, nanosBetweenLooks),
            TimeUnit.NANOSECONDS);
  }

  /** Whether it was ended because it had waited for as long as it may. */
  synchronized boolean cancelled() {
    return cancelled;
  }

  /**
   * The server is asked without the monitor: the statement that has ended, and what its transaction
   * holds, does not wait for the answer.
   */
  private void tick() {
    try {
      synchronized (this) {
        if (over) {
          return;
        }
        showNotices();
      }
      look();
    } catch (SQLException e) {
      session.blind(e);
    }
  }

  private void look() throws SQLException {
    long now = System.nanoTime();
    if (nextLook != 0 && now - nextLook < 0) {
      return;
    }
    Optional<Watcher> watcher = session.watcher();
    if (watcher.isEmpty()) {
      return;
    }
    Optional<Watcher.Wait> wait = watcher.get().look();
    Optional<Progress.Step> step = Optional.empty();
    if (wait.isEmpty() && buildsIndex && now - nextStep > 0) {
      step = watcher.get().indexBuild();
      nextStep = now + NANOS_BETWEEN_STEPS;
    }
    synchronized (this) {
      if (over) {
        return;
      }
      step.ifPresent(progress::show);
      if (wait.isPresent()) {
        waitingSince = waiting ? waitingSince : now;
        session.seen(wait.get(), Math.min(left.getAsLong(), limitNanos - (now - waitingSince)));
        if (now - waitingSince > limitNanos && !cancelled) {
          cancelled = true;
          statement.cancel();
        }
      }
    }
    waiting = wait.isPresent();
    // Most waits come at once; one that lasts is not asked for that often.
    nextLook = now + Math.max(nanosBetweenLooks, Math.min(TICK_NANOS, (now - began) / 8));
  }

  /** The driver appends each as it arrives, and begins a new chain with the next statement. */
  private void showNotices() throws SQLException {
    SQLWarning head = statement.getWarnings();
    if (head != null && head != first) {
      first = head;
      last = head;
      show(head);
    }
    while (last != null && last.getNextWarning() != null) {
      last = last.getNextWarning();
      show(last);
    }
  }

  private void show(SQLWarning notice) {
    if (!isForTheOperator(notice)) {
      return;
    }
    String message = Screen.printable(String.valueOf(notice.getMessage()));
    Optional<Progress.Step> step = Progress.Step.of(message);
    if (step.isPresent()) {
      progress.show(step.get());
    } else {
      progress.giveWay(message);
      session.notice(message);
    }
  }

  /** What the changelog says, and the server's warnings; not that there was nothing to drop. */
  private static boolean isForTheOperator(SQLWarning notice) {
    return !(notice instanceof PSQLWarning own
            && own.getServerErrorMessage() != null
            && own.getServerErrorMessage().getRoutine() != null)
        || String.valueOf(notice.getSQLState()).startsWith(WARNING)
        || RAISE.equals(own.getServerErrorMessage().getRoutine());
  }

  /** Shows the rest; Liquibase then finds nothing to show again. */
  @Override
  public void close() throws SQLException {
    ticks.cancel(false);
    synchronized (this) {
      if (!over && !statement.isClosed()) {
        showNotices();
        statement.clearWarnings();
      }
      over = true;
      progress.close();
    }
  }
}
