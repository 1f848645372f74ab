-- What drops in an update need.

-- What a drop is of, as pg_depend has it. A constraint comes with its index, a table with all that is its own.
CREATE OR REPLACE FUNCTION pg_temp.gpra_drop_objects(kind text, tab regclass, name text) RETURNS TABLE (catalog oid, object oid, part integer) LANGUAGE sql AS $gpra_body$
  SELECT 'pg_class'::regclass::oid, tab::oid, NULL::integer WHERE kind = 'table' AND tab IS NOT NULL
  UNION ALL SELECT d.catalog, d.object, NULL FROM pg_temp.gpra_defined(kind, tab::text, name) AS d
  UNION ALL SELECT 'pg_type'::regclass, reltype, NULL FROM pg_class WHERE kind IN ('table', 'view') AND oid = tab
  UNION ALL SELECT 'pg_rewrite'::regclass, oid, NULL FROM pg_rewrite WHERE kind = 'view' AND ev_class = tab
  UNION ALL SELECT 'pg_class'::regclass, tab, attnum FROM pg_attribute WHERE kind = 'column' AND attrelid = tab AND attname = name AND NOT attisdropped
  UNION ALL  -- where there is gpra_copy_column( or 'renamed column'
  SELECT 'pg_trigger'::regclass, t.oid, NULL
    FROM pg_trigger t JOIN pg_temp.gpra_steps(tab, name) AS s ON s.keeper = t.tgname WHERE kind = 'column' AND t.tgrelid = tab
  UNION ALL SELECT 'pg_attrdef'::regclass, f.oid, NULL
    FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum WHERE f.adrelid = tab AND (kind = 'table' OR kind = 'column' AND a.attname = name)
  UNION ALL SELECT 'pg_constraint'::regclass, oid, NULL FROM pg_constraint WHERE conrelid = tab AND (kind = 'table' OR kind = 'constraint' AND conname = name)
  UNION ALL SELECT 'pg_class'::regclass, i.indexrelid, NULL
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE i.indrelid = tab AND (kind = 'table' OR c.relname = name AND (kind = 'index' OR kind = 'constraint' AND EXISTS (SELECT FROM pg_constraint k
                                                                                     WHERE k.conrelid = tab AND k.conname = name)))
$gpra_body$;

-- What keeps an object from being dropped, as nobody would make it again: what others have built on it, what would go with a column, the
-- constraint that an index is of, the key that needs a NOT NULL, a publication that finds rows by it.
CREATE OR REPLACE FUNCTION pg_temp.gpra_drop_obstacles(kind text, tab regclass, name text) RETURNS TABLE (catalog oid, object oid, described text) LANGUAGE sql AS $gpra_body$
  SELECT DISTINCT d.classid, d.objid, pg_describe_object(d.classid, d.objid, d.objsubid)
    FROM pg_temp.gpra_drop_objects(kind, tab, name) AS o
    JOIN pg_depend d ON d.refclassid = o.catalog AND d.refobjid = o.object AND (o.part IS NULL OR d.refobjsubid = o.part)
    LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
    LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
    LEFT JOIN pg_class s ON d.classid = 'pg_class'::regclass AND s.oid = d.objid AND d.objsubid = 0
    LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid AND g.tgname LIKE 'zz\_gpra\_step\_%'
   WHERE g.oid IS NULL AND CASE kind WHEN 'column' THEN d.deptype IN ('n', 'a') AND coalesce(k.contype <> 'n', true) AND coalesce(s.relkind <> 'S', true)
                                      -- (What nobody finished goes with it.)
                                      AND coalesce(k.conname, s.relname, '') NOT LIKE 'gpra\_building\_%'
                                      AND (f.adrelid, f.adnum) IS DISTINCT FROM (tab::oid, o.part::smallint)
                   WHEN 'view' THEN d.deptype = 'n' AND NOT EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = tab AND (d.classid, d.objid) = ('pg_rewrite'::regclass::oid, w.oid))
                   ELSE d.deptype = 'n' AND NOT EXISTS (SELECT FROM pg_depend w WHERE kind = 'table' AND (w.classid, w.objid) = (d.classid, d.objid)
                                                           AND (w.refclassid, w.refobjid) = ('pg_class'::regclass::oid, tab::oid) AND w.deptype <> 'n') END
  UNION ALL SELECT 'pg_constraint'::regclass, k.oid, pg_describe_object('pg_constraint'::regclass, k.oid, 0)
    FROM pg_constraint k
   WHERE k.conrelid = tab
     AND CASE kind WHEN 'index' THEN k.contype IN ('p', 'u', 'x') AND k.conindid = (SELECT c.oid FROM pg_class c WHERE c.oid = k.conindid AND c.relname = name)
                   WHEN 'not null' THEN k.contype = 'p' AND (SELECT attnum FROM pg_attribute WHERE attrelid = tab AND attname = name) = ANY (k.conkey) END
  UNION ALL SELECT 'pg_publication'::regclass, f.publication, f.described
    FROM pg_temp.gpra_drop_objects(kind, tab, name) AS o CROSS JOIN LATERAL pg_temp.gpra_found_by(o.object) AS f
   WHERE kind IN ('index', 'constraint') AND o.catalog = 'pg_class'::regclass
  UNION ALL SELECT 'pg_class'::regclass, attrelid, 'its identity' FROM pg_attribute WHERE kind = 'not null' AND attrelid = tab AND attname = name AND attidentity <> ''
$gpra_body$;

-- What drops an object; null where it is not there. An index gets its working name, under which the next statement drops it. The CHECK by which a
-- NOT NULL is known as ours goes with it. (A table's name is null here, and %I of null is an error as soon as the planner estimates with it.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_drop_statement(kind text, tab regclass, name text, working text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT CASE kind
           WHEN 'table' THEN format('DROP TABLE %s', tab)
           WHEN 'index' THEN format('CALL pg_temp.gpra_unname_index(%L, %L)', o.object::regclass, working)
           WHEN 'view' THEN format('DROP VIEW %s', tab)
           WHEN 'sequence' THEN format('DROP SEQUENCE %s', tab)
           WHEN 'function' THEN (SELECT format('DROP %s %s', i.type, i.identity) FROM pg_identify_object(o.catalog, o.object, 0) AS i)
           WHEN 'trigger' THEN format('DROP TRIGGER %s ON %s', quote_ident(name), tab)
           WHEN 'column' THEN concat_ws('; ', pg_temp.gpra_end_step(tab, name), format('ALTER TABLE %s DROP COLUMN %s', tab, quote_ident(name)))
           ELSE format('ALTER TABLE %s DROP CONSTRAINT %s', tab, quote_ident(name)) END
    FROM pg_temp.gpra_drop_objects(kind, tab, name) AS o
  UNION ALL
  SELECT concat_ws(', ', format('ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL', tab, quote_ident(name)), string_agg(format('DROP CONSTRAINT %s', quote_ident(k.conname)), ', ') FILTER (WHERE k.oid IS NOT NULL))
    FROM pg_attribute a
    LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum] AND obj_description(k.oid, 'pg_constraint') LIKE '[{mark} %'
                             AND pg_get_constraintdef(k.oid) = format('CHECK ((%s IS NOT NULL))', quote_ident(name))
   WHERE kind = 'not null' AND a.attrelid = tab AND a.attname = name AND a.attnotnull
   GROUP BY a.attnum
   LIMIT 1
$gpra_body$;

-- What keeps a column from getting the name of its copy: what would go with the copy, and a trigger that would not find the column any more.
CREATE OR REPLACE FUNCTION pg_temp.gpra_rename_obstacles(tab regclass, col text, copied text) RETURNS TABLE (catalog oid, object oid, what text) LANGUAGE sql AS $gpra_body$
  SELECT * FROM pg_temp.gpra_not_in_step(tab, col, copied)
  UNION ALL
  SELECT o.catalog, o.object, format('%s would go with the copy: drop it in a changeset before', o.described) FROM pg_temp.gpra_drop_obstacles('column', tab, copied) AS o
  UNION ALL SELECT 'pg_trigger'::regclass, t.oid, format('the trigger %I reads it by its name: let %s say %s before', t.tgname, p.oid::regprocedure, copied)
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
   WHERE t.tgrelid = tab AND NOT t.tgisinternal AND t.tgname NOT LIKE 'zz\_gpra\_step\_%'
     AND p.prosrc ~* format('\m(new|old)\s*\.\s*"?%s"?\M', regexp_replace(col, '\W', '\\\&', 'g'))
$gpra_body$;

-- What drops a constraint that a rollback which was killed has begun to make again.
CREATE OR REPLACE FUNCTION pg_temp.gpra_unfinished(kind text, tab regclass, name text, working text) RETURNS text[] LANGUAGE sql AS $gpra_body$
  SELECT array(SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', tab, k.conname) FROM pg_constraint k
                WHERE k.conrelid = tab AND (kind = 'constraint' AND k.conname = working
                                            OR kind = 'not null' AND k.conname LIKE 'gpra\_building\_%' AND k.contype = 'c'
                                               AND starts_with(pg_get_constraintdef(k.oid), format('CHECK ((%s IS NOT NULL))', quote_ident(name)))))
         || array(SELECT format('DROP INDEX %s', i.indexrelid::regclass) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                   WHERE i.indrelid = tab AND kind = 'constraint' AND c.relname = working AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid))
$gpra_body$;

-- Drops what is named, whoever made it, under one short lock: of a table that keys lead from, after those that they lead to, as the
-- application locks them. What is not there is passed over.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop(kind text, target text, name text, working text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab       regclass := to_regclass(target);
  statement text := pg_temp.gpra_drop_statement(kind, tab, name, working);
  granted   text[] := pg_temp.gpra_column_grants(tab, name, name);
  obstacles text; parents regclass[]; unfinished text;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  FOREACH unfinished IN ARRAY pg_temp.gpra_unfinished(kind, tab, name, working) LOOP
    CALL pg_temp.gpra_lock(ARRAY[tab], 'ACCESS EXCLUSIVE');
    EXECUTE unfinished;
  END LOOP;
  SELECT string_agg(o.described, ', ') INTO obstacles FROM pg_temp.gpra_drop_obstacles(kind, tab, name) AS o;
  IF obstacles IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('The %s cannot be dropped because of %s: drop that first, then run the same command again.',
      pg_temp.gpra_called(kind, tab::text, name), obstacles);
  ELSIF statement IS NULL THEN
    RAISE NOTICE '% is not there: nothing is dropped', concat_ws(' ', kind, CASE WHEN target IS NULL THEN name ELSE name || ' of' END, target);
  ELSE
    IF kind NOT IN ('index', 'function') THEN
      parents := array(SELECT DISTINCT confrelid FROM pg_constraint
                        WHERE contype = 'f' AND conrelid = tab AND confrelid <> tab AND (kind = 'table' OR kind = 'constraint' AND conname = name));
      CALL pg_temp.gpra_lock(parents || tab, 'ACCESS EXCLUSIVE');
    END IF;
    EXECUTE statement;
    IF kind = 'column' AND granted <> '{}' THEN
      RAISE NOTICE '%.% had privileges of its own, which no rollback grants again: "%"', tab, name, array_to_string(granted, '; ');
    END IF;
    IF kind = 'index' THEN
      -- So a rollback knows who has begun to drop it.
      EXECUTE format('COMMENT ON INDEX %s.%I IS %L', (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = tab), working, mark);
    END IF;
  END IF;
  IF kind = 'index' THEN CALL pg_temp.gpra_limit_wait(); END IF;
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;

-- After an index was dropped under its working name.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_drop(target text, name text, working text, mark text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM pg_temp.gpra_refuse(format('The index %s was not dropped. Run the same command again: it goes on from there.', name))
    WHERE EXISTS (SELECT FROM pg_temp.gpra_drop_objects('index', to_regclass(target), working));
  CALL pg_temp.gpra_done(mark);
END $gpra_body$;
