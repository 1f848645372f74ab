package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;

/** The most memory of its own that a session's process of the server has, in bytes. */
final class MemoryWatch extends Watcher {

  private final int pid;

  /** Of the session with that process id. */
  MemoryWatch(TestDatabase database, int pid) {
    super(database);
    this.pid = pid;
  }

  @Override
  long look(Connection connection) {
    return Memory.of(pid, Memory.OWN);
  }
}
