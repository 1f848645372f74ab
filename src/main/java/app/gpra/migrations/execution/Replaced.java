package app.gpra.migrations.execution;

import java.util.LinkedHashMap;
import java.util.Map;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;

/**
 * Changesets of earlier versions that others stand for now: a changelog's parameter {@code
 * replaces.<id>} lists them, separated by commas. Their rows of the history are undone with it.
 *
 * @param byOldId which changeset stands for it now
 */
record Replaced(Map<String, String> byOldId) {

  private static final String PARAMETER = "replaces.";

  static Replaced by(DatabaseChangeLog changelog) {
    ChangeLogParameters parameters = changelog.getChangeLogParameters();
    Map<String, String> byOldId = new LinkedHashMap<>();
    for (ChangeSet changeSet : changelog.getChangeSets()) {
      if (parameters.getValue(PARAMETER + changeSet.getId(), changelog) instanceof String old) {
        for (String id : old.split(",")) {
          byOldId.put(id.strip(), changeSet.getId());
        }
      }
    }
    return new Replaced(byOldId);
  }
}
