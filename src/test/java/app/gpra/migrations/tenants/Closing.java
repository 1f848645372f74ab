package app.gpra.migrations.tenants;

/** What closes a gap that policies leave open. */
enum Closing {
  APPLICATION_ROLE("an application role that is not the owner (docs/sql/application-role.sql)"),
  COLUMN_GRANTS("INSERT by columns, without id and stripe_subscription_id"),
  NO_TEMPORARY("REVOKE TEMPORARY on the database"),
  READ_ONLY("SELECT only on what another role writes"),
  SECURITY_INVOKER("security_invoker = true, or a view that an ordinary role owns"),
  NO_GRANT("no privilege on it: REVOKE SELECT, or EXECUTE, from PUBLIC and the application's role"),
  TRANSACTION_SETTING("set_config(…, true) only, in every transaction"),
  RESET_QUERY("server_reset_query_always = 1 in PgBouncer"),
  LOGIN_ROLE(
      "a role of its own for logins, column grants (-v login_role of docs/sql/application-role.sql)"),
  PARAMETERS("values as parameters of a statement, never in its text"),
  RECONNECT("new connections after the role was changed"),
  NO_DELETE("no DELETE on the table: a function of the owner's deletes"),
  CONNECTION_SETTINGS("settings that each connection begins with, which win over the role's"),
  NO_SIGNAL("REVOKE EXECUTE ON FUNCTION pg_terminate_backend, pg_cancel_backend FROM PUBLIC"),
  OWNER_INDEXES("indexes that begin with the owner, in a later migration"),
  BIGINT_KEYS("keys that are bigint, in a later migration"),
  NOTHING("nothing: it has to be known");

  private final String description;

  Closing(String description) {
    this.description = description;
  }

  /** Whether nothing of today closes it: the attempt shows it open until it has to change. */
  boolean later() {
    return this == NOTHING || this == BIGINT_KEYS;
  }

  @Override
  public String toString() {
    return description;
  }
}
