package app.gpra.migrations.connection;

import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;

/**
 * A database address as the application writes it: libpq's connection URI, SQLAlchemy's with a
 * driver suffix, or pgjdbc's own. Credentials are in the properties and never in the url.
 *
 * @param jdbcUrl for pgjdbc, without credentials and without parameters
 * @param address hosts, ports and database for people to read
 * @param database the database's name
 * @param properties pgjdbc's, {@code user} and {@code password} among them where they were given
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS">
 *     libpq, connection URIs</a>
 */
record DatabaseUrl(String jdbcUrl, String address, String database, Properties properties) {

  private static final Pattern SCHEME =
      Pattern.compile("(jdbc:)?([A-Za-z][A-Za-z0-9.+-]*)://(.*)", Pattern.DOTALL);
  private static final Pattern JDBC_WITHOUT_HOST =
      Pattern.compile("^jdbc:postgresql:/?(?!/)(.*)", Pattern.DOTALL);
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+\\]|[^:\\[\\]]*)(?::(.*))?", Pattern.DOTALL);
  private static final String THEN = " Correct DATABASE_URL, then run mvn liquibase:status.";

  /** libpq's names where pgjdbc's differ. */
  private static final Map<String, PGProperty> LIBPQ =
      Map.ofEntries(
          Map.entry("application_name", PGProperty.APPLICATION_NAME),
          Map.entry("channel_binding", PGProperty.CHANNEL_BINDING),
          Map.entry("connect_timeout", PGProperty.CONNECT_TIMEOUT),
          Map.entry("gssencmode", PGProperty.GSS_ENC_MODE),
          Map.entry("keepalives", PGProperty.TCP_KEEP_ALIVE),
          Map.entry("krbsrvname", PGProperty.KERBEROS_SERVER_NAME),
          Map.entry("load_balance_hosts", PGProperty.LOAD_BALANCE_HOSTS),
          Map.entry("sslnegotiation", PGProperty.SSL_NEGOTIATION),
          Map.entry("target_session_attrs", PGProperty.TARGET_SERVER_TYPE));

  private static final Map<String, String> SERVER_TYPES =
      Map.of(
          "any", "any",
          "read-write", "primary",
          "primary", "primary",
          "read-only", "secondary",
          "standby", "secondary",
          "prefer-standby", "preferSecondary");

  /** libpq's that change nothing about which server is reached, or how safely. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "client_encoding",
          "fallback_application_name",
          "gssdelegation",
          "gsslib",
          "keepalives_count",
          "keepalives_idle",
          "keepalives_interval",
          "sslcompression",
          "sslsni",
          "tcp_user_timeout");

  /** libpq's that do, and that pgjdbc does not know, or knows and ignores here. */
  private static final Set<String> NOT_SUPPORTED =
      Set.of(
          "hostaddr",
          "max_protocol_version",
          "min_protocol_version",
          "passfile",
          "replication",
          "require_auth",
          "requirepeer",
          "service",
          "servicefile",
          "ssl_max_protocol_version",
          "ssl_min_protocol_version",
          "sslcertmode",
          "sslcrl",
          "sslcrldir");

  private static final Map<String, String> BOOLEANS = Map.of("1", "true", "0", "false");

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException with one sentence that names what is wrong, without any part
   *     of the credentials
   */
  static DatabaseUrl parse(String value) {
    Matcher url =
        SCHEME.matcher(JDBC_WITHOUT_HOST.matcher(value).replaceFirst("jdbc:postgresql:///$1"));
    if (!url.matches()) {
      throw malformed("it does not begin with postgresql://");
    }
    boolean jdbc = url.group(1) != null;
    String scheme = url.group(2);
    if (!scheme.matches("postgres(ql)?(\\+[a-z0-9_]+)?") || jdbc && !scheme.equals("postgresql")) {
      throw new IllegalArgumentException(
          "DATABASE_URL begins with %s://, which is not PostgreSQL: expected postgresql://, postgres:// or postgresql+psycopg2://."
                  .formatted(scheme)
              + THEN);
    }
    String rest = url.group(3);
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    String path = question < 0 ? rest : rest.substring(0, question);
    int slash = path.indexOf('/');
    String authority = slash < 0 ? path : path.substring(0, slash);
    String database = slash < 0 ? "" : decode(path.substring(slash + 1), "the database's name");
    if (path.lastIndexOf('@') > authority.length() || query.contains("@") && !jdbc) {
      // A password with an unencoded / or ? ends up here: nothing of it may be shown.
      throw malformed(
          "user or password hold a /, ? or # that is not percent-encoded (%2F, %3F, %23)");
    }

    Properties properties = new Properties();
    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      String[] credentials = authority.substring(0, at).split(":", 2);
      put(properties, "user", decode(credentials[0], "the user's name"));
      if (credentials.length == 2) {
        put(properties, "password", decode(credentials[1], "the password"));
      }
    }
    String hosts = at >= 0 ? authority.substring(at + 1) : authority;
    // SQLAlchemy repeats host, once for each server.
    List<String> named = new ArrayList<>();
    String ports = "";
    for (String parameter : query.isEmpty() ? new String[0] : query.split("&")) {
      String[] pair = parameter.split("=", 2);
      String name = decode(pair[0], "a parameter's name");
      String shown = printable(name, query);
      if (pair.length < 2) {
        throw malformed("the parameter " + shown + " has no value");
      }
      String text = decode(pair[1], "the parameter " + shown);
      switch (name) {
        case "host" -> named.add(text);
        case "dbname" -> database = text;
        case "port" -> ports = text;
        case "PGHOST", "PGPORT", "PGDBNAME" ->
            throw malformed("the parameter " + name + " is called host, port or dbname here");
        default -> parameter(properties, name, text, shown);
      }
    }
    if (database.isEmpty()) {
      database = properties.getProperty("user", System.getProperty("user.name"));
    }
    String servers = servers(named.isEmpty() ? hosts : String.join(",", named), ports);
    return new DatabaseUrl(
        "jdbc:postgresql://"
            + servers
            + "/"
            + URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20"),
        "server " + servers + ", database " + database,
        database,
        properties);
  }

  /** {@code ports} is empty, one for all hosts, or one for each, as in libpq. */
  private static String servers(String hosts, String ports) {
    List<String> servers = new ArrayList<>();
    String[] each = hosts.split(",", -1);
    String[] portOfEach = ports.split(",", -1);
    if (portOfEach.length > 1 && portOfEach.length != each.length) {
      throw malformed("it has not as many ports as hosts");
    }
    for (int i = 0; i < each.length; i++) {
      String server = each[i];
      String given = portOfEach[portOfEach.length == 1 ? 0 : i];
      Matcher parts = HOST.matcher(server);
      if (server.startsWith("/") || server.regionMatches(true, 0, "%2F", 0, 3)) {
        throw malformed("it names a Unix-domain socket, and Java connects over TCP: use localhost");
      }
      if (!parts.matches()) {
        throw malformed("a host is not understood (an IPv6 address stands in [brackets])");
      }
      String host =
          parts.group(1).isEmpty() ? "localhost" : decode(parts.group(1), "a host's name");
      if (!host.matches("\\[.*\\]|[\\p{Alnum}._-]+")) {
        throw malformed("a host's name has characters that no host has");
      }
      servers.add(host + ":" + port(given.isEmpty() ? parts.group(2) : given));
    }
    return String.join(",", servers);
  }

  private static int port(String text) {
    if (text == null || text.isEmpty()) {
      return 5432;
    }
    int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535) {
      throw malformed("the port is not a number from 1 to 65535");
    }
    return port;
  }

  private static void parameter(Properties properties, String name, String value, String shown) {
    if (WITHOUT_EFFECT.contains(name)) {
      return;
    }
    if (NOT_SUPPORTED.contains(name)) {
      throw new IllegalArgumentException(
          "DATABASE_URL has the query parameter %s, which libpq knows and pgjdbc does not: leave it out."
                  .formatted(name)
              + THEN);
    }
    PGProperty known = LIBPQ.getOrDefault(name, PGProperty.forName(name));
    if (known == null) {
      throw new IllegalArgumentException(
          "DATABASE_URL has the query parameter %s, which neither libpq nor pgjdbc knows."
                  .formatted(shown)
              + THEN);
    }
    if (known == PGProperty.SSL_ROOT_CERT && value.equals("system")) {
      // As in libpq, it comes with verify-full; pgjdbc's name for "what the system trusts".
      put(properties, PGProperty.SSL_MODE.getName(), "verify-full");
      put(properties, PGProperty.SSL_FACTORY.getName(), "org.postgresql.ssl.DefaultJavaSSLFactory");
      return;
    }
    String text = value;
    if (known == PGProperty.TARGET_SERVER_TYPE && name.equals("target_session_attrs")) {
      text = SERVER_TYPES.get(value);
    } else if (known == PGProperty.TCP_KEEP_ALIVE || known == PGProperty.LOAD_BALANCE_HOSTS) {
      text =
          BOOLEANS.getOrDefault(
              value, value.equals("random") ? "true" : value.equals("disable") ? "false" : value);
    } else if (known == PGProperty.CONNECT_TIMEOUT && !value.matches("\\d{1,6}")) {
      text = null;
    }
    if (text == null) {
      throw malformed("the parameter " + name + " has a value that it does not allow");
    }
    put(properties, known.getName(), text);
  }

  private static void put(Properties properties, String name, String value) {
    if (!value.isEmpty()) {
      properties.setProperty(name, value);
    }
  }

  /** Percent-decoding by RFC 3986: unlike in a form, a plus sign is a plus sign. */
  private static String decode(String text, String what) {
    ByteBuffer bytes = ByteBuffer.allocate(text.getBytes(StandardCharsets.UTF_8).length);
    for (int i = 0; i < text.length(); ) {
      if (text.charAt(i) != '%') {
        int code = text.codePointAt(i);
        bytes.put(Character.toString(code).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(code);
        continue;
      }
      if (!text.substring(i + 1, Math.min(i + 3, text.length())).matches("[0-9A-Fa-f]{2}")) {
        throw malformed(
            what + " has a % that is not followed by two hexadecimal digits (a % itself is %25)");
      }
      bytes.put((byte) Integer.parseInt(text.substring(i + 1, i + 3), 16));
      i += 3;
    }
    try {
      String decoded = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
      if (decoded.indexOf('\0') >= 0) {
        throw malformed(what + " has a zero byte");
      }
      return decoded;
    } catch (CharacterCodingException e) {
      throw malformed(what + " is not UTF-8 once percent-decoded");
    }
  }

  /** A password with an unencoded {@code &} in the query looks like the name of a parameter. */
  private static String printable(String name, String query) {
    boolean harmless = name.matches("[A-Za-z0-9_.-]{1,40}") && !query.contains("password=");
    return harmless ? name : "(not shown: it may be a part of a password, where & is %26)";
  }

  private static IllegalArgumentException malformed(String why) {
    return new IllegalArgumentException(
        "DATABASE_URL is malformed: "
            + why
            + ". Expected postgresql://user:password@host:5432/database."
            + THEN);
  }

  /** Without the properties, which hold the password. */
  @Override
  public String toString() {
    return address;
  }
}
