-- What several changesets use. Made when a session or a script begins, in pg_temp: nothing of it outlives the session. (A script has only what it
-- calls. A statement that ends with "where there is ..." is in it only where what is named there is, in the script or, "a table ...", in its database.)
DO $gpra_body$ BEGIN
  IF current_setting('gpra.strangers', true) = 'unknown' THEN
    RAISE EXCEPTION 'Nothing was done, because of what was said before. Correct that, then run the script from its beginning.';
  END IF;
  PERFORM set_config('gpra.found', '', false), set_config('gpra.made', '', false), set_config('gpra.done', '', false),
          set_config('gpra.changeset', '', false), set_config('gpra.began', clock_timestamp()::text, false),
          set_config('check_function_bodies', 'off', true);
  IF NOT has_database_privilege(current_database(), 'TEMPORARY') THEN
    RAISE EXCEPTION USING MESSAGE = format('%I may not make temporary objects in the database %I, and a migration keeps its procedures there. Nothing '
      'was done. GRANT TEMPORARY ON DATABASE %2$I TO %1$I, then run the same command again.', current_user, current_database());
  END IF;
END $gpra_body$;

-- Stops with a sentence.
CREATE OR REPLACE FUNCTION pg_temp.gpra_refuse(message text) RETURNS void LANGUAGE plpgsql AS $gpra_body$ BEGIN
  RAISE EXCEPTION USING MESSAGE = message;
END $gpra_body$;

-- A script may be run by somebody who does not stop at an error. So gpra.guarded is yes where the look found nothing in the way, then the mark of
-- the changeset that has begun, and yes again when that is recorded: nothing else is done, and nothing after one that was not finished.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_must_be_guarded(mark text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM pg_temp.gpra_refuse('Nothing was done, because of what was said before. Correct that, then run the script from its beginning.')
    WHERE current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' AND current_setting('gpra.guarded', true) IS DISTINCT FROM mark;
END $gpra_body$;

-- What the history says already of a changeset (id, author, filename, deployment_id). A script that is run again finds its own row, and stops
-- at that of another.
CREATE OR REPLACE FUNCTION pg_temp.gpra_before(mark text, history text, record text[]) RETURNS text LANGUAGE plpgsql AS $gpra_body$
DECLARE before record;
BEGIN
  FOR before IN EXECUTE format('SELECT * FROM %s WHERE ARRAY[id, author, filename]::text[] = $1', history) USING record[1:3] LOOP
    PERFORM pg_temp.gpra_refuse(format('%s has run since this script was written, or it was written for another database. The script did nothing '
        'from there on. Write it again (updateSQL), and run that.', mark)) WHERE before.deployment_id IS DISTINCT FROM record[4];
    RETURN before.exectype;
  END LOOP;
  RETURN NULL;
END $gpra_body$;

CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin(mark text, history text DEFAULT NULL, record text[] DEFAULT NULL) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  CALL pg_temp.gpra_must_be_guarded(NULL);
  PERFORM pg_temp.gpra_before(mark, history, record) WHERE history IS NOT NULL;
  PERFORM set_config('gpra.guarded', mark, false);
END $gpra_body$;

-- What the history says of what a changeset does, and of who ran it, for how many seconds. (Since the one before; and from which commit, where
-- that is known.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_described(description text) RETURNS text LANGUAGE plpgsql AS $gpra_body$
DECLARE
  took numeric := extract(epoch FROM clock_timestamp() - current_setting('gpra.began')::timestamptz);
  who  text := concat('; by ', session_user, ', ', round(took, 3), ' s', ', commit ' || nullif(current_setting('gpra.commit', true), ''));
BEGIN
  PERFORM set_config('gpra.began', clock_timestamp()::text, false);
  RETURN left(description, 250 - length(who)) || who;
END $gpra_body$;

-- The end of one of a changeset's changes, or of a step of it, which is taken back, in the same transaction, where it should not have begun.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_done(mark text, step text DEFAULT '.') LANGUAGE plpgsql AS $gpra_body$
DECLARE done text := current_setting('gpra.done', true);
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  -- (In a rollback of what was dropped it is the mark of whoever made that.)
  PERFORM set_config('gpra.done', CASE WHEN starts_with(done, mark) OR current_setting('gpra.changeset', true) <> '' THEN done ELSE mark END || step, false);
END $gpra_body$;

-- What the history says of a changeset that has run, or was passed over. It says nothing of one of which not all steps are done. A script that is
-- run again writes its row anew.
CREATE OR REPLACE FUNCTION pg_temp.gpra_ran(exectype text, mark text, steps integer, history text, record text[]) RETURNS text LANGUAGE plpgsql AS $gpra_body$
DECLARE before text;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  IF NOT {tried_again} THEN
    before := pg_temp.gpra_before(mark, history, record);
    IF before IS NOT NULL THEN
      EXECUTE format('DELETE FROM %s WHERE ARRAY[id, author, filename]::text[] = $1', history) USING record[1:3];
      exectype := before;
    END IF;
  END IF;
  PERFORM pg_temp.gpra_refuse(format('%s was not finished, so it is not recorded. Correct what was said before, then run the same command '
      'again, or the script from its beginning.', mark))
    WHERE steps > 0 AND NOT (starts_with(current_setting('gpra.done'), mark) AND length(current_setting('gpra.done')) = length(mark) + steps);
  PERFORM set_config('gpra.guarded', 'yes', false), set_config('gpra.done', '', false);
  RETURN CASE WHEN current_setting('gpra.found', true) = mark THEN 'MARK_RAN' ELSE exectype END;
END $gpra_body$;

-- Before an index is built or dropped concurrently, which waits for older transactions: gpra.wait.limit for each of these waits. It keeps nobody
-- waiting. Then the server ends it, whoever else is left to. (At least 500 ms: none would be no limit.) RESET lock_timeout ends this.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_limit_wait() LANGUAGE sql AS $gpra_body$
  SELECT set_config('lock_timeout', (1000 * extract(epoch FROM greatest($gpra_value$${gpra.wait.limit}$gpra_value$::interval, '500ms')))::bigint::text, false)
$gpra_body$;

-- Who holds a lock on one of the tables, or a part of it, that a lock of this mode has to wait for; or stands in line for one.
CREATE OR REPLACE FUNCTION pg_temp.gpra_in_the_way(tables regclass[], mode text) RETURNS SETOF pg_locks LANGUAGE sql AS $gpra_body$
  WITH RECURSIVE part (tab) AS (SELECT unnest(tables)::oid UNION SELECT h.inhrelid FROM part JOIN pg_inherits h ON h.inhparent = part.tab)
  SELECT l.* FROM pg_locks l
   WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND l.relation IN (SELECT tab FROM part) AND l.pid IS DISTINCT FROM pg_backend_pid()
     AND l.mode <> ALL (CASE gpra_in_the_way.mode WHEN 'ACCESS EXCLUSIVE' THEN '{}'
                                  WHEN 'SHARE ROW EXCLUSIVE' THEN '{AccessShareLock,RowShareLock}'
                                  WHEN 'SHARE' THEN '{AccessShareLock,RowShareLock,ShareLock}'
                                  ELSE '{AccessShareLock,RowShareLock,RowExclusiveLock}' END::text[])
   ORDER BY l.granted DESC
$gpra_body$;

-- Whoever waits for a lock keeps those waiting who come after. So before anything asks for one, it looks: whoever is in the way gets as long
-- to leave as a try takes. One that stays is returned, and nothing is asked for.
CREATE OR REPLACE FUNCTION pg_temp.gpra_who_stays(tables regclass[], mode text, lock_wait interval) RETURNS pg_locks LANGUAGE plpgsql AS $gpra_body$
DECLARE
  there text[] := array(SELECT virtualtransaction FROM pg_temp.gpra_in_the_way(tables, mode));
  since timestamptz := clock_timestamp();
  one   pg_locks;
BEGIN
  LOOP
    SELECT * INTO one FROM pg_temp.gpra_in_the_way(tables, mode) WHERE virtualtransaction = ANY (there) LIMIT 1;
    EXIT WHEN NOT FOUND OR clock_timestamp() - since > greatest(lock_wait, '20ms');
    PERFORM pg_sleep(0.01);
  END LOOP;
  RETURN one;
END $gpra_body$;

-- Locks tables one after the other, in the application's order: it reads what a key leads to, then writes. All waits together are one
-- lock_timeout long, or 50 ms. (LOCK TABLE needs a privilege that a migration can do without: then what needs the lock waits for it.) Where it does not
-- come, a run tries again; in a script nobody would, so it is tried again here, until gpra.wait.limit.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_lock(tables regclass[], mode text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  lock_wait  interval := coalesce(nullif(current_setting('lock_timeout')::interval, '0'), '50ms');
  wait_limit interval := $gpra_value$${gpra.wait.limit}$gpra_value$;
  wanted     regclass[] := array(SELECT tab FROM unnest(tables) WITH ORDINALITY AS t (tab, place)
                                  -- What this transaction has already, others may be waiting for.
                                  WHERE NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.granted AND l.relation = tab
                                                       AND l.mode IN ('AccessExclusiveLock', replace(initcap(gpra_lock.mode), ' ', '') || 'Lock'))
                                  ORDER BY place);
  began      timestamptz := clock_timestamp();
  said timestamptz; stays pg_locks; one regclass; name text;
BEGIN
  LOOP
    -- (A benchmark compares with a run that does not look.)
    stays := CASE WHEN current_setting('gpra.lock.look', true) IS DISTINCT FROM 'off' THEN pg_temp.gpra_who_stays(wanted, mode, lock_wait) END;
    IF stays.virtualtransaction IS NULL THEN
      PERFORM set_config('lock_timeout', greatest(1, extract(epoch FROM lock_wait) * 1000 / greatest(1, cardinality(wanted)))::bigint::text, true);
      BEGIN
        FOREACH one IN ARRAY wanted LOOP
          IF (SELECT relkind IN ('v', 'S') FROM pg_class WHERE oid = one) THEN
            -- (LOCK TABLE would lock what the view reads too. To be owned by who owns it changes nothing, and takes the lock.)
            EXECUTE format('ALTER TABLE %s OWNER TO %s', one, (SELECT relowner::regrole FROM pg_class WHERE oid = one));
          ELSIF has_table_privilege(one, 'UPDATE, DELETE, TRUNCATE') THEN
            EXECUTE format('LOCK TABLE %s IN %s MODE', one, mode);
          END IF;
        END LOOP;
        RETURN;
      EXCEPTION WHEN lock_not_available THEN
        IF {tried_again} THEN
          RAISE;
        END IF;  -- where there is {tried_again}
        SELECT * INTO stays FROM pg_temp.gpra_in_the_way(wanted, mode) LIMIT 1;
      END;
    END IF;
    name := format('a lock on %s: pid %s (%s)', coalesce(stays.relation::regclass, one), coalesce(stays.pid, 0), stays.virtualtransaction);
    IF {tried_again} THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = 'lock timeout not waited for: ' || name;
    END IF;  -- where there is {tried_again}
    IF clock_timestamp() - began > wait_limit OR EXISTS (
        SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation AND c.relpersistence <> 't'
         WHERE l.pid = pg_backend_pid() AND l.granted AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('lock timeout: %s. It did not come in %s. Let that finish, or end it (%s), then '
        'run the script from its beginning.', name, date_trunc('second', clock_timestamp() - began),
        coalesce('SELECT pg_terminate_backend(' || stays.pid || ')', 'SELECT * FROM pg_prepared_xacts'));
    ELSIF said IS NULL OR clock_timestamp() - said > '30s' THEN
      said := clock_timestamp();
      RAISE NOTICE 'waiting for %, at most % more', name, date_trunc('second', wait_limit - (said - began));
    END IF;
    PERFORM pg_sleep(0.1 + least(0.9, extract(epoch FROM clock_timestamp() - began) / 10));
  END LOOP;
END $gpra_body$;

-- Whether an object bears one of the marks.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_ours(object oid, catalog name, marks text[]) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT EXISTS (SELECT FROM unnest(marks) AS mark WHERE starts_with(obj_description(object, catalog), mark))
$gpra_body$;

-- Publications that find a table's rows by an index: without it, the table's rows could not be updated or deleted any more.
CREATE OR REPLACE FUNCTION pg_temp.gpra_found_by(index oid) RETURNS TABLE (publication oid, described text) LANGUAGE sql AS $gpra_body$
  SELECT p.oid, format('publication %I, which finds the rows of %s by it', p.pubname, c.oid::regclass)
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END
    JOIN pg_namespace s ON s.oid = c.relnamespace
    JOIN pg_publication_tables t ON (t.schemaname, t.tablename) = (s.nspname, c.relname)
    JOIN pg_publication p ON p.pubname = t.pubname AND (p.pubupdate OR p.pubdelete)
   WHERE i.indexrelid = index
$gpra_body$;

-- All that makes an index what it is, but for its name, its table and how it is stored.
CREATE OR REPLACE FUNCTION pg_temp.gpra_index_definition(index regclass) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT concat_ws(' ', m.amname, i.indisunique, i.indimmediate, to_jsonb(i) ->> 'indnullsnotdistinct', i.indnkeyatts, i.indclass, i.indcollation,
                   i.indoption, (SELECT array_agg(pg_get_indexdef(index, part, true) ORDER BY part) FROM generate_series(1, i.indnatts) AS part),
                   pg_get_expr(i.indpred, i.indrelid))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
   WHERE i.indexrelid = index
$gpra_body$;

-- Drops what was in the place of an index that was not to be built, and what a run that was killed has left under its working name.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_unfinished(place regnamespace, working text) LANGUAGE plpgsql AS $gpra_body$
DECLARE tab regclass;
BEGIN
  IF to_regclass(format('%s.gpra_no_building', place)) IS NOT NULL THEN
    EXECUTE format('DROP TABLE %s.gpra_no_building', place);
  END IF;
  SELECT indrelid INTO tab FROM pg_index WHERE indexrelid = to_regclass(format('%s.%I', place, working));
  IF FOUND THEN
    CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
    EXECUTE format('DROP INDEX %s.%I', place, working);
  END IF;
END $gpra_body$;

-- Takes the name under which an index would be built, so that none is: gpra_end_index removes what takes it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_build_nothing(place regnamespace, working text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  CALL pg_temp.gpra_drop_unfinished(place, working);
  EXECUTE format('CREATE TABLE %s.gpra_no_building (id integer)', place);
  EXECUTE format('CREATE INDEX %I ON %s.gpra_no_building (id)', working, place);
  CALL pg_temp.gpra_limit_wait();
END $gpra_body$;

-- Before an index is built concurrently under its working name. That cannot be done in a block, and IF NOT EXISTS, which looks at the name
-- only, is the one condition it knows. So where nothing is to be built, that name is taken: by the index itself where the table is empty,
-- and where an equal one is there, under whatever name, by one on an empty table, which gpra_end_index removes.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_index(target text, name text, working text, definition text, is_unique boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place  regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = target::regclass);
  there  regclass := to_regclass(format('%s.%I', place, name));
  wanted text; keys text; which text; equal regclass;
BEGIN
  EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', target);
  EXECUTE format('CREATE %s INDEX gpra_copy_index ON pg_temp.gpra_copy %s', CASE WHEN is_unique THEN 'UNIQUE' ELSE '' END, definition);
  wanted := pg_temp.gpra_index_definition('pg_temp.gpra_copy_index');
  SELECT string_agg(pg_get_indexdef(i.indexrelid, part, true), ', ' ORDER BY part), coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') INTO keys, which
    FROM pg_index i CROSS JOIN generate_series(1, i.indnkeyatts) AS part WHERE i.indexrelid = to_regclass('pg_temp.gpra_copy_index')
   GROUP BY i.indpred, i.indrelid;  -- where there is UNIQUE INDEX
  DROP TABLE pg_temp.gpra_copy;
  SELECT indexrelid INTO equal FROM pg_index
   WHERE indrelid = target::regclass AND indisvalid AND pg_temp.gpra_index_definition(indexrelid) = wanted
     -- (What a run that was killed has left is not there yet.)
     AND indexrelid IS DISTINCT FROM to_regclass(format('%s.%I', place, working))
   ORDER BY indexrelid = there DESC, indexrelid LIMIT 1;
  IF there IS NOT NULL AND equal IS DISTINCT FROM there THEN
    RAISE EXCEPTION USING MESSAGE = format('The index %s is there already and different: "%s", expected %s on %s. Drop or rename it, then run the '
      'same command again.', name, coalesce(pg_get_indexdef(there), 'no index'), definition, target);
  ELSIF equal IS NOT NULL THEN
    IF equal IS DISTINCT FROM there THEN RAISE NOTICE '% is there already, as %', name, equal; END IF;
    CALL pg_temp.gpra_build_nothing(place, working);
    RETURN;
  END IF;
  CALL pg_temp.gpra_begin_build(target, working, keys, which, definition, is_unique);
END $gpra_body$;

-- Names what is there twice, where row-level security hides rows a tenant's. (What two tenants have, the build itself finds.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_refuse_twice(target text, keys text, which text, is_unique boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE detail text; tenant text;
BEGIN
  FOREACH tenant IN ARRAY CASE WHEN is_unique THEN coalesce(pg_temp.gpra_tenants(target), '{}') ELSE '{}' END LOOP
    CALL pg_temp.gpra_see_as(tenant);
    EXECUTE format('SELECT string_agg(format(''(%%s) in %%s rows'', keys, n), ''; '') FROM (SELECT concat_ws('', '', %1$s) AS keys, count(*) AS n FROM %2$s '
      'WHERE num_nulls(%1$s) = 0 AND %3$s GROUP BY %1$s HAVING count(*) > 1 LIMIT 3) AS twice', keys, target, which) INTO detail;
    PERFORM pg_temp.gpra_refuse(format('%s cannot be unique by %s: %s%s. Nothing was built. Find them all with %sSELECT %2$s, count(*) FROM %1$s '
        '%6$sGROUP BY %2$s HAVING count(*) > 1, correct them, then run the same command again.', target, keys, detail, ' of the tenant ' || tenant,
        'SET ' || $gpra_value$${tenant.setting}$gpra_value$ || ' = ' || quote_literal(tenant) || '; ', CASE WHEN which <> 'true' THEN format('WHERE %s ', which) END)) WHERE detail IS NOT NULL;
  END LOOP;
  CALL pg_temp.gpra_see_as(NULL);
END $gpra_body$;

-- Begins to build an index. On an empty table it is built at once.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_build(target text, working text, keys text, which text, definition text, is_unique boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE place regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = target::regclass);
BEGIN
  CALL pg_temp.gpra_refuse_twice(target, keys, which, is_unique);  -- where there is UNIQUE INDEX
  CALL pg_temp.gpra_drop_unfinished(place, working);
  -- (Never by counting rows: a role whom row-level security binds would see none.)
  IF pg_relation_size(target::regclass) = 0 THEN
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'SHARE');
    IF pg_relation_size(target::regclass) = 0 THEN
      EXECUTE format('CREATE %s INDEX %I ON %s %s', CASE WHEN is_unique THEN 'UNIQUE' ELSE '' END, working, target, definition);
    END IF;
  END IF;
  CALL pg_temp.gpra_limit_wait();
END $gpra_body$;

-- Gives an index its working name, to be dropped under that.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_unname_index(index regclass, working text) LANGUAGE plpgsql AS $gpra_body$
DECLARE place regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = index);
BEGIN
  CALL pg_temp.gpra_drop_unfinished(place, working);
  EXECUTE format('ALTER INDEX %s RENAME TO %I', index, working);
END $gpra_body$;

-- Gives the index that has just been built its name and its comment, in one transaction.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_name_index(target text, name text, working text, remarks text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = target::regclass);
  built regclass := to_regclass(format('%s.%I', place, working));
BEGIN
  IF to_regclass(format('%s.gpra_no_building', place)) IS NOT NULL THEN
    EXECUTE format('DROP TABLE %s.gpra_no_building', place);
  -- (Otherwise what comes after it is tried again.)
  ELSIF built IS NOT NULL OR obj_description(to_regclass(format('%s.%I', place, name)), 'pg_class') IS DISTINCT FROM remarks THEN
    PERFORM pg_temp.gpra_refuse(format('The index %s was not built. Run the same command again: it builds it anew.', name))
      WHERE NOT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = built), false);
    EXECUTE format('ALTER INDEX %s RENAME TO %I', built, name);
    EXECUTE format('COMMENT ON INDEX %s.%I IS %L', place, name, remarks);
  END IF;
END $gpra_body$;

-- The same, as the end of a change.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_index(target text, name text, working text, mark text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  CALL pg_temp.gpra_name_index(target, name, working, mark);
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- Adds a column and marks it, unless there is one of that name: the changeset's precondition, or somebody quicker, has seen to that.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_add_column(target text, name text, statement text, mark text, remarks text DEFAULT NULL) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = target::regclass AND attname = name AND NOT attisdropped) THEN
    RAISE NOTICE '%.% is there already', target, name;
  ELSE
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE statement;
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, name, pg_temp.gpra_said(mark, remarks));
    IF current_setting('gpra.changeset', true) <> '' THEN
      RAISE NOTICE '%.% is back, without the values that were in it', target, name;
    END IF;  -- where there is begin_rollback
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- What is said of an object: its mark, then remarks, without those that they begin with.
CREATE OR REPLACE FUNCTION pg_temp.gpra_said(mark text, remarks text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT concat_ws(' ', mark, nullif(regexp_replace(remarks, '^(\[{mark} [^]]+\] ?)+', ''), ''))
$gpra_body$;

-- Writes remarks behind the mark of a table, or of a column of it. A column that came with its table has that one's. What bears none is
-- somebody else's, and gets some only where a changeset asks for nothing else.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_remark(target text, name text, remarks text, changeset_mark text, anyones boolean DEFAULT false) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  pattern text := '^\[{mark} [^]]+\](?: \[{mark} [^]]+\])*';
  whole   text := obj_description(target::regclass, 'pg_class');
  mark    text := substring(CASE WHEN name IS NULL THEN whole
                                 ELSE (SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = target::regclass AND attname = name)
                            END FROM pattern);
BEGIN
  IF anyones OR coalesce(mark, substring(whole FROM pattern)) IS NOT NULL THEN
    EXECUTE format('COMMENT ON %s IS %L', CASE WHEN name IS NULL THEN 'TABLE ' || target ELSE format('COLUMN %s.%I', target, name) END,
      pg_temp.gpra_said(mark, remarks));
  END IF;
  CALL pg_temp.gpra_done(changeset_mark);
END $gpra_body$;

-- Makes a table and marks it, unless there is one of that name.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_create_table(target text, statement text, mark text, parents text[], remarks text DEFAULT NULL) LANGUAGE plpgsql AS $gpra_body$
DECLARE there regclass[] := array(SELECT to_regclass(parent) FROM unnest(parents) AS parent WHERE to_regclass(parent) IS NOT NULL);
BEGIN
  IF to_regclass(target) IS NOT NULL THEN
    RAISE NOTICE '% is there already', target;
  ELSE
    CALL pg_temp.gpra_lock(there, 'SHARE ROW EXCLUSIVE');
    EXECUTE statement;
    EXECUTE format('COMMENT ON TABLE %s IS %L', target, pg_temp.gpra_said(mark, remarks));
    IF current_setting('gpra.changeset', true) <> '' THEN
      RAISE NOTICE '% is back, without the rows that were in it', target;
    END IF;  -- where there is begin_rollback
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- A CHECK as PostgreSQL prints it in the end, on gpra_copy, and its columns. Where it prints other casts than were written, as of varchar IN (...), it
-- prints others again when that is added, by a restore for one.
CREATE OR REPLACE FUNCTION pg_temp.gpra_settled(written text, OUT printed text, OUT columns text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  FOR n IN 1..5 LOOP
    written := coalesce(printed, written);
    EXECUTE format('ALTER TABLE pg_temp.gpra_copy ADD CONSTRAINT gpra_copy %s', written);
    SELECT pg_get_constraintdef(k.oid), array(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) ORDER BY a.attnum)
      INTO printed, columns FROM pg_constraint k WHERE k.conrelid = to_regclass('pg_temp.gpra_copy') AND k.conname = 'gpra_copy';
    ALTER TABLE pg_temp.gpra_copy DROP CONSTRAINT gpra_copy;
    EXIT WHEN printed = written;
  END LOOP;
END $gpra_body$;

-- A constraint's definition, whether it has been validated or not.
CREATE OR REPLACE FUNCTION pg_temp.gpra_constraint_definition(one pg_constraint) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT CASE one.contype WHEN 'c' THEN (SELECT s.printed FROM pg_temp.gpra_settled(plain) AS s) ELSE plain END
    FROM (SELECT CASE WHEN printed LIKE '% NOT VALID' THEN left(printed, -length(' NOT VALID')) ELSE printed END
            FROM pg_get_constraintdef(one.oid) AS printed) AS v (plain)
$gpra_body$;

-- Whether a constraint is as it is wanted: a foreign key may be looked at later, at the end of the transaction.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_constraint(one pg_constraint, wanted text) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT CASE WHEN one.contype = lower(left(wanted, 1))
              THEN regexp_replace(pg_temp.gpra_constraint_definition(one), CASE WHEN one.contype = 'f' AND wanted !~ ' DEFERRABLE' THEN ' DEFERRABLE.*' ELSE '^$' END, '') = wanted
              ELSE false END
$gpra_body$;

-- Names, quoted where they have to be.
CREATE OR REPLACE FUNCTION pg_temp.gpra_list(names text[]) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT string_agg(quote_ident(name), ', ' ORDER BY place) FROM unnest(names) WITH ORDINALITY AS one (name, place)
$gpra_body$;

-- What is so of a row that a foreign key does not allow.
CREATE OR REPLACE FUNCTION pg_temp.gpra_without_parent(columns text[], parent regclass, parent_columns text[]) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT format('num_nulls(%s) = 0 AND NOT EXISTS (SELECT FROM %s AS r WHERE %s)', string_agg(format('t.%I', col), ', '), parent,
                string_agg(format('r.%I = t.%I', parent_col, col), ' AND '))
    FROM unnest(columns, parent_columns) AS pair (col, parent_col)
$gpra_body$;

-- Whether a constraint is there that is equal, as PostgreSQL prints it (the first letter says its kind). One of ours goes on from where it is
-- (an older version gave it its name at once), somebody else's stays in its place if it is valid, and if theirs will do.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_find_constraint(target regclass, name text, working text, definition text, marks text[], theirs boolean,
                                                         INOUT there boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE equal record;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(marks[1]);
  SELECT k.conname, m.ours INTO equal
    FROM pg_constraint k
   CROSS JOIN LATERAL pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks) AS m (ours)
   WHERE k.conrelid = target AND (k.convalidated AND theirs OR m.ours)
     AND pg_temp.gpra_is_constraint(k, definition)
   ORDER BY k.conname = name DESC, k.conname = working DESC, k.conname LIMIT 1;
  PERFORM pg_temp.gpra_refuse(format('%s on %s is there already and different: "%s", expected "%s". Drop or rename it, then run the same command '
      'again.', name, target, (SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = target AND conname = name), definition))
    WHERE EXISTS (SELECT FROM pg_constraint WHERE conrelid = target AND conname = name) AND equal.conname IS DISTINCT FROM name;
  there := equal.ours IS NOT NULL;
  IF equal.ours IS FALSE THEN
    RAISE NOTICE '% is there already on %, as %', name, target, equal.conname;
    -- So says the history then, if nothing else of its changeset was made.
    PERFORM set_config('gpra.found', marks[1], false) WHERE current_setting('gpra.made', true) IS DISTINCT FROM marks[1];
  ELSE
    PERFORM set_config('gpra.found', '', false), set_config('gpra.made', marks[1], false);
  END IF;
END $gpra_body$;

-- Drops what a run that was killed has left. Only where there is something: even IF EXISTS would lock the table.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_left(target regclass, working text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = target AND conname = working) THEN
    CALL pg_temp.gpra_lock(ARRAY[target], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, working);
  END IF;
END $gpra_body$;

-- Adds a constraint under its working name, not validated.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_add_not_valid(target regclass, name text, working text, written text, parent regclass, columns text[],
                                                       condition text, marks text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  -- Before it refuses what the application writes. (Of a key whose parent's rows alone are hidden, the look knows.)
  IF row_security_active(target) OR NOT coalesce(row_security_active(parent), false) THEN
    CALL pg_temp.gpra_refuse_rows(target, name, columns, condition);
  END IF;
  CALL pg_temp.gpra_lock(array_remove(ARRAY[parent, target], NULL), CASE WHEN parent IS NULL THEN 'ACCESS EXCLUSIVE' ELSE 'SHARE ROW EXCLUSIVE' END);
  CALL pg_temp.gpra_drop_left(target, working);
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', target, working, written);
  EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', working, target, marks[1]);
END $gpra_body$;

-- Adds a foreign key, not validated, unless it is there. The options are in the order in which PostgreSQL prints them.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_add_key(tab regclass, name text, working text, columns text[], parent regclass, parent_columns text[], options text,
                                                 marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  definition text := format('FOREIGN KEY (%s) REFERENCES %s(%s)%s', pg_temp.gpra_list(columns), parent, pg_temp.gpra_list(parent_columns), options);
  there      boolean;
BEGIN
  CALL pg_temp.gpra_find_constraint(tab, name, working, definition, marks, true, there);
  IF NOT there THEN
    CALL pg_temp.gpra_add_not_valid(tab, name, working, definition, parent, columns, pg_temp.gpra_without_parent(columns, parent, parent_columns), marks);
  END IF;
END $gpra_body$;

-- Adds a CHECK, not validated, unless it is there.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_add_check(tab regclass, name text, working text, condition text, marks text[], theirs boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  written text := format('CHECK (%s)', condition);
  settled record; there boolean;
BEGIN
  EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', tab);
  settled := pg_temp.gpra_settled(written);
  CALL pg_temp.gpra_find_constraint(tab, name, working, settled.printed, marks, theirs, there);
  DROP TABLE pg_temp.gpra_copy;
  IF NOT there THEN
    CALL pg_temp.gpra_add_not_valid(tab, name, working, written, NULL, settled.columns, format('NOT (%s)', condition), marks);
  END IF;
END $gpra_body$;

-- Whether a constraint is the CHECK of a condition. One that cannot be compared, as it is on what is not there yet, is not.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_check(one pg_constraint, condition text) RETURNS boolean LANGUAGE plpgsql AS $gpra_body$
DECLARE same boolean;
BEGIN
  EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', one.conrelid::regclass);
  same := (SELECT pg_temp.gpra_is_constraint(one, s.printed) FROM pg_temp.gpra_settled(format('CHECK (%s)', condition)) AS s);
  DROP TABLE pg_temp.gpra_copy;
  RETURN same;
EXCEPTION WHEN undefined_column OR undefined_object OR undefined_function THEN
  RETURN false;
END $gpra_body$;

-- Why a CHECK cannot become another one; null where it can, or is that one already.
CREATE OR REPLACE FUNCTION pg_temp.gpra_other_check(one pg_constraint, before text, condition text, marks text[]) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT format('%s on %s is "%s", expected CHECK (%s)%s', one.conname, one.conrelid::regclass, pg_get_constraintdef(one.oid), condition,
                ', or as it was before, CHECK (' || before || ')')
   WHERE NOT (pg_temp.gpra_is_check(one, condition) AND (one.convalidated OR pg_temp.gpra_is_ours(one.oid, 'pg_constraint', marks)))
     AND CASE WHEN one.contype <> 'c' THEN true WHEN before IS NULL THEN false ELSE NOT pg_temp.gpra_is_check(one, before) END
$gpra_body$;

-- Adds a CHECK beside the one that has its name, not validated. What has the working name was left by a run that was killed: one that is the same
-- goes on from there.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_add_beside(target text, name text, working text, condition text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  written text := format('CHECK (%s)', condition);
  columns text[];
BEGIN
  IF EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = target::regclass AND k.conname = working AND pg_temp.gpra_is_check(k, condition)) THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', target);
  columns := (SELECT s.columns FROM pg_temp.gpra_settled(written) AS s);
  DROP TABLE pg_temp.gpra_copy;
  CALL pg_temp.gpra_add_not_valid(target::regclass, name, working, written, NULL, columns, format('NOT (%s)', condition), marks);
END $gpra_body$;

-- Begins to give a CHECK another condition: the new one is added beside it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_modify_check(target text, name text, working text, before text, condition text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  one   pg_constraint := (SELECT k FROM pg_constraint k WHERE k.conrelid = target::regclass AND k.conname = name);
  ours  boolean := pg_temp.gpra_is_ours(one.oid, 'pg_constraint', marks);
  other text;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(marks[1]);
  other := CASE WHEN one.oid IS NULL THEN format('The CHECK %s of %s is not there', name, target) ELSE pg_temp.gpra_other_check(one, before, condition, marks) END;
  IF other IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = other || '. Put it right, then run the same command again.';
  ELSIF NOT ours AND pg_temp.gpra_is_check(one, condition) THEN
    RAISE NOTICE '% is there already on %, as it is to be', name, target;
    PERFORM set_config('gpra.found', marks[1], false) WHERE current_setting('gpra.made', true) IS DISTINCT FROM marks[1];
    RETURN;
  END IF;
  PERFORM set_config('gpra.found', '', false), set_config('gpra.made', marks[1], false);
  IF ours THEN
    -- (What a rollback that was killed has left.)
    CALL pg_temp.gpra_drop_left(target::regclass, working);
  ELSE
    CALL pg_temp.gpra_add_beside(target, name, working, condition, marks);
  END IF;
END $gpra_body$;

-- Puts a CHECK that has been validated in the place of the one that has its name, in one transaction. What that one's comment said stays behind
-- the mark.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_modify_check(target text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE one pg_constraint := (SELECT k FROM pg_constraint k WHERE k.conrelid = target::regclass AND k.conname = name);
BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = target::regclass AND conname = working AND convalidated) THEN
    CALL pg_temp.gpra_swap_check(target, name, working, concat_ws(' ', marks[1], obj_description(one.oid, 'pg_constraint')));
  ELSIF current_setting('gpra.found', true) IS DISTINCT FROM marks[1] AND NOT pg_temp.gpra_is_ours(one.oid, 'pg_constraint', marks) THEN
    RAISE EXCEPTION USING MESSAGE = format('%s on %s was not modified. Run the same command again: it goes on from there.', name, target);
  END IF;
  CALL pg_temp.gpra_done(marks[1]);
END $gpra_body$;

CREATE OR REPLACE PROCEDURE pg_temp.gpra_swap_check(target text, name text, working text, remarks text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
  EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, name);
  EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', target, working, name);
  EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', name, target, remarks);
END $gpra_body$;

-- Adds the CHECK that proves a NOT NULL and bears its mark, not validated, unless somebody else has made the column NOT NULL.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_add_not_null(target text, col text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = target::regclass AND attname = col AND attnotnull)
     AND NOT EXISTS (SELECT FROM pg_constraint k
                      WHERE k.conrelid = target::regclass AND k.conname IN (name, working) AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks)) THEN
    RAISE NOTICE '%.% is NOT NULL already', target, col;
    PERFORM set_config('gpra.found', marks[1], false);
  ELSE
    CALL pg_temp.gpra_add_check(target::regclass, name, working, format('%I IS NOT NULL', col), marks, false);
  END IF;
END $gpra_body$;

-- The query of all tenants' ids; null where the changelog does not have both parameters: they are as they are written here then.
CREATE OR REPLACE FUNCTION pg_temp.gpra_tenant_ids() RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT ids FROM (SELECT $gpra_value$${tenant.setting}$gpra_value$, $gpra_value$${tenant.ids}$gpra_value$) AS given (setting, ids)
   WHERE setting NOT IN ('', '$' || '{tenant.setting}') AND ids NOT IN ('', '$' || '{tenant.ids}')
$gpra_body$;

-- As whom a table's rows are looked at: as nobody, who sees all, or as each tenant in turn. (Null where nobody knows these.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_tenants(tab regclass) RETURNS text[] LANGUAGE plpgsql AS $gpra_body$
DECLARE ids text[];
BEGIN
  IF NOT row_security_active(tab) THEN RETURN '{NULL}'; END IF;
  IF pg_temp.gpra_tenant_ids() IS NOT NULL THEN
    EXECUTE format('SELECT coalesce(array_agg(t.id::text), ''{}'') FROM (%s) AS t (id)', pg_temp.gpra_tenant_ids()) INTO ids;
  END IF;  -- where there is a table with row-level security or gpra_isolate(
  RETURN ids;
END $gpra_body$;

-- To the end of the transaction one sees all rows, or a tenant's. An error is better than rows that are not seen.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_see_as(tenant text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM set_config('row_security', CASE WHEN tenant IS NULL THEN 'off' ELSE 'on' END, true);
  PERFORM set_config($gpra_value$${tenant.setting}$gpra_value$, tenant, true) WHERE tenant IS NOT NULL;
END $gpra_body$;

-- Names the rows that a constraint does not allow, as nobody, or as each tenant in turn.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_refuse_rows(target regclass, name text, columns text[], condition text, verb text DEFAULT 'does not allow')
LANGUAGE plpgsql AS $gpra_body$
DECLARE tenant text; detail text;
BEGIN
  FOREACH tenant IN ARRAY coalesce(pg_temp.gpra_tenants(target), '{}') LOOP
    CALL pg_temp.gpra_see_as(tenant);
    EXECUTE format('SELECT string_agg(format(''%%s in %%s row(s)'', part, n), ''; '') FROM (SELECT concat_ws('', '', %s) AS part, count(*) AS n '
      'FROM %s AS t WHERE %s GROUP BY %s ORDER BY %4$s LIMIT 5) AS refused',
      (SELECT string_agg(format('%L || coalesce(%I::text, ''NULL'')', col || ' = ', col), ', ') FROM unnest(columns) AS col), target, condition,
      pg_temp.gpra_list(columns)) INTO detail;
    PERFORM pg_temp.gpra_refuse(format('Rows of %s%s hold what %s %s: %s. Find them all with %sSELECT * FROM %1$s AS t WHERE %7$s, correct them, then run the '
        'same command again.', target, ' of the tenant ' || tenant, name, verb, detail,
        'SET ' || $gpra_value$${tenant.setting}$gpra_value$ || ' = ' || quote_literal(tenant) || '; ', condition)) WHERE detail IS NOT NULL;
  END LOOP;
END $gpra_body$;

-- Validates what was added; reading and writing go on.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_validate_constraint(target text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE one pg_constraint;
BEGIN
  SELECT k.* INTO one FROM pg_constraint k
   WHERE k.conrelid = target::regclass AND k.conname IN (name, working) AND NOT k.convalidated AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks);
  IF one.oid IS NOT NULL THEN
    CALL pg_temp.gpra_validate(one, name);
  END IF;
END $gpra_body$;

-- PostgreSQL validates a foreign key with a query, which row-level security binds: there each tenant's rows are looked at before. Every row is one
-- of theirs, or the policies would not be what they are for.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_validate(one pg_constraint, name text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab       regclass := one.conrelid;
  columns   text[] := array(SELECT a.attname FROM unnest(one.conkey) WITH ORDINALITY AS c (num, place)
                              JOIN pg_attribute a ON a.attrelid = one.conrelid AND a.attnum = c.num ORDER BY c.place);
  condition text := CASE one.contype WHEN 'c' THEN format('NOT (%s)', pg_get_expr(one.conbin, one.conrelid))
                      ELSE pg_temp.gpra_without_parent(columns, one.confrelid::regclass,
                             array(SELECT a.attname::text FROM unnest(one.confkey) WITH ORDINALITY AS c (num, place)
                                     JOIN pg_attribute a ON a.attrelid = one.confrelid AND a.attnum = c.num ORDER BY c.place)) END;
  -- Where its parent's rows alone are hidden, the look has seen that there was no row.
  looked    boolean := row_security_active(tab) OR one.contype = 'c' OR NOT row_security_active(one.confrelid);
BEGIN
  CALL pg_temp.gpra_see_as(NULL);
  IF one.contype = 'f' AND (row_security_active(tab) OR NOT looked) THEN
    PERFORM pg_temp.gpra_refuse(format('Row-level security hides rows from whoever validates %s. Run it as a role that sees all, or give the '
        'changelog the parameters tenant.setting and tenant.ids; then run the same command again.', name)) WHERE pg_temp.gpra_tenants(tab) IS NULL;
    IF looked THEN
      CALL pg_temp.gpra_refuse_rows(tab, name, columns, condition);
      CALL pg_temp.gpra_see_as('');
    END IF;
    PERFORM set_config('row_security', 'on', true);
  END IF;  -- where there is a table with row-level security or gpra_isolate(
  BEGIN
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', tab, one.conname);
  EXCEPTION WHEN check_violation OR foreign_key_violation THEN
    IF looked THEN CALL pg_temp.gpra_refuse_rows(tab, name, columns, condition); END IF;
    RAISE;
  END;
END $gpra_body$;

-- Gives a constraint that has been validated its name. A CHECK that proves a NOT NULL makes the column so, without a look at a row; it stays, as
-- it bears the mark.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_constraint(target text, name text, working text, col text, marks text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = target::regclass AND conname = working AND convalidated) THEN
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', target, working, name);
  ELSIF current_setting('gpra.found', true) IS DISTINCT FROM marks[1]
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = target::regclass AND conname = name AND convalidated) THEN
    RAISE EXCEPTION USING MESSAGE = format('%s on %s was not finished. Run the same command again: it goes on from there.', name, target);
  END IF;
  IF col IS NOT NULL
     AND EXISTS (SELECT FROM pg_constraint k
                  WHERE k.conrelid = target::regclass AND k.conname = name AND k.convalidated AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks)) THEN
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', target, col);
  END IF;  -- where there is add_not_null or refuse_rows_without
  CALL pg_temp.gpra_done(marks[1]);
END $gpra_body$;

-- Before the index of a unique constraint or a primary key is built, unless an equal constraint is there. Somebody else's index will not do.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_unique(target text, name text, working text, kind text, columns text[], options text, definition text,
                                                      marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place  regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = target::regclass);
  listed text := pg_temp.gpra_list(columns);
  there  boolean;
BEGIN
  CALL pg_temp.gpra_find_constraint(target::regclass, name, working, format('%s (%s)%s', kind, listed, options), marks, true, there);
  IF there THEN
    CALL pg_temp.gpra_build_nothing(place, working);
  ELSE
    CALL pg_temp.gpra_begin_build(target, working, listed, 'true', definition, true);
  END IF;
END $gpra_body$;

-- Adds the constraint with that index, unless there was nothing to build.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_unique(target text, name text, working text, mark text, added text) LANGUAGE plpgsql AS $gpra_body$
DECLARE needed boolean := to_regclass(format('%s.gpra_no_building', (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = target::regclass))) IS NULL;
BEGIN
  CALL pg_temp.gpra_name_index(target, name, working, '');
  IF needed THEN
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', target, name, added);
    EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', name, target, mark);
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- Keeps a table's rows apart: the policy, then row-level security, for its owner too, in one transaction, so that nobody is without their
-- rows in between. A policy of ours that is there already is left as it is: a run that was killed made it, or an older version.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_isolate(target text, policy text, visible text, writable text, marks text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
  IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = target::regclass AND pg_temp.gpra_is_ours(oid, 'pg_policy', marks)) THEN
    EXECUTE format('CREATE POLICY %I ON %s USING (%s) WITH CHECK (%s)', policy, target, visible, writable);
    EXECUTE format('COMMENT ON POLICY %I ON %s IS %L', policy, target, marks[1]);
  END IF;
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', target);
  CALL pg_temp.gpra_done(marks[1]);
END $gpra_body$;

-- The type of a column.
CREATE OR REPLACE FUNCTION pg_temp.gpra_type_of(tab regclass, col text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = tab AND attname = col AND NOT attisdropped
$gpra_body$;

-- Gives a column another type, and leaves it its collation.
CREATE OR REPLACE FUNCTION pg_temp.gpra_type_statement(tab regclass, col text, type text, new_value text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT format('ALTER TABLE %s ALTER COLUMN %I TYPE %s%s USING %s', tab, col, type,
                (SELECT ' COLLATE ' || a.attcollation::regcollation FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                  WHERE a.attrelid = tab AND a.attname = col AND a.attcollation <> t.typcollation),
                coalesce(new_value, format('%I::%s', col, type)))
$gpra_body$;

-- What keeps a column from another type: PostgreSQL refuses that, or makes it again under the lock, with a look at every row. Indexes are tried.
CREATE OR REPLACE FUNCTION pg_temp.gpra_type_dependents(tab regclass, col text, with_constraints boolean) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT string_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), ', ')
    FROM pg_attribute a
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
    LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
    LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
   WHERE a.attrelid = tab AND a.attname = col AND d.classid <> 'pg_statistic_ext'::regclass
     AND (f.adnum IS DISTINCT FROM a.attnum OR a.attgenerated <> '')
     -- (PostgreSQL 14 has a generated column here, later ones its expression.)
     AND (d.classid <> 'pg_class'::regclass OR d.objsubid > 0)
     AND (k.oid IS NULL OR with_constraints AND (k.contype = 'f' OR k.contype = 'c' AND k.convalidated))
$gpra_body$;

-- Gives a column of a copy another type, and says whether every row was written anew for that.
CREATE OR REPLACE FUNCTION pg_temp.gpra_type_rewrites(copy regclass, col text, type text) RETURNS boolean LANGUAGE plpgsql AS $gpra_body$
DECLARE
  statement text := pg_temp.gpra_type_statement(copy, col, type, NULL);
  file      oid := pg_relation_filenode(copy);
BEGIN
  EXECUTE statement;
  RETURN pg_relation_filenode(copy) <> file;
END $gpra_body$;

-- Why a column cannot get another type under one short lock; null where it can. What would be written anew is tried on an empty copy of its
-- table, which has the type then; or has it as it is, where that is wide enough already: what the type before would become without a write,
-- it would become too.
CREATE OR REPLACE FUNCTION pg_temp.gpra_type_obstacle(target text, copy regclass, col text, before text, type text) RETURNS text LANGUAGE plpgsql
AS $gpra_body$
DECLARE
  tab   regclass := to_regclass(target);
  whole text := format('%s.%s', coalesce(tab::text, target), col);
  was   text := pg_temp.gpra_type_of(copy, col);
  built jsonb;  -- the indexes, by their files
  found text;
BEGIN
  SELECT jsonb_object_agg(pg_relation_filenode(i.indexrelid),
           'index ' || coalesce((SELECT min(r.indexrelid::regclass::text) FROM pg_index r
                                  WHERE r.indrelid = tab AND pg_temp.gpra_index_definition(r.indexrelid) = pg_temp.gpra_index_definition(i.indexrelid)),
                               regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', ''))) INTO built
    FROM pg_index i WHERE i.indrelid = copy;
  IF pg_temp.gpra_type_rewrites(copy, col, type) THEN
    IF before IS NOT NULL THEN
      PERFORM pg_temp.gpra_type_rewrites(copy, col, before);
      IF NOT pg_temp.gpra_type_rewrites(copy, col, type) AND NOT pg_temp.gpra_type_rewrites(copy, col, was) THEN
        RETURN NULL;
      END IF;
    END IF;
    RETURN format('%s would have every row written anew under a lock: give it a copy of the type %s first (copyColumn)', whole, type);
  ELSIF pg_temp.gpra_type_of(copy, col) = was THEN
    RETURN NULL;
  END IF;
  SELECT string_agg(one.what, ', ') INTO found
    FROM (SELECT b.value FROM jsonb_each_text(built) AS b
           WHERE b.key::oid <> ALL (SELECT pg_relation_filenode(i.indexrelid) FROM pg_index i WHERE i.indrelid = copy)
           UNION ALL SELECT pg_temp.gpra_type_dependents(tab, col, true)) AS one (what);
  RETURN format('%s cannot become %s under one short lock because of ', whole, type) || found || ': drop that first, and make it again afterwards';
END $gpra_body$;

-- The same, with the type as it is and as it would be.
CREATE OR REPLACE FUNCTION pg_temp.gpra_try_type(tab regclass, col text, before text, type text, OUT was text, OUT becomes text, OUT obstacle text)
LANGUAGE plpgsql AS $gpra_body$ BEGIN
  was := pg_temp.gpra_type_of(tab, col);
  EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s INCLUDING DEFAULTS INCLUDING INDEXES)', tab);
  obstacle := pg_temp.gpra_type_obstacle(tab::text, to_regclass('pg_temp.gpra_copy'), col, before, type);
  becomes := pg_temp.gpra_type_of(to_regclass('pg_temp.gpra_copy'), col);
  DROP TABLE pg_temp.gpra_copy;
END $gpra_body$;

-- Gives a column another type, where no row is looked at for that. One that has it already, or is wider, is left as it is.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_modify_type(target text, col text, before text, type text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab       regclass := target::regclass;
  statement text := pg_temp.gpra_type_statement(tab, col, type, NULL);
  tried     record;
BEGIN
  SELECT * INTO tried FROM pg_temp.gpra_try_type(tab, col, before, type);
  IF tried.obstacle IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = tried.obstacle || '. Then run the same command again.';
  ELSIF tried.was = tried.becomes THEN
    RAISE NOTICE '%.% is % already', tab, col, tried.was;
    PERFORM set_config('gpra.found', mark, false) WHERE current_setting('gpra.made', true) IS DISTINCT FROM mark;
  ELSE
    PERFORM set_config('gpra.found', '', false), set_config('gpra.made', mark, false);
    CALL pg_temp.gpra_lock(ARRAY[tab]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE statement;
    RAISE NOTICE '%.% is % now, and PostgreSQL has no statistics of it until the next ANALYZE % (%)', tab, col, tried.becomes, tab, quote_ident(col);
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- What is granted on a column, as it is granted on another.
CREATE OR REPLACE FUNCTION pg_temp.gpra_column_grants(tab regclass, col text, other text) RETURNS text[] LANGUAGE sql AS $gpra_body$
  SELECT array(SELECT format('GRANT %s (%I) ON %s TO %s%s', g.privilege_type, other, tab, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
                        CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' END)
                 FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) AS g WHERE a.attrelid = tab AND a.attname = col)
$gpra_body$;

-- The columns that are kept in step with a column, and by which trigger: its condition names both.
CREATE OR REPLACE FUNCTION pg_temp.gpra_steps(tab regclass, col text) RETURNS TABLE (keeper name, function regprocedure, other name) LANGUAGE sql AS $gpra_body$
  SELECT t.tgname, t.tgfoid::regprocedure, o.attname
    FROM pg_attribute a
    JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
    JOIN pg_trigger t ON t.oid = d.objid AND t.tgname LIKE 'zz\_gpra\_step\_%'
    JOIN pg_depend e ON e.classid = d.classid AND e.objid = d.objid AND e.refclassid = d.refclassid AND e.refobjid = d.refobjid AND e.refobjsubid NOT IN (0, a.attnum)
    JOIN pg_attribute o ON o.attrelid = a.attrelid AND o.attnum = e.refobjsubid
   WHERE a.attrelid = tab AND a.attname = col
$gpra_body$;

-- What a trigger that keeps a column in step with its copy would not see, or what would write after it: another such trigger, too.
CREATE OR REPLACE FUNCTION pg_temp.gpra_unseen(tab regclass, col text, copied text) RETURNS TABLE (catalog oid, object oid, what text) LANGUAGE sql AS $gpra_body$
  SELECT 'pg_class'::regclass::oid, i.inhrelid, CASE tab WHEN i.inhparent
           THEN format('the rows of %1$s, a child of %2$s, would have no copy, as a trigger of %2$s does not see them: ALTER TABLE %1$s NO INHERIT %2$s', i.inhrelid::regclass, tab)
           ELSE format('%s is a partition of %s, or its child, and has its columns from there: detach it, or write the copy and what keeps it in step in sql', tab, i.inhparent::regclass) END
    FROM pg_inherits i WHERE tab IN (i.inhparent, i.inhrelid)
  UNION ALL SELECT 'pg_trigger'::regclass, t.oid, format('the trigger %1$I on %2$s would write after the one that keeps %3$s in step: ALTER TRIGGER %1$I ON %2$s RENAME TO ..., to a name '
              'before zz_gpra_step_', t.tgname, tab, col)
    FROM pg_trigger t
   -- (Before each row that is inserted or updated. They come in the order of their names.)
   WHERE t.tgrelid = tab AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 3 = 3 AND t.tgtype & 20 > 0
     AND t.tgname > 'zz_gpra_step_' AND t.tgname NOT LIKE 'zz\_gpra\_step\_%'
  UNION ALL SELECT 'pg_trigger'::regclass, t.oid, format('%s.%s is kept in step with %s: drop one of the two before', tab, one.name, s.other)
    FROM (VALUES (col), (copied)) AS one (name) CROSS JOIN LATERAL pg_temp.gpra_steps(tab, one.name) AS s
    JOIN pg_trigger t ON t.tgrelid = tab AND t.tgname = s.keeper WHERE s.other NOT IN (col, copied)
$gpra_body$;

-- Why a column and its copy are not in step, or not any more. (Without an object: a copyColumn that is pending makes it so.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_not_in_step(tab regclass, col text, copied text) RETURNS TABLE (catalog oid, object oid, what text) LANGUAGE sql AS $gpra_body$
  SELECT NULL::oid, NULL::oid, CASE WHEN pg_temp.gpra_type_of(tab, copied) IS NULL THEN format('it is not kept in step with %s: copyColumn comes first, a release before', copied)
           ELSE format('nothing keeps it in step with %1$s, as the trigger for that was dropped: write into %2$s what only %1$s has, go back to before their copyColumn, then run update', copied, col) END
   WHERE NOT EXISTS (SELECT FROM pg_temp.gpra_steps(tab, col) AS s WHERE s.other = copied)
  UNION ALL SELECT 'pg_trigger'::regclass, t.oid, format('the trigger that keeps it in step with %1$s is disabled: write into %2$s what only %1$s has (SELECT * FROM %3$s WHERE %4$s), then ALTER TABLE %3$s ENABLE TRIGGER %5$I',
           copied, col, tab, pg_temp.gpra_differs(tab, col, copied), s.keeper)
    FROM pg_temp.gpra_steps(tab, col) AS s JOIN pg_trigger t ON t.tgrelid = tab AND t.tgname = s.keeper AND t.tgenabled NOT IN ('O', 'A') WHERE s.other = copied
  UNION ALL SELECT * FROM pg_temp.gpra_unseen(tab, col, copied)
$gpra_body$;

-- What ends that; null where nothing is kept in step.
CREATE OR REPLACE FUNCTION pg_temp.gpra_end_step(tab regclass, col text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT string_agg(format('DROP TRIGGER %I ON %s; DROP FUNCTION %s', keeper, tab, function), '; ') FROM pg_temp.gpra_steps(tab, col)
$gpra_body$;
