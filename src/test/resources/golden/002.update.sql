-- What update runs for changelog/002-assign-existing-data-to-admin.yaml. Written by GoldenSqlIT.

-- 002-preflight
-- Changes nothing. Stops, with the candidates' names, when it is not clear who the admin is.

-- 002-find-admin
-- Finds the admin: the user named by gpra.admin.username; if none is, the one active user with Flask-AppBuilder's role Admin, or of several the one called admin. Remembers the choice in the schema gpra_admin_assignment.
SET gpra.changeset = '002-find-admin';
CALL pg_temp.gpra_find_admin();

-- 002-verify-items
-- Every row of items without an owner becomes the admin's. Where no row has one, this touches none, and sees to the index and the key that went with the column; otherwise it goes in batches, and may be interrupted. The last rows that the application adds meanwhile are assigned while writing waits for some milliseconds. Fails if any is left without owner.
SET gpra.changeset = '002-verify-items';
SET gpra.target = 'items';
SET gpra.direction = 'assign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_items_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id ON items (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_items_user_id';
CALL pg_temp.gpra_end_owner_index();
SET default_statistics_target = 10;
ANALYZE items (user_id);
RESET default_statistics_target;
CALL pg_temp.gpra_validate_key();
SET gpra.direction = 'sweep';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_sweep_rows();

-- 002-verify-routines
-- Every row of routines without an owner becomes the admin's. Where no row has one, this touches none, and sees to the index and the key that went with the column; otherwise it goes in batches, and may be interrupted. The last rows that the application adds meanwhile are assigned while writing waits for some milliseconds. Fails if any is left without owner.
SET gpra.changeset = '002-verify-routines';
SET gpra.target = 'routines';
SET gpra.direction = 'assign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_routines_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_routines_user_id ON routines (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_routines_user_id';
CALL pg_temp.gpra_end_owner_index();
SET default_statistics_target = 10;
ANALYZE routines (user_id);
RESET default_statistics_target;
CALL pg_temp.gpra_validate_key();
SET gpra.direction = 'sweep';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_sweep_rows();

-- 002-verify-chord-charts
-- Every row of chord_charts without an owner becomes the admin's. Where no row has one, this touches none, and sees to the index and the key that went with the column; otherwise it goes in batches, and may be interrupted. The last rows that the application adds meanwhile are assigned while writing waits for some milliseconds. Fails if any is left without owner.
SET gpra.changeset = '002-verify-chord-charts';
SET gpra.target = 'chord_charts';
SET gpra.direction = 'assign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_chord_charts_user_id ON chord_charts (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_chord_charts_user_id';
CALL pg_temp.gpra_end_owner_index();
SET default_statistics_target = 10;
ANALYZE chord_charts (user_id);
RESET default_statistics_target;
CALL pg_temp.gpra_validate_key();
SET gpra.direction = 'sweep';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_sweep_rows();

-- 002-admin-subscription
-- The admin keeps all they have today, so they need an unlimited subscription.
-- Gives the admin an unlimited, active subscription if they have none, and remembers it.
DO $gpra_body$
DECLARE
  admin integer := (SELECT admin_id FROM gpra_admin_assignment.admins WHERE assigned_table = to_regclass('subscriptions'));
  new_id bigint;
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  LOCK TABLE subscriptions IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM subscriptions WHERE user_id = admin AND tier = 'unlimited' AND status = 'active') THEN
    RAISE NOTICE '002: subscriptions: user % has an unlimited one', admin;
    RETURN;
  END IF;
  INSERT INTO subscriptions (user_id, tier, status, mrr, cancel_at_period_end, created_at, updated_at)
  VALUES (admin, 'unlimited', 'active', 0, false, now(), now()) RETURNING id INTO new_id;
  INSERT INTO gpra_admin_assignment.assigned (assigned_table, migration, row_ids)
  VALUES (to_regclass('subscriptions'), '002', int8multirange(int8range(new_id, new_id + 1)));
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
    JOIN gpra_admin_assignment.admins a ON a.assigned_table = to_regclass('subscriptions') AND a.admin_id = s.user_id
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
