package app.gpra.migrations.execution;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.exception.DatabaseException;
import liquibase.resource.Resource;

/**
 * Changesets of earlier versions that others stand for now: a file {@code replaced.properties}
 * beside the changelog's lists them under the new id, separated by commas. Their rows of the
 * history are undone with it.
 *
 * @param byOldId which changeset stands for it now
 */
record Replaced(Map<String, String> byOldId) {

  private static final String FILE = "replaced.properties";

  /**
   * Reads what lies beside a changelog's files.
   *
   * @throws DatabaseException if it cannot be read
   */
  static Replaced beside(Stream<String> files) throws DatabaseException {
    Map<String, String> byOldId = new LinkedHashMap<>();
    for (String file : files.map(one -> one.replaceFirst("[^/]*$", FILE)).distinct().toList()) {
      Properties replaced = new Properties();
      try {
        Resource there = Scope.getCurrentScope().getResourceAccessor().get(file);
        if (there.exists()) {
          try (InputStream in = there.openInputStream()) {
            replaced.load(in);
          }
        }
      } catch (IOException e) {
        throw new DatabaseException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
      }
      replaced.forEach(
          (id, old) ->
              Stream.of(old.toString().split(","))
                  .forEach(one -> byOldId.put(one.strip(), id.toString())));
    }
    return new Replaced(byOldId);
  }
}
