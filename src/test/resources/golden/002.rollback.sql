-- What rollback runs for changelog/002-assign-existing-data-to-admin.yaml. Written by GoldenSqlIT.

-- 002-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-tag');

-- 002-verify
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify');

-- 002-admin-subscription
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-admin-subscription');
-- Removes the subscription that 002 made for the admin, if nobody changed it since, filled a column added to it, or refers to it.
DO $gpra_body$
DECLARE
  n      bigint := 0;
  mine   tid;
  theirs bigint := 0;  -- rows that refer to it
  key    record;
BEGIN
  IF to_regclass('gpra_admin_assignment.admins') IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  -- What a column held that somebody dropped is taken as it was made.
  SELECT s.ctid INTO mine
    FROM gpra_admin_assignment.admins m JOIN gpra_admin_assignment.assigned a USING (assigned_table), subscriptions s
   CROSS JOIN LATERAL to_jsonb(s) AS is_now
   CROSS JOIN LATERAL jsonb_build_object('user_id', m.admin_id, 'tier', 'unlimited', 'status', 'active', 'mrr', 0, 'cancel_at_period_end', false,
                        'updated_at', coalesce(is_now -> 'created_at', is_now -> 'updated_at')) AS made
   WHERE m.assigned_table = to_regclass('subscriptions') AND coalesce((is_now ->> 'id')::bigint <@ a.row_ids, true)
     AND made || is_now @> made
     AND jsonb_strip_nulls(is_now - ARRAY['id', 'user_id', 'tier', 'status', 'mrr', 'cancel_at_period_end', 'created_at', 'updated_at']) = '{}'
     FOR UPDATE OF s;
  FOR key IN
    SELECT k.conrelid::regclass AS tab, string_agg(format('r.%I = s.%I', a.attname, b.attname), ' AND ') AS refers
      FROM pg_constraint k
     CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (here, there)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here
      JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.there
     WHERE mine IS NOT NULL AND k.contype = 'f' AND k.confrelid = to_regclass('subscriptions')
     GROUP BY k.oid, k.conrelid
  LOOP
    EXECUTE format('SELECT $1 + count(*) FROM %s r JOIN subscriptions s ON %s WHERE s.ctid = $2', key.tab, key.refers)
      INTO theirs USING theirs, mine;
  END LOOP;
  IF theirs = 0 THEN
    DELETE FROM subscriptions WHERE ctid = mine;
    GET DIAGNOSTICS n = ROW_COUNT;
  END IF;
  DELETE FROM gpra_admin_assignment.assigned WHERE assigned_table = to_regclass('subscriptions');
  RAISE NOTICE '002 undone: subscriptions: % row(s) of 002 removed', n;
END
$gpra_body$;

-- 002-verify-chord-charts
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-chord-charts');

-- 002-chord-charts-user-id-fk-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-chord-charts-user-id-fk-valid');
SET gpra.target = 'chord_charts';
SET gpra.step = 'key';
-- Undoes one step of putting back what went with the column: gpra.step is 'key', its validation, or 'index'. Only where the
-- rollback stops before the assignment itself: otherwise they are of use to that, and it sees to them.
DO $gpra_body$
DECLARE
  target  text := current_setting('gpra.target');
  reaches text[] := string_to_array(current_setting('gpra.reaches', true), ',');
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' OR to_regclass('gpra_admin_assignment.admins') IS NULL
     OR '002-assign-' || replace(target, '_', '-') = ANY (reaches) THEN
    RETURN;
  END IF;
  -- On its own: the whole condition is planned at once, and after changelogSync that table is not there.
  IF NOT EXISTS (SELECT FROM gpra_admin_assignment.admins WHERE assigned_table = to_regclass(target) AND column_replaced) THEN
    RETURN;
  END IF;
  IF current_setting('gpra.step') = 'index' AND obj_description(to_regclass(format('idx_%s_user_id', target)), 'pg_class') LIKE '[gpra 001%' THEN
    -- Under this name the next statement drops it, concurrently.
    EXECUTE format('ALTER INDEX idx_%s_user_id RENAME TO gpra_building_idx_%1$s_user_id', target);
  ELSIF current_setting('gpra.step') = 'key'
        AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(target) AND conname = format('fk_%s_user_id', target)
                       AND convalidated AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001%') THEN
    -- A constraint cannot be made not valid again: it is replaced by itself, without looking at a row.
    -- Each of the two locks is waited for half as long.
    PERFORM set_config('lock_timeout', greatest(1, extract(epoch FROM current_setting('lock_timeout')::interval) * 500)::bigint::text, true)
      WHERE current_setting('lock_timeout')::interval > '0';
    IF has_table_privilege('ab_user', 'UPDATE, DELETE, TRUNCATE') THEN
      LOCK TABLE ab_user IN ACCESS EXCLUSIVE MODE;
    END IF;
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT fk_%1$s_user_id, '
      'ADD CONSTRAINT fk_%1$s_user_id FOREIGN KEY (user_id) REFERENCES ab_user (id) ON DELETE CASCADE NOT VALID', target);
    EXECUTE format('COMMENT ON CONSTRAINT fk_%1$s_user_id ON %1$I IS %2$L', target, format('[gpra 001-%s-user-id-fk-valid]', replace(target, '_', '-')));
  END IF;
END
$gpra_body$;

-- 002-chord-charts-user-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-chord-charts-user-id-index');
SET gpra.target = 'chord_charts';
SET gpra.step = 'index';
-- Undoes one step of putting back what went with the column: gpra.step is 'key', its validation, or 'index'. Only where the
-- … and what follows, as in 002.rollback.sql, 002-chord-charts-user-id-fk-valid
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;

-- 002-assign-chord-charts
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-assign-chord-charts');
SET gpra.target = 'chord_charts';
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;
-- Before an index on gpra.target's user_id is built concurrently. That cannot be done in a block, and IF NOT EXISTS, which
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_chord_charts_user_id ON chord_charts (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_chord_charts_user_id';
-- Gives the index gpra.index, which has just been built concurrently, its name and its mark in one transaction: 001's, where
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Checks that each owner in gpra.target is a user, where 001's foreign key was put back NOT VALID. Reading and writing go on.
-- … and what follows, as in 002.update.sql, 002-items-user-id-fk-valid

-- 002-verify-routines
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-routines');

-- 002-routines-user-id-fk-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-routines-user-id-fk-valid');
SET gpra.target = 'routines';
SET gpra.step = 'key';
-- Undoes one step of putting back what went with the column: gpra.step is 'key', its validation, or 'index'. Only where the
-- … and what follows, as in 002.rollback.sql, 002-chord-charts-user-id-fk-valid

-- 002-routines-user-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-routines-user-id-index');
SET gpra.target = 'routines';
SET gpra.step = 'index';
-- Undoes one step of putting back what went with the column: gpra.step is 'key', its validation, or 'index'. Only where the
-- … and what follows, as in 002.rollback.sql, 002-chord-charts-user-id-fk-valid
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_routines_user_id;
RESET lock_timeout;

-- 002-assign-routines
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-assign-routines');
SET gpra.target = 'routines';
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_routines_user_id;
RESET lock_timeout;
-- Before an index on gpra.target's user_id is built concurrently. That cannot be done in a block, and IF NOT EXISTS, which
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_routines_user_id ON routines (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_routines_user_id';
-- Gives the index gpra.index, which has just been built concurrently, its name and its mark in one transaction: 001's, where
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Checks that each owner in gpra.target is a user, where 001's foreign key was put back NOT VALID. Reading and writing go on.
-- … and what follows, as in 002.update.sql, 002-items-user-id-fk-valid

-- 002-verify-items
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-items');

-- 002-items-user-id-fk-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-items-user-id-fk-valid');
SET gpra.target = 'items';
SET gpra.step = 'key';
-- Undoes one step of putting back what went with the column: gpra.step is 'key', its validation, or 'index'. Only where the
-- … and what follows, as in 002.rollback.sql, 002-chord-charts-user-id-fk-valid

-- 002-items-user-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-items-user-id-index');
SET gpra.target = 'items';
SET gpra.step = 'index';
-- Undoes one step of putting back what went with the column: gpra.step is 'key', its validation, or 'index'. Only where the
-- … and what follows, as in 002.rollback.sql, 002-chord-charts-user-id-fk-valid
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_items_user_id;
RESET lock_timeout;

-- 002-assign-items
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-assign-items');
SET gpra.target = 'items';
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_items_user_id;
RESET lock_timeout;
-- Before an index on gpra.target's user_id is built concurrently. That cannot be done in a block, and IF NOT EXISTS, which
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id ON items (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_items_user_id';
-- Gives the index gpra.index, which has just been built concurrently, its name and its mark in one transaction: 001's, where
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Checks that each owner in gpra.target is a user, where 001's foreign key was put back NOT VALID. Reading and writing go on.
-- … and what follows, as in 002.update.sql, 002-items-user-id-fk-valid

-- 002-find-admin
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-find-admin');
-- Forgets who the admin was: what they were given has been taken back. The schema goes with the last of it, unless it
-- was there before. 003 forgets what it found itself: where 002 did, that is 002's to forget.
DO $gpra_body$
BEGIN
  IF to_regclass('gpra_admin_assignment.admins') IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR left(current_setting('gpra.changeset'), 3) = '003'
        AND coalesce(obj_description(to_regclass('gpra_admin_assignment.admins'), 'pg_class'), '') NOT LIKE '[gpra 003]%' THEN
    RETURN;
  END IF;
  DELETE FROM gpra_admin_assignment.admins
   WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = assigned_table)
      OR assigned_table IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
         AND assigned_table NOT IN (SELECT assigned_table FROM gpra_admin_assignment.assigned);
  IF NOT EXISTS (SELECT FROM gpra_admin_assignment.admins)
     AND (SELECT bool_and(coalesce(obj_description(c.oid, 'pg_class'), '') LIKE '[gpra 00%') FROM pg_class c
           WHERE c.oid IN (to_regclass('gpra_admin_assignment.admins'), to_regclass('gpra_admin_assignment.assigned')))
     AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('gpra_admin_assignment.admins')), 'USAGE') THEN
    DROP TABLE gpra_admin_assignment.admins, gpra_admin_assignment.assigned;
    IF obj_description(to_regnamespace('gpra_admin_assignment'), 'pg_namespace') LIKE '[gpra 00%' THEN
      DROP SCHEMA gpra_admin_assignment;
    END IF;
  END IF;
END
$gpra_body$;

-- 002-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-preflight');
SET gpra.target = 'items';
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_items_user_id;
RESET lock_timeout;
-- Before an index on gpra.target's user_id is built concurrently. That cannot be done in a block, and IF NOT EXISTS, which
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id ON items (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_items_user_id';
-- Gives the index gpra.index, which has just been built concurrently, its name and its mark in one transaction: 001's, where
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Checks that each owner in gpra.target is a user, where 001's foreign key was put back NOT VALID. Reading and writing go on.
-- … and what follows, as in 002.update.sql, 002-items-user-id-fk-valid
SET gpra.target = 'routines';
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_routines_user_id;
RESET lock_timeout;
-- Before an index on gpra.target's user_id is built concurrently. That cannot be done in a block, and IF NOT EXISTS, which
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_routines_user_id ON routines (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_routines_user_id';
-- Gives the index gpra.index, which has just been built concurrently, its name and its mark in one transaction: 001's, where
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Checks that each owner in gpra.target is a user, where 001's foreign key was put back NOT VALID. Reading and writing go on.
-- … and what follows, as in 002.update.sql, 002-items-user-id-fk-valid
SET gpra.target = 'chord_charts';
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;
-- Before an index on gpra.target's user_id is built concurrently. That cannot be done in a block, and IF NOT EXISTS, which
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_chord_charts_user_id ON chord_charts (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_chord_charts_user_id';
-- Gives the index gpra.index, which has just been built concurrently, its name and its mark in one transaction: 001's, where
-- … and what follows, as in 002.update.sql, 002-items-user-id-index
-- Checks that each owner in gpra.target is a user, where 001's foreign key was put back NOT VALID. Reading and writing go on.
-- … and what follows, as in 002.update.sql, 002-items-user-id-fk-valid
-- Removes the subscription that 002 made for the admin, if nobody changed it since, filled a column added to it, or refers to it.
-- … and what follows, as in 002.rollback.sql, 002-admin-subscription
-- Forgets who the admin was: what they were given has been taken back. The schema goes with the last of it, unless it
-- … and what follows, as in 002.rollback.sql, 002-find-admin
