package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.TestDatabase;

/** The legacy database of people who have practised for long: the sample data, and many rows. */
final class PracticeLibrary {

  private static final String ROWS =
      """
      INSERT INTO items (item_id, title, notes, duration, description, "order", tuning, songbook, created_at, updated_at)
      SELECT (100 + n)::text,
             (ARRAY['Blues', 'Waltz', 'Study', 'Reel', 'Ballad', 'Scale', 'Arpeggio', 'Lament', 'March', 'Air'])[1 + h %% 10]
               || ' in ' || (ARRAY['A', 'B flat', 'C', 'D minor', 'E', 'F sharp', 'G'])[1 + h / 10 %% 7]
               || ', part ' || 1 + h / 70 %% 5000,
             CASE WHEN h %% 3 = 0 THEN 'Slowly at first, ' || 60 + h %% 80 || ' bpm, then a little quicker each day' END,
             5 + h %% 4 * 5 || ' min',
             left('The right hand stays close to the strings and the left hand lifts no finger without need; count aloud, '
               || 'repeat each bar until it is even, and only then go on to the next one.', 30 + h %% 140),
             n %% 200,
             (ARRAY['EADGBE', 'DADGAD', 'DGDGBD', 'DADGBE', NULL])[1 + h %% 5],
             (ARRAY['Traditional tunes', 'Classical pieces', NULL, NULL])[1 + h / 5 %% 4],
             timestamptz '2020-01-01 12:00+00' + n * interval '50 seconds',
             timestamptz '2025-01-01 12:00+00' + h %% 30000000 * interval '1 second'
        FROM (SELECT n, hashint4(n) & 2147483647 AS h FROM generate_series(1, %1$d) AS n) AS practised;
      INSERT INTO routines (name, created_at, "order")
      SELECT 'Plan ' || n, timestamptz '2024-01-01 12:00+00' + n * interval '1 hour', n %% 30 FROM generate_series(1, %1$d / 100) AS n;
      INSERT INTO routine_items (routine_id, item_id, "order", completed, created_at)
      SELECT 7 + n / 10, 37 + n * 10 - 10, n %% 10, n %% 3 = 0, timestamptz '2024-06-01 12:00+00' + n * interval '5 minutes'
        FROM generate_series(0, %1$d / 10 - 1) AS n WHERE n > 0;
      INSERT INTO chord_charts (item_id, title, chord_data, created_at, order_col)
      SELECT (100 + n * 10)::text, (ARRAY['Am', 'C', 'G', 'D7', 'Em', 'F'])[1 + n %% 6],
             json_build_object('tuning', 'EADGBE', 'startingFret', n %% 12, 'fingers', '[[2,1],[4,2],[3,2]]'::json),
             timestamptz '2024-06-01 12:00+00' + n * interval '5 minutes', n %% 8
        FROM generate_series(1, %1$d / 10) AS n;
      INSERT INTO common_chords (id, type, name, chord_data, created_at, order_col)
      SELECT n, 'major', 'Chord ' || n, json_build_object('startingFret', n %% 12), '2025-12-01 00:00+00', n
        FROM generate_series(1000, 13700) AS n;
      """;

  private PracticeLibrary() {}

  /** Makes one; routines, places in them and chord charts come in proportion. */
  static TestDatabase of(int items) {
    TestDatabase database = TestDatabase.legacy().execute(ROWS.formatted(items));
    // As a database is that has been there for a while.
    return database.execute("VACUUM (ANALYZE)");
  }
}
