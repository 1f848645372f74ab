-- What lets an old and a new version of an application run at once: a column of which there is a copy, which a trigger keeps in step, whichever of
-- them is written; and a table that has two names.

-- Whether two columns of a row differ, as a condition. (Some types cannot be compared, as json, and some not with each other.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_differs(tab regclass, col text, copied text, one_row text DEFAULT '', other_row text DEFAULT '') RETURNS text
LANGUAGE plpgsql AS $gpra_body$ BEGIN
  EXECUTE format('SELECT NULL::%s IS DISTINCT FROM NULL::%s', pg_temp.gpra_type_of(tab, col), pg_temp.gpra_type_of(tab, copied));
  RETURN format('%s%I IS DISTINCT FROM %s%I', one_row, col, other_row, copied);
EXCEPTION WHEN undefined_function THEN
  RETURN format('%s%I::text IS DISTINCT FROM %s%I::text', one_row, col, other_row, copied);
END $gpra_body$;

-- Keeps a column in step with its copy, before any row is written: whoever writes the copy alone means both. (Of a new row, the copy has no
-- default.) A value that the other type cannot have leaves it empty: the application's statement does not fail for that.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_keep_in_step(tab regclass, col text, copied text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place    regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = tab);
  keeper   text := 'zz_gpra_step_' || left(md5(concat_ws('.', (SELECT relname FROM pg_class WHERE oid = tab), col, copied)), 16);
  follow   text := 'BEGIN NEW.%1$I := NEW.%2$I; EXCEPTION WHEN data_exception THEN NEW.%1$I := NULL; END;';
BEGIN
  IF pg_temp.gpra_type_of(tab, col) = pg_temp.gpra_type_of(tab, copied) THEN
    follow := 'NEW.%1$I := NEW.%2$I;';
  END IF;
  -- (The application may have another search_path, in which the operators of a type are not.)
  EXECUTE format('CREATE OR REPLACE FUNCTION %s.%I() RETURNS trigger LANGUAGE plpgsql SET search_path = %s AS %L', place, keeper,
    (SELECT coalesce(string_agg(quote_ident(name), ', '), quote_literal('')) FROM unnest(current_schemas(false)) AS name WHERE name NOT LIKE 'pg\_temp%'),
    format('BEGIN IF (CASE TG_OP WHEN ''INSERT'' THEN NEW.%I IS NOT NULL ELSE %s AND NOT (%s) END) THEN ', copied,
      pg_temp.gpra_differs(tab, copied, copied, 'NEW.', 'OLD.'), pg_temp.gpra_differs(tab, col, col, 'NEW.', 'OLD.'))
    || format(follow, col, copied) || ' ELSE ' || format(follow, copied, col) || ' END IF; RETURN NEW; END');
  EXECUTE format('COMMENT ON FUNCTION %s.%I() IS %L', place, keeper, mark);
  -- After all other triggers: they come in the order of their names. The condition also keeps either column from being dropped without it.
  EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION %s.%1$I()', keeper, tab,
    pg_temp.gpra_differs(tab, col, copied, 'NEW.', 'NEW.'), place);
  EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', keeper, tab, mark);
END $gpra_body$;

-- Adds the copy of a column, with its grants, in step from its first moment: under one short lock.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_copy(tab regclass, col text, copied text, type text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE granted text;
BEGIN
  CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
  EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s%s', tab, copied, coalesce(type, pg_temp.gpra_type_of(tab, col)),
    (SELECT ' COLLATE ' || a.attcollation::regcollation FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = tab AND a.attname = col AND a.attcollation <> t.typcollation AND type IS NULL));
  EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', tab, copied, mark);
  FOREACH granted IN ARRAY pg_temp.gpra_column_grants(tab, col, copied) LOOP
    EXECUTE granted;
  END LOOP;
  CALL pg_temp.gpra_keep_in_step(tab, col, copied, mark);
END $gpra_body$;

-- Writes the copy of the rows that were there before it. It commits; interrupted anywhere, the same again goes on where it was. What comes meanwhile is
-- in step.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_copy_rows(tab regclass, col text, copied text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  label   text := format('%s.%s', tab, copied);
  pk      name := coalesce(pg_temp.gpra_key_of(tab, false), 'ctid');
  differs text := pg_temp.gpra_differs(tab, col, copied);
  total   bigint := (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = tab);
  done    bigint := 0;
  range   text := format('%I BETWEEN $1 AND $2', pk);
  next    text := format('SELECT %1$I FROM %2$s WHERE %1$I >= $1 AND %3$s ORDER BY %1$I LIMIT 1', pk, tab, differs);
  tenant text; pages bigint; reach text;
BEGIN
  IF pk = 'ctid' THEN
    -- By its pages, as far as there are any now: whatever is written from here on is in step.
    pages := pg_relation_size(tab) / current_setting('block_size')::integer;
    range := 'ctid >= (''('' || $1 || '',0)'')::tid AND ctid < (''('' || $2 + 1 || '',0)'')::tid';
    -- (OFFSET 0: the planner would make a join of it, which reads the table for each of them.)
    next := format('SELECT page FROM generate_series(greatest($1, 0), %s - 1, 8) AS page WHERE EXISTS (SELECT FROM %s WHERE %s AND %s OFFSET 0) LIMIT 1',
      pages, tab, replace(replace(range, '$1', 'page'), '$2', 'page + 7'), differs);
    reach := format('SELECT least($1 + greatest($2 / %s, 1), %s) - 1', CASE WHEN total > pages THEN total / pages ELSE 200 END, pages);
  END IF;
  PERFORM set_config('default_transaction_isolation', 'read committed', false);
  COMMIT;
  FOREACH tenant IN ARRAY pg_temp.gpra_seen_as(tab) LOOP
    -- The trigger writes the copy. (A column that is always generated cannot be named here.)
    CALL pg_temp.gpra_in_batches(tab, label, NULL, 'copied', next,
      format('WITH written AS (UPDATE %1$s SET %2$I = %2$I WHERE %3$s AND %4$s RETURNING 1) SELECT count(*) FROM written', tab, copied, range, differs),
      total, done, NULL, tenant, reach);
  END LOOP;
  IF done > 0 THEN
    RAISE NOTICE '%: % row(s) copied from %', label, done, col;
    COMMIT;
    PERFORM set_config('default_statistics_target', '10', true);
    EXECUTE format('ANALYZE %s (%I)', tab, copied);
  END IF;
  COMMIT;
  CALL pg_temp.gpra_refuse_different(tab, col, copied);
END $gpra_body$;

-- Names the rows whose copy is another: its type cannot have the value, or somebody wrote with triggers switched off.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_refuse_different(tab regclass, col text, copied text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  pk      name := coalesce(pg_temp.gpra_key_of(tab, false), 'ctid');
  type    text := pg_temp.gpra_type_of(tab, col);
  differs text := pg_temp.gpra_differs(tab, col, copied);
  tenant text; found text; n bigint;
BEGIN
  IF type <> pg_temp.gpra_type_of(tab, copied) THEN
    differs := format('(%I::text)::%s::text IS DISTINCT FROM %I::text', copied, type, col);
  END IF;
  FOREACH tenant IN ARRAY pg_temp.gpra_seen_as(tab) LOOP
    CALL pg_temp.gpra_by_index(tenant);
    PERFORM set_config('enable_seqscan', 'on', true);
    EXECUTE format('SELECT count(*), string_agg(id::text, '', '') FILTER (WHERE place <= 3) FROM (SELECT %I AS id, row_number() OVER () AS place FROM %s WHERE %s) AS other',
      pk, tab, differs) INTO n, found;
    PERFORM pg_temp.gpra_refuse(format('%1$s row(s) of %2$s have another %3$s, of the type %4$s, than %5$s: %6$s %7$s. Both columns stay, in step. Find them all '
        'with SELECT %6$I, %5$I, %3$I FROM %2$s WHERE %8$s; correct them, then run the same command again.', n, tab, copied, pg_temp.gpra_type_of(tab, copied), col,
        pk, found, differs)) WHERE n > 0;
    COMMIT;
  END LOOP;
END $gpra_body$;

-- A column of its own for the same values, in step from then on.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_copy_column(target text, col text, copied text, type text, mark text)
LANGUAGE plpgsql AS $gpra_body$
DECLARE tab regclass := target;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  IF NOT EXISTS (SELECT FROM pg_temp.gpra_steps(tab, col) AS s WHERE s.other = copied) THEN
    CALL pg_temp.gpra_begin_copy(tab, col, copied, type, mark);
  END IF;
  COMMIT;
  CALL pg_temp.gpra_copy_rows(tab, col, copied);
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- Drops a copy that bears one of the marks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_copy(target text, copied text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab       regclass := to_regclass(target);
  statement text := concat_ws('; ', pg_temp.gpra_end_step(tab, copied), format('ALTER TABLE %s DROP COLUMN %I', tab, copied),
    -- (Somebody may have dropped its trigger alone.)
    (SELECT string_agg(format('DROP FUNCTION %s', p.oid::regprocedure), '; ') FROM pg_proc p
      WHERE p.proname LIKE 'zz\_gpra\_step\_%' AND pg_temp.gpra_is_ours(p.oid, 'pg_proc', marks) AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid)));
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_attribute a JOIN unnest(marks) AS mark ON starts_with(col_description(a.attrelid, a.attnum), mark)
                  WHERE a.attrelid = tab AND a.attname = copied) THEN
    CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
    EXECUTE statement;
  END IF;
END $gpra_body$;

-- Before one of them takes the other's place: what may not be in step is copied once more. (Not where the same rollback drops the copy next: then the
-- changeset that made it is given, and not recorded.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_align(target text, col text, copied text, copied_by text, mark text)
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab    regclass := to_regclass(target);
  needed boolean := EXISTS (SELECT FROM pg_temp.gpra_steps(tab, col) AS s WHERE s.other = copied);
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  PERFORM pg_temp.gpra_refuse(format('%s.%s has no copy %s any more. If an update that dropped it was killed, run update first, which goes on; then run the same '
      'command again.', tab, col, copied)) WHERE pg_temp.gpra_type_of(tab, col) IS NOT NULL AND pg_temp.gpra_type_of(tab, copied) IS NULL;
  IF needed AND copied_by IS NOT NULL THEN
    needed := pg_temp.gpra_is_recorded(copied_by);
  END IF;
  IF needed THEN
    CALL pg_temp.gpra_copy_rows(tab, col, copied);
  END IF;
  IF copied_by IS NOT NULL AND pg_temp.gpra_remarks_of(tab, copied) = mark THEN
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', tab, copied, format('[{mark} %s]', copied_by));
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- Gives a column its new name, and so all that is on it: keys, checks, indexes, policies, views, grants. Its copy, which had that name for the
-- application's next version, goes in the same moment. The mark comes before whatever its comment says.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_rename_column(target text, col text, name text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab       regclass := target;
  statement text := pg_temp.gpra_end_step(tab, name);
  remarks   text := pg_temp.gpra_remarks_of(tab, col);
  obstacles text; granted text[];
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  IF pg_temp.gpra_type_of(tab, col) IS NULL AND pg_temp.gpra_type_of(tab, name) IS NOT NULL THEN
    RAISE NOTICE '%.% is % already', tab, col, name;
  ELSE
    SELECT string_agg(o.what, '; ') INTO obstacles FROM pg_temp.gpra_rename_obstacles(tab, col, name) AS o;
    PERFORM pg_temp.gpra_refuse(format('%s.%s cannot become %s: %s. Then run the same command again.', tab, col, name, obstacles)) WHERE obstacles IS NOT NULL;
    CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
    -- (Whoever may use the copy may use what has its name then.)
    granted := pg_temp.gpra_column_grants(tab, name, name);
    EXECUTE statement;
    EXECUTE format('ALTER TABLE %s DROP COLUMN %I', tab, name);
    EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I', tab, col, name);
    FOREACH statement IN ARRAY granted LOOP
      EXECUTE statement;
    END LOOP;
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', tab, name, concat_ws(' ', mark, remarks));
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- What is said of a column; null if nothing.
CREATE OR REPLACE FUNCTION pg_temp.gpra_remarks_of(tab regclass, col text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT col_description(tab, attnum) FROM pg_attribute WHERE attrelid = tab AND attname = col
$gpra_body$;

-- The way back: the old name is the column's again, and the new one its copy's.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_restore_name(target text, name text, col text, changeset_mark text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE tab regclass := to_regclass(target);
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes' AND current_setting('gpra.found', true) IS DISTINCT FROM changeset_mark
     AND pg_temp.gpra_type_of(tab, col) IS NULL AND pg_temp.gpra_type_of(tab, name) IS NOT NULL THEN
    CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I', tab, name, col);
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', tab, col, nullif(ltrim(replace(pg_temp.gpra_remarks_of(tab, col), changeset_mark, '')), ''));
    CALL pg_temp.gpra_begin_copy(tab, col, name, NULL, mark);
    -- Until it is in step.
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', tab, name, changeset_mark);
  END IF;
  CALL pg_temp.gpra_done(changeset_mark);
END $gpra_body$;

-- Whether a column has a type, as PostgreSQL writes it.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_type(tab regclass, col text, type text) RETURNS boolean LANGUAGE plpgsql AS $gpra_body$
DECLARE wanted text;
BEGIN
  EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (gpra_column %s)', type);
  wanted := pg_temp.gpra_type_of(to_regclass('pg_temp.gpra_copy'), 'gpra_column');
  DROP TABLE pg_temp.gpra_copy;
  RETURN pg_temp.gpra_type_of(tab, col) = wanted;
END $gpra_body$;

-- The indexes on a column that are of no constraint, each with the one on its copy that takes its place; null where there is none. They are compared on
-- an empty table where both have the copy's type, or both the column's: PostgreSQL prints a constant of another type with a cast. (Another table has
-- those that are pending, and the copy if that is.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_twins(tab regclass, col text, copied text, pending regclass DEFAULT NULL) RETURNS TABLE (index regclass, twin regclass) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  defined text := '^.* USING (?=\w+ \()';
  larger  text := coalesce(pg_temp.gpra_type_of(tab, copied), pg_temp.gpra_type_of(pending, copied));
  type text; one record;
  printed jsonb := '{}';
BEGIN
  FOREACH type IN ARRAY ARRAY[larger, pg_temp.gpra_type_of(tab, col)] LOOP
    EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', tab);
    EXECUTE format('ALTER TABLE pg_temp.gpra_copy DROP COLUMN IF EXISTS %I, ADD COLUMN %1$I %s, ALTER COLUMN %I TYPE %2$s USING NULL', copied, type, col);
    FOR one IN
      SELECT DISTINCT a.attname = copied AS is_copys, i.indexrelid, i.indisunique
        FROM pg_attribute a
        JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
        JOIN pg_index i ON i.indexrelid = d.objid AND i.indisvalid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
        JOIN pg_class c ON c.oid = i.indexrelid AND c.relname NOT LIKE 'gpra\_building\_%'
       WHERE a.attrelid = tab AND a.attname = col OR a.attrelid IN (tab, pending) AND a.attname = copied
       ORDER BY 1, 2
    LOOP
      IF one.is_copys AND pg_temp.gpra_type_of(to_regclass('pg_temp.gpra_copy'), col) IS NOT NULL THEN
        EXECUTE format('ALTER TABLE pg_temp.gpra_copy DROP COLUMN %I CASCADE', col);
      END IF;
      BEGIN
        EXECUTE format('CREATE %s INDEX gpra_copy_index ON pg_temp.gpra_copy USING %s', CASE WHEN one.indisunique THEN 'UNIQUE' ELSE '' END,
          regexp_replace(pg_get_indexdef(one.indexrelid), defined, ''));
      EXCEPTION WHEN undefined_function OR undefined_object THEN
        -- (Of a column's, gpra_misfits names it.)
        CONTINUE WHEN NOT one.is_copys OR type <> larger;
        RAISE;
      END;
      IF one.is_copys THEN
        EXECUTE format('ALTER TABLE pg_temp.gpra_copy RENAME COLUMN %I TO %I', copied, col);
      END IF;
      IF type = larger OR printed -> one.indexrelid::text IS NOT NULL THEN
        printed := printed || jsonb_build_object(one.indexrelid::text, coalesce(printed -> one.indexrelid::text, jsonb_build_object('', one.is_copys))
          || jsonb_build_object(type, concat(one.indisunique, regexp_replace(pg_get_indexdef('pg_temp.gpra_copy_index'::regclass), defined, ''))));
      END IF;
      IF one.is_copys THEN
        EXECUTE format('ALTER TABLE pg_temp.gpra_copy RENAME COLUMN %I TO %I', col, copied);
      END IF;
      DROP INDEX pg_temp.gpra_copy_index;
    END LOOP;
    DROP TABLE pg_temp.gpra_copy;
  END LOOP;
  RETURN QUERY SELECT i.key::oid::regclass, (SELECT min(o.key::oid)::regclass FROM jsonb_each(printed) AS o JOIN jsonb_each(o.value - '') AS p ON i.value -> p.key = p.value
                                              WHERE (o.value ->> '')::boolean)
                 FROM jsonb_each(printed) AS i WHERE NOT (i.value ->> '')::boolean;
END $gpra_body$;

-- What is on a column and does not take the type of its copy, as it has a function that does not: each is made once on an empty table of the same name,
-- as an expression may say that.
CREATE OR REPLACE FUNCTION pg_temp.gpra_misfits(tab regclass, col text, copied text, pending regclass DEFAULT NULL) RETURNS TABLE (catalog oid, object oid, what text)
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  type      text := coalesce(pg_temp.gpra_type_of(tab, copied), pg_temp.gpra_type_of(pending, copied));
  own       text := (SELECT relname FROM pg_class WHERE oid = tab);
  tried     jsonb;  -- as PostgreSQL prints them while the table's name is its own
  statement text; one record;
BEGIN
  SELECT jsonb_agg(jsonb_build_object('catalog', d.classid, 'object', d.objid, 'what', pg_describe_object(d.classid, d.objid, 0), 'name', c.relname, 'copy', c.oid::regclass, 'made',
           CASE d.classid WHEN 'pg_policy'::regclass THEN format('CREATE POLICY gpra_copy ON pg_temp.%I', c.relname) || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
                                                           || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
                          WHEN 'pg_constraint'::regclass THEN format('ALTER TABLE pg_temp.%I ADD %s', c.relname, pg_get_constraintdef(k.oid))
                          ELSE format('CREATE INDEX ON pg_temp.%I USING %s', c.relname, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING (?=\w+ \()', '')) END)) INTO tried
    FROM (SELECT DISTINCT s.classid, s.objid
            FROM pg_depend s JOIN pg_attribute a ON s.refclassid = 'pg_class'::regclass AND s.refobjid = a.attrelid AND s.refobjsubid = a.attnum
           WHERE a.attrelid = tab AND a.attname = col) AS d
    LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
    LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.contype = 'c'
    LEFT JOIN pg_index i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid
    JOIN pg_class c ON c.oid = coalesce(p.polrelid, k.conrelid, i.indrelid);
  EXECUTE format('CREATE TEMPORARY TABLE %I (LIKE %s)', own, tab);
  EXECUTE format('ALTER TABLE pg_temp.%I ALTER COLUMN %I TYPE %s USING NULL', own, col, type);
  FOR one IN SELECT * FROM jsonb_to_recordset(tried) AS t (catalog oid, object oid, what text, name text, copy text, made text) LOOP
    BEGIN
      IF one.name <> own THEN
        EXECUTE format('CREATE TEMPORARY TABLE %I (LIKE %s)', one.name, one.copy);
      END IF;
      statement := one.made;
      EXECUTE statement;
      RAISE EXCEPTION USING ERRCODE = 'GP000';
    EXCEPTION
      WHEN undefined_function OR undefined_object THEN
        -- (Pending SQL may make it.)
        RETURN QUERY SELECT one.catalog, one.object, format('%s would not take that type, as the %s: let that take it too, or drop the %1$s before, and make it again afterwards', one.what, SQLERRM)
                      WHERE current_setting('gpra.look.incomplete', true) IS DISTINCT FROM 'true';
      WHEN SQLSTATE 'GP000' THEN
        NULL;
    END;
  END LOOP;
  EXECUTE format('DROP TABLE pg_temp.%I', own);
END $gpra_body$;

-- What keeps a column and its copy from changing places.
CREATE OR REPLACE FUNCTION pg_temp.gpra_swap_obstacles(tab regclass, col text, copied text, mark text, pending regclass DEFAULT NULL) RETURNS TABLE (catalog oid, object oid, what text) LANGUAGE sql AS $gpra_body$
  SELECT * FROM pg_temp.gpra_not_in_step(tab, col, copied)
  UNION ALL SELECT d.classid, d.objid, format('%s depends on it: drop that before, and make it again afterwards', pg_describe_object(d.classid, d.objid, d.objsubid))
    FROM pg_attribute a
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
    LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
    LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND d.objsubid = 0
    LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
    LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
   WHERE a.attrelid = tab AND a.attname = col AND d.classid <> 'pg_policy'::regclass
     AND coalesce(f.adrelid <> tab OR f.adnum <> a.attnum, true) AND coalesce(c.relkind NOT IN ('S', 'i'), true)
     AND coalesce(g.tgname NOT LIKE 'zz\_gpra\_step\_%', true)
     AND coalesce(k.contype NOT IN ('f', 'c', 'n') AND NOT (k.contype IN ('p', 'u') AND cardinality(k.conkey) = 1), true)
  UNION ALL SELECT 'pg_constraint'::regclass, k.oid, format('%s %s', pg_describe_object('pg_constraint'::regclass, k.oid, 0),
           CASE WHEN NOT k.convalidated THEN 'has not been validated: ALTER TABLE ... VALIDATE CONSTRAINT ...'
                WHEN 'p' IN (c.relkind, r.relkind) THEN 'is of a partitioned table: drop it before, and make it again afterwards'
                WHEN k.contype IN ('p', 'u') THEN 'is not the only one that is unique by it, or rows are found by it elsewhere: drop one'
                ELSE 'is on a table that somebody else owns' END)
    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = tab AND a.attname = col JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class r ON r.oid = k.confrelid
   WHERE (k.conrelid = tab AND a.attnum = ANY (k.conkey) OR k.contype = 'f' AND k.confrelid = tab AND a.attnum = ANY (k.confkey))
     AND (NOT k.convalidated AND NOT coalesce(starts_with(col_description(tab, a.attnum), mark), false) OR NOT pg_has_role(c.relowner, 'USAGE')
          OR c.relkind = 'p' OR r.relkind = 'p'
          OR k.contype IN ('p', 'u') AND (EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = tab AND o.contype IN ('p', 'u') AND o.conkey = k.conkey AND o.oid <> k.oid)
                                          OR EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = k.conindid AND (i.indisreplident OR i.indisclustered))))
  UNION ALL
  SELECT 'pg_class'::regclass, t.index, format('the index %s has no equal on %s: createIndex, as "%s", in a changeset before', t.index, copied, pg_get_indexdef(t.index))
    FROM pg_temp.gpra_twins(tab, col, copied, pending) AS t WHERE t.twin IS NULL
  UNION ALL SELECT m.catalog, m.object, m.what FROM pg_temp.gpra_misfits(tab, col, copied, pending) AS m
$gpra_body$;

-- Before the unique index of the copy is built where the column has one of its own: the copy is NOT NULL where the column is. It commits.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_swap(target text, col text, copied text, type text, working text, definition text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab    regclass := target;
  place  regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = tab);
  proof  text := 'gpra_step_not_null';
  needed boolean := NOT pg_temp.gpra_is_type(tab, col, type);
  number smallint := (SELECT attnum FROM pg_attribute WHERE attrelid = tab AND attname = col);
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  IF needed AND starts_with(pg_temp.gpra_remarks_of(tab, col), mark) THEN
    -- A run was killed after they had changed places.
    CALL pg_temp.gpra_validate_all(tab, col);
  END IF;
  IF needed AND EXISTS (SELECT FROM pg_attribute a JOIN pg_attribute c ON c.attrelid = a.attrelid AND c.attname = copied
                         WHERE a.attrelid = tab AND a.attname = col AND a.attnotnull AND NOT c.attnotnull) THEN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = tab AND conname = proof) THEN
      CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
      EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (%I IS NOT NULL) NOT VALID', tab, proof, copied);
      COMMIT;
    END IF;
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', tab, proof);
    COMMIT;
    CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
    -- (In one statement the proof would go first, and every row be read.)
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', tab, copied);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', tab, proof);
    COMMIT;
  END IF;
  IF needed AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = tab AND conkey = ARRAY[number] AND contype IN ('p', 'u')) THEN
    CALL pg_temp.gpra_begin_build(target, working, quote_ident(copied), 'true', definition, true);
  ELSE
    CALL pg_temp.gpra_build_nothing(place, working);
  END IF;
END $gpra_body$;

-- How a column counts up, and by which sequence: what ends that, and what begins it again for the column that has its name then.
CREATE OR REPLACE FUNCTION pg_temp.gpra_counter(tab regclass, col text, type text, OUT stop text[], OUT start text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  counts text := pg_get_serial_sequence(tab::text, col);
  one    pg_attribute := (SELECT a FROM pg_attribute a WHERE a.attrelid = tab AND a.attname = col);
  many pg_sequence; last record;
BEGIN
  stop := '{}';
  start := '{}';
  IF one.atthasdef THEN
    stop := stop || format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', tab, col);
    start := start || format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', tab, col,
                        (SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f WHERE f.adrelid = tab AND f.adnum = one.attnum));
  END IF;
  IF counts IS NULL THEN RETURN; END IF;
  SELECT s.* INTO many FROM pg_sequence s WHERE s.seqrelid = counts::regclass;
  EXECUTE format('SELECT last_value, is_called FROM %s', counts) INTO last;
  IF one.attidentity = '' THEN
    stop := stop || format('ALTER SEQUENCE %s OWNED BY NONE', counts);
    start := start || format('ALTER SEQUENCE %s AS %s OWNED BY %s.%I', counts, CASE WHEN type IN ('smallint', 'integer', 'bigint') THEN type ELSE format_type(many.seqtypid, NULL) END,
                        tab, col);
  ELSE
    stop := stop || format('ALTER TABLE %s ALTER COLUMN %I DROP IDENTITY', tab, col);
    start := start || format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s START WITH %s INCREMENT BY %s CACHE %s%s%s%s)', tab, col,
                        CASE one.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, counts, many.seqstart, many.seqincrement, many.seqcache,
                        -- (Not what is the type's.)
                        CASE WHEN many.seqincrement > 0 OR many.seqmin NOT IN (-32768, -2147483648, -9223372036854775808) THEN ' MINVALUE ' || many.seqmin END,
                        CASE WHEN many.seqincrement < 0 OR many.seqmax NOT IN (32767, 2147483647, 9223372036854775807) THEN ' MAXVALUE ' || many.seqmax END,
                        CASE WHEN many.seqcycle THEN ' CYCLE' END)
                   || format('SELECT setval(%L, %s, %L)', counts, last.last_value, last.is_called)
                   || array(SELECT format('GRANT %s ON SEQUENCE %s TO %s', g.privilege_type, counts, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END)
                              FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS g WHERE c.oid = counts::regclass AND g.grantee <> c.relowner);
  END IF;
END $gpra_body$;

-- A column and its copy change places, with all that is on it, under one short lock: of its table, of those that its keys lead to, and of those whose
-- keys lead to it. Keys and checks come back not validated. The column is the copy from then on, in step: so the same leads back. The mark comes before
-- whatever the column's comment says, and goes when the keys are valid after the way back.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_swap(target text, col text, copied text, type text, working text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab       regclass := target;
  place     regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = tab);
  spare     text := 'gpra_step_spare';
  number    smallint := (SELECT attnum FROM pg_attribute WHERE attrelid = tab AND attname = col);
  required  text[];  -- the names of the NOT NULLs, where those have names
  obstacles text; tables regclass[]; counter record; remarks text[]; copy_mark text; stop text[]; start text[];
  statement text;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  IF to_regclass(format('%s.gpra_no_building', place)) IS NOT NULL THEN
    EXECUTE format('DROP TABLE %s.gpra_no_building', place);
  END IF;
  IF pg_temp.gpra_is_type(tab, col, type) THEN
    RAISE NOTICE '%.% is % already', tab, col, pg_temp.gpra_type_of(tab, col);
    -- What a way back that was killed has prepared would refuse values that do not fit.
    CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL, DROP CONSTRAINT IF EXISTS gpra_step_not_null', tab, copied);
    CALL pg_temp.gpra_done(mark);
    RETURN;
  END IF;
  SELECT string_agg(o.what, '; ') INTO obstacles FROM pg_temp.gpra_swap_obstacles(tab, col, copied, mark) AS o;
  PERFORM pg_temp.gpra_refuse(format('%s.%s cannot become %s: %s. %s', tab, col, type, obstacles,
      CASE current_setting('gpra.changeset', true) WHEN '' THEN 'Then run the same command again.'
           ELSE 'An update that was killed may not have recorded what it dropped: then run update first, which goes on, and the same rollback again.' END))
    WHERE obstacles IS NOT NULL;
  tables := array(SELECT DISTINCT k.confrelid FROM pg_constraint k WHERE k.conrelid = tab AND k.contype = 'f' AND number = ANY (k.conkey) AND k.confrelid <> tab)
            || tab
            || array(SELECT DISTINCT k.conrelid FROM pg_constraint k WHERE k.confrelid = tab AND k.contype = 'f' AND number = ANY (k.confkey) AND k.conrelid <> tab);
  CALL pg_temp.gpra_lock(tables, 'ACCESS EXCLUSIVE');

  SELECT * INTO counter FROM pg_temp.gpra_counter(tab, col, pg_temp.gpra_type_of(tab, copied));
  remarks := ARRAY[pg_temp.gpra_remarks_of(tab, col), pg_temp.gpra_remarks_of(tab, copied)];
  copy_mark := (SELECT obj_description(s.function, 'pg_proc') FROM pg_temp.gpra_steps(tab, col) AS s WHERE s.other = copied);
  SELECT array_agg(format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname) ORDER BY k.contype <> 'f'),
         array_agg(format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname,
                     CASE WHEN k.contype IN ('p', 'u') THEN format('%s USING INDEX %I', CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, working)
                                                            || CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
                                                            || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
                          ELSE pg_get_constraintdef(k.oid) || ' NOT VALID' END) ORDER BY k.contype = 'f')
         || array_agg(format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, k.conrelid::regclass, obj_description(k.oid, 'pg_constraint')))
    INTO stop, start
    FROM pg_constraint k
   WHERE k.contype IN ('p', 'u', 'f', 'c') AND (k.conrelid = tab AND number = ANY (k.conkey) OR k.confrelid = tab AND number = ANY (k.confkey));
  start := start || array(SELECT format('ALTER POLICY %I ON %s', p.polname, p.polrelid::regclass) || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
                                   || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
                            FROM pg_policy p
                           WHERE EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid
                                            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = tab AND d.refobjsubid = number))
                 -- What is said of an index stays with its name.
                 || array(SELECT format('ALTER INDEX %1$s RENAME TO %2$I; ALTER INDEX %3$s RENAME TO %4$I; ALTER INDEX %5$s.%2$I RENAME TO %6$I; '
                                        'COMMENT ON INDEX %5$s.%4$I IS %7$L; COMMENT ON INDEX %5$s.%6$I IS %8$L', t.index, spare, t.twin, i.relname, place, w.relname,
                                   obj_description(i.oid, 'pg_class'), obj_description(w.oid, 'pg_class'))
                            FROM pg_temp.gpra_twins(tab, col, copied) AS t JOIN pg_class i ON i.oid = t.index JOIN pg_class w ON w.oid = t.twin);
  -- (From PostgreSQL 18 on a NOT NULL has a name, too.)
  required := array(SELECT k.conname FROM pg_constraint k WHERE k.conrelid = tab AND k.contype = 'n' AND k.conkey[1] = number);

  stop := coalesce(stop, '{}') || counter.stop || pg_temp.gpra_end_step(tab, col)
          -- What is granted on a name stays with it.
          || array(SELECT DISTINCT format('REVOKE ALL (%I) ON %s FROM %s CASCADE', a.attname, tab, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END)
                     FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) AS g WHERE a.attrelid = tab AND a.attname IN (col, copied))
          || pg_temp.gpra_column_grants(tab, col, copied) || pg_temp.gpra_column_grants(tab, copied, col);
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = tab AND attnum = number AND attnotnull) THEN
    stop := stop || format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', tab, col);
  END IF;
  FOREACH statement IN ARRAY stop || ARRAY[
      format('ALTER TABLE %s RENAME COLUMN %I TO %I', tab, col, spare), format('ALTER TABLE %s RENAME COLUMN %I TO %I', tab, copied, col),
      format('ALTER TABLE %s RENAME COLUMN %I TO %I', tab, spare, copied),
      format('COMMENT ON COLUMN %s.%I IS %L', tab, col, CASE WHEN starts_with(remarks[1], mark) THEN remarks[1] ELSE concat_ws(' ', mark, remarks[1]) END), format('COMMENT ON COLUMN %s.%I IS %L', tab, copied, remarks[2])]
      || counter.start || coalesce(start, '{}')
      -- What PostgreSQL is to know of its values stays with a name, too.
      || array(SELECT format('ALTER TABLE %1$s ALTER COLUMN %2$I SET STATISTICS %3$s, ALTER COLUMN %2$I RESET (n_distinct, n_distinct_inherited)%4$s', tab, a.attname,
                        coalesce(a.attstattarget, -1),
                        (SELECT format(', ALTER COLUMN %I SET (%s)', a.attname, string_agg(format('%I = %s', o.option_name, o.option_value), ', '))
                           FROM pg_options_to_table(a.attoptions) AS o WHERE o.option_name LIKE 'n\_distinct%' HAVING count(*) > 0))
                 FROM pg_attribute a WHERE a.attrelid = tab AND a.attname IN (col, copied))
      || array(SELECT format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', tab, k.conname, r.name)
                 FROM unnest(required) AS r (name)
                 JOIN pg_attribute a ON a.attrelid = tab AND a.attname = copied
                 JOIN pg_constraint k ON k.conrelid = tab AND k.contype = 'n' AND k.conkey[1] = a.attnum) LOOP
    EXECUTE statement;
  END LOOP;
  CALL pg_temp.gpra_keep_in_step(tab, col, copied, copy_mark);
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- Validates the keys and checks of a column, and the keys that lead to it. It commits.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_validate_all(tab regclass, col text) LANGUAGE plpgsql AS $gpra_body$
DECLARE one pg_constraint;
BEGIN
  FOR one IN
    SELECT k.* FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = tab AND a.attname = col
     WHERE NOT k.convalidated AND (k.conrelid = tab AND a.attnum = ANY (k.conkey) OR k.confrelid = tab AND a.attnum = ANY (k.confkey))
  LOOP
    CALL pg_temp.gpra_validate(one, one.conname);
    COMMIT;
  END LOOP;
END $gpra_body$;

-- After they have changed places.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_swap(target text, col text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab     regclass := target;
  remarks text;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  CALL pg_temp.gpra_validate_all(tab, col);
  EXECUTE format('ANALYZE %s (%I)', tab, col);
  COMMIT;
  remarks := pg_temp.gpra_remarks_of(tab, col);
  IF current_setting('gpra.changeset', true) <> '' AND starts_with(remarks, mark) THEN
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', tab, col, nullif(ltrim(replace(remarks, mark, '')), ''));
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- Gives a table its new name, and the old one to a view of it, which can be written as the table can, by the same roles: in one moment.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_rename_table(target text, name text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab     pg_class := (SELECT c FROM pg_class c WHERE c.oid = to_regclass(target));
  place   regnamespace := tab.relnamespace;
  granted text;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  IF tab.relkind = 'v' AND pg_temp.gpra_is_ours(tab.oid, 'pg_class', ARRAY[mark]) THEN
    RAISE NOTICE '% is % already', target, name;
  ELSE
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s RENAME TO %I', target, name);
    -- (Whoever asks the view needs what the table asks for, and is bound by its policies. PostgreSQL 14 does not know that: there no such table is renamed.)
    EXECUTE format('CREATE VIEW %s.%I %s AS SELECT * FROM %1$s.%4$I', place, tab.relname,
      CASE WHEN current_setting('server_version_num')::integer >= 150000 THEN 'WITH (security_invoker = true)' END, name);
    EXECUTE format('COMMENT ON VIEW %s.%I IS %L', place, tab.relname, mark);
    EXECUTE format('ALTER VIEW %s.%I OWNER TO %s', place, tab.relname, tab.relowner::regrole);
    FOR granted IN
      SELECT format('GRANT %s %s ON %s.%I TO %s', g.privilege_type, g.columns, place, tab.relname, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END)
        FROM (SELECT e.privilege_type, '' AS columns, e.grantee FROM aclexplode(tab.relacl) AS e WHERE e.grantee <> tab.relowner
              UNION ALL SELECT e.privilege_type, format('(%I)', a.attname), e.grantee FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) AS e
               WHERE a.attrelid = tab.oid AND NOT a.attisdropped) AS g
    LOOP
      EXECUTE granted;
    END LOOP;
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- The way back. What the rollback has looked at under the new name has the old one again.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_restore_table_name(target text, name text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = to_regclass(target));
  old   text := format('%s.%I', place, name);
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes' AND current_setting('gpra.found', true) IS DISTINCT FROM mark AND place IS NOT NULL THEN
    PERFORM pg_temp.gpra_refuse(format('%s cannot be %s again: that is there, and is not the view that %s made. Drop or rename it, then run the same command again.',
        target, old, mark)) WHERE to_regclass(old) IS NOT NULL AND NOT pg_temp.gpra_is_ours(to_regclass(old), 'pg_class', ARRAY[mark]);
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('DROP VIEW IF EXISTS %s', old);
    EXECUTE format('ALTER TABLE %s RENAME TO %I', target, name);
    UPDATE pg_temp.gpra_made m SET tab = r.detail ->> 'from' FROM pg_temp.gpra_made r
     WHERE r.kind = 'renamed table' AND starts_with(mark, format('[{mark} %s]', r.id)) AND m.tab = r.tab;
  END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;
