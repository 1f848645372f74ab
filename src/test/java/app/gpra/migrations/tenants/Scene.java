package app.gpra.migrations.tenants;

import app.gpra.migrations.harness.PgBouncer;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Where several clients come one after the other, and each gets the connection to the server that
 * the last one has left: from the application's own pool, which rolls back what is open, or from
 * PgBouncer.
 */
final class Scene implements AutoCloseable {

  private final TwoTenants tenants;
  private final Mode mode;
  private final PgBouncer pool;
  private Client client;

  Scene(TwoTenants tenants, Mode mode, PgBouncer pool) {
    this.tenants = tenants;
    this.mode = mode;
    this.pool = pool;
  }

  /** The next client, first or not. */
  Client next() throws SQLException {
    if (client == null) {
      client = new Client(connect());
    } else if (mode.way() == Mode.Way.DIRECT) {
      client.run("ROLLBACK");
    } else {
      client.close();
      client = new Client(connect());
    }
    return client;
  }

  /** The client that is there dies, without a word to the server. */
  void dies() throws SQLException {
    client.connection().abort(Runnable::run);
    client = null;
  }

  /** A connection of this mode's role. */
  Connection connect() throws SQLException {
    return pool == null ? direct("simple") : pool.connect(tenants.database(), tenants.role(mode));
  }

  /** A direct connection of this mode's role. */
  Connection direct(String queryMode) throws SQLException {
    return tenants.connect(tenants.role(mode), queryMode);
  }

  /** Somebody else who comes meanwhile as this mode's role, on a direct connection. */
  Client neighbour(String options) throws SQLException {
    return new Client(tenants.connect(tenants.role(mode), "simple", options));
  }

  /** A client that is superuser. */
  Client superuser() throws SQLException {
    return new Client(tenants.database().connect());
  }

  /** The name of this mode's role. */
  String role() {
    return tenants.role(mode).name();
  }

  /** Leaves nothing to the next attempt. */
  @Override
  public void close() throws SQLException {
    if (pool != null) {
      next().run("DISCARD ALL");
    }
    if (client != null) {
      client.close();
    }
  }
}
