-- A small practice library: the admin, two more users, and what one person has practised for half a year.
INSERT INTO ab_role (id, name) VALUES
  (nextval('ab_role_id_seq'), 'Admin'), (nextval('ab_role_id_seq'), 'Public'), (nextval('ab_role_id_seq'), 'User');

-- The first two ids were used by users who are gone: no id may be assumed.
SELECT setval('ab_user_id_seq', 2);
INSERT INTO ab_user (id, first_name, last_name, username, active, email, login_count, created_on, changed_on) VALUES
  (nextval('ab_user_id_seq'), 'Practice', 'Admin', 'admin', true, 'admin@example.org', 212, '2026-01-03 09:00', '2026-01-03 09:00'),
  (nextval('ab_user_id_seq'), 'First', 'Student', 'student1', true, 'student1@example.org', 3, '2026-06-01 18:30', '2026-06-01 18:30'),
  (nextval('ab_user_id_seq'), 'Second', 'Student', 'student2', true, 'student2@example.org', 0, '2026-06-02 18:30', '2026-06-02 18:30');
INSERT INTO ab_user_role (id, user_id, role_id)
SELECT nextval('ab_user_role_id_seq'), u.id, r.id
  FROM ab_user u JOIN ab_role r ON r.name = CASE u.username WHEN 'admin' THEN 'Admin' ELSE 'User' END
 ORDER BY u.id;

INSERT INTO items (item_id, title, notes, duration, "order", tuning, songbook, created_at, updated_at)
SELECT n::text, title, notes, duration, n, tuning, songbook,
       timestamptz '2026-01-05 18:00+00' + n * interval '3 days 2 hours',
       timestamptz '2026-05-01 19:30+00' + n * interval '1 day 17 minutes'
  FROM (VALUES
    (1, 'Chromatic warm-up, four fingers', 'Slowly, 60 bpm', '5 min', 'EADGBE', NULL),
    (2, 'Spider exercise on three strings', NULL, '5 min', 'EADGBE', NULL),
    (3, 'Alternate picking on one string', 'Up to 120 bpm', '10 min', 'EADGBE', NULL),
    (4, 'String skipping with a metronome', NULL, '5 min', 'EADGBE', NULL),
    (5, 'Hammer-ons and pull-offs', NULL, '5 min', 'EADGBE', NULL),
    (6, 'C major scale, five positions', NULL, '10 min', 'EADGBE', NULL),
    (7, 'A minor pentatonic, box one', NULL, '10 min', 'EADGBE', NULL),
    (8, 'A minor pentatonic, box two', NULL, '10 min', 'EADGBE', NULL),
    (9, 'Blues scale in E', NULL, '10 min', 'EADGBE', NULL),
    (10, 'Mixolydian over a G7 vamp', NULL, '10 min', 'EADGBE', NULL),
    (11, 'Triads on the top three strings', NULL, '10 min', 'EADGBE', NULL),
    (12, 'Barre chords, E and A shapes', NULL, '10 min', 'EADGBE', NULL),
    (13, 'Seventh chords round the circle of fifths', NULL, '15 min', 'EADGBE', NULL),
    (14, 'Travis picking, first pattern', 'Thumb stays even', '10 min', 'EADGBE', NULL),
    (15, 'Travis picking, second pattern', NULL, '10 min', 'EADGBE', NULL),
    (16, 'Arpeggios p-i-m-a', NULL, '10 min', 'EADGBE', NULL),
    (17, 'Twelve-bar blues in A', NULL, '15 min', 'EADGBE', NULL),
    (18, 'Slow bends to pitch', NULL, '5 min', 'EADGBE', NULL),
    (19, 'Vibrato on long notes', NULL, '5 min', 'EADGBE', NULL),
    (20, 'Greensleeves', 'Second part by heart', '15 min', 'EADGBE', 'Traditional tunes'),
    (21, 'Scarborough Fair', NULL, '15 min', 'DADGAD', 'Traditional tunes'),
    (22, 'House of the Rising Sun', NULL, '10 min', 'EADGBE', 'Traditional tunes'),
    (23, 'Shenandoah', NULL, '10 min', 'DADGBE', 'Traditional tunes'),
    (24, 'Wayfaring Stranger', NULL, '10 min', 'EADGBE', 'Traditional tunes'),
    (25, 'The Water Is Wide', NULL, '10 min', 'DADGBE', 'Traditional tunes'),
    (26, 'St. James Infirmary', NULL, '10 min', 'EADGBE', 'Traditional tunes'),
    (27, 'Danny Boy', NULL, '15 min', 'DADGAD', 'Traditional tunes'),
    (28, 'Romance, first part', NULL, '15 min', 'EADGBE', 'Classical pieces'),
    (29, 'Study in B minor', NULL, '20 min', 'EADGBE', 'Classical pieces'),
    (30, 'Rhythm reading, eighths', NULL, '10 min', NULL, NULL),
    (31, 'Rhythm reading, sixteenths', NULL, '10 min', NULL, NULL),
    (32, 'Ear training: intervals', NULL, '10 min', NULL, NULL),
    (33, 'Ear training: chord qualities', NULL, '10 min', NULL, NULL),
    (34, 'Note names up to the fifth fret', NULL, '5 min', 'EADGBE', NULL),
    (35, 'Slide in open G', 'Damp behind the slide', '15 min', 'DGDGBD', NULL),
    (36, 'Cool down: slow chromatic', NULL, '5 min', 'EADGBE', NULL)
  ) AS library (n, title, notes, duration, tuning, songbook);

INSERT INTO routines (name, created_at, "order")
SELECT name, timestamptz '2026-02-01 10:00+00' + n * interval '9 days', n
  FROM (VALUES (1, 'Weekday warm-up'), (2, 'Scales and theory'), (3, 'Fingerstyle'), (4, 'Blues evening'),
               (5, 'Traditional tunes'), (6, 'Long Sunday')) AS plan (n, name);

INSERT INTO routine_items (routine_id, item_id, "order", completed, created_at)
SELECT r.id, i.id, i."order", i."order" % 3 = 0, timestamptz '2026-03-01 08:00+00' + i."order" * interval '5 hours'
  FROM routines r
  JOIN items i ON (r."order", i."order") IN (SELECT r."order", n FROM generate_series(r."order" * 5 - 4, r."order" * 5 + 1) AS n)
 ORDER BY r."order", i."order";

INSERT INTO active_routine (routine_id, updated_at)
SELECT id, '2026-06-20 07:45+00' FROM routines WHERE name = 'Weekday warm-up';

INSERT INTO chord_charts (item_id, title, chord_data, created_at, order_col)
SELECT i.item_id, chord.title,
       json_build_object('tuning', i.tuning, 'startingFret', chord.fret, 'fingers', chord.fingers),
       timestamptz '2026-04-01 20:00+00' + (i."order" * 4 + chord.n) * interval '1 hour', chord.n
  FROM items i
 CROSS JOIN (VALUES (1, 'Am', 0, '[[2,1],[4,2],[3,2]]'::json), (2, 'C', 0, '[[2,1],[4,2],[5,3]]'::json),
                    (3, 'G', 0, '[[5,2],[6,3],[1,3]]'::json)) AS chord (n, title, fret, fingers)
 WHERE i."order" BETWEEN 20 AND 26
 ORDER BY i."order", chord.n;

INSERT INTO common_chords (id, type, name, chord_data, created_at, order_col)
SELECT n, kind, root || suffix, json_build_object('startingFret', 0), '2025-12-01 00:00+00', n
  FROM (SELECT row_number() OVER (ORDER BY kind, root) AS n, root, kind, suffix
          FROM unnest(ARRAY['A', 'C', 'D', 'E', 'G']) AS root
         CROSS JOIN (VALUES ('major', ''), ('minor', 'm'), ('dominant 7', '7')) AS quality (kind, suffix)) AS chords;

-- Whom the application connects as: row-level security (004) binds no superuser, and those own everything here.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gpra_app')
     AND EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)) THEN
    CREATE ROLE gpra_app LOGIN;
  END IF;
  -- As PostgreSQL 15 has it from the start: that role makes nothing that a migration would call.
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
END
$$;
