-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- Set just before: gpra.changeset, which begins with the migration's number; gpra.target, the table; and gpra.direction:
-- 'assign', 'sweep' for what has come since, or 'unassign'. It commits, so it runs outside a transaction; interrupted
-- anywhere, the same again goes on where it was.
--
-- The quick way touches no row: the column is replaced by one whose stored default is the admin's id (or that has
-- none). Both tables are locked first, for milliseconds. It is taken only where it loses nothing: all rows are alike, and
-- the column and everything on it is this project's. Its index comes back in the next changeset, concurrently.
--
-- The other way goes through the primary key in ranges, each a transaction that takes about gpra.batch.time, with
-- a pause in between. Triggers are off within each, by name, so that no column but user_id changes.
DO $gpra_body$
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
