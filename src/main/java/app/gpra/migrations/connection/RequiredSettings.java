package app.gpra.migrations.connection;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The server's settings that the SQL of a migration relies on, each with the value that it needs. A
 * role or a database may have others ({@code ALTER ROLE … SET}): what is compared would be written
 * differently then, what is said would not be heard, or an error would end the session.
 */
public final class RequiredSettings {

  private static final Map<String, String> VALUES =
      new TreeMap<>(
          Map.ofEntries(
              // How values are read.
              Map.entry("array_nulls", "on"),
              Map.entry("client_encoding", "UTF8"),
              Map.entry("standard_conforming_strings", "on"),
              Map.entry("transform_null_equals", "off"),
              // How they are written: definitions are compared as text.
              Map.entry("DateStyle", "ISO, MDY"),
              Map.entry("IntervalStyle", "postgres"),
              Map.entry("quote_all_identifiers", "off"),
              // The report is made of notices.
              Map.entry("client_min_messages", "notice"),
              // No query here is worth compiling, and where all is compiled a look takes a minute.
              Map.entry("jit", "off"),
              // What is asked again under a lock has to be answered as of then.
              Map.entry("default_transaction_isolation", "read committed"),
              // A lock that is not to be had is an error, and then tried again.
              Map.entry("exit_on_error", "off"),
              Map.entry("plpgsql.extra_errors", "none"),
              // What an earlier run has looked at says nothing of now (look-before-rollback.sql).
              Map.entry("gpra.guarded", "no")));

  /** Those that not every server knows among them. */
  static final String LIMITS =
      "'statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout'";

  private RequiredSettings() {}

  /** The settings' names. */
  static Iterable<String> names() {
    return VALUES.keySet();
  }

  /**
   * Sets them for the session, by no operator that somebody else could have made.
   *
   * @return one query, without a semicolon
   */
  public static String query() {
    return VALUES.entrySet().stream()
        .map(setting -> "('%s', '%s')".formatted(setting.getKey(), setting.getValue()))
        .collect(
            Collectors.joining(
                ", ",
                "SELECT pg_catalog.set_config(name, value, false) FROM (VALUES ",
                ") AS required (name, value)"));
  }

  /**
   * A role's or a database's own limits would end what is meant to take its time; those that the
   * session was begun with are meant for it, and stay.
   *
   * @return one query, without a semicolon
   */
  public static String withoutLimits() {
    return "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE source OPERATOR(pg_catalog.<>) 'client'"
        + " AND name OPERATOR(pg_catalog.=) ANY (ARRAY["
        + LIMITS
        + "])";
  }
}
