package app.gpra.migrations.connection;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.Screen;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * A driver whose url is a prefix and the project's directory, and never holds a credential. What
 * comes after {@value #REMARK} is for whoever reads the url in an error.
 */
abstract class ProjectDriver implements Driver, MigrationConnection.Further {

  private static final String REMARK = "? ";

  private final String prefix;

  ProjectDriver(String prefix) {
    this.prefix = prefix;
  }

  /**
   * Connects.
   *
   * @param project the project's directory
   * @param info what the caller was given; empty if nothing
   * @throws SQLException with one sentence that names cause and next command, and no secret
   * @throws IllegalArgumentException the same
   * @throws IllegalStateException the same
   * @throws IOException the same
   */
  abstract Connection open(Path project, Properties info) throws SQLException, IOException;

  @Override
  public final boolean acceptsURL(String url) {
    return url != null && url.startsWith(prefix);
  }

  /** The directory that a url of this driver names. */
  final Path project(String url) {
    return Path.of(url.substring(prefix.length()).split(Pattern.quote(REMARK), 2)[0]);
  }

  /**
   * Connects, with the settings of a session that {@link SessionSettings} describes.
   *
   * @param url the prefix, the project's directory, and a remark or none
   * @param info {@code user} and {@code password}; may be null
   * @return null if the url is another driver's
   * @throws SQLException with one sentence that names cause and next command, and no secret
   */
  @Override
  public Connection connect(String url, Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    // Before anything else: Liquibase 4 opens no connection of this project's.
    Screen.attend(url);
    try {
      return another(url, info);
    } catch (SQLException e) {
      Report.failedToBegin(e);
      throw e;
    }
  }

  @Override
  public final Connection another(String url, Properties info) throws SQLException {
    Path project = project(url);
    try {
      GpraProperties.check();
      GpraProperties.checkOutputFile(project);
      Connection connection = open(project, info == null ? new Properties() : info);
      try {
        SessionSettings.check(connection);
        return connection;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    } catch (IllegalArgumentException | IllegalStateException | IOException e) {
      throw new SQLException(e.getMessage());
    }
  }

  @Override
  public final DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
    return new DriverPropertyInfo[0];
  }

  @Override
  public final int getMajorVersion() {
    return 1;
  }

  @Override
  public final int getMinorVersion() {
    return 0;
  }

  @Override
  public final boolean jdbcCompliant() {
    return false;
  }

  @Override
  public final Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException();
  }
}
