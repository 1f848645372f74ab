package app.gpra.migrations.connection;

import java.util.List;
import java.util.regex.Pattern;
import liquibase.database.DatabaseConnection;
import liquibase.database.core.PostgresDatabase;

/**
 * Names the driver of this project's urls: Liquibase asks every kind of database that it knows. The
 * POM names none, so that the url, with the words in it, is in Liquibase's error where these
 * classes are not compiled yet.
 *
 * <p>It is never the database that one is connected to: that stays Liquibase's own.
 */
public final class ProjectDatabase extends PostgresDatabase {

  private static final Pattern NOT_OF_JDBC =
      Pattern.compile("^postgres(ql)?:|^jdbc:postgresql://[^/?#]*@");

  /** Used through {@code META-INF/services}. */
  public ProjectDatabase() {}

  /** {@inheritDoc} Another than PostgreSQL's, which it would replace. */
  @Override
  public String getShortName() {
    return "gpra";
  }

  /** {@inheritDoc} None is. */
  @Override
  public boolean isCorrectDatabaseImplementation(DatabaseConnection connection) {
    return false;
  }

  /**
   * {@inheritDoc} Null if the url is none of this project's.
   *
   * @throws IllegalArgumentException where Liquibase would say that no driver takes it, with the
   *     password in it
   */
  @Override
  public String getDefaultDriver(String url) {
    refuseLogin(url);
    return List.of(new DatabaseUrlDriver(), new EmbeddedPostgresDriver()).stream()
        .filter(driver -> driver.acceptsURL(url))
        .map(driver -> driver.getClass().getName())
        .findFirst()
        .orElse(null);
  }

  /**
   * Refuses an address that is libpq's, or has a login before its host: no driver takes it, and the
   * driver's own message would have a part of the password in it.
   */
  static void refuseLogin(String url) {
    if (NOT_OF_JDBC.matcher(url).find()) {
      throw new IllegalArgumentException(
          "liquibase.url is not one of JDBC's. It is not shown, as it may have a password in it. Put it into DATABASE_URL, or write jdbc:postgresql://host/database, then run the same command again.");
    }
  }
}
