package app.gpra.migrations.operation;

/**
 * What a statement does to a table that is in use: its strongest lock, and whether it reads all
 * rows; never both at once where others would have to wait. A line above each statement says it, in
 * a script and in the server's log.
 */
final class Locks {

  static final String ALTERS = "ACCESS EXCLUSIVE, no scan";

  /** Nobody may read or write meanwhile, which somebody asked for. */
  static final String WRITES_ANEW = "ACCESS EXCLUSIVE, scan";

  /** Others may read and write meanwhile. */
  static final String READS = "SHARE UPDATE EXCLUSIVE, scan";

  /** Others may read and write meanwhile. */
  static final String UNNOTICED = "SHARE UPDATE EXCLUSIVE, no scan";

  static final String LOOKS_THEN_ALTERS = "scan, then ACCESS EXCLUSIVE";

  static final String REFERS = "SHARE ROW EXCLUSIVE, no scan";

  static final String LOOKS_THEN_REFERS = "scan, then SHARE ROW EXCLUSIVE";

  /** Where the table has triggers; otherwise it locks rows. */
  static final String IN_BATCHES = "SHARE ROW EXCLUSIVE for each batch, scan";

  private static final String PARENTS = " and what its keys lead to";

  private Locks() {}

  /**
   * A statement, below the line.
   *
   * @param table a string constant
   */
  static String above(String table, String what, String sql) {
    return "-- %s: %s\n%s"
        .formatted(
            table.substring(1, table.length() - 1).replace("''", "'").replaceAll("\\p{Cntrl}", " "),
            what,
            sql);
  }

  /** The same of the table, of those that its keys lead to, and of those whose keys lead to it. */
  static String aboveWithAll(String table, String what, String sql) {
    return above(
        table.substring(0, table.length() - 1) + PARENTS + ", and theirs to it'", what, sql);
  }

  /** The same of the table and of those that its keys lead to. */
  static String aboveWithParents(String table, String what, String sql) {
    return above(table.substring(0, table.length() - 1) + PARENTS + "'", what, sql);
  }
}
