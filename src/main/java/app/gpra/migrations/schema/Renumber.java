package app.gpra.migrations.schema;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code mvn compile exec:java@renumber}: after two branches that both added a migration of one
 * number were merged, the later one gets the next number.
 */
public final class Renumber {

  private Renumber() {}

  /**
   * Renames it, and its changesets.
   *
   * @param args the project's directory first
   */
  public static void main(String[] args) {
    List<Path> names = new ProjectChangelog(Path.of(args[0])).renumber();
    System.out.println("Renumbered: %s is %s now.".formatted(names.get(0), names.get(1)));
    System.out.println(
        "A database that has run it under its old number has to go back before it first. Next: mvn verify -Dgroups=golden -Dgolden.refresh=true, then mvn verify");
  }
}
