package app.gpra.migrations.connection;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import liquibase.Scope;
import org.postgresql.core.BaseConnection;

/** Whether others can read what goes over a connection, the password first. */
final class Encryption {

  /** A server that declines encryption is then spoken to without, unless sslmode forbids it. */
  private static final String ENCRYPTED =
      "SELECT pg_catalog.inet_server_addr() IS NULL" // A socket's file.
          + " OR EXISTS (SELECT FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid() AND ssl)"
          + " OR EXISTS (SELECT FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_catalog.pg_backend_pid() AND encrypted)";

  /** Once is enough: a run has several connections. */
  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  private Encryption() {}

  /** Says so where others can, once for each host. */
  static void check(Connection connection) throws SQLException {
    if (!connection.isWrapperFor(BaseConnection.class)) {
      return;
    }
    String host =
        connection.unwrap(BaseConnection.class).getQueryExecutor().getHostSpec().getHost();
    if (isThisMachine(host) || isEncrypted(connection) || !WARNED.add(host)) {
      return;
    }
    Scope.getCurrentScope()
        .getLog(Encryption.class)
        .warning(
            "The connection to %s is not encrypted: whoever is on the way can read the password and the data. Add sslmode=verify-full to the address, or sslmode=require where the server has no certificate that can be checked."
                .formatted(host));
  }

  private static boolean isEncrypted(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(ENCRYPTED)) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /** Whether what is sent to a host does not leave this machine. */
  static boolean isThisMachine(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isLoopbackAddress()
          || address.isAnyLocalAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (UnknownHostException | SocketException e) {
      return false;
    }
  }
}
