-- What update runs for changelog/002-assign-existing-data-to-admin.yaml. Written by GoldenSqlIT.

-- 002-preflight
-- Changes nothing. Stops, with the candidates' names, when it is not clear who the admin is, and where subscriptions is not as 001 makes it.
CALL pg_temp.gpra_begin('[gpra 002-preflight]');
BEGIN;
-- Whether subscriptions has what 002 writes for the admin. Stops with what somebody dropped. Reads the catalogs only.
DO $gpra_body$
DECLARE
  gone text;
BEGIN
  SELECT string_agg(col, ', ') INTO gone
    FROM unnest(ARRAY['id', 'user_id', 'tier', 'status', 'mrr', 'cancel_at_period_end', 'created_at', 'updated_at']) AS col
   WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('subscriptions') AND attname = col);
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('002 cannot run: subscriptions, which 001 makes, has no %s. Somebody dropped it, or 001 was only noted as run '
      '(changelogSync). Nothing was changed. Run mvn liquibase:rollback -Dliquibase.rollbackTag=000, then update.', gone);
  END IF;
END
$gpra_body$;
COMMIT;

-- 002-verify-items
-- items.user_id: rows without an owner become the admin's, those too that the application adds meanwhile, so that each has one.
CALL pg_temp.gpra_begin('[gpra 002-verify-items]');
-- items and what its keys lead to: ACCESS EXCLUSIVE, no scan; or else
-- items: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('items', 'user_id', 'pg_temp.gpra_admin()', 'idx_items_user_id', '002-verify-items', 'gpra_admin_assignment', true);
-- items: no scan, then SHARE only if it is empty
CALL pg_temp.gpra_begin_fill_index('items', 'user_id', 'idx_items_user_id', 'gpra_building_idx_items_user_id');
-- items: SHARE UPDATE EXCLUSIVE, scan
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id ON items (user_id);
RESET lock_timeout;
-- items: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_end_fill('items', 'user_id', 'idx_items_user_id', 'gpra_building_idx_items_user_id', '[gpra 002-verify-items]');
-- items: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('items', 'user_id', 'pg_temp.gpra_admin()', 'idx_items_user_id', '002-verify-items', 'gpra_admin_assignment', false);
-- items: SHARE ROW EXCLUSIVE, then scan
CALL pg_temp.gpra_sweep_rows('items', 'user_id', 'idx_items_user_id', '002-verify-items', true);

-- 002-verify-routines
-- routines.user_id: rows without an owner become the admin's, those too that the application adds meanwhile, so that each has one.
CALL pg_temp.gpra_begin('[gpra 002-verify-routines]');
-- routines and what its keys lead to: ACCESS EXCLUSIVE, no scan; or else
-- routines: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('routines', 'user_id', 'pg_temp.gpra_admin()', 'idx_routines_user_id', '002-verify-routines', 'gpra_admin_assignment', true);
-- routines: no scan, then SHARE only if it is empty
CALL pg_temp.gpra_begin_fill_index('routines', 'user_id', 'idx_routines_user_id', 'gpra_building_idx_routines_user_id');
-- routines: SHARE UPDATE EXCLUSIVE, scan
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_routines_user_id ON routines (user_id);
RESET lock_timeout;
-- routines: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_end_fill('routines', 'user_id', 'idx_routines_user_id', 'gpra_building_idx_routines_user_id', '[gpra 002-verify-routines]');
-- routines: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('routines', 'user_id', 'pg_temp.gpra_admin()', 'idx_routines_user_id', '002-verify-routines', 'gpra_admin_assignment', false);
-- routines: SHARE ROW EXCLUSIVE, then scan
CALL pg_temp.gpra_sweep_rows('routines', 'user_id', 'idx_routines_user_id', '002-verify-routines', true);

-- 002-verify-chord-charts
-- chord_charts.user_id: rows without an owner become the admin's, those too that the application adds meanwhile, so that each has one.
CALL pg_temp.gpra_begin('[gpra 002-verify-chord-charts]');
-- chord_charts and what its keys lead to: ACCESS EXCLUSIVE, no scan; or else
-- chord_charts: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('chord_charts', 'user_id', 'pg_temp.gpra_admin()', 'idx_chord_charts_user_id', '002-verify-chord-charts', 'gpra_admin_assignment', true);
-- chord_charts: no scan, then SHARE only if it is empty
CALL pg_temp.gpra_begin_fill_index('chord_charts', 'user_id', 'idx_chord_charts_user_id', 'gpra_building_idx_chord_charts_user_id');
-- chord_charts: SHARE UPDATE EXCLUSIVE, scan
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_chord_charts_user_id ON chord_charts (user_id);
RESET lock_timeout;
-- chord_charts: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_end_fill('chord_charts', 'user_id', 'idx_chord_charts_user_id', 'gpra_building_idx_chord_charts_user_id', '[gpra 002-verify-chord-charts]');
-- chord_charts: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('chord_charts', 'user_id', 'pg_temp.gpra_admin()', 'idx_chord_charts_user_id', '002-verify-chord-charts', 'gpra_admin_assignment', false);
-- chord_charts: SHARE ROW EXCLUSIVE, then scan
CALL pg_temp.gpra_sweep_rows('chord_charts', 'user_id', 'idx_chord_charts_user_id', '002-verify-chord-charts', true);

-- 002-admin-subscription
-- subscriptions: an unlimited one for the admin, because they keep all they have today.
CALL pg_temp.gpra_begin('[gpra 002-admin-subscription]');
BEGIN;
-- Gives the admin an unlimited, active subscription if they have none, and remembers it.
DO $gpra_body$
DECLARE
  admin  integer;
  new_id bigint;
BEGIN
  CALL pg_temp.gpra_open_memory('gpra_admin_assignment', '[gpra 002-admin-subscription]');
  CALL pg_temp.gpra_close_memory();
  admin := pg_temp.gpra_admin();
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  INSERT INTO gpra_admin_assignment.fills (filled_table, filled_column, changeset, value)
  VALUES (to_regclass('subscriptions'), 'user_id', '002-admin-subscription', admin) ON CONFLICT (filled_table, filled_column) DO UPDATE SET value = excluded.value;
  LOCK TABLE subscriptions IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM subscriptions WHERE user_id = admin AND tier = 'unlimited' AND status = 'active') THEN
    RAISE NOTICE '002: subscriptions: user % has an unlimited one', admin;
    RETURN;
  END IF;
  INSERT INTO subscriptions (user_id, tier, status, mrr, cancel_at_period_end, created_at, updated_at)
  VALUES (admin, 'unlimited', 'active', 0, false, now(), now()) RETURNING id INTO new_id;
  INSERT INTO gpra_admin_assignment.filled (filled_table, filled_column, changeset, row_ids)
  VALUES (to_regclass('subscriptions'), 'user_id', '002-admin-subscription', int8multirange(int8range(new_id, new_id + 1)));
  RAISE NOTICE '002: subscriptions: user % has an unlimited one now', admin;
END
$gpra_body$;
COMMIT;

-- 002-verify
-- Changes nothing. Fails if subscriptions has none for the admin.
CALL pg_temp.gpra_begin('[gpra 002-verify]');
BEGIN;
-- Fails if the admin has no unlimited, active subscription: their rows were counted one table at a time before.
DO $gpra_body$
DECLARE
  n bigint;
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  SELECT count(*) INTO n
    FROM subscriptions s
    JOIN gpra_admin_assignment.fills f ON f.filled_table = to_regclass('subscriptions') AND f.filled_column = 'user_id' AND f.value = s.user_id::text
   WHERE s.tier = 'unlimited' AND s.status = 'active';
  RAISE NOTICE '002 verified: subscriptions: the admin has % unlimited and active', n;
  IF n = 0 THEN
    RAISE EXCEPTION '002 is not complete: the admin has no unlimited, active subscription. Somebody removed it while 002 ran: run '
      'mvn liquibase:rollback -Dliquibase.rollbackTag=001, then update.';
  END IF;
END
$gpra_body$;
COMMIT;

-- 002-tag
-- The state after migration 002.
