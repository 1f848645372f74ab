package app.gpra.migrations.tenants;

/** As whom, and by which way, an attacker comes. */
enum Mode {
  APPLICATION_DIRECT(false, Way.DIRECT, "as the application's role, direct"),
  OWNER_DIRECT(true, Way.DIRECT, "as the tables' owner, direct"),
  APPLICATION_POOLED(false, Way.POOLED, "as the application's role, through PgBouncer"),
  OWNER_POOLED(true, Way.POOLED, "as the tables' owner, through PgBouncer"),
  APPLICATION_RESET(
      false, Way.RESET, "as the application's role, through PgBouncer that cleans up"),
  OWNER_RESET(true, Way.RESET, "as the tables' owner, through PgBouncer that cleans up");

  /** How a client reaches the server. */
  enum Way {
    /** Each client has the connection that the one before has left, as in an application's pool. */
    DIRECT,
    /** PgBouncer in transaction mode, as it is installed. */
    POOLED,
    /** The same with {@code server_reset_query_always = 1}. */
    RESET
  }

  private final boolean owner;
  private final Way way;
  private final String description;

  Mode(boolean owner, Way way, String description) {
    this.owner = owner;
    this.way = way;
    this.description = description;
  }

  boolean owner() {
    return owner;
  }

  boolean application() {
    return !owner;
  }

  Way way() {
    return way;
  }

  @Override
  public String toString() {
    return description;
  }
}
