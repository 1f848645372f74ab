package app.gpra.migrations.schema;

import java.nio.file.Path;
import java.util.List;

/** {@code mvn compile exec:java@new-migration -Dmigration=what-it-does}: an empty migration. */
public final class NewMigration {

  private NewMigration() {}

  /**
   * Writes it.
   *
   * @param args the project's directory first
   */
  public static void main(String[] args) {
    Path project = Path.of(args[0]);
    ProjectChangelog changelog = new ProjectChangelog(project);
    String name = changelog.newName();
    List<Path> written =
        changelog.add(
            name,
            List.of("TODO: what this migration does, and what the application has to do first."),
            List.of(Draft.tag(changelog.nextNumber())),
            List.of());
    System.out.println(
        "Written: " + String.join(", ", written.stream().map(Path::toString).toList()));
    System.out.println(
        "Next: put changesets before %s-tag (CONTRIBUTING.md), say why where it says TODO, then mvn verify -Dgroups=golden -Dgolden.refresh=true, then mvn verify"
            .formatted(written.get(0).getFileName().toString().substring(0, 3)));
  }
}
