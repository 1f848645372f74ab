-- What a text defines as a whole: functions, triggers, views and sequences. The target is the table of a trigger, or the view or sequence
-- itself; the name is that of a function, as SQL writes it, or of a trigger.

-- The one that is there. A function is known by its name alone.
CREATE OR REPLACE FUNCTION pg_temp.gpra_defined(kind text, target text, name text) RETURNS TABLE (catalog regclass, object oid, owner oid) LANGUAGE sql AS $gpra_body$
  SELECT 'pg_class'::regclass, c.oid, c.relowner FROM pg_class c WHERE c.oid = to_regclass(target) AND (kind, c.relkind) IN (('view', 'v'), ('sequence', 'S'))
  UNION ALL SELECT 'pg_trigger'::regclass, t.oid, c.relowner
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
   WHERE kind = 'trigger' AND t.tgrelid = to_regclass(target) AND t.tgname = name AND NOT t.tgisinternal
  UNION ALL SELECT 'pg_proc'::regclass, p.oid, p.proowner
    FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
   CROSS JOIN (SELECT CASE kind WHEN 'function' THEN parse_ident(name) END) AS n (parts)
   WHERE kind = 'function' AND p.proname = n.parts[cardinality(n.parts)]
     AND CASE n.parts[cardinality(n.parts) - 1] WHEN 'pg_temp' THEN s.oid = pg_my_temp_schema()
              ELSE s.nspname = coalesce(n.parts[cardinality(n.parts) - 1], current_schema()) END
$gpra_body$;

CREATE OR REPLACE FUNCTION pg_temp.gpra_called(kind text, target text, name text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT concat_ws(' ', kind, CASE WHEN target IS NULL THEN name ELSE name || ' of' END, coalesce(to_regclass(target)::text, target))
$gpra_body$;

-- All that makes it what it is, but for its name and its table.
CREATE OR REPLACE FUNCTION pg_temp.gpra_definition(catalog regclass, object oid) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' ELSE CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END || substr(d.text, strpos(d.text, n.text) + length(n.text) - 1) END
    FROM pg_proc p
   CROSS JOIN LATERAL (SELECT format('.%I(', p.proname)) AS n (text)
   CROSS JOIN LATERAL (SELECT CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END) AS d (text)
   WHERE catalog = 'pg_proc'::regclass AND p.oid = object
  UNION ALL SELECT replace(replace(pg_get_triggerdef(t.oid), format(' ON %I.%I ', s.nspname, c.relname), ' ON ... '), format(' ON pg_temp.%I ', c.relname), ' ON ... ')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace
   WHERE catalog = 'pg_trigger'::regclass AND t.oid = object
  UNION ALL SELECT concat_ws(' ', 'WITH (' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o) || ')', ltrim(pg_get_viewdef(c.oid)))
    FROM pg_class c WHERE catalog = 'pg_class'::regclass AND c.oid = object AND c.relkind = 'v'
  UNION ALL SELECT concat_ws(' ', format_type(q.seqtypid, NULL), 'start', q.seqstart, 'increment', q.seqincrement, 'min', q.seqmin, 'max', q.seqmax, 'cache', q.seqcache,
                   CASE WHEN q.seqcycle THEN 'cycle' END)
    FROM pg_sequence q WHERE catalog = 'pg_class'::regclass AND q.seqrelid = object
$gpra_body$;

-- What CREATE OR REPLACE has to leave as it is: a function's arguments and result, all columns of a view.
CREATE OR REPLACE FUNCTION pg_temp.gpra_shape(catalog regclass, object oid) RETURNS text[] LANGUAGE sql AS $gpra_body$
  SELECT ARRAY[p.prokind::text, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid)]
    FROM pg_proc p WHERE catalog = 'pg_proc'::regclass AND p.oid = object
  UNION ALL SELECT array_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
    FROM pg_attribute a WHERE catalog = 'pg_class'::regclass AND a.attrelid = object AND a.attnum > 0
  HAVING count(*) > 0
$gpra_body$;

-- Whether one shape can replace another: the same, or for a view more columns at its end.
CREATE OR REPLACE FUNCTION pg_temp.gpra_may_replace(kind text, shape text[], other text[]) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT coalesce(CASE kind WHEN 'view' THEN other[1:cardinality(shape)] ELSE other END = shape, true)
$gpra_body$;

-- What a view would show of tables whose rows are kept apart, where it reads as somebody whom that does not bind; null if it does not.
CREATE OR REPLACE FUNCTION pg_temp.gpra_shows_all(view oid) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT format('would show every row of %s to everybody, as row-level security does not bind %s, as whom it reads: ', string_agg(DISTINCT t.oid::regclass::text, ', '), current_user)
         || CASE WHEN current_setting('server_version_num')::integer < 150000 THEN 'run this as a role that it binds (PostgreSQL 14 has no security_invoker)'
                 ELSE 'write fullDefinition: true, and CREATE VIEW ... WITH (security_invoker = true) AS ...' END
    FROM pg_rewrite w
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_class t ON t.oid = d.refobjid AND t.relrowsecurity
    JOIN pg_class v ON v.oid = w.ev_class
   WHERE v.oid = view AND NOT row_security_active(t.oid)
     AND NOT EXISTS (SELECT FROM unnest(v.reloptions) AS o WHERE o ~* '^security_invoker=(true|on|yes|1)$')
  HAVING count(*) > 0
$gpra_body$;

-- What a text would make, made in pg_temp for a moment. It is all null where that needs what is not there yet.
CREATE OR REPLACE FUNCTION pg_temp.gpra_try_definition(kind text, target text, name text, head text, tail text,
                                                       OUT definition text, OUT shape text[], OUT obstacle text)
LANGUAGE plpgsql SET check_function_bodies = off AS $gpra_body$
DECLARE
  place text := 'pg_temp.gpra_copy';
  made  record;
BEGIN
  IF kind = 'function' THEN
    place := 'pg_temp.' || (SELECT quote_ident(parts[cardinality(parts)]) FROM parse_ident(name) AS parts);
  ELSIF kind = 'trigger' THEN
    EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', target);
  END IF;
  EXECUTE format('%s %s %s', head, place, tail);
  SELECT d.* INTO made FROM pg_temp.gpra_defined(kind, place, CASE kind WHEN 'function' THEN place ELSE name END) AS d;
  definition := pg_temp.gpra_definition(made.catalog, made.object);
  shape := pg_temp.gpra_shape(made.catalog, made.object);
  obstacle := pg_temp.gpra_shows_all(made.object);
  SELECT format('DROP %s %s', i.type, i.identity) INTO place
    FROM pg_identify_object(CASE kind WHEN 'trigger' THEN 'pg_class'::regclass ELSE made.catalog END,
                            CASE kind WHEN 'trigger' THEN to_regclass('pg_temp.gpra_copy')::oid ELSE made.object END, 0) AS i;
  EXECUTE place;
EXCEPTION WHEN undefined_column OR undefined_object OR undefined_function OR undefined_table OR invalid_schema_name
               -- (A function that is there and is none of a trigger's.)
               OR invalid_object_definition THEN
  definition := NULL;
END $gpra_body$;

-- Whether it is there as it is to be; otherwise, why it cannot be made: something else is there, or in the way. What is there may be as it was before.
CREATE OR REPLACE FUNCTION pg_temp.gpra_compare_definition(kind text, target text, name text, head text, tail text, head_before text, tail_before text,
                                                           OUT is_made boolean, OUT different text, OUT obstacle text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  called text := pg_temp.gpra_called(kind, target, name);
  n      bigint := (SELECT count(*) FROM pg_temp.gpra_defined(kind, target, name));
  there record; is_now text; wanted record;
BEGIN
  SELECT d.* INTO there FROM pg_temp.gpra_defined(kind, target, name) AS d;
  is_now := pg_temp.gpra_definition(there.catalog, there.object);
  is_made := false;
  IF n > 1 THEN
    different := format('there are %s functions of the name %s, and one that is overloaded has no safe form here', n, name);
    RETURN;
  END IF;
  SELECT * INTO wanted FROM pg_temp.gpra_try_definition(kind, target, name, head, tail);
  IF n = 0 AND kind IN ('view', 'sequence') AND to_regclass(target) IS NOT NULL THEN
    different := format('%s is there, expected a %s', pg_describe_object('pg_class'::regclass, to_regclass(target), 0), kind);
  ELSIF is_now = wanted.definition THEN
    is_made := true;
  ELSIF n = 1 AND (head_before IS NULL
                   OR is_now IS DISTINCT FROM (SELECT b.definition FROM pg_temp.gpra_try_definition(kind, target, name, head_before, tail_before) AS b)) THEN
    different := format('the %s is "%s", expected "%s"', called, left(regexp_replace(is_now, '\s+', ' ', 'g'), 200),
      left(regexp_replace(coalesce(wanted.definition, tail), '\s+', ' ', 'g'), 200));
  ELSIF n = 1 AND NOT pg_has_role(there.owner, 'USAGE') THEN
    obstacle := format('%s does not own the %s', current_user, called);
  ELSIF n = 1 AND NOT pg_temp.gpra_may_replace(kind, pg_temp.gpra_shape(there.catalog, there.object), wanted.shape) THEN
    obstacle := CASE kind WHEN 'view'
      THEN format('the %s has other columns, and CREATE OR REPLACE only adds some at the end: drop it in one changeset (dropView), make it again in the next', called)
      ELSE format('the %s has other arguments or another result, which CREATE OR REPLACE keeps: give the new one another name, let the application change over, '
             'then remove this one', called) END;
  ELSE
    obstacle := format('the %s ', called) || wanted.obstacle;
  END IF;
END $gpra_body$;

CREATE OR REPLACE PROCEDURE pg_temp.gpra_comment(kind text, target text, name text, remarks text) LANGUAGE plpgsql AS $gpra_body$
DECLARE comment text;
BEGIN
  SELECT format('COMMENT ON %s %s IS %L', i.type, i.identity, remarks) INTO comment
    FROM pg_temp.gpra_defined(kind, target, name) AS d CROSS JOIN LATERAL pg_identify_object(d.catalog, d.object, 0) AS i;
  EXECUTE comment;
END $gpra_body$;

-- Before the one that is there is replaced or dropped: nobody else waits for this.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_lock_defined(kind text, target text, mode text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF kind <> 'function' AND to_regclass(target) IS NOT NULL THEN
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], mode);
  END IF;
END $gpra_body$;

-- How a trigger comes to fire as pg_trigger says.
CREATE OR REPLACE FUNCTION pg_temp.gpra_firing(fires "char") RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT CASE fires WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END
$gpra_body$;

-- Makes it, or replaces the one that is there. A trigger fires when it fired before.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_make(kind text, target text, name text, head text, tail text) LANGUAGE plpgsql AS $gpra_body$
DECLARE fires text;
BEGIN
  CALL pg_temp.gpra_lock_defined(kind, target, CASE kind WHEN 'trigger' THEN 'SHARE ROW EXCLUSIVE' ELSE 'ACCESS EXCLUSIVE' END);
  SELECT pg_temp.gpra_firing(t.tgenabled) INTO fires
    FROM pg_temp.gpra_defined(kind, target, name) AS d JOIN pg_trigger t ON d.catalog = 'pg_trigger'::regclass AND t.oid = d.object AND t.tgenabled <> 'O';
  EXECUTE format('%s %s %s', head, coalesce(target, name), tail);
  IF fires IS NOT NULL THEN
    EXECUTE format('ALTER TABLE %s %s TRIGGER %I', target, fires, name);
  END IF;
END $gpra_body$;

-- Makes it and marks it, unless an equal one is there. One that is as it was before is replaced; what its comment said stays behind the mark.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_define(kind text, target text, name text, head text, tail text, head_before text, tail_before text, marks text[])
LANGUAGE plpgsql AS $gpra_body$
DECLARE there record; compared record; found text;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(marks[1]);
  SELECT d.*, obj_description(d.object, d.catalog::text::name) AS remarks INTO there FROM pg_temp.gpra_defined(kind, target, name) AS d;
  SELECT * INTO compared FROM pg_temp.gpra_compare_definition(kind, target, name, head, tail, head_before, tail_before);
  found := coalesce(compared.different, compared.obstacle);
  IF found IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Nothing was made: %s. Correct that, then run the same command again.', found);
  ELSIF compared.is_made AND NOT EXISTS (SELECT FROM unnest(marks) AS mark WHERE starts_with(there.remarks, mark)) THEN
    RAISE NOTICE 'the % is there already', pg_temp.gpra_called(kind, target, name);
    PERFORM set_config('gpra.found', marks[1], false) WHERE current_setting('gpra.made', true) IS DISTINCT FROM marks[1];
  ELSE
    PERFORM set_config('gpra.found', '', false), set_config('gpra.made', marks[1], false);
    IF NOT compared.is_made THEN
      CALL pg_temp.gpra_make(kind, target, name, head, tail);
      CALL pg_temp.gpra_comment(kind, target, name, concat_ws(' ', marks[1], there.remarks));
      IF kind = 'sequence' AND current_setting('gpra.changeset', true) <> '' THEN
        RAISE NOTICE '% is back, and begins anew', target;
      END IF;
    END IF;
  END IF;
  CALL pg_temp.gpra_done(marks[1]);
END $gpra_body$;

-- Has a trigger of ours fire as it is to, after it was made.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_fire(target text, name text, fires "char", marks text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  CALL pg_temp.gpra_must_be_guarded(marks[1]);
  IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass(target) AND t.tgname = name AND t.tgenabled <> fires AND pg_temp.gpra_is_ours(t.oid, 'pg_trigger', marks)) THEN
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'SHARE ROW EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s %s TRIGGER %I', target, pg_temp.gpra_firing(fires), name);
  END IF;
END $gpra_body$;
