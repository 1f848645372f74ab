-- fillColumn and unfillColumn.

-- What a comment of the memory says behind the mark.
CREATE OR REPLACE FUNCTION pg_temp.gpra_memory_remarks(what text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT CASE what WHEN 'fills' THEN 'What each column was filled with, and whether by replacing it'
                   WHEN 'filled' THEN 'The ids of the rows that were filled, a batch a row, and by which changeset'
                   ELSE 'What was filled in, so that a rollback takes back this and no more' END
$gpra_body$;

-- What fills remember: which value a column was filled with, and which rows got it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_make_memory(memory text, mark text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF to_regnamespace(quote_ident(memory)) IS NULL THEN
    EXECUTE format('CREATE SCHEMA %I', memory);
    EXECUTE format('COMMENT ON SCHEMA %I IS %L', memory, concat_ws(' ', mark, pg_temp.gpra_memory_remarks('schema')));
  END IF;
  EXECUTE format('CREATE TABLE %I.fills (filled_table regclass NOT NULL, filled_column text NOT NULL, changeset text NOT NULL, value text NOT NULL, '
    'column_replaced boolean NOT NULL DEFAULT false, index_comment text, PRIMARY KEY (filled_table, filled_column))', memory);
  EXECUTE format('COMMENT ON TABLE %I.fills IS %L', memory, concat_ws(' ', mark, pg_temp.gpra_memory_remarks('fills')));
  EXECUTE format('CREATE TABLE %I.filled (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, filled_table regclass NOT NULL, filled_column text NOT NULL, '
    'changeset text NOT NULL, row_ids int8multirange NOT NULL)', memory);
  EXECUTE format('COMMENT ON TABLE %I.filled IS %L', memory, concat_ws(' ', mark, pg_temp.gpra_memory_remarks('filled')));
END $gpra_body$;

-- Where it is there, it is looked into through two views, as nobody else has to know the name of its schema. With a mark, it is made.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_open_memory(memory text, mark text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF mark IS NOT NULL AND to_regclass(format('%I.filled', memory)) IS NULL THEN
    CALL pg_temp.gpra_make_memory(memory, mark);
  END IF;  -- where there is gpra_fill( or gpra_open_memory(
  IF to_regclass(format('%I.filled', memory)) IS NOT NULL THEN
    EXECUTE format('CREATE OR REPLACE TEMPORARY VIEW gpra_fills AS SELECT * FROM %I.fills', memory);
    EXECUTE format('CREATE OR REPLACE TEMPORARY VIEW gpra_filled AS SELECT * FROM %I.filled', memory);
  END IF;
END $gpra_body$;

-- The memory is not looked into any more: the views would keep it from being dropped.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_close_memory() LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF to_regclass('pg_temp.gpra_filled') IS NOT NULL THEN
    DROP VIEW pg_temp.gpra_fills, pg_temp.gpra_filled;
  END IF;
END $gpra_body$;

-- Whether the memory knows of a column that it was filled.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_remembered(tab regclass, col text) RETURNS boolean LANGUAGE plpgsql AS $gpra_body$ BEGIN
  RETURN EXISTS (SELECT FROM pg_temp.gpra_fills f WHERE f.filled_table = tab AND f.filled_column = col);
END $gpra_body$;

-- Rows are looked for in an index only, whatever the planner thinks of a column that it knows nothing of; as a tenant, where one is named. What it then
-- thinks of the cost would have the question compiled (jit), for a second, under locks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_by_index(tenant text DEFAULT NULL) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  CALL pg_temp.gpra_see_as(tenant);
  PERFORM set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
END $gpra_body$;

-- As whom a table's rows are looked at, where none may be missed.
CREATE OR REPLACE FUNCTION pg_temp.gpra_seen_as(tab regclass) RETURNS text[] LANGUAGE plpgsql AS $gpra_body$
DECLARE ids text[] := pg_temp.gpra_tenants(tab);
BEGIN
  PERFORM pg_temp.gpra_refuse(format('Row-level security hides rows of %s. Run it as a role that sees all, or give the changelog the parameters '
      'tenant.setting and tenant.ids; then run the same command again.', tab)) WHERE ids IS NULL;
  RETURN ids;
END $gpra_body$;

-- The one column of a table's primary key, by which filled rows are remembered.
CREATE OR REPLACE FUNCTION pg_temp.gpra_key_of(tab regclass, required boolean DEFAULT true) RETURNS name LANGUAGE plpgsql AS $gpra_body$
DECLARE pk name;
BEGIN
  SELECT a.attname INTO pk
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
   WHERE i.indrelid = tab AND i.indisprimary AND i.indnkeyatts = 1 AND a.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype);
  PERFORM pg_temp.gpra_refuse(format('%s has no primary key of one integer column, by which rows are told apart. Add one, then run the same '
      'command again.', tab)) WHERE required AND pk IS NULL;
  RETURN pk;
END $gpra_body$;

-- Writes rows, of ids from one to another where it says so, with the table's triggers switched off, by name, for one transaction. So no other column
-- changes. (Not what keeps a column in step.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_write(tab regclass, statement text, low bigint, high bigint, INOUT n bigint, INOUT took interval) LANGUAGE plpgsql AS $gpra_body$
DECLARE disable text; enable text; since timestamptz;
BEGIN
  -- A deferred foreign key would leave events pending, and then no trigger can be switched off.
  SET CONSTRAINTS ALL IMMEDIATE;
  SELECT string_agg(format('DISABLE TRIGGER %I', tgname), ', '),
         string_agg(format('ENABLE %s TRIGGER %I', CASE tgenabled WHEN 'A' THEN 'ALWAYS' END, tgname), ', ')
    INTO disable, enable
    FROM pg_trigger WHERE tgrelid = tab AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgname NOT LIKE 'zz\_gpra\_step\_%';
  IF disable IS NOT NULL THEN
    -- The lock that this takes anyway: reading goes on, writing waits for this batch.
    CALL pg_temp.gpra_lock(ARRAY[tab], 'SHARE ROW EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s %s', tab, disable);
  END IF;
  -- From here on others wait for it: it does not wait long for a row.
  PERFORM set_config('lock_timeout', '50ms', true);
  since := clock_timestamp();
  EXECUTE statement INTO n USING low, high;
  took := clock_timestamp() - since;
  IF enable IS NOT NULL THEN
    EXECUTE format('ALTER TABLE %s %s', tab, enable);
  END IF;
END $gpra_body$;

-- Why a column cannot be replaced by one that has the value, or has none: null where it would lose nothing. All that is on it has to be this
-- changelog's, and to come back: its one index, and foreign keys.
CREATE OR REPLACE FUNCTION pg_temp.gpra_not_replaceable(tab regclass, col text, index_name text) RETURNS text LANGUAGE sql AS $gpra_body$
  WITH it AS (
    SELECT a.*, t.typtype, t.typstorage, t.typcollation, c.relkind, c.reltype, c.reloftype, c.relnatts, c.relname, c.relnamespace, s.nspname
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = tab AND a.attname = col
  ), our_index AS (
    SELECT i.indexrelid AS oid
      FROM it JOIN pg_index i ON i.indrelid = it.attrelid JOIN pg_class c ON c.oid = i.indexrelid AND c.relname = index_name
     WHERE starts_with(obj_description(c.oid, 'pg_class'), '[{mark} ') AND i.indisvalid AND NOT i.indisunique AND NOT i.indisclustered
       AND NOT i.indisreplident AND i.indpred IS NULL AND i.indnatts = 1 AND i.indkey[0] = it.attnum AND i.indoption[0] = 0
       AND NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) WHERE option_name IN ('fillfactor', 'deduplicate_items')) AND c.reltablespace = 0
  ), our_key AS (
    SELECT k.oid
      FROM it JOIN pg_constraint k ON k.conrelid = it.attrelid AND k.conkey = ARRAY[it.attnum] AND k.contype = 'f'
     WHERE starts_with(obj_description(k.oid, 'pg_constraint'), '[{mark} ')
       AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O') AND NOT row_security_active(k.confrelid)
  ), found (what) AS (
    SELECT format('row-level security shows %s no row but each tenant''s', current_user) WHERE row_security_active(tab)
    UNION ALL SELECT col || ' was there before' FROM it WHERE coalesce(col_description(attrelid, attnum), '') NOT LIKE '[{mark} %'
    UNION ALL SELECT col || ' has a default, an option or a grant' FROM it
     WHERE atthasdef OR attnotnull OR attidentity <> '' OR attgenerated <> '' OR attacl IS NOT NULL OR attcollation <> typcollation
        -- A newer server may keep options of its own there (pg_attver).
        OR EXISTS (SELECT FROM pg_options_to_table(attoptions) WHERE option_name IN ('n_distinct', 'n_distinct_inherited'))
        OR typtype = 'd' OR coalesce(attstattarget, -1) <> -1 OR attstorage <> typstorage OR attcompression <> ''
        OR EXISTS (SELECT FROM pg_seclabel l WHERE l.classoid = 'pg_class'::regclass AND l.objoid = attrelid AND l.objsubid = attnum)
    UNION ALL SELECT format('the index %s is not this changelog''s alone', index_name) WHERE NOT EXISTS (SELECT FROM our_index)
    UNION ALL SELECT pg_describe_object(d.classid, d.objid, d.objsubid) || ' depends on it'
      FROM it JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = it.attrelid AND d.refobjsubid = it.attnum
     WHERE NOT (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM our_index)
                OR d.classid = 'pg_constraint'::regclass AND d.objid IN (SELECT oid FROM our_key))
    UNION ALL SELECT pg_describe_object(d.classid, d.objid, d.objsubid) || ' holds whole rows'
      FROM it JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = it.reltype AND d.deptype = 'n'
    UNION ALL SELECT 'the table has child tables or partitions, or is one' FROM it
     WHERE relkind <> 'r' OR reloftype <> 0 OR attinhcount > 0
        OR EXISTS (SELECT FROM pg_inherits h WHERE tab IN (h.inhparent, h.inhrelid))
    UNION ALL
    -- Nothing that follows changes would ever hear of it.
    SELECT format('the table is in the publication %I', p.pubname)
      FROM it JOIN pg_publication_tables p ON p.schemaname = it.nspname AND p.tablename = it.relname
    UNION ALL SELECT format('the replication slot %I decodes every table', slot_name)
      FROM pg_replication_slots WHERE slot_type = 'logical' AND database = current_database() AND plugin <> 'pgoutput'
    UNION ALL SELECT 'the table has had too many columns' FROM it WHERE relnatts > 1500
    UNION ALL SELECT 'columns were added after it' FROM it
     WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = tab AND a.attnum > it.attnum AND NOT a.attisdropped)
  )
  SELECT string_agg(what, '; ') FROM found
$gpra_body$;

-- Why a column cannot lose its values by being replaced; null where each row has the value, and all of them were filled.
CREATE OR REPLACE FUNCTION pg_temp.gpra_not_all_filled(tab regclass, col text, value text) RETURNS text LANGUAGE plpgsql AS $gpra_body$
DECLARE
  reason text;
  gaps   int8multirange;  -- ids that are not remembered
BEGIN
  SELECT int8multirange(int8range(NULL, NULL)) - coalesce(range_agg(rows.ids), '{}') INTO gaps
    FROM (SELECT unnest(f.row_ids) AS ids FROM pg_temp.gpra_filled f WHERE f.filled_table = tab AND f.filled_column = col) AS rows;
  IF (SELECT count(*) FROM unnest(gaps)) > 1000 THEN RETURN 'the rows that were filled are too scattered'; END IF;
  EXECUTE format(
    'SELECT ''some row has another value'' WHERE EXISTS (SELECT FROM %1$s WHERE %3$I < %4$s) OR EXISTS (SELECT FROM %1$s WHERE %3$I > %4$s)
        OR EXISTS (SELECT FROM %1$s WHERE %3$I IS NULL)
     UNION ALL SELECT ''some row has come since''
       FROM unnest($1) AS gap CROSS JOIN LATERAL (
         SELECT FROM %1$s t WHERE t.%2$I >= coalesce(lower(gap), -9223372036854775808) AND t.%2$I < coalesce(upper(gap), 9223372036854775807) LIMIT 1) AS stray
     LIMIT 1', tab, pg_temp.gpra_key_of(tab), col, value) INTO reason USING gaps;
  RETURN reason;
END $gpra_body$;

-- Replaces a column by one whose stored default is the value, or that has none: no row is touched. The tables that its keys lead to are
-- locked with it for milliseconds. Its index comes back in the next steps. Otherwise says why not, as the question may answer.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_replace_column(tab regclass, col text, index_name text, value text, question text, INOUT reason text) LANGUAGE plpgsql AS $gpra_body$
DECLARE parents regclass[]; since timestamptz; type text; comment text; keys text[]; key text;
BEGIN
  -- It is asked twice: before any lock, and again under all of them.
  FOR attempt IN 1..2 LOOP
    CALL pg_temp.gpra_by_index();
    reason := pg_temp.gpra_not_replaceable(tab, col, index_name);
    since := clock_timestamp();
    IF reason IS NULL THEN
      EXECUTE format('(SELECT ''there is no row'' WHERE NOT EXISTS (SELECT FROM %s)) UNION ALL (%s) LIMIT 1', tab, question) INTO reason;
    END IF;
    IF reason IS NULL AND clock_timestamp() - since > '100ms' THEN
      -- Entries that lead to rows of before are read each time while an old transaction is open: not under a lock.
      reason := format('the index %s has too many dead entries', index_name);
    END IF;
    EXIT WHEN reason IS NOT NULL OR attempt = 2;

    parents := array(SELECT DISTINCT k.confrelid::regclass FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = tab AND a.attname = col
                      WHERE k.conrelid = tab AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] AND k.confrelid <> tab);
    CALL pg_temp.gpra_lock(parents || tab, 'ACCESS EXCLUSIVE');
  END LOOP;
  IF reason IS NOT NULL THEN RETURN; END IF;

  SELECT format_type(a.atttypid, a.atttypmod), col_description(tab, a.attnum) INTO type, comment
    FROM pg_attribute a WHERE a.attrelid = tab AND a.attname = col;
  -- Its keys come back at once, not validated yet.
  keys := array(SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s%s; COMMENT ON CONSTRAINT %2$I ON %1$s IS %5$L', tab, k.conname, pg_get_constraintdef(k.oid),
                         CASE WHEN k.convalidated THEN ' NOT VALID' END, obj_description(k.oid, 'pg_constraint'))
                  FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = tab AND a.attname = col AND k.conkey = ARRAY[a.attnum]
                 WHERE k.conrelid = tab AND k.contype = 'f');
  UPDATE pg_temp.gpra_fills f SET column_replaced = gpra_replace_column.value IS NOT NULL, index_comment = obj_description(i.indexrelid, 'pg_class')
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE f.filled_table = tab AND f.filled_column = col AND i.indrelid = tab AND c.relname = index_name;
  EXECUTE format('ALTER TABLE %s DROP COLUMN %I', tab, col);
  EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s%s', tab, col, type, ' DEFAULT ' || value);
  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', tab, col);
  EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', tab, col, comment);
  FOREACH key IN ARRAY keys LOOP
    EXECUTE key;
  END LOOP;
END $gpra_body$;

-- A replica, the archive, a VACUUM: whatever is waited for here is waited for without a lock. It commits.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_wait_for_others(tab regclass, label text, done bigint, total bigint) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  replica_lag   interval := $gpra_value$${gpra.replica.lag}$gpra_value$;
  wal_pending   bigint := pg_size_bytes($gpra_value$${gpra.wal.pending}$gpra_value$);
  wait_limit    interval := $gpra_value$${gpra.wait.limit}$gpra_value$;
  since         timestamptz := clock_timestamp();
  said timestamptz; waiting text;
BEGIN
  LOOP
    SELECT string_agg(DISTINCT format('pid %s, which vacuums or alters the table', l.pid), '; ') INTO waiting FROM pg_temp.gpra_in_the_way(ARRAY[tab], 'SHARE UPDATE EXCLUSIVE') AS l;
    IF waiting IS NULL AND pg_has_role(current_user, 'pg_monitor', 'USAGE') THEN
      -- Executed as text: without pg_monitor it may not even be planned.
      EXECUTE $query$
        SELECT string_agg(line, '; ')
          FROM (SELECT format('the replica "%s"%s, %s behind', application_name, ' at ' || host(client_addr), pg_size_pretty(behind)) AS line
                  FROM (SELECT *, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS behind
                          FROM pg_stat_replication WHERE state IN ('streaming', 'catchup')) AS r
                 WHERE behind > $1 OR behind > 0 AND replay_lag > $2
                UNION ALL SELECT format('the archiving of %s of WAL', pg_size_pretty(count(*) * pg_size_bytes(current_setting('wal_segment_size'))))
                  FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready' AND current_setting('archive_mode') <> 'off'
                HAVING count(*) * pg_size_bytes(current_setting('wal_segment_size')) > $1) AS slow
        $query$ INTO waiting USING wal_pending, replica_lag;
    END IF;
    EXIT WHEN waiting IS NULL;
    PERFORM pg_temp.gpra_refuse(format('%s: waited %s for %s. %s of %s row(s) are done and stay so. When that is over, or with higher limits '
        '(-Dgpra.replica.lag, -Dgpra.wal.pending), run the same command again: it goes on where it was.', label, wait_limit, waiting, done, total))
      WHERE clock_timestamp() - since > wait_limit;
    IF said IS NULL OR clock_timestamp() - said > '30s' THEN
      said := clock_timestamp();
      RAISE NOTICE '%: waiting for %, at most % more', label, waiting, date_trunc('second', wait_limit - (said - since));
    END IF;
    COMMIT;
    PERFORM pg_sleep(0.2);
  END LOOP;
END $gpra_body$;

-- Writes a table's rows in ranges of the primary key, each a transaction of about gpra.batch.time with a pause behind it. It commits, so it runs outside
-- of a transaction. A query says from which id on ($1) the next ones are, a statement writes them ($1 to $2) and says how many it wrote. (Of a table without
-- such a key it is ranges of its pages; then a query says where so many rows ($2) end.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_in_batches(tab regclass, label text, reason text, verb text, next text, statement text, total bigint, INOUT done bigint,
                                                    low bigint DEFAULT NULL, tenant text DEFAULT NULL, reach text DEFAULT NULL) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  batch_time  interval := $gpra_value$${gpra.batch.time}$gpra_value$;
  batch_pause interval := $gpra_value$${gpra.batch.pause}$gpra_value$;
  width       bigint := 1000;
  said        timestamptz := clock_timestamp();
  high bigint; n bigint; took interval; tries integer;
BEGIN
  IF reason IS NOT NULL THEN
    RAISE NOTICE '%: in batches, because %', label, reason;
    IF NOT pg_has_role(current_user, 'pg_monitor', 'USAGE') THEN
      RAISE NOTICE '%: without pg_monitor a replica''s lag and the WAL that awaits archiving are not seen, so nothing waits for them: '
        'GRANT pg_monitor TO %', label, quote_ident(current_user);
    END IF;
  END IF;
  low := coalesce(low, -9223372036854775808);
  -- It ends after so many rows: numbers may be far apart.
  reach := coalesce(reach, format('SELECT max(id)::bigint FROM (SELECT %1$I AS id FROM %2$s WHERE %1$I >= $1 ORDER BY %1$I LIMIT $2) AS next', pg_temp.gpra_key_of(tab), tab));
  LOOP
    CALL pg_temp.gpra_wait_for_others(tab, label, done, total);
    -- The settings of a transaction end with it.
    CALL pg_temp.gpra_by_index(tenant);
    EXECUTE next INTO low USING low;
    EXIT WHEN low IS NULL;
    tries := 0;
    LOOP
      CALL pg_temp.gpra_by_index(tenant);
      EXECUTE reach INTO high USING low, width;
      BEGIN
        CALL pg_temp.gpra_write(tab, statement, low, high, n, took);
        EXIT;
      EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        -- Nothing of this batch is left. After some tries the run says who is in the way, and tries on.
        tries := tries + 1;
        IF tries > 5 THEN RAISE; END IF;
        width := greatest(100, width / 2);
      END;
      COMMIT;
      PERFORM pg_sleep(0.1 * 2 ^ tries * (0.75 + random() / 2));
    END LOOP;
    COMMIT;
    done := done + n;

    -- As many as fit into the time, never more than twice as many as before; what was half empty says nothing.
    IF n > width / 2 THEN
      width := greatest(100, least(width * 2, (width * extract(epoch FROM batch_time) / greatest(extract(epoch FROM took), 0.0001))::bigint));
    END IF;
    IF clock_timestamp() - said > '1s' THEN
      said := clock_timestamp();
      RAISE NOTICE '%: % of % row(s) %', label, done, greatest(done, total), verb;
    END IF;
    EXIT WHEN high = 9223372036854775807;
    low := high + 1;
    IF n > 0 THEN
      PERFORM pg_sleep(extract(epoch FROM batch_pause));
    END IF;
  END LOOP;
END $gpra_body$;

-- What a column is filled with, as SQL: a constant, or what is computed for each row.
CREATE OR REPLACE FUNCTION pg_temp.gpra_fill_value(tab regclass, col text, value text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT CASE WHEN starts_with(value, E'each row:\t') THEN format('(%s)', substr(value, 11)) ELSE format('%L::%s', value, pg_temp.gpra_type_of(tab, col)) END
$gpra_body$;

-- What fills rows, and remembers which; it says how many. A row for which a value of its own is null stays as it is.
CREATE OR REPLACE FUNCTION pg_temp.gpra_fill_statement(tab regclass, col text, changeset text, value text, condition text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT format('WITH filled AS (UPDATE %1$s SET %2$I = %3$s WHERE %4$s AND %3$s IS NOT NULL RETURNING %5$I::bigint AS gpra_id), remembered AS (
                   INSERT INTO pg_temp.gpra_filled (filled_table, filled_column, changeset, row_ids)
                   SELECT %6$L::regclass, %2$L, %7$L, range_agg(int8range(gpra_id, gpra_id, ''[]'')) FROM filled HAVING count(*) > 0)
                 SELECT count(*) FROM filled', tab, col, value, condition, pg_temp.gpra_key_of(tab), tab, changeset)
$gpra_body$;

-- Where a column's keys lead to, and its value is not there any more; null where it is, or each row has one of its own.
CREATE OR REPLACE FUNCTION pg_temp.gpra_gone_from(tab regclass, col text, value text) RETURNS text LANGUAGE plpgsql AS $gpra_body$
DECLARE gone text;
BEGIN
  SELECT string_agg(format('SELECT %L WHERE NOT EXISTS (SELECT FROM %s WHERE %I = %s)', k.confrelid::regclass, k.confrelid::regclass, r.attname,
                      pg_temp.gpra_fill_value(tab, col, value)), ' UNION ALL ') INTO gone
    FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = tab AND a.attname = col AND k.conkey = ARRAY[a.attnum]
    JOIN pg_attribute r ON r.attrelid = k.confrelid AND r.attnum = k.confkey[1]
   WHERE k.conrelid = tab AND k.contype = 'f' AND value NOT LIKE E'each row:\t%';
  IF gone IS NOT NULL THEN
    EXECUTE gone INTO gone;
  END IF;
  RETURN gone;
END $gpra_body$;

-- Fills a column's rows that have no value. It commits, so it runs outside of a transaction; interrupted anywhere, the same again goes on where it was. The
-- value is an expression, evaluated once and remembered: what comes later gets the same, unless it has gone from where the column's keys lead to. Then what
-- was filled with it went along, or is not to be taken from others.
--
-- The quick way replaces the column, where no row has a value. The other way goes through the rows in batches: where row-level security binds, tenant by tenant.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_fill(target text, col text, expression text, index_name text, changeset text, memory text, quickly boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab     regclass := to_regclass(target);
  label   text := format('%s.%s', tab, col);
  mark    text := format('[{mark} %s]', changeset);
  value   text;                                -- as SQL
  reason  text := 'they have come since';      -- why not the quick way; null if it was taken
  seen_as text[] := pg_temp.gpra_seen_as(tab);
  done    bigint := 0;
  known text; gone text; pk name; tenant text; low bigint; last_id bigint; n bigint;
BEGIN
  -- (It commits: nothing of it could be taken back at the end.)
  CALL pg_temp.gpra_must_be_guarded(mark);
  PERFORM pg_temp.gpra_refuse(format('%s.%s is not there, and was to be filled. What was done until here stays. Put it back, or go back to before the '
      'changeset that makes it; then run the same command again.', target, col)) WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = tab AND attname = col);
  CALL pg_temp.gpra_open_memory(memory, mark);
  SELECT f.value INTO known FROM pg_temp.gpra_fills f WHERE f.filled_table = tab AND f.filled_column = col;
  gone := pg_temp.gpra_gone_from(tab, col, known);
  IF known IS NULL OR gone IS NOT NULL THEN
    DELETE FROM pg_temp.gpra_filled f WHERE f.filled_table = tab AND f.filled_column = col AND gone IS NOT NULL;
    EXECUTE format('SELECT (%s)::text', expression) INTO known;
    PERFORM pg_temp.gpra_refuse(format('%s.%s was to be filled, and %s is null. Nothing was changed.', target, col, expression)) WHERE known IS NULL;
    INSERT INTO pg_temp.gpra_fills (filled_table, filled_column, changeset, value) VALUES (tab, col, gpra_fill.changeset, known)
        ON CONFLICT (filled_table, filled_column) DO UPDATE SET value = excluded.value;
  END IF;
  pk := pg_temp.gpra_key_of(tab);
  value := pg_temp.gpra_fill_value(tab, col, known);
  -- What is asked under a lock has to be answered as of then, not as of before the wait.
  PERFORM set_config('default_transaction_isolation', 'read committed', false);
  COMMIT;
  known := regexp_replace(known, E'^each row:\t', '');
  IF quickly THEN
    CALL pg_temp.gpra_replace_column(tab, col, index_name, value, format('SELECT ''some row has a value'' FROM %s WHERE %I IS NOT NULL', tab, col), reason);
    IF reason IS NULL THEN
      gone := pg_temp.gpra_gone_from(tab, col, known);
      PERFORM pg_temp.gpra_refuse(format('%s was deleted from %s while %s was to be filled with it. Nothing was changed. Run the same command again.',
          value, gone, label)) WHERE gone IS NOT NULL;
      EXECUTE format('INSERT INTO pg_temp.gpra_filled (filled_table, filled_column, changeset, row_ids) '
        'SELECT $1, $2, $3, int8multirange(int8range(min(%1$I), max(%1$I), ''[]'')) FROM %2$s', pk, tab) USING tab, col, changeset;
      -- How many there are is counted with the last look at them.
      RAISE NOTICE '%: no row had a value; all have % now', label, known;
      seen_as := '{}';
    END IF;
    COMMIT;
  END IF;

  -- The other way. Each pass ends at the row that was the last when it began: it does not run after an application that adds rows as quickly. Another pass
  -- where many have come meanwhile; the last few are gpra_sweep_rows'. (Not "IS NULL": the planner would take the index on the column, and read all rows.)
  FOREACH tenant IN ARRAY seen_as LOOP
    low := (SELECT max(upper(f.row_ids)) FROM pg_temp.gpra_filled f WHERE f.filled_table = tab AND f.filled_column = col AND tenant IS NULL);
    FOR pass IN 1..3 LOOP
      CALL pg_temp.gpra_see_as(tenant);
      EXECUTE format('SELECT count(*), max(%I) FROM %s WHERE %I IS NULL', pk, tab, col) INTO n, last_id;
      EXIT WHEN n = 0 OR pass > 1 AND n < 1000;
      CALL pg_temp.gpra_in_batches(tab, label, reason, 'filled',
        format('SELECT %1$I FROM %2$s WHERE %1$I BETWEEN $1 AND %3$s AND num_nulls(%4$I) = 1 ORDER BY %1$I LIMIT 1', pk, tab, last_id, col),
        pg_temp.gpra_fill_statement(tab, col, changeset, value, format('%I BETWEEN $1 AND $2 AND num_nulls(%I) = 1', pk, col)), done + n, done, low, tenant);
      COMMIT;
      reason := NULL;
      low := NULL;
    END LOOP;
  END LOOP;
  IF done > 0 THEN RAISE NOTICE '%: % row(s) had no value and have % now', label, done, known; END IF;
  CALL pg_temp.gpra_done(mark, 'f');
END $gpra_body$;

-- Before the same with an expression of each row's own columns: remembers it. A row for which it is null stays as it is.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_fill_each(target text, col text, expression text, changeset text, memory text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  CALL pg_temp.gpra_must_be_guarded(format('[{mark} %s]', changeset));
  CALL pg_temp.gpra_open_memory(memory, format('[{mark} %s]', changeset));
  INSERT INTO pg_temp.gpra_fills (filled_table, filled_column, changeset, value) VALUES (to_regclass(target), col, changeset, E'each row:\t' || expression)
      ON CONFLICT (filled_table, filled_column) DO NOTHING;
END $gpra_body$;

-- Takes the value from the rows again that were filled by changesets which are not recorded any more. It commits; interrupted anywhere, the same again goes on
-- where it was. The quick way replaces the column, where all of its rows were filled.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_unfill(target text, col text, index_name text, memory text, quickly boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab    regclass := to_regclass(target);
  label  text := format('%s.%s', tab, col);
  undone text[];                              -- changesets that are not recorded any more
  theirs text;                                -- what was filled by them
  reason text := 'they have come since';      -- why not the quick way; null if it was taken
  done   bigint := 0;
  value text; tenant text; pk name; n bigint;
BEGIN
  CALL pg_temp.gpra_open_memory(memory, NULL);
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' OR to_regclass('pg_temp.gpra_filled') IS NULL
     OR NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = tab AND attname = col) THEN
    RETURN;
  END IF;
  SELECT pg_temp.gpra_fill_value(tab, col, f.value) INTO value FROM pg_temp.gpra_fills f WHERE f.filled_table = tab AND f.filled_column = col;
  IF NOT FOUND THEN RETURN; END IF;
  -- What is asked under a lock has to be answered as of then, not as of before the wait.
  PERFORM set_config('default_transaction_isolation', 'read committed', false);
  COMMIT;
  undone := array(SELECT one.changeset FROM (SELECT DISTINCT f.changeset FROM pg_temp.gpra_filled f WHERE f.filled_table = tab AND f.filled_column = col) AS one
                   WHERE NOT pg_temp.gpra_is_recorded(one.changeset));
  theirs := format('FROM pg_temp.gpra_filled f WHERE f.filled_table = %L::regclass AND f.filled_column = %L AND f.changeset = ANY (%L)', tab, col, undone);
  quickly := quickly AND NOT EXISTS (SELECT FROM pg_temp.gpra_filled f WHERE f.filled_table = tab AND f.filled_column = col AND f.changeset <> ALL (undone));
  IF quickly THEN
    CALL pg_temp.gpra_replace_column(tab, col, index_name, NULL, format('SELECT pg_temp.gpra_not_all_filled(%L, %L, %L)', tab, col, value), reason);
    IF reason IS NULL THEN
      DELETE FROM pg_temp.gpra_filled f WHERE f.filled_table = tab AND f.filled_column = col;
      PERFORM set_config('row_security', 'off', true);
      EXECUTE format('SELECT count(*) FROM %s', tab) INTO done;
    END IF;
    COMMIT;
  END IF;
  IF reason IS NOT NULL THEN
    EXECUTE format('SELECT sum(upper(ids) - lower(ids)) FROM (SELECT unnest(f.row_ids) AS ids %s) AS rows', theirs) INTO n;
  END IF;
  IF n > 0 THEN
    pk := pg_temp.gpra_key_of(tab);
    FOREACH tenant IN ARRAY pg_temp.gpra_seen_as(tab) LOOP
      -- A join with the ranges: "id <@ row_ids" for each row does not end with many of them. (Not "=": the planner would join on the value.)
      CALL pg_temp.gpra_in_batches(tab, label, reason, 'without value again',
        -- (Of a range that is remembered, a tenant has some rows.)
        CASE WHEN tenant IS NULL THEN format('SELECT min(lower(f.row_ids)) %s', theirs)
             ELSE format('SELECT min(%I) FROM %s WHERE %1$I >= $1 AND %3$I IS NOT DISTINCT FROM %4$s', pk, tab, col, value) END,
        format('WITH seen AS (SELECT %6$s AS gpra_seen),
                     part AS (SELECT f.id AS gpra_part, f.row_ids * (TABLE seen) AS gpra_ids %1$s AND f.row_ids && (TABLE seen) ORDER BY lower(f.row_ids)%7$s),
                     emptied AS (UPDATE %2$s SET %3$I = NULL FROM part CROSS JOIN unnest(gpra_ids) AS gpra (gpra_range)
                                  WHERE %4$I >= lower(gpra_range) AND %4$I < upper(gpra_range) AND %3$I IS NOT DISTINCT FROM %5$s RETURNING 1),
                     forgotten AS (DELETE FROM pg_temp.gpra_filled f USING part WHERE f.id = gpra_part AND f.row_ids <@ gpra_ids),
                     left_over AS (UPDATE pg_temp.gpra_filled f SET row_ids = f.row_ids - gpra_ids FROM part WHERE f.id = gpra_part AND NOT f.row_ids <@ gpra_ids)
                SELECT count(*) FROM emptied', theirs, tab, col, pk, value,
          CASE WHEN tenant IS NULL THEN 'int8multirange(int8range($1, $2, ''[]''))'
               ELSE format('(SELECT range_agg(int8range(%1$I, %1$I, ''[]'')) FROM %2$s WHERE %1$I BETWEEN $1 AND $2)', pk, tab) END,
          CASE WHEN tenant IS NULL THEN ' LIMIT 1' END),
        n, done, NULL, tenant);
      reason := NULL;
    END LOOP;
    -- (What is still remembered then are rows that have gone.)
    EXECUTE format('DELETE %s AND %L IS NOT NULL', theirs, tenant);
  END IF;
  RAISE NOTICE '%: % row(s) are without value again', label, done;
  UPDATE pg_temp.gpra_fills f SET column_replaced = false WHERE f.filled_table = tab AND f.filled_column = col AND quickly;
END $gpra_body$;

-- Forgets a fill that nothing is left of, and with the last one the memory, unless its schema was there before.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_forget_fill(target text, col text, memory text) LANGUAGE plpgsql AS $gpra_body$
DECLARE empty boolean;
BEGIN
  CALL pg_temp.gpra_open_memory(memory, NULL);
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' OR to_regclass('pg_temp.gpra_filled') IS NULL THEN
    RETURN;
  END IF;
  DELETE FROM pg_temp.gpra_fills f
   WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = f.filled_table)
      OR f.filled_table = to_regclass(target) AND f.filled_column = col AND NOT pg_temp.gpra_is_recorded(f.changeset)
         AND NOT EXISTS (SELECT FROM pg_temp.gpra_filled d WHERE d.filled_table = f.filled_table AND d.filled_column = f.filled_column);
  empty := NOT EXISTS (SELECT FROM pg_temp.gpra_fills);
  CALL pg_temp.gpra_close_memory();
  IF empty AND pg_temp.gpra_is_ours(to_regclass(format('%I.fills', memory)), 'pg_class', ARRAY['[{mark} ']) THEN
    -- (Another session may have its views on them left.)
    EXECUTE format('DROP TABLE %I.fills, %1$I.filled CASCADE', memory);
    IF pg_temp.gpra_is_ours(to_regnamespace(quote_ident(memory)), 'pg_namespace', ARRAY['[{mark} ']) THEN
      EXECUTE format('DROP SCHEMA %I', memory);
    END IF;
  END IF;
END $gpra_body$;

-- What the comment of the column's index said, which went with a column that was replaced; where there is none, it is the fill's. Null where there is
-- nothing to build.
CREATE OR REPLACE FUNCTION pg_temp.gpra_index_comment(target text, col text) RETURNS text LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF to_regclass('pg_temp.gpra_fills') IS NOT NULL THEN
    -- (The one that has just been built has no name yet.)
    RETURN (SELECT coalesce(f.index_comment, CASE WHEN NOT EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                                                                    WHERE i.indrelid = a.attrelid AND i.indisvalid AND i.indkey[0] = a.attnum
                                                                      AND c.relname NOT LIKE 'gpra\_building\_%')
                                                  THEN format('[{mark} %s]', f.changeset) END)
              FROM pg_temp.gpra_fills f JOIN pg_attribute a ON a.attrelid = f.filled_table AND a.attname = col
             WHERE f.filled_table = to_regclass(target) AND f.filled_column = col);
  END IF;
  RETURN NULL;
END $gpra_body$;

-- Before the index of a column is built again that was replaced: where there is nothing to build, nothing is.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_fill_index(target text, col text, name text, working text) LANGUAGE plpgsql AS $gpra_body$
DECLARE place regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = target::regclass);
BEGIN
  -- Others would start slowly, and take the application's cores.
  PERFORM set_config('max_parallel_maintenance_workers', '0', false);
  IF pg_temp.gpra_index_comment(target, col) IS NULL THEN
    CALL pg_temp.gpra_build_nothing(place, working);
  ELSE
    CALL pg_temp.gpra_begin_index(target, name, working, format('(%I)', col), false);
  END IF;
END $gpra_body$;

-- Gives that index its name and the comment that it had; has the column's keys validated, which came back without a look at the rows. (Each row has no
-- value, or the one that was there under their lock.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_fill(target text, col text, name text, working text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab regclass := target;
  key name;
BEGIN
  RESET max_parallel_maintenance_workers;
  CALL pg_temp.gpra_must_be_guarded(mark);
  CALL pg_temp.gpra_name_index(target, name, working, pg_temp.gpra_index_comment(target, col));
  COMMIT;
  PERFORM set_config('default_statistics_target', '10', true);
  EXECUTE format('ANALYZE %s (%I)', tab, col);
  COMMIT;
  PERFORM set_config('row_security', 'off', true);
  FOR key IN
    SELECT k.conname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = tab AND a.attname = col AND k.conkey = ARRAY[a.attnum]
     WHERE k.conrelid = tab AND k.contype = 'f' AND NOT k.convalidated AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', ARRAY['[{mark} '])
  LOOP
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', tab, key);
  END LOOP;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- The last rows without a value, which the application added meanwhile, and the proof that none is left. Writing waits for these
-- milliseconds; they are found by the index.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_sweep_rows(target text, col text, index_name text, changeset text, say boolean)
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab      regclass := target;
  pk       name := pg_temp.gpra_key_of(tab);
  seen_as  text[] := pg_temp.gpra_seen_as(tab);
  total    bigint := 0;
  quick    int8multirange;  -- the rows that were filled by replacing the column
  mark     text := format('[{mark} %s]', changeset);
  tenant text; value text; shown text; missing bigint; n bigint; given bigint; since timestamptz; took interval;
BEGIN
  -- Otherwise all that was not filled, or comes without a value, would be filled here, under the lock.
  CALL pg_temp.gpra_must_be_guarded(mark);
  PERFORM pg_temp.gpra_refuse(format('%s.%s was not filled to the end. Run the same command again: it goes on from there.', tab, col))
    WHERE NOT starts_with(current_setting('gpra.done'), mark) OR right(current_setting('gpra.done'), 1) NOT IN ('f', 'r');
  SELECT pg_temp.gpra_fill_value(tab, col, f.value), regexp_replace(f.value, E'^each row:\t', '') INTO value, shown FROM pg_temp.gpra_fills f WHERE f.filled_table = tab AND f.filled_column = col;
  -- What is asked under a lock has to be answered as of then, not as of before the wait.
  PERFORM set_config('default_transaction_isolation', 'read committed', false);
  COMMIT;
  FOREACH tenant IN ARRAY seen_as LOOP
    CALL pg_temp.gpra_by_index(tenant);
    -- Looked for once without the lock: entries of the index that lead to rows of before are not followed a second time, unless
    -- an older transaction is open. Nobody is to wait while they are.
    EXECUTE format('SELECT count(*) FROM %s WHERE %I IS NULL', tab, col) INTO missing;
    since := clock_timestamp();
    EXECUTE format('SELECT count(*) FROM %s WHERE %I IS NULL', tab, col) INTO missing;
    IF clock_timestamp() - since > '200ms' THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('lock timeout not waited for: the end of a transaction that keeps dead '
        'entries in the index %s: pid %s', index_name, coalesce((SELECT pid::text FROM pg_stat_activity
           WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND coalesce(datname = current_database(), true) ORDER BY age(backend_xmin) DESC LIMIT 1),
           'unknown (a prepared transaction, or not visible without pg_monitor)'));
    END IF;
    CALL pg_temp.gpra_lock(ARRAY[tab], 'SHARE ROW EXCLUSIVE');
    EXECUTE format('SELECT count(*) FROM %s WHERE %I IS NULL', tab, col) INTO missing;
    IF missing > 0 THEN
      CALL pg_temp.gpra_write(tab, pg_temp.gpra_fill_statement(tab, col, changeset, value, format('%I IS NULL', col)), NULL, NULL, n, took);
      RAISE NOTICE '%.%: % more row(s) had no value and have % now', tab, col, n, shown;
      EXECUTE format('SELECT count(*) FROM %s WHERE %I IS NULL', tab, col) INTO missing;
    END IF;
    PERFORM pg_temp.gpra_refuse(format('%s is not complete: %s row(s) of %s have no %s. A trigger or rule on the table undoes it: '
        'look at \d %3$s, then run update again.', changeset, missing, tab, col)) WHERE missing > 0;
    COMMIT;
  END LOOP;
  CALL pg_temp.gpra_done(mark);
  IF NOT say THEN RETURN; END IF;

  -- How many there are, by one process: others start slowly, and would take the application's cores.
  PERFORM set_config('max_parallel_workers_per_gather', '0', true);
  SELECT CASE WHEN d.changeset = gpra_sweep_rows.changeset THEN d.row_ids END INTO quick
    FROM pg_temp.gpra_fills f JOIN pg_temp.gpra_filled d USING (filled_table, filled_column)
   WHERE f.filled_table = tab AND f.filled_column = col AND f.column_replaced ORDER BY d.id LIMIT 1;
  FOREACH tenant IN ARRAY seen_as LOOP
    CALL pg_temp.gpra_see_as(tenant);
    EXECUTE format('SELECT $3 + count(*), count(*) FILTER (WHERE %I >= $1 AND %1$I < $2) FROM %s', pk, tab)
      INTO total, given USING lower(quick), upper(quick), total;
  END LOOP;
  IF given > 0 THEN RAISE NOTICE '%.%: % row(s) had no value and have % now', tab, col, given, shown; END IF;
  RAISE NOTICE '%.% verified: % row(s), 0 without value', tab, col, total;
  CALL pg_temp.gpra_close_memory();
END $gpra_body$;

-- Watches for as long as gpra.owner.quiet: if no row without a value comes, none is accepted from then on. The rows that are there are
-- validated later. It commits, so it runs outside of a transaction.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_refuse_rows_without(target text, col text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab    regclass := target;
  quiet  interval := $gpra_value$${gpra.owner.quiet}$gpra_value$;
  since  timestamptz := clock_timestamp();
  tenant text; n bigint;
BEGIN
  LOOP
    EXIT WHEN EXISTS (SELECT FROM pg_attribute WHERE attrelid = tab AND attname = col AND attnotnull)
           OR EXISTS (SELECT FROM pg_constraint WHERE conrelid = tab AND conname IN (name, working) AND pg_temp.gpra_is_ours(oid, 'pg_constraint', marks));
    n := 0;
    FOREACH tenant IN ARRAY pg_temp.gpra_seen_as(tab) LOOP
      CALL pg_temp.gpra_by_index(tenant);
      EXECUTE format('SELECT $1 + count(*) FROM %s WHERE %I IS NULL', tab, col) INTO n USING n;
    END LOOP;
    PERFORM pg_temp.gpra_refuse(format('Rows without %s keep arriving: %s in %s within the last %s s. They are accepted as before. See them: '
        'SELECT * FROM %3$s WHERE %1$s IS NULL. The application has to set %1$s first, then run the same command again.',
        col, n, tab, extract(epoch FROM clock_timestamp() - since)::numeric(9, 1))) WHERE n > 0;
    EXIT WHEN clock_timestamp() - since >= quiet;
    COMMIT;
    PERFORM pg_sleep(least(0.5, extract(epoch FROM quiet)));
  END LOOP;
  CALL pg_temp.gpra_add_not_null(target, col, name, working, marks);
  CALL pg_temp.gpra_done(marks[1], 'r');
END $gpra_body$;
