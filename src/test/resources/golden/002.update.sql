-- What update runs for changelog/002-assign-existing-data-to-admin.yaml. Written by GoldenSqlIT.

-- 002-preflight
-- Changes nothing. Stops, with the candidates' names, when it is not clear who the admin is, and where something is gone.
-- Whether all that 002 works on is there. Stops with what somebody dropped. Reads the catalogs only.
DO $gpra_body$
DECLARE
  gone text;
BEGIN
  SELECT string_agg(what, ', ') INTO gone
    FROM (SELECT format('the table %s', name) AS what
            FROM unnest(ARRAY['items', 'routines', 'chord_charts', 'ab_user', 'ab_role', 'ab_user_role']) AS name
           WHERE to_regclass(name) IS NULL
          UNION ALL
          SELECT format('the primary key of %s', name)
            FROM unnest(ARRAY['items', 'routines', 'chord_charts']) AS name
           WHERE to_regclass(name) IS NOT NULL
             AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass(name) AND indisprimary)) AS theirs;
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('002 cannot run: somebody dropped what the application brought: %s. Nothing was changed. Put it back '
      '(docs/runbooks/restore.md), then run the same command again; or go back: mvn liquibase:rollback -Dliquibase.rollbackTag=000',
      gone);
  END IF;
  SELECT string_agg(DISTINCT CASE WHEN to_regclass(tab) IS NULL THEN format('the table %s', tab) ELSE format('the column %s.%s', tab, col) END, ', ')
    INTO gone
    FROM (VALUES ('items', 'user_id'), ('routines', 'user_id'), ('chord_charts', 'user_id'), ('subscriptions', 'id'),
            ('subscriptions', 'user_id'), ('subscriptions', 'tier'), ('subscriptions', 'status'), ('subscriptions', 'mrr'),
            ('subscriptions', 'cancel_at_period_end'), ('subscriptions', 'created_at'), ('subscriptions', 'updated_at')) AS made (tab, col)
   WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(tab) AND attname = col);
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('002 cannot run: 001 is in the history, and what it makes is not there: %s. Somebody dropped it, or 001 was '
      'only noted as run (changelogSync). Nothing was changed. Run mvn liquibase:rollback -Dliquibase.rollbackTag=000, then update.',
      gone);
  END IF;
END
$gpra_body$;

-- 002-verify-items
-- Every row of items without an owner becomes the admin's, those too that the application adds meanwhile.
CALL pg_temp.gpra_fill('public.items', 'user_id', 'pg_temp.gpra_admin()', 'idx_items_user_id', '002-verify-items', 'gpra_admin_assignment', true);
SET max_parallel_maintenance_workers = 0;
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_items_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_fill_index('public.items', 'user_id', 'idx_items_user_id', 'gpra_building_idx_items_user_id');
CALL pg_temp.gpra_limit_wait();
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id ON public.items (user_id);
RESET lock_timeout;
CALL pg_temp.gpra_end_fill('public.items', 'user_id', 'idx_items_user_id', 'gpra_building_idx_items_user_id', 'app.current_user_id', 'SELECT id FROM ab_user');
RESET max_parallel_maintenance_workers;
CALL pg_temp.gpra_fill('public.items', 'user_id', 'pg_temp.gpra_admin()', 'idx_items_user_id', '002-verify-items', 'gpra_admin_assignment', false);
CALL pg_temp.gpra_sweep_rows('public.items', 'user_id', 'idx_items_user_id', '002-verify-items', true);

-- 002-verify-routines
-- Every row of routines without an owner becomes the admin's, those too that the application adds meanwhile.
CALL pg_temp.gpra_fill('public.routines', 'user_id', 'pg_temp.gpra_admin()', 'idx_routines_user_id', '002-verify-routines', 'gpra_admin_assignment', true);
SET max_parallel_maintenance_workers = 0;
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_routines_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_fill_index('public.routines', 'user_id', 'idx_routines_user_id', 'gpra_building_idx_routines_user_id');
CALL pg_temp.gpra_limit_wait();
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_routines_user_id ON public.routines (user_id);
RESET lock_timeout;
CALL pg_temp.gpra_end_fill('public.routines', 'user_id', 'idx_routines_user_id', 'gpra_building_idx_routines_user_id', 'app.current_user_id', 'SELECT id FROM ab_user');
RESET max_parallel_maintenance_workers;
CALL pg_temp.gpra_fill('public.routines', 'user_id', 'pg_temp.gpra_admin()', 'idx_routines_user_id', '002-verify-routines', 'gpra_admin_assignment', false);
CALL pg_temp.gpra_sweep_rows('public.routines', 'user_id', 'idx_routines_user_id', '002-verify-routines', true);

-- 002-verify-chord-charts
-- Every row of chord_charts without an owner becomes the admin's, those too that the application adds meanwhile.
CALL pg_temp.gpra_fill('public.chord_charts', 'user_id', 'pg_temp.gpra_admin()', 'idx_chord_charts_user_id', '002-verify-chord-charts', 'gpra_admin_assignment', true);
SET max_parallel_maintenance_workers = 0;
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_fill_index('public.chord_charts', 'user_id', 'idx_chord_charts_user_id', 'gpra_building_idx_chord_charts_user_id');
CALL pg_temp.gpra_limit_wait();
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_chord_charts_user_id ON public.chord_charts (user_id);
RESET lock_timeout;
CALL pg_temp.gpra_end_fill('public.chord_charts', 'user_id', 'idx_chord_charts_user_id', 'gpra_building_idx_chord_charts_user_id', 'app.current_user_id', 'SELECT id FROM ab_user');
RESET max_parallel_maintenance_workers;
CALL pg_temp.gpra_fill('public.chord_charts', 'user_id', 'pg_temp.gpra_admin()', 'idx_chord_charts_user_id', '002-verify-chord-charts', 'gpra_admin_assignment', false);
CALL pg_temp.gpra_sweep_rows('public.chord_charts', 'user_id', 'idx_chord_charts_user_id', '002-verify-chord-charts', true);

-- 002-admin-subscription
-- The admin keeps all they have today, so they need an unlimited subscription.
-- Gives the admin an unlimited, active subscription if they have none, and remembers it.
DO $gpra_body$
DECLARE
  admin  integer;
  new_id bigint;
BEGIN
  CALL pg_temp.gpra_open_memory('gpra_admin_assignment', '[gpra 002-admin-subscription]');
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

-- 002-verify
-- Changes nothing. Fails if the admin's subscription is not there.
-- Fails if the admin has no unlimited, active subscription: their rows were counted one table at a time before.
DO $gpra_body$
DECLARE
  n bigint;
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  SELECT count(*) INTO n
    FROM subscriptions s
    JOIN gpra_admin_assignment.fills f ON f.filled_table = to_regclass('subscriptions') AND f.value = s.user_id::text
   WHERE s.tier = 'unlimited' AND s.status = 'active';
  RAISE NOTICE '002 verified: subscriptions: the admin has % unlimited and active', n;
  IF n = 0 THEN
    RAISE EXCEPTION '002 is not complete: the admin has no unlimited, active subscription. Somebody removed it while 002 ran: run '
      'mvn liquibase:rollback -Dliquibase.rollbackTag=001, then update.';
  END IF;
END
$gpra_body$;

-- 002-tag
-- The state after migration 002.
