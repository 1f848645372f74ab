package app.gpra.migrations.schema;

import app.gpra.migrations.harness.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A copy of the project that a test may write in, and the commands run on it. */
record ProjectCopy(Path directory) {

  static ProjectCopy in(Path directory) throws IOException {
    ShadowDatabase.copyChangelog(Path.of(""), directory);
    return new ProjectCopy(directory);
  }

  /** Edits changelog/schema.sql; fails if it has no such text. */
  ProjectCopy schema(String text, String replacement) throws IOException {
    String schema = read("changelog/schema.sql");
    if (!schema.contains(text)) {
      throw new IllegalArgumentException(text);
    }
    Files.writeString(
        directory.resolve("changelog/schema.sql"),
        schema.substring(0, schema.indexOf(text))
            + replacement
            + schema.substring(schema.indexOf(text) + text.length()));
    return this;
  }

  String read(String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  /** Its last migration. */
  String last() throws IOException {
    List<String> migrations = new ProjectChangelog(directory).migrations();
    return read("changelog/" + migrations.get(migrations.size() - 1));
  }

  /** Every file's name and text. */
  List<String> files() throws IOException {
    List<String> files = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
        files.add(path + "\n" + Files.readString(path));
      }
    }
    return files;
  }

  /** {@code exec:java@autogenerate -Dmigration=… -Dschema=…}. */
  List<String> autogenerate(String name, String schema) throws Exception {
    return autogenerate(name, schema, null);
  }

  /** The same, and what is to come on a database. */
  List<String> autogenerate(String name, String schema, String url) throws Exception {
    List<String> said = new ArrayList<>();
    try (ShadowServer server = server()) {
      new Autogenerate(directory, server, url, said::add)
          .run(name, DesiredSchema.of(directory, schema));
    }
    return said;
  }

  /** {@code exec:java@autogenerate -Dmigration=… -Drename=…}. */
  List<String> rename(String name, String rename) throws Exception {
    System.setProperty(Plan.RENAMES, rename);
    try {
      return autogenerate(name);
    } finally {
      System.clearProperty(Plan.RENAMES);
    }
  }

  List<String> autogenerate(String name) throws Exception {
    return autogenerate(name, DesiredSchema.DEFAULT);
  }

  /** The one of the tests. */
  static ShadowServer server() {
    PostgresServer server = PostgresServer.get();
    return new ShadowServer(server.url(), server.parameters());
  }
}
