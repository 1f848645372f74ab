-- What several changesets use. Made when a session or a script begins, in pg_temp: nothing of it outlives the session.
DO $gpra_body$
BEGIN
  IF NOT has_database_privilege(current_database(), 'TEMPORARY') THEN
    RAISE EXCEPTION USING MESSAGE = format('%I may not make temporary objects in the database %I, and a migration keeps its procedures there. Nothing '
      'was done. GRANT TEMPORARY ON DATABASE %2$I TO %1$I, then run the same command again.', current_user, current_database());
  END IF;
END
$gpra_body$;

-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: so long for each of
-- these waits, then the server ends it, whoever else is left to. (At least 500 ms: none would be no limit.) RESET lock_timeout ends this.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_limit_wait(wait_limit text) LANGUAGE plpgsql AS $gpra_body$
BEGIN
  PERFORM set_config('lock_timeout', CASE WHEN wait_limit::interval > '500ms' THEN wait_limit ELSE '500ms' END, false);
END
$gpra_body$;

-- All that makes an index what it is, but for its name, its table and how it is stored.
CREATE OR REPLACE FUNCTION pg_temp.gpra_index_definition(index regclass) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT concat_ws(' ', m.amname, i.indisunique, i.indimmediate, to_jsonb(i) ->> 'indnullsnotdistinct', i.indnkeyatts, i.indclass, i.indcollation,
                   i.indoption, (SELECT array_agg(pg_get_indexdef(index, part, true) ORDER BY part) FROM generate_series(1, i.indnatts) AS part),
                   pg_get_expr(i.indpred, i.indrelid))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
   WHERE i.indexrelid = index
$gpra_body$;

-- Before an index is built concurrently under its working name. That cannot be done in a block, and IF NOT EXISTS, which looks at the name
-- only, is the one condition it knows. So where nothing is to be built, that name is taken: by the index itself where the table is empty,
-- and where an equal one is there, under whatever name, by one on an empty table, which gpra_end_index removes.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_index(target text, name text, working text, keys text[], definition text, is_unique boolean)
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place  regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = target::regclass);
  there  regclass := to_regclass(format('%s.%I', place, name));
  wanted text;
  equal  regclass;
  detail text;
BEGIN
  IF to_regclass(format('%s.gpra_no_building', place)) IS NOT NULL THEN
    EXECUTE format('DROP TABLE %s.gpra_no_building', place);
  END IF;
  EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', target);
  EXECUTE format('CREATE %s INDEX gpra_copy_index ON pg_temp.gpra_copy %s', CASE WHEN is_unique THEN 'UNIQUE' ELSE '' END, definition);
  wanted := pg_temp.gpra_index_definition('pg_temp.gpra_copy_index');
  DROP TABLE pg_temp.gpra_copy;
  SELECT indexrelid INTO equal FROM pg_index
   WHERE indrelid = target::regclass AND indisvalid AND pg_temp.gpra_index_definition(indexrelid) = wanted
   ORDER BY indexrelid = there DESC, indexrelid LIMIT 1;
  IF there IS NOT NULL AND equal IS DISTINCT FROM there THEN
    RAISE EXCEPTION USING MESSAGE = format('The index %s is there already and different: "%s", expected %s on %s. Drop or rename it, then run the '
      'same command again.', name, coalesce(pg_get_indexdef(there), 'no index'), definition, target);
  ELSIF equal IS NOT NULL THEN
    IF equal IS DISTINCT FROM there THEN
      RAISE NOTICE '% is there already, as %', name, equal;
    END IF;
    EXECUTE format('CREATE TABLE %s.gpra_no_building (id integer)', place);
    EXECUTE format('CREATE INDEX %I ON %s.gpra_no_building (id)', working, place);
    RETURN;
  END IF;
  IF is_unique THEN
    EXECUTE format('SELECT string_agg(format(''(%%s) in %%s rows'', keys, n), ''; '') FROM (SELECT concat_ws('', '', %1$s) AS keys, count(*) AS n FROM %2$s '
      'WHERE num_nulls(%1$s) = 0 GROUP BY %1$s HAVING count(*) > 1 LIMIT 3) AS twice', array_to_string(keys, ', '), target) INTO detail;
    IF detail IS NOT NULL THEN
      RAISE EXCEPTION USING MESSAGE = format('%s cannot be unique by %s: %s. Nothing was built. Find them all with SELECT %2$s, count(*) FROM %1$s '
        'GROUP BY %2$s HAVING count(*) > 1, correct them, then run the same command again.', target, array_to_string(keys, ', '), detail);
    END IF;
  END IF;
  -- (Never by counting rows: a role whom row-level security binds would see none.)
  IF pg_relation_size(target::regclass) = 0 THEN
    EXECUTE format('LOCK TABLE %s IN SHARE MODE', target);
    IF pg_relation_size(target::regclass) = 0 THEN
      EXECUTE format('CREATE %s INDEX %I ON %s %s', CASE WHEN is_unique THEN 'UNIQUE' ELSE '' END, working, target, definition);
    END IF;
  END IF;
END
$gpra_body$;

-- Gives the index that has just been built its name and its mark, in one transaction.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_index(target text, name text, working text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = target::regclass);
  built regclass := to_regclass(format('%s.%I', place, working));
BEGIN
  IF to_regclass(format('%s.gpra_no_building', place)) IS NOT NULL THEN
    EXECUTE format('DROP TABLE %s.gpra_no_building', place);
  ELSIF NOT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = built), false) THEN
    RAISE EXCEPTION USING MESSAGE = format('The index %s was not built. Run the same command again: it builds it anew.', name);
  ELSE
    EXECUTE format('ALTER INDEX %s RENAME TO %I', built, name);
    EXECUTE format('COMMENT ON INDEX %s.%I IS %L', place, name, mark);
  END IF;
END
$gpra_body$;

-- Gives an index its working name, if it bears one of the marks: the next statement drops that one, concurrently.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_drop_index(schema text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place text := quote_ident(coalesce(schema, current_schema()));
  there regclass := to_regclass(format('%s.%I', place, name));
BEGIN
  IF to_regclass(format('%s.gpra_no_building', place)) IS NOT NULL THEN
    EXECUTE format('DROP TABLE %s.gpra_no_building', place);
  END IF;
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM unnest(marks) AS mark WHERE starts_with(obj_description(there, 'pg_class'), mark)) THEN
    EXECUTE format('ALTER INDEX %s RENAME TO %I', there, working);
  END IF;
END
$gpra_body$;

-- Adds a column and marks it, unless there is one of that name: the changeset's precondition, or somebody quicker, has seen to that.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_add_column(target text, name text, statement text, mark text) LANGUAGE plpgsql AS $gpra_body$
BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = target::regclass AND attname = name AND NOT attisdropped) THEN
    RAISE NOTICE '%.% is there already', target, name;
  ELSE
    EXECUTE statement;
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, name, mark);
  END IF;
END
$gpra_body$;

-- Writes remarks behind the mark of a table, or of a column of it. A column that came with its table has that one's. What bears none is
-- somebody else's.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_remark(target text, name text, remarks text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  pattern text := '^\[gpra [^]]+\]';
  whole   text := obj_description(target::regclass, 'pg_class');
  mark    text := substring(CASE WHEN name IS NULL THEN whole
                                 ELSE (SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = target::regclass AND attname = name)
                            END FROM pattern);
BEGIN
  IF coalesce(mark, substring(whole FROM pattern)) IS NOT NULL THEN
    EXECUTE format('COMMENT ON %s IS %L', CASE WHEN name IS NULL THEN 'TABLE ' || target ELSE format('COLUMN %s.%I', target, name) END,
      concat_ws(' ', mark, nullif(regexp_replace(remarks, pattern || ' ?', ''), '')));
  END IF;
END
$gpra_body$;

-- Drops a column that bears one of the marks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_column(target text, name text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_attribute a JOIN unnest(marks) AS mark ON starts_with(col_description(a.attrelid, a.attnum), mark)
                  WHERE a.attrelid = to_regclass(target) AND a.attname = name) THEN
    EXECUTE format('ALTER TABLE %s DROP COLUMN %I', target, name);
  END IF;
END
$gpra_body$;

-- Makes a table and marks it, unless there is one of that name.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_create_table(target text, statement text, mark text) LANGUAGE plpgsql AS $gpra_body$
BEGIN
  IF to_regclass(target) IS NOT NULL THEN
    RAISE NOTICE '% is there already', target;
  ELSE
    EXECUTE statement;
    EXECUTE format('COMMENT ON TABLE %s IS %L', target, mark);
  END IF;
END
$gpra_body$;

-- Drops a table that bears one of the marks. Locks first what its keys lead to, in the application's order: it reads that, then writes. Both
-- waits together are one lock_timeout long. (LOCK TABLE needs a privilege that a migration can do without: then each has half.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_table(target text, marks text[], discard boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  lock_wait bigint := extract(epoch FROM current_setting('lock_timeout')::interval) * 1000;
  parent    regclass;
  rows      boolean;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR NOT EXISTS (SELECT FROM unnest(marks) AS mark WHERE starts_with(obj_description(to_regclass(target), 'pg_class'), mark)) THEN
    RETURN;
  END IF;
  PERFORM set_config('lock_timeout', greatest(1, lock_wait / 2)::text, true) WHERE lock_wait > 0;
  FOR parent IN SELECT DISTINCT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid = target::regclass AND confrelid <> conrelid LOOP
    IF has_table_privilege(parent, 'UPDATE, DELETE, TRUNCATE') THEN
      EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', parent);
    END IF;
  END LOOP;
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target);
  -- That came since the look: nothing else is left in the table by now.
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO rows;
  IF rows AND NOT discard THEN
    RAISE EXCEPTION USING MESSAGE = format('Rows of %s have come while this rollback ran, and it would destroy them. What was undone until here '
      'stays undone. Stop the application, then run the same command again.', to_regclass(target));
  END IF;
  EXECUTE format('DROP TABLE %s', target);
END
$gpra_body$;
