-- What rollback runs for changelog/004-enable-row-level-security.yaml. Written by GoldenSqlIT.

-- 004-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-tag');

-- 004-verify
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-verify');

-- 004-active-routine-enabled
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-active-routine-enabled');
SET gpra.target = 'active_routine';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- it is theirs, and stays on.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
  ours   bigint;
  theirs text;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(target) AND (relrowsecurity OR relforcerowsecurity)) THEN
    RETURN;
  END IF;
  SELECT count(*) FILTER (WHERE polname = 'tenant_isolation' OR obj_description(p.oid, 'pg_policy') LIKE '[gpra 004]%'),
         string_agg(format('%I', polname), ', ')
    INTO ours, theirs
    FROM pg_policy p WHERE polrelid = to_regclass(target);
  IF ours = 0 AND theirs IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Row-level security on %s is still on: its policies are not those of 004 (%s). To switch it off: '
      'ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY. Then run the same command again.', target, theirs);
  END IF;
  EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', target);
END
$gpra_body$;

-- 004-routine-items-enabled
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-routine-items-enabled');
SET gpra.target = 'routine_items';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled

-- 004-subscriptions-enabled
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-subscriptions-enabled');
SET gpra.target = 'subscriptions';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled

-- 004-chord-charts-enabled
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-chord-charts-enabled');
SET gpra.target = 'chord_charts';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled

-- 004-routines-enabled
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-routines-enabled');
SET gpra.target = 'routines';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled

-- 004-items-enabled
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-items-enabled');
SET gpra.target = 'items';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled

-- 004-active-routine-policy
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-active-routine-policy');
SET gpra.target = 'active_routine';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- a policy nobody would see a row.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
  name   name;
BEGIN
  SELECT polname INTO name FROM pg_policy p
   WHERE polrelid = to_regclass(target) AND obj_description(p.oid, 'pg_policy') LIKE '[gpra 004]%';
  IF name IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(target) AND (relrowsecurity OR relforcerowsecurity)) THEN
    EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', target);
  END IF;
  EXECUTE format('DROP POLICY %I ON %I', name, target);
END
$gpra_body$;

-- 004-routine-items-policy
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-routine-items-policy');
SET gpra.target = 'routine_items';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy

-- 004-subscriptions-policy
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-subscriptions-policy');
SET gpra.target = 'subscriptions';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy

-- 004-chord-charts-policy
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-chord-charts-policy');
SET gpra.target = 'chord_charts';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy

-- 004-routines-policy
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-routines-policy');
SET gpra.target = 'routines';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy

-- 004-items-policy
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-items-policy');
SET gpra.target = 'items';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy

-- 004-active-routine-routine-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-active-routine-routine-id-index');
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_active_routine_routine_id', 'gpra_building_idx_active_routine_routine_id', ARRAY['[gpra 004-active-routine-routine-id-index]', '[gpra 004]']);
CALL pg_temp.gpra_limit_wait('10min');
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_active_routine_routine_id;
RESET lock_timeout;

-- 004-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-preflight');
SET gpra.target = 'active_routine';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled
SET gpra.target = 'routine_items';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled
SET gpra.target = 'subscriptions';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled
SET gpra.target = 'chord_charts';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled
SET gpra.target = 'routines';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled
SET gpra.target = 'items';
-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- … and what follows, as in 004.rollback.sql, 004-active-routine-enabled
SET gpra.target = 'active_routine';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy
SET gpra.target = 'routine_items';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy
SET gpra.target = 'subscriptions';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy
SET gpra.target = 'chord_charts';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy
SET gpra.target = 'routines';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy
SET gpra.target = 'items';
-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- … and what follows, as in 004.rollback.sql, 004-active-routine-policy
SET gpra.index = 'idx_active_routine_routine_id';
-- Gives the index gpra.index, if it bears a mark of ours, its working name: the next statement drops that one, concurrently.
DO $gpra_body$
DECLARE
  name text := current_setting('gpra.index');
BEGIN
  IF to_regclass('gpra_no_building') IS NOT NULL THEN
    -- Left by a run that was killed (begin-index.sql).
    DROP TABLE gpra_no_building;
  END IF;
  IF current_setting('gpra.guarded', true) = 'yes' AND obj_description(to_regclass(name), 'pg_class') ~ '^\[gpra \d{3}[]-]' THEN
    EXECUTE format('ALTER INDEX %I RENAME TO gpra_building_%1$s', name);
  END IF;
END
$gpra_body$;
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_active_routine_routine_id;
RESET lock_timeout;
