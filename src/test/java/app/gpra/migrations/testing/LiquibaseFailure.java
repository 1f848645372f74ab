package app.gpra.migrations.testing;

/** A run of Liquibase that failed. Its message is Liquibase's own, complete. */
public final class LiquibaseFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String log;

  LiquibaseFailure(Exception cause, String log) {
    super(cause.getMessage(), cause);
    this.log = log;
  }

  /** What the run had logged and printed until then. */
  public String log() {
    return log;
  }
}
