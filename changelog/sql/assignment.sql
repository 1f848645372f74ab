-- What 002 and 003 call several times: made when a session or a script begins. What each works on is set just before it is called:
-- gpra.target, gpra.direction, gpra.changeset and the like.

-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- of these waits, then the server ends it, whoever else is left to. (At least 500 ms: none would be no limit.) The statement's RESET
-- lock_timeout ends this.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_limit_wait() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  wait_limit text := $gpra_value$${gpra.wait.limit}$gpra_value$;
BEGIN
  PERFORM set_config('lock_timeout', CASE WHEN wait_limit::interval > '500ms' THEN wait_limit ELSE '500ms' END, false);
END
$gpra_body$;

-- Finds the admin and keeps the choice until 002 is undone, in a schema of its own: another gpra.admin.username later
-- changes nothing, unless that user is gone. The ids of the rows that 002 and 003 give them are kept there too: a rollback
-- takes back exactly these. Stops first where something is gone that the rest of the migration needs. gpra.changeset, set just
-- before, begins with the migration's number.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_find_admin() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  migration  text := left(current_setting('gpra.changeset'), 3);
  wanted     text := nullif($gpra_value$${gpra.admin.username}$gpra_value$, '');
  tables     regclass[] := ARRAY[to_regclass('chord_charts'), to_regclass('items'), to_regclass('routines'), to_regclass('subscriptions')];
  labels     text := CASE WHEN migration > '002' THEN ' -Dliquibase.labelFilter=enforce' ELSE '' END;
  gone       text;
  admins     text[];
  n          integer := 0;
  admin      record;
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
    RAISE EXCEPTION USING MESSAGE = format('%s cannot run: somebody dropped what the application brought: %s. Nothing was changed. Put it back '
      '(docs/runbooks/restore.md), then run the same command again; or go back: mvn liquibase:rollback -Dliquibase.rollbackTag=000%s',
      migration, gone, labels);
  END IF;
  SELECT string_agg(DISTINCT CASE WHEN to_regclass(tab) IS NULL THEN format('the table %s', tab) ELSE format('the column %s.%s', tab, col) END, ', ')
    INTO gone
    FROM (VALUES ('items', 'user_id'), ('routines', 'user_id'), ('chord_charts', 'user_id'), ('subscriptions', 'id'),
            ('subscriptions', 'user_id'), ('subscriptions', 'tier'), ('subscriptions', 'status'), ('subscriptions', 'mrr'),
            ('subscriptions', 'cancel_at_period_end'), ('subscriptions', 'created_at'), ('subscriptions', 'updated_at')) AS made (tab, col)
   -- (Of subscriptions 003 needs no column.)
   WHERE (migration = '002' OR col = 'user_id')
     AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(tab) AND attname = col);
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('%s cannot run: 001 is in the history, and what it makes is not there: %s. Somebody dropped it, or 001 was '
      'only noted as run (changelogSync). Nothing was changed. Run mvn liquibase:rollback -Dliquibase.rollbackTag=000%s, then update.',
      migration, gone, labels);
  END IF;

  IF to_regclass('gpra_admin_assignment.admins') IS NOT NULL THEN
    SELECT count(*) INTO n FROM gpra_admin_assignment.admins m JOIN ab_user u ON u.id = m.admin_id WHERE m.assigned_table = ANY (tables);
  END IF;
  IF n = cardinality(tables) THEN
    RETURN;
  END IF;
  SELECT coalesce(array_agg(DISTINCT u.username::text ORDER BY u.username::text), '{}') INTO admins
    FROM ab_user u JOIN ab_user_role ur ON ur.user_id = u.id JOIN ab_role r ON r.id = ur.role_id
   WHERE r.name = 'Admin' AND u.active;
  -- As in 002-preflight. Whoever is named is taken. Without a name it is the one active Admin, or of several the one called admin.
  SELECT id, username INTO admin
    FROM ab_user
   WHERE username = coalesce(wanted, CASE WHEN 'admin' = ANY (admins) THEN 'admin'
                                          WHEN cardinality(admins) = 1 AND NOT EXISTS (SELECT FROM ab_user WHERE username = 'admin') THEN admins[1] END);
  IF NOT FOUND THEN
    RAISE EXCEPTION USING MESSAGE = format(
      '%s, and %s. Name the admin: -Dgpra.admin.username=…',
      CASE WHEN wanted IS NULL AND EXISTS (SELECT FROM ab_user WHERE username = 'admin')
           THEN 'The user "admin" is not an active user with the role Admin'
           ELSE format('There is no user "%s"', coalesce(wanted, 'admin')) END,
      CASE cardinality(admins) WHEN 0 THEN 'no active user has the role Admin'
                               WHEN 1 THEN 'one active user has the role Admin: ' || admins[1]
                               ELSE 'several active users have the role Admin: ' || array_to_string(admins, ', ') END);
  END IF;

  IF to_regnamespace('gpra_admin_assignment') IS NULL THEN
    CREATE SCHEMA gpra_admin_assignment;
    EXECUTE format('COMMENT ON SCHEMA gpra_admin_assignment IS %L',
      format('[gpra %s] What was given to the admin, so that a rollback takes back this and no more', migration));
  END IF;
  IF to_regclass('gpra_admin_assignment.admins') IS NULL THEN
    CREATE TABLE gpra_admin_assignment.admins (
      assigned_table  regclass PRIMARY KEY,
      admin_id        integer NOT NULL,
      column_replaced boolean NOT NULL DEFAULT false
    );
    EXECUTE format('COMMENT ON TABLE gpra_admin_assignment.admins IS %L',
      format('[gpra %s] Who was the admin, and whether the rows were assigned by replacing the column', migration));
    CREATE TABLE gpra_admin_assignment.assigned (
      id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      assigned_table regclass NOT NULL,
      migration      text NOT NULL,
      row_ids        int8multirange NOT NULL
    );
    EXECUTE format('COMMENT ON TABLE gpra_admin_assignment.assigned IS %L',
      format('[gpra %s] The ids of the rows that were given to the admin, a batch a row, and by which migration', migration));
  END IF;
  INSERT INTO gpra_admin_assignment.admins (assigned_table, admin_id) SELECT unnest(tables), admin.id ON CONFLICT DO NOTHING;
  -- Who is gone took their rows along; what was handed over before is not to be taken from others.
  DELETE FROM gpra_admin_assignment.assigned
   WHERE assigned_table IN (SELECT m.assigned_table FROM gpra_admin_assignment.admins m
                             WHERE m.assigned_table = ANY (tables) AND m.admin_id NOT IN (SELECT id FROM ab_user));
  UPDATE gpra_admin_assignment.admins SET admin_id = admin.id WHERE assigned_table = ANY (tables) AND admin_id NOT IN (SELECT id FROM ab_user);
  RAISE NOTICE '%: the admin is % (id %)', migration, admin.username, admin.id;
END
$gpra_body$;

-- Forgets who the admin was: what they were given has been taken back. The schema goes with the last of it, unless it
-- was there before. 003 forgets what it found itself: where 002 did, that is 002's to forget.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_forget_admin() LANGUAGE plpgsql AS $gpra_body$
BEGIN
  IF to_regclass('gpra_admin_assignment.admins') IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR left(current_setting('gpra.changeset'), 3) = '003'
        AND coalesce(obj_description(to_regclass('gpra_admin_assignment.admins'), 'pg_class'), '') NOT LIKE '[gpra 003%' THEN
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

-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- Set just before: gpra.changeset, which begins with the migration's number; gpra.target, the table; and gpra.direction:
-- 'assign', 'sweep' for what has come since, or 'unassign'. It commits, so it runs outside a transaction; interrupted
-- anywhere, the same again goes on where it was.
--
-- The quick way touches no row: the column is replaced by one whose stored default is the admin's id (or that has
-- none). Both tables are locked first, for milliseconds. It is taken only where it loses nothing: all rows are alike, and
-- the column and everything on it is this project's. Its index comes back in the next steps, concurrently.
--
-- The other way goes through the primary key in ranges, each a transaction that takes about gpra.batch.time, with
-- a pause in between. Triggers are off within each, by name, so that no column but user_id changes.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_assign_rows() LANGUAGE plpgsql AS $gpra_body$
<<assign_rows>>
DECLARE
  forward       boolean := current_setting('gpra.direction') <> 'unassign';
  target        text := current_setting('gpra.target');
  migration     text := left(current_setting('gpra.changeset'), 3);
  label         text := migration || CASE WHEN forward THEN ': ' ELSE ' undone: ' END || target;
  tab           regclass := to_regclass(target);
  batch_time    interval := $gpra_value$${gpra.batch.time}$gpra_value$;
  batch_pause   interval := $gpra_value$${gpra.batch.pause}$gpra_value$;
  replica_lag   interval := $gpra_value$${gpra.replica.lag}$gpra_value$;
  wal_pending   bigint := pg_size_bytes($gpra_value$${gpra.wal.pending}$gpra_value$);
  wait_limit    interval := $gpra_value$${gpra.wait.limit}$gpra_value$;
  lock_wait     interval := current_setting('lock_timeout')::interval;
  sees_replicas boolean := pg_has_role(current_user, 'pg_monitor', 'USAGE');
  admin         integer;
  pk            name;
  reason        text;            -- why not the quick way; null if it was taken
  gaps          int8multirange;  -- ids that are not remembered
  triggers      record;
  first_id      bigint;
  last_id       bigint;
  low           bigint;
  high          bigint;
  width         bigint := 1000;
  ids           int8multirange;
  total         bigint;
  done          bigint := 0;
  n             bigint;
  tries         integer;
  since         timestamptz;
  said          timestamptz := clock_timestamp();
  waiting       text;
  memory        record;
BEGIN
  IF NOT forward AND current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR to_regclass('gpra_admin_assignment.admins') IS NULL OR tab IS NULL THEN
    RETURN;
  END IF;
  SELECT m.admin_id INTO admin FROM gpra_admin_assignment.admins m WHERE m.assigned_table = tab;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT a.attname INTO pk
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
   WHERE i.indrelid = tab AND i.indisprimary;
  -- What is asked under a lock has to be answered as of then, not as of before the wait.
  PERFORM set_config('default_transaction_isolation', 'read committed', false);
  COMMIT;
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  EXECUTE format('SELECT min(%I), max(%1$I) FROM %s', pk, tab) INTO first_id, last_id;

  -- The quick way. The question is asked twice: before any lock, and again under both.
  FOR attempt IN 1..2 LOOP
    IF current_setting('gpra.direction') = 'sweep' OR migration <> '002' THEN
      reason := 'they have come since the assignment';
      EXIT;
    END IF;
    -- Rows are looked for in the index on user_id only, whatever the planner thinks of a column that it knows nothing of. What it
    -- then thinks of the cost would have the question compiled (jit), for a second, under the locks.
    PERFORM set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
    WITH col AS (
      SELECT a.*, c.relkind, c.reltype, c.reloftype, c.relnatts, c.relname, s.nspname,
             format('idx_%s_user_id', target) AS index_name, format('fk_%s_user_id', target) AS key_name
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace s ON s.oid = c.relnamespace
       WHERE a.attrelid = tab AND a.attname = 'user_id'
    ), our_index AS (
      SELECT i.indexrelid AS oid
        FROM col JOIN pg_index i ON i.indrelid = col.attrelid JOIN pg_class c ON c.oid = i.indexrelid AND c.relname = col.index_name
       WHERE obj_description(c.oid, 'pg_class') LIKE '[gpra 001%' AND i.indisvalid AND NOT i.indisunique AND NOT i.indisclustered
         AND NOT i.indisreplident AND i.indpred IS NULL AND i.indnatts = 1 AND i.indkey[0] = col.attnum AND i.indoption[0] = 0
         AND NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) WHERE option_name IN ('fillfactor', 'deduplicate_items')) AND c.reltablespace = 0
    ), our_key AS (
      SELECT k.oid
        FROM col JOIN pg_constraint k ON k.conrelid = col.attrelid AND k.conname = col.key_name
       WHERE obj_description(k.oid, 'pg_constraint') LIKE '[gpra 001%' AND k.confrelid = to_regclass('ab_user')
         AND pg_get_constraintdef(k.oid) ~ '^FOREIGN KEY \(user_id\) REFERENCES [^ ]+\(id\) ON DELETE CASCADE( NOT VALID)?$'
         AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O')
    ), found (what) AS (
      SELECT 'user_id was there before' FROM col WHERE coalesce(col_description(attrelid, attnum), '') NOT LIKE '[gpra 001%'
      UNION ALL
      SELECT 'user_id has a default, an option or a grant' FROM col JOIN pg_type t ON t.oid = col.atttypid
       WHERE atthasdef OR attnotnull OR attidentity <> '' OR attgenerated <> '' OR attacl IS NOT NULL
          -- A newer server may keep options of its own there (pg_attver).
          OR EXISTS (SELECT FROM pg_options_to_table(attoptions) WHERE option_name IN ('n_distinct', 'n_distinct_inherited'))
          OR coalesce(attstattarget, -1) <> -1 OR attstorage <> t.typstorage OR attcompression <> ''
          OR EXISTS (SELECT FROM pg_seclabel l WHERE l.classoid = 'pg_class'::regclass AND l.objoid = attrelid AND l.objsubid = attnum)
      UNION ALL
      SELECT 'the index on user_id is not 001''s alone' WHERE NOT EXISTS (SELECT FROM our_index)
      UNION ALL
      SELECT 'the foreign key on user_id is not 001''s alone' WHERE NOT EXISTS (SELECT FROM our_key)
      UNION ALL
      SELECT pg_describe_object(d.classid, d.objid, d.objsubid) || ' depends on it'
        FROM col JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = col.attrelid AND d.refobjsubid = col.attnum
       WHERE NOT (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM our_index)
                  OR d.classid = 'pg_constraint'::regclass AND d.objid IN (SELECT oid FROM our_key))
      UNION ALL
      SELECT pg_describe_object(d.classid, d.objid, d.objsubid) || ' holds whole rows'
        FROM col JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = col.reltype AND d.deptype = 'n'
      UNION ALL
      SELECT 'the table has child tables or partitions, or is one' FROM col
       WHERE relkind <> 'r' OR reloftype <> 0 OR attinhcount > 0
          OR EXISTS (SELECT FROM pg_inherits h WHERE tab IN (h.inhparent, h.inhrelid))
      UNION ALL
      -- Nothing that follows changes would ever hear of it.
      SELECT format('the table is in the publication %I', p.pubname)
        FROM col JOIN pg_publication_tables p ON p.schemaname = col.nspname AND p.tablename = col.relname
      UNION ALL
      SELECT format('the replication slot %I decodes every table', slot_name)
        FROM pg_replication_slots WHERE slot_type = 'logical' AND database = current_database() AND plugin <> 'pgoutput'
      UNION ALL
      SELECT 'the table has had too many columns' FROM col WHERE relnatts > 1500
      UNION ALL
      SELECT 'columns were added after it' FROM col
       WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = tab AND a.attnum > col.attnum AND NOT a.attisdropped)
    )
    SELECT string_agg(what, '; ') INTO reason FROM found;
    since := clock_timestamp();

    IF reason IS NULL AND first_id IS NULL THEN
      reason := 'there is no row';
    ELSIF reason IS NULL AND forward THEN
      EXECUTE format('SELECT ''some row has an owner'' FROM %s WHERE user_id IS NOT NULL LIMIT 1', tab) INTO reason;
    ELSIF reason IS NULL THEN
      SELECT int8multirange(int8range(NULL, NULL)) - coalesce(range_agg(rows.ids), '{}') INTO gaps
        FROM (SELECT unnest(a.row_ids) AS ids FROM gpra_admin_assignment.assigned a WHERE a.assigned_table = tab) AS rows;
      IF (SELECT count(*) FROM unnest(gaps)) > 1000 THEN
        reason := 'the rows that 002 assigned are too scattered';
      ELSE
        EXECUTE format(
          'SELECT ''some row is not the admin''''s'' WHERE EXISTS (SELECT FROM %1$s WHERE user_id < $1) OR EXISTS (SELECT FROM %1$s WHERE user_id > $1)
              OR EXISTS (SELECT FROM %1$s WHERE user_id IS NULL)
           UNION ALL
           SELECT ''some row has come since''
             FROM unnest($2) AS gap CROSS JOIN LATERAL (
               SELECT FROM %1$s t WHERE t.%2$I >= coalesce(lower(gap), -9223372036854775808) AND t.%2$I < coalesce(upper(gap), 9223372036854775807) LIMIT 1) AS stray
           LIMIT 1', tab, pk) INTO reason USING admin, gaps;
      END IF;
    END IF;
    IF reason IS NULL AND clock_timestamp() - since > '100ms' THEN
      -- Entries that lead to rows of before are read each time while an old transaction is open: not under a lock.
      reason := 'the index on user_id has too many dead entries';
    END IF;
    EXIT WHEN reason IS NOT NULL OR attempt = 2;

    -- Who waits for a lock keeps others waiting: nobody queues behind one that will not come in time.
    SELECT format('a lock on %s: pid %s', l.relation::regclass, l.pid) INTO waiting
      FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.relation IN (tab, to_regclass('ab_user')) AND l.granted AND l.pid <> pg_backend_pid()
       AND (l.mode LIKE '%Exclusive%' AND l.mode NOT LIKE 'Row%' OR l.mode = 'ShareLock'
            OR lock_wait > '0' AND clock_timestamp() - a.xact_start > lock_wait)
     ORDER BY a.xact_start LIMIT 1;
    IF waiting IS NOT NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = 'lock timeout not waited for: ' || waiting;
    END IF;
    -- ab_user first, as the application reads it first. Both waits together are one lock_timeout long at most. Without
    -- the privilege for LOCK TABLE, dropping the key takes that lock; a shorter wait keeps the sum.
    since := clock_timestamp();
    IF has_table_privilege('ab_user', 'UPDATE, DELETE, TRUNCATE') THEN
      LOCK TABLE ab_user IN ACCESS EXCLUSIVE MODE;
      IF lock_wait > '0' THEN
        PERFORM set_config('lock_timeout', greatest(1, extract(epoch FROM lock_wait - (clock_timestamp() - since)) * 1000)::bigint::text, true);
      END IF;
    ELSIF lock_wait > '0' THEN
      PERFORM set_config('lock_timeout', greatest(1, extract(epoch FROM lock_wait) * 500)::bigint::text, true);
    END IF;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', tab);
    EXECUTE format('SELECT min(%I), max(%1$I) FROM %s', pk, tab) INTO first_id, last_id;
  END LOOP;

  IF reason IS NULL THEN
    EXECUTE format('ALTER TABLE %s DROP COLUMN user_id', tab);
    IF forward THEN
      EXECUTE format('ALTER TABLE %s ADD COLUMN user_id integer DEFAULT %s', tab, admin);
      EXECUTE format('ALTER TABLE %s ALTER COLUMN user_id DROP DEFAULT', tab);
      INSERT INTO gpra_admin_assignment.assigned (assigned_table, migration, row_ids)
      VALUES (tab, migration, int8multirange(int8range(first_id, last_id, '[]')));
    ELSE
      EXECUTE format('ALTER TABLE %s ADD COLUMN user_id integer', tab);
      DELETE FROM gpra_admin_assignment.assigned a WHERE a.assigned_table = tab;
    END IF;
    UPDATE gpra_admin_assignment.admins m SET column_replaced = forward WHERE m.assigned_table = tab;
    EXECUTE format('COMMENT ON COLUMN %s.user_id IS %L', tab, format('[gpra 001-%s-user-id] Owner of the row', replace(target, '_', '-')));
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT fk_%s_user_id FOREIGN KEY (user_id) REFERENCES ab_user (id) ON DELETE CASCADE NOT VALID',
      tab, target);
    EXECUTE format('COMMENT ON CONSTRAINT fk_%s_user_id ON %s IS %L', target, tab, format('[gpra 001-%s-user-id-fk-valid]', replace(target, '_', '-')));
    IF forward AND NOT EXISTS (SELECT FROM ab_user WHERE id = admin) THEN
      RAISE EXCEPTION USING MESSAGE = format('The admin (id %s) was deleted while 002 ran. Nothing was changed. Run mvn liquibase:rollback '
        '-Dliquibase.rollbackTag=001, then update: it looks for the admin again.', admin);
    END IF;
    COMMIT;
    PERFORM set_config('row_security', 'off', true);
    IF forward THEN
      -- How many there are is counted with the last look at them, in 002-verify.
      RAISE NOTICE '002: %: no row had an owner; all belong to user % now', target, admin;
    ELSE
      EXECUTE format('SELECT count(*) FROM %s', tab) INTO done;
    END IF;
  END IF;

  -- The other way. Each pass ends at the row that was the last when it began: it does not run after an application that adds rows as
  -- quickly. Another pass where many have come meanwhile; the last few are 002-verify's.
  FOR pass IN 1..3 LOOP
    EXIT WHEN reason IS NULL;
    COMMIT;
    PERFORM set_config('row_security', 'off', true);
    IF forward THEN
      EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO n;
    ELSE
      SELECT sum(upper(rows.ids) - lower(rows.ids)) INTO n
        FROM (SELECT unnest(a.row_ids) AS ids FROM gpra_admin_assignment.assigned a
               WHERE a.assigned_table = tab AND a.migration >= assign_rows.migration) AS rows;
    END IF;
    EXIT WHEN coalesce(n, 0) = 0 OR pass > 1 AND n < 1000;
    total := done + n;
    IF pass = 1 THEN
      RAISE NOTICE '%: in batches, because %', label, reason;
      IF NOT sees_replicas THEN
        RAISE NOTICE '%: without pg_monitor a replica''s lag and the WAL that awaits archiving are not seen, so nothing waits for them: '
          'GRANT pg_monitor TO %', label, quote_ident(current_user);
      END IF;
    END IF;
    EXECUTE format('SELECT max(%I) FROM %s', pk, tab) INTO last_id;
    low := NULL;
    IF pass = 1 AND forward THEN
      SELECT max(upper(a.row_ids)) INTO low FROM gpra_admin_assignment.assigned a WHERE a.assigned_table = tab;
    END IF;
    IF low IS NULL THEN
      EXECUTE format('SELECT min(%I) FROM %s', pk, tab) INTO low;
    END IF;

    LOOP
      -- A replica, the archive, a VACUUM: whatever is waited for here is waited for without a lock.
      since := clock_timestamp();
      LOOP
        SELECT string_agg(DISTINCT format('pid %s, which vacuums or alters the table', l.pid), '; ') INTO waiting
          FROM pg_locks l
         WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND l.relation = tab AND l.granted AND l.pid <> pg_backend_pid()
           AND (l.mode LIKE '%Exclusive%' AND l.mode NOT LIKE 'Row%' OR l.mode = 'ShareLock');
        IF waiting IS NULL AND sees_replicas THEN
          -- Executed as text: without pg_monitor it may not even be planned.
          EXECUTE $query$
            SELECT string_agg(line, '; ')
              FROM (SELECT format('the replica "%s"%s, %s behind', application_name, ' at ' || host(client_addr), pg_size_pretty(behind)) AS line
                      FROM (SELECT *, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS behind
                              FROM pg_stat_replication WHERE state IN ('streaming', 'catchup')) AS r
                     WHERE behind > $1 OR behind > 0 AND replay_lag > $2
                    UNION ALL
                    SELECT format('the archiving of %s of WAL', pg_size_pretty(count(*) * pg_size_bytes(current_setting('wal_segment_size'))))
                      FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready' AND current_setting('archive_mode') <> 'off'
                    HAVING count(*) * pg_size_bytes(current_setting('wal_segment_size')) > $1) AS slow
            $query$ INTO waiting USING wal_pending, replica_lag;
        END IF;
        EXIT WHEN waiting IS NULL;
        IF clock_timestamp() - since > wait_limit THEN
          RAISE EXCEPTION USING MESSAGE = format('%s: waited %s for %s. %s of %s row(s) are done and stay so. When that is over, or with higher limits '
            '(-Dgpra.replica.lag, -Dgpra.wal.pending), run the same command again: it goes on where it was.', label, wait_limit, waiting, done, total);
        END IF;
        IF said < since OR clock_timestamp() - said > '5s' THEN
          said := clock_timestamp();
          RAISE NOTICE '%: waiting for %', label, waiting;
        END IF;
        COMMIT;
        PERFORM pg_sleep(0.2);
      END LOOP;

      -- The settings of a transaction end with it.
      PERFORM set_config('row_security', 'off', true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
      -- Where the next batch begins. Not "IS NULL": the planner would take the index on user_id, and read all rows without owner.
      IF forward THEN
        EXECUTE format('SELECT %I FROM %s WHERE %1$I >= $1 AND num_nulls(user_id) = 1 ORDER BY %1$I LIMIT 1', pk, tab) INTO low USING low;
        EXIT WHEN low IS NULL OR low > last_id;
      ELSE
        SELECT a.id, a.row_ids INTO memory
          FROM gpra_admin_assignment.assigned a WHERE a.assigned_table = tab AND a.migration >= assign_rows.migration ORDER BY lower(a.row_ids) LIMIT 1;
        EXIT WHEN NOT FOUND;
        low := lower(memory.row_ids);
      END IF;
      tries := 0;
      LOOP
        PERFORM set_config('row_security', 'off', true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
        -- It ends after so many rows: numbers may be far apart.
        EXECUTE format('SELECT max(id)::bigint + 1 FROM (SELECT %I AS id FROM %s WHERE %1$I >= $1 ORDER BY %1$I LIMIT $2) AS next', pk, tab)
          INTO high USING low, width;
        IF NOT forward THEN
          ids := memory.row_ids * int8multirange(int8range(low, coalesce(high, upper(memory.row_ids))));
        END IF;
        BEGIN
          -- A deferred foreign key would leave events pending, and then no trigger can be switched off.
          SET CONSTRAINTS ALL IMMEDIATE;
          IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = tab AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')) THEN
            -- The lock that DISABLE TRIGGER takes anyway: reading goes on, writing waits for this batch.
            EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', tab);
          END IF;
          SELECT string_agg(format('DISABLE TRIGGER %I', tgname), ', ') AS off,
                 string_agg(format('ENABLE %s TRIGGER %I', CASE tgenabled WHEN 'A' THEN 'ALWAYS' END, tgname), ', ') AS back
            INTO triggers
            FROM pg_trigger
           WHERE tgrelid = tab AND NOT tgisinternal AND tgenabled IN ('O', 'A');
          IF triggers.off IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s %s', tab, triggers.off);
          END IF;
          -- From here on others wait for this batch: it does not wait long for a row.
          PERFORM set_config('lock_timeout', '100ms', true) WHERE lock_wait > '100ms' OR lock_wait = '0';
          since := clock_timestamp();
          IF forward THEN
            EXECUTE format(
              'WITH assigned AS (UPDATE %s SET user_id = $1 WHERE %I >= $2 AND %2$I < $3 AND num_nulls(user_id) = 1 RETURNING %2$I::bigint AS id)
               SELECT count(*), range_agg(int8range(id, id + 1)) FROM assigned', tab, pk)
              INTO n, ids USING admin, low, high;
            INSERT INTO gpra_admin_assignment.assigned (assigned_table, migration, row_ids) SELECT tab, migration, ids WHERE n > 0;
          ELSE
            -- A join with the ranges: "id <@ row_ids" for each row does not end with many of them. Not "=": see above.
            EXECUTE format(
              'UPDATE %s t SET user_id = NULL FROM unnest($1) AS ids
                WHERE t.%I >= lower(ids) AND t.%2$I < upper(ids) AND t.user_id IS NOT DISTINCT FROM $2', tab, pk) USING ids, admin;
            GET DIAGNOSTICS n = ROW_COUNT;
            UPDATE gpra_admin_assignment.assigned a SET row_ids = a.row_ids - ids WHERE a.id = memory.id;
            DELETE FROM gpra_admin_assignment.assigned a WHERE a.id = memory.id AND isempty(a.row_ids);
          END IF;
          IF triggers.back IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s %s', tab, triggers.back);
          END IF;
          EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
          -- Nothing of this batch is left. After some tries the run says who is in the way, and tries on.
          tries := tries + 1;
          IF tries > 5 THEN
            RAISE;
          END IF;
          width := greatest(100, width / 2);
        END;
        COMMIT;
        PERFORM pg_sleep(0.1 * 2 ^ tries * (0.75 + random() / 2));
      END LOOP;
      COMMIT;
      done := done + n;

      -- As many as fit into the time, never more than twice as many as before; what was half empty says nothing.
      IF n > width / 2 THEN
        width := greatest(100, least(width * 2, (width * extract(epoch FROM batch_time) / greatest(extract(epoch FROM clock_timestamp() - since), 0.0001))::bigint));
      END IF;
      IF clock_timestamp() - said > '1s' THEN
        said := clock_timestamp();
        RAISE NOTICE '%: % of % row(s) %', label, done, total, CASE WHEN forward THEN 'assigned' ELSE 'without owner again' END;
      END IF;
      low := high;
      IF n > 0 THEN
        PERFORM pg_sleep(extract(epoch FROM batch_pause));
      END IF;
    END LOOP;
    EXIT WHEN NOT forward;
  END LOOP;

  IF forward AND done > 0 THEN
    RAISE NOTICE '%: % row(s) had no owner and belong to user % now', label, done, admin;
  ELSIF NOT forward THEN
    UPDATE gpra_admin_assignment.admins m SET column_replaced = false WHERE m.assigned_table = tab AND m.column_replaced AND migration = '002';
    RAISE NOTICE '%: % row(s) are without owner again', label, done;
  END IF;
END
$gpra_body$;

-- The last rows without owner, which the old application added meanwhile, and the proof that none is left. Writing waits
-- for these milliseconds; they are found by the index on user_id. gpra.target, set just before, is the table; gpra.changeset
-- begins with the migration's number.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_sweep_rows() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  migration text := left(current_setting('gpra.changeset'), 3);
  target    text := current_setting('gpra.target');
  tab       regclass := to_regclass(target);
  admin     integer;
  pk        name;
  triggers  record;
  ids       int8multirange;
  unowned   bigint;
  n         bigint;
  given     bigint;
  quick     int8multirange;  -- the rows that were given by replacing the column
  since     timestamptz;
  holder    integer;
BEGIN
  SELECT m.admin_id INTO admin FROM gpra_admin_assignment.admins m WHERE m.assigned_table = tab;
  SELECT a.attname INTO pk
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
   WHERE i.indrelid = tab AND i.indisprimary;
  -- What is asked under a lock has to be answered as of then, not as of before the wait.
  PERFORM set_config('default_transaction_isolation', 'read committed', false);
  COMMIT;
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
  SET CONSTRAINTS ALL IMMEDIATE;
  -- Looked for once without the lock: entries of the index that lead to rows of before are not followed a second time, unless
  -- an older transaction is open. Nobody is to wait while they are.
  EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO unowned;
  since := clock_timestamp();
  EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO unowned;
  IF clock_timestamp() - since > '200ms' THEN
    SELECT pid INTO holder
      FROM pg_stat_activity
     WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND coalesce(datname = current_database(), true)
     ORDER BY age(backend_xmin) DESC LIMIT 1;
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('lock timeout not waited for: the end of a transaction that keeps dead '
      'entries in the index on %s.user_id: pid %s', target, coalesce(holder::text, 'unknown (a prepared transaction, or not visible without pg_monitor)'));
  END IF;
  SELECT l.pid INTO holder
    FROM pg_locks l
   WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND l.relation = tab AND l.granted AND l.pid <> pg_backend_pid()
     AND (l.mode LIKE '%Exclusive%' AND l.mode NOT LIKE 'Row%' OR l.mode = 'ShareLock') LIMIT 1;
  IF holder IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('lock timeout not waited for: a lock on %s: pid %s', target, holder);
  END IF;

  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', tab);
  EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO unowned;
  IF unowned > 0 THEN
    -- From here on others wait: it does not wait long for a row.
    PERFORM set_config('lock_timeout', '100ms', true) WHERE current_setting('lock_timeout')::interval > '100ms';
    SELECT string_agg(format('DISABLE TRIGGER %I', tgname), ', ') AS off,
           string_agg(format('ENABLE %s TRIGGER %I', CASE tgenabled WHEN 'A' THEN 'ALWAYS' END, tgname), ', ') AS back
      INTO triggers
      FROM pg_trigger
     WHERE tgrelid = tab AND NOT tgisinternal AND tgenabled IN ('O', 'A');
    IF triggers.off IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s %s', tab, triggers.off);
    END IF;
    EXECUTE format(
      'WITH assigned AS (UPDATE %s SET user_id = $1 WHERE user_id IS NULL RETURNING %I::bigint AS id)
       SELECT count(*), range_agg(int8range(id, id + 1)) FROM assigned', tab, pk)
      INTO n, ids USING admin;
    INSERT INTO gpra_admin_assignment.assigned (assigned_table, migration, row_ids) SELECT tab, migration, ids WHERE n > 0;
    IF triggers.back IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s %s', tab, triggers.back);
    END IF;
    RAISE NOTICE '%: %: % more row(s) had no owner and belong to user % now', migration, target, n, admin;
    EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO unowned;
  END IF;
  IF unowned > 0 THEN
    RAISE EXCEPTION USING MESSAGE = format('%s is not complete: %s row(s) of %s have no owner. A trigger or rule on the table undoes it: '
      'look at \d %3$s, then run update again.', migration, unowned, target);
  END IF;
  COMMIT;
  IF current_setting('gpra.direction') = 'watch' THEN
    -- Counted after that.
    RETURN;
  END IF;

  -- How many there are, by one process: others start slowly, and would take the application's cores.
  PERFORM set_config('row_security', 'off', true), set_config('max_parallel_workers_per_gather', '0', true);
  SELECT a.row_ids INTO quick
    FROM gpra_admin_assignment.admins m JOIN gpra_admin_assignment.assigned a USING (assigned_table)
   WHERE m.assigned_table = tab AND m.column_replaced ORDER BY a.id LIMIT 1;
  EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %I >= $1 AND %1$I < $2) FROM %s', pk, tab)
    INTO n, given USING lower(quick), upper(quick);
  IF given > 0 AND migration = '002' THEN
    RAISE NOTICE '002: %: % row(s) had no owner and belong to user % now', target, given, admin;
  END IF;
  RAISE NOTICE '% verified: %: % row(s), % without owner', migration, target, n, unowned;
END
$gpra_body$;

-- Watches gpra.target for as long as gpra.owner.quiet: if no row without owner comes, none is accepted from then on. The rows
-- that are there are validated later. It commits, so it runs outside a transaction.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_refuse_unowned_rows() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  target  text := current_setting('gpra.target');
  tab     regclass := to_regclass(target);
  quiet   interval := $gpra_value$${gpra.owner.quiet}$gpra_value$;
  since   timestamptz := clock_timestamp();
  n       bigint;
BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = tab AND conname = format('ck_%s_user_id', target)
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003%') THEN
    RETURN;
  END IF;
  LOOP
    PERFORM set_config('row_security', 'off', true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
    EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO n;
    IF n > 0 THEN
      RAISE EXCEPTION USING MESSAGE = format('Rows without owner keep arriving: %s in %s within the last %s s. They are accepted as before. See them: '
        'SELECT * FROM %2$s WHERE user_id IS NULL. The application has to set user_id first (docs/tenants.md), then run the same command again.',
        n, target, extract(epoch FROM clock_timestamp() - since)::numeric(9, 1));
    END IF;
    EXIT WHEN clock_timestamp() - since >= quiet;
    COMMIT;
    PERFORM pg_sleep(least(0.5, extract(epoch FROM quiet)));
  END LOOP;
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT ck_%s_user_id CHECK (user_id IS NOT NULL) NOT VALID', tab, target);
  EXECUTE format('COMMENT ON CONSTRAINT ck_%s_user_id ON %s IS %L', target, tab, '[gpra 003] Every row has an owner');
END
$gpra_body$;

-- Rows without owner are accepted again in gpra.target, where 003 refused them.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_accept_unowned_rows() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(target) AND conname = format('ck_%s_user_id', target)
                    AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003%') THEN
    EXECUTE format('ALTER TABLE %I ALTER COLUMN user_id DROP NOT NULL, DROP CONSTRAINT ck_%1$s_user_id', target);
  END IF;
END
$gpra_body$;

-- Before an index on gpra.target's user_id is built concurrently. That cannot be done in a block, and IF NOT EXISTS, which
-- looks at the name only, is the one condition it knows. So where there is a valid index already, its working name is
-- taken by one on an empty table, and nothing is built; gpra_end_owner_index removes that.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_owner_index() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF to_regclass('gpra_no_building') IS NOT NULL THEN
    DROP TABLE gpra_no_building;
  END IF;
  IF to_regclass(target) IS NULL
     OR NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(target) AND attname = 'user_id')
     OR EXISTS (SELECT FROM pg_index
                 WHERE indrelid = to_regclass(target) AND indisvalid
                   AND pg_get_indexdef(indexrelid) ~ '^CREATE INDEX .* USING btree \(user_id\)( WITH \([^()]*\))?$') THEN
    CREATE TABLE gpra_no_building (id integer);
    EXECUTE format('CREATE INDEX gpra_building_idx_%s_user_id ON gpra_no_building (id)', target);
  END IF;
END
$gpra_body$;

-- Gives the index gpra.index, which has just been built concurrently, its name and its mark in one transaction: 001's, where
-- 002 builds it again too; a later migration's number is in gpra.changeset.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_owner_index() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  name      text := current_setting('gpra.index');
  migration text := greatest(left(current_setting('gpra.changeset', true), 3), '003');
  working   regclass := to_regclass('gpra_building_' || name);
BEGIN
  IF to_regclass('gpra_no_building') IS NOT NULL THEN
    -- There was one already (gpra_begin_owner_index).
    DROP TABLE gpra_no_building;
  ELSIF NOT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = working), false) THEN
    RAISE EXCEPTION USING MESSAGE = format('The index %s was not built. Run the same command again: it builds it anew.', name);
  ELSE
    EXECUTE format('ALTER INDEX %s RENAME TO %I', working, name);
    EXECUTE format('COMMENT ON INDEX %I IS %L', name, CASE WHEN migration > '003' THEN format('[gpra %s] Rows by %s', migration, pg_get_indexdef(to_regclass(name), 1, false))
                                                           ELSE format('[gpra 001-%s-index]', replace(substr(name, 5), '_', '-')) END);
  END IF;
END
$gpra_body$;

-- Gives the index gpra.index, if it bears a mark of ours, its working name: the next statement drops that one, concurrently.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_drop_owner_index() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  name text := current_setting('gpra.index');
BEGIN
  IF to_regclass('gpra_no_building') IS NOT NULL THEN
    -- Left by a run that was killed (gpra_begin_owner_index).
    DROP TABLE gpra_no_building;
  END IF;
  IF current_setting('gpra.guarded', true) = 'yes' AND obj_description(to_regclass(name), 'pg_class') ~ '^\[gpra \d{3}[]-]' THEN
    EXECUTE format('ALTER INDEX %I RENAME TO gpra_building_%1$s', name);
  END IF;
END
$gpra_body$;

-- Checks that each owner in gpra.target is a user, where 001's foreign key was put back NOT VALID. Reading and writing go on.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_validate_key() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF EXISTS (SELECT FROM pg_constraint
              WHERE conrelid = to_regclass(target) AND conname = format('fk_%s_user_id', target) AND NOT convalidated
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001%') THEN
    PERFORM set_config('row_security', 'off', true);
    EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT fk_%1$s_user_id', target);
  END IF;
END
$gpra_body$;

-- Removes the subscription that 002 made for the admin, if nobody changed it since, filled a column added to it, or refers to it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_remove_admin_subscription() LANGUAGE plpgsql AS $gpra_body$
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
