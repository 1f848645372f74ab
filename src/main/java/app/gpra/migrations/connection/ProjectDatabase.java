package app.gpra.migrations.connection;

import java.util.List;
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
    MigrationConnection.refuseLogin(url);
    return List.of(new DatabaseUrlDriver(), new EmbeddedPostgresDriver()).stream()
        .filter(driver -> driver.acceptsURL(url))
        .map(driver -> driver.getClass().getName())
        .findFirst()
        .orElse(null);
  }
}
