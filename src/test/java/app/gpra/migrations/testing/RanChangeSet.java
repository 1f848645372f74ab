package app.gpra.migrations.testing;

/**
 * A row of databasechangelog.
 *
 * @param id the changeset's id
 * @param execType such as EXECUTED or MARK_RAN
 * @param tag the tag in its row; null if it has none
 */
public record RanChangeSet(String id, String execType, String tag) {}
