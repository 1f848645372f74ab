package app.gpra.migrations.harness;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A login role of a test's own, no superuser, dropped when closed. A server that trusts everybody
 * does not do for the tests of its password.
 *
 * @param name needs no quotes
 * @param password as it is, without any encoding
 */
public record TestRole(String name, String password) implements AutoCloseable {

  private static final AtomicInteger COUNTER = new AtomicInteger();

  /** Makes one; the databases that it owns things in have to be closed before it is. */
  public static TestRole create(String password) {
    String name = "r%d_%d".formatted(ProcessHandle.current().pid(), COUNTER.incrementAndGet());
    onServer(
        "SET password_encryption = 'scram-sha-256'",
        "CREATE ROLE " + name + " LOGIN PASSWORD '" + password.replace("'", "''") + "'");
    return new TestRole(name, password);
  }

  /** Gives it what docs/production.md says a migration needs, and nothing else. */
  public TestRole grantLeastPrivileges(TestDatabase database) {
    database.execute(
        """
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %%I TO %1$s', current_database()); END $$;
        GRANT USAGE, CREATE ON SCHEMA public TO %1$s;
        GRANT SELECT, REFERENCES ON ab_user TO %1$s;
        GRANT SELECT ON ab_role, ab_user_role TO %1$s;
        """
            .formatted(name));
    return owner(database, Changelog.withoutLabel());
  }

  /** And what 004 needs besides: the other tables that belong to users. */
  public TestRole own(TestDatabase database) {
    grantLeastPrivileges(database);
    return owner(database, Changelog.changeSets());
  }

  private TestRole owner(TestDatabase database, List<Map<String, Object>> changeSets) {
    for (String table : Changelog.tables(changeSets)) {
      database.execute("ALTER TABLE IF EXISTS %s OWNER TO %s".formatted(table, name));
    }
    return this;
  }

  @Override
  public void close() {
    onServer("DROP ROLE " + name);
  }

  private static void onServer(String... statements) {
    try (Connection connection = PostgresServer.get().connect("postgres");
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
