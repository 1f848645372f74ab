package app.gpra.migrations.testing;

import java.nio.file.Path;

/** Where the project is that is being tested. */
public final class ProjectDirectory {

  private ProjectDirectory() {}

  /** The directory of the pom, absolute. */
  public static Path path() {
    return Path.of(System.getProperty("basedir", "")).toAbsolutePath().normalize();
  }
}
