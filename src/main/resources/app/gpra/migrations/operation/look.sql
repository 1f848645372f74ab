-- The look before an update: what pending changes would make is compared with what is there, one after the other, before any of them runs. Once more
-- before a migration's tag, when all of it has to be there; and before a rollback, where comments got lost, whether what bears no mark is as it was
-- made. Nothing but temporary tables is made. It is before, after or lost. What applied changesets have made are tables and columns, each with the
-- command that goes back to before it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_look(happens text, made text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF happens = 'after' THEN
    CALL pg_temp.gpra_must_be_guarded('[gpra look]');
  END IF;  -- where there is 'after'
  PERFORM set_config('gpra.look', happens, false), set_config('gpra.look.incomplete', 'false', false), set_config('gpra.look.made', made, false),
          set_config('gpra.guarded', 'no', false);
  CREATE TEMPORARY TABLE gpra_findings (kind text, line text);
END $gpra_body$;

-- Writes down what is found. (After, what is there may have been changed, by what came later.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_find(kind text, line text) RETURNS void LANGUAGE sql AS $gpra_body$
  INSERT INTO pg_temp.gpra_findings SELECT kind, line
   WHERE line IS NOT NULL AND CASE current_setting('gpra.look') WHEN 'after' THEN kind = 'missing' WHEN 'lost' THEN current_setting('gpra.look.lost') = 'true' ELSE true END
$gpra_body$;

-- What is not there and has to be, unless pending SQL may make it first. If an applied changeset has made it, somebody dropped it, or it was only noted as
-- run.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_lacks(target text, otherwise text, certainly boolean DEFAULT false) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab   regclass := pg_temp.gpra_look_there(target);
  made  jsonb := current_setting('gpra.look.made');
  found text;
BEGIN
  IF current_setting('gpra.look.incomplete') = 'true' AND NOT certainly THEN RETURN; END IF;
  SELECT string_agg(format('%s %s: %s', CASE WHEN one ->> 'column' IS NULL THEN 'the table' ELSE 'the column' END, concat_ws('.', one ->> 'table', one ->> 'column'),
                           one ->> 'back'), '; ') INTO found
    FROM jsonb_array_elements(made) AS one
   WHERE one ->> 'table' = (SELECT l.name FROM pg_temp.gpra_look_parts(target) AS l)
     AND CASE WHEN one ->> 'column' IS NULL THEN tab IS NULL ELSE tab IS NOT NULL AND pg_temp.gpra_look_column(tab, one ->> 'column') IS NULL END;
  PERFORM pg_temp.gpra_find(CASE WHEN current_setting('gpra.look') = 'after' THEN 'missing' WHEN found IS NULL THEN 'obstacle' ELSE 'gone' END,
                            coalesce(found, otherwise || coalesce(', put it back, or go back: ' || (made -> 0 ->> 'back'), '')));
END $gpra_body$;

-- Ends the look, with all that was found in one sentence.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_look() LANGUAGE plpgsql AS $gpra_body$
DECLARE found text; different text; copy regclass;
BEGIN
  SELECT concat_ws('. ', 'cannot run: ' || string_agg(DISTINCT line, '; ') FILTER (WHERE kind = 'obstacle'),
                   'finds objects that are there but different: ' || string_agg(DISTINCT line, '; ') FILTER (WHERE kind = 'different'),
                   'needs what applied changesets have made and is not there, as somebody dropped it or it was only noted as run (changelogSync). Go back to before '
                     || 'it, then run update: ' || string_agg(DISTINCT line, '; ') FILTER (WHERE kind = 'gone'),
                   'is not complete. Missing: ' || string_agg(DISTINCT line, '; ') FILTER (WHERE kind = 'missing')),
         string_agg(DISTINCT line, '; ') FILTER (WHERE kind = 'different')
    INTO found, different FROM pg_temp.gpra_findings;
  FOR copy IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = pg_my_temp_schema() AND c.relname ~ '^gpra_(findings|copy|look_.*)$' AND c.relkind = 'r' LOOP
    EXECUTE format('DROP TABLE %s', copy);
  END LOOP;
  IF current_setting('gpra.look') = 'lost' THEN
    PERFORM set_config('gpra.look.different', coalesce(different, ''), false);
  ELSIF found <> '' THEN
    RAISE EXCEPTION USING MESSAGE = format('This update %s. %s', found, CASE current_setting('gpra.look')
      WHEN 'after' THEN 'Somebody changed it while it ran: go back to before the changesets that make it (mvn liquibase:rollback), then run update again.'
      ELSE 'Nothing was changed. Correct it, or rename or repair what is different, then run the same command again.' END);
  ELSE
    PERFORM set_config('gpra.guarded', 'yes', false);
  END IF;
END $gpra_body$;

-- Runs a statement on a copy, and says whether it could be run. (What pending SQL may have to make first, a type or a function, may not be there yet.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_runs(target text, what text, statement text) RETURNS boolean LANGUAGE plpgsql AS $gpra_body$ BEGIN
  EXECUTE statement;
  RETURN true;
EXCEPTION WHEN undefined_column OR undefined_object OR undefined_function OR undefined_table OR invalid_schema_name THEN
  CALL pg_temp.gpra_look_lacks(target, format('%s, for %s', SQLERRM, what));
  RETURN false;
END $gpra_body$;

-- What comes now may make anything: what is not there after it may be there by then.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_past() LANGUAGE sql AS $gpra_body$
  SELECT set_config('gpra.look.incomplete', 'true', false)
$gpra_body$;

-- Where a table is, or would be, and its name; and the name under which it is copied as it will be when what is pending so far has run.
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_parts(target text, OUT place text, OUT name text, OUT copy text) LANGUAGE plpgsql AS $gpra_body$
DECLARE parts text[] := parse_ident(target);
BEGIN
  name := parts[cardinality(parts)];
  place := coalesce(parts[cardinality(parts) - 1], current_schema());
  copy := 'gpra_look_' || md5(place || '.' || name);
END $gpra_body$;

CREATE OR REPLACE FUNCTION pg_temp.gpra_look_name(target text) RETURNS text LANGUAGE sql AS $gpra_body$ SELECT copy FROM pg_temp.gpra_look_parts(target) $gpra_body$;

-- Whether what is pending so far drops an object.
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_is_dropped(catalog oid, object oid, part integer DEFAULT NULL) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'dropped' AND f.line = concat_ws(' ', catalog, object, part))
$gpra_body$;

-- A table that is there, unless what is pending so far drops it.
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_there(target text) RETURNS regclass LANGUAGE sql AS $gpra_body$
  SELECT oid::regclass FROM pg_class WHERE oid = to_regclass(target) AND NOT pg_temp.gpra_look_is_dropped('pg_class'::regclass, oid)
$gpra_body$;

-- Whether an applied changeset has dropped since what another one made: then it is not missed.
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_goes(kind text, target text, name text) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT EXISTS (SELECT FROM pg_temp.gpra_findings f
                  WHERE f.kind = 'later' AND f.line IN (concat_ws(' ', 'table', pg_temp.gpra_look_name(target)), concat_ws(' ', $1, pg_temp.gpra_look_name(target), name)))
$gpra_body$;

-- Before what was made is looked at: each drop that comes after it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_later(kind text, target text, name text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  INSERT INTO pg_temp.gpra_findings SELECT 'later', concat_ws(' ', replace(kind, 'renamed ', ''), pg_temp.gpra_look_name(target), name);
END $gpra_body$;

-- A drop: whoever runs it owns the table, and nothing depends on what goes. For what comes after it, it has gone.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_drop(kind text, target text, name text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab   regclass := pg_temp.gpra_look_there(target);
  copy  text := pg_temp.gpra_look_name(target);
BEGIN
  IF current_setting('gpra.look') <> 'before' THEN
    DELETE FROM pg_temp.gpra_findings
     WHERE ctid = (SELECT min(f.ctid) FROM pg_temp.gpra_findings f WHERE f.kind = 'later' AND f.line = concat_ws(' ', replace($1, 'renamed ', ''), copy, name));
  ELSIF kind LIKE 'renamed %' THEN
    -- A column of the old name is another one from here on.
    INSERT INTO pg_temp.gpra_findings SELECT 'dropped', concat_ws(' ', o.catalog, o.object, o.part)
      FROM pg_temp.gpra_drop_objects('column', tab, name) AS o
     WHERE kind = 'renamed column' AND (o.part IS NOT NULL OR o.catalog = 'pg_trigger'::regclass);
  ELSIF kind IN ('function', 'view', 'sequence') OR (tab IS NOT NULL OR to_regclass('pg_temp.' || copy) IS NOT NULL) AND pg_temp.gpra_look_table(target, true) THEN
    PERFORM pg_temp.gpra_find('obstacle', format('%s does not own the %s', current_user, pg_temp.gpra_called(kind, target, name)))
       FROM pg_temp.gpra_defined(kind, target, name) AS d WHERE kind <> 'trigger' AND NOT pg_has_role(d.owner, 'USAGE');
    PERFORM pg_temp.gpra_find('obstacle', format('the %s cannot be dropped because of %s: drop that first, in a changeset of its own',
                                            pg_temp.gpra_called(kind, tab::text, name), string_agg(o.described, ', ')))
       FROM pg_temp.gpra_drop_obstacles(kind, tab, name) AS o WHERE NOT pg_temp.gpra_look_is_dropped(o.catalog, o.object) HAVING count(*) > 0;
    INSERT INTO pg_temp.gpra_findings
    SELECT 'used', concat_ws(' ', o.object, pg_temp.gpra_uses(o.object)) FROM pg_temp.gpra_drop_objects(kind, tab, name) AS o
     WHERE (kind = 'index' OR kind = 'table' AND o.object = tab) AND o.catalog = 'pg_class'::regclass AND NOT pg_temp.gpra_look_is_dropped(o.catalog, o.object);
    INSERT INTO pg_temp.gpra_findings SELECT 'dropped', concat_ws(' ', o.catalog, o.object, o.part) FROM pg_temp.gpra_drop_objects(kind, tab, name) AS o;
    IF kind = 'table' THEN
      EXECUTE format('DROP TABLE pg_temp.%I', copy);
    ELSIF kind = 'column' THEN
      EXECUTE format('ALTER TABLE pg_temp.%I DROP COLUMN IF EXISTS %I CASCADE', copy, name);
    END IF;
  END IF;
END $gpra_body$;

-- Before a table is dropped: what it has, and its rollback, which makes it again, does not name.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_made_again(target text, again text) LANGUAGE plpgsql AS $gpra_body$
DECLARE tab regclass := pg_temp.gpra_look_there(target);
BEGIN
  PERFORM pg_temp.gpra_find('obstacle', format('a rollback would make the table %s again without its %s: write that behind createTable in the rollback, '
            'or only empty with the reason', tab, string_agg(own.what, ', ')))
     FROM (SELECT attname, 'column ' || quote_ident(attname) FROM pg_attribute
            WHERE attrelid = tab AND attnum > 0 AND NOT attisdropped AND NOT pg_temp.gpra_look_is_dropped('pg_class'::regclass, tab, attnum)
           UNION ALL SELECT c.relname, 'index ' || quote_ident(c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid = tab AND NOT pg_temp.gpra_look_is_dropped('pg_class'::regclass, c.oid) AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.conrelid = tab)
           -- (A key of its own has no name in every createTable, and a NOT NULL may be written without its proof.)
           UNION ALL SELECT conname, 'constraint ' || quote_ident(conname) FROM pg_constraint
            WHERE conrelid = tab AND contype IN ('f', 'c', 'x') AND pg_get_constraintdef(oid) !~ '^CHECK \(\(\S+ IS NOT NULL\)\)$' AND NOT pg_temp.gpra_look_is_dropped('pg_constraint'::regclass, oid)
           UNION ALL SELECT tgname, 'trigger ' || quote_ident(tgname) FROM pg_trigger WHERE tgrelid = tab AND NOT tgisinternal AND NOT pg_temp.gpra_look_is_dropped('pg_trigger'::regclass, oid)
           UNION ALL SELECT 'tenantIsolation', 'row-level security (tenantIsolation)' FROM pg_class WHERE oid = tab AND relrowsecurity) AS own (name, what)
    WHERE again !~* format('\m%s\M', regexp_replace(own.name, '\W', '\\\&', 'g')) AND current_setting('gpra.look') = 'before' HAVING count(*) > 0;
END $gpra_body$;

-- How often a table, by itself or by an index, or an index was read or written, as far as sessions have told.
CREATE OR REPLACE FUNCTION pg_temp.gpra_uses(object oid) RETURNS bigint LANGUAGE sql AS $gpra_body$
  SELECT pg_stat_get_numscans(object) + pg_stat_get_tuples_inserted(object) + pg_stat_get_tuples_updated(object) + pg_stat_get_tuples_deleted(object)
         + coalesce((SELECT sum(pg_stat_get_numscans(i.indexrelid)) FROM pg_index i WHERE i.indrelid = object)::bigint, 0)
$gpra_body$;

-- Watches for as long as gpra.drop.quiet what pending changes drop: nobody may use it. What nobody has ever used needs no watch.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_quiet() LANGUAGE plpgsql AS $gpra_body$
DECLARE quiet interval := $gpra_value$${gpra.drop.quiet}$gpra_value$;
BEGIN
  IF quiet > interval '0' AND EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'used' AND split_part(f.line, ' ', 2)::bigint > 0) THEN
    PERFORM pg_sleep_for(quiet);
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_temp.gpra_find('obstacle', format('the %s cannot be dropped, as it is in use: %s time(s) in %s s (SELECT * FROM %s = %L): '
              'let nobody use it, or drop it all the same with -Dgpra.drop.quiet=0ms',
              pg_describe_object('pg_class'::regclass, u.object, 0), u.times, extract(epoch FROM quiet)::float,
              (ARRAY['pg_stat_user_indexes WHERE indexrelname', 'pg_stat_user_tables WHERE relname'])[(c.relkind = 'r')::integer + 1], c.relname))
       FROM pg_temp.gpra_findings AS f
      CROSS JOIN LATERAL (SELECT split_part(f.line, ' ', 1)::oid AS object, pg_temp.gpra_uses(split_part(f.line, ' ', 1)::oid) - split_part(f.line, ' ', 2)::bigint AS times) AS u
       JOIN pg_class c ON c.oid = u.object
      WHERE f.kind = 'used' AND u.times > 0;
  END IF;
END $gpra_body$;

-- Whether a table is there, or will be. If it is, its copy is made where there is none yet; and whether its owner may change it is asked.
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_table(target text, to_change boolean) RETURNS boolean LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab   regclass := pg_temp.gpra_look_there(target);
  parts record; found text;
BEGIN
  SELECT * INTO parts FROM pg_temp.gpra_look_parts(target);
  IF tab IS NULL THEN
    IF to_regclass('pg_temp.' || parts.copy) IS NOT NULL THEN RETURN true; END IF;
    SELECT CASE WHEN s.nspname = parts.place THEN format('the table %s is there, which differs from %s only in case: ALTER TABLE %1$s RENAME TO %2$I', c.oid::regclass, parts.name)
                ELSE format('the table %s is in the schema %s, and the application''s is %s: name the right one in the url, ?currentSchema=%2$s', parts.name,
                       quote_ident(s.nspname), quote_ident(parts.place)) END INTO found
      FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
     WHERE c.relkind = 'r' AND (s.nspname = parts.place AND lower(c.relname) = lower(parts.name) AND c.relname <> parts.name
                                OR current_setting('gpra.look.incomplete') = 'false' AND c.relname = parts.name AND s.nspname <> ALL (ARRAY['pg_catalog', 'information_schema']) AND has_schema_privilege(s.oid, 'USAGE'))
     ORDER BY s.nspname = parts.place DESC LIMIT 1;
    CALL pg_temp.gpra_look_lacks(target, coalesce(found, format('the table %s is not there', parts.name)), found IS NOT NULL);
    RETURN false;
  END IF;
  PERFORM pg_temp.gpra_find('different', format('%s is a %s, expected an ordinary table%s', tab,
              CASE relkind WHEN 'p' THEN 'partitioned table' ELSE (pg_identify_object('pg_class'::regclass, oid, 0)).type END,
              CASE WHEN relkind IN ('p', 'f') THEN ' (a changeset of it runs as it is written with the property plain.<its id>, whose value says why that is safe)' END))
     FROM pg_class WHERE oid = tab AND relkind <> 'r';
  PERFORM pg_temp.gpra_find('obstacle', format('the search_path has %s twice, in %s: name one schema in the url, ?currentSchema=...', parts.name, string_agg(s.nspname, ' and ')))
     FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
    WHERE s.nspname = ANY (current_schemas(false)) AND c.relname = parts.name HAVING count(*) > 1;
  found := CASE WHEN to_change AND NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = tab), 'USAGE') THEN format('%s does not own the table %s', current_user, tab)
                WHEN NOT has_table_privilege(tab, 'SELECT') THEN format('%s may not SELECT %s', current_user, tab) END;
  PERFORM pg_temp.gpra_find('obstacle', found);
  IF found IS NULL AND to_change AND to_regclass('pg_temp.' || parts.copy) IS NULL THEN
    EXECUTE format('CREATE TEMPORARY TABLE %I (LIKE %s)', parts.copy, tab);
  END IF;
  RETURN found IS NULL;
END $gpra_body$;

-- Whether an object is there as its changeset made it, and finished: then there is no need to look closer, after it has run.
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_is_made(object oid, catalog name, marks text[]) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT current_setting('gpra.look') = 'after' AND pg_temp.gpra_is_ours(object, catalog, marks)
$gpra_body$;

-- Whether something can be made in a table's schema.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_schema(target text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM pg_temp.gpra_find('obstacle', format('%s may not CREATE in the schema %s', current_user, l.place))
     FROM pg_temp.gpra_look_parts(target) AS l CROSS JOIN to_regnamespace(quote_ident(l.place)) AS there
    WHERE (current_setting('gpra.look.incomplete') = 'false' OR there IS NOT NULL) AND NOT coalesce(has_schema_privilege(there, 'CREATE'), false);
END $gpra_body$;

-- A column as it can be compared: one that counts up is one, whether by identity or by sequence, and constants are without their casts.
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_column(tab regclass, col text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT concat(format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' not null' END,
           CASE WHEN a.attgenerated <> '' THEN ' computed from ' || v.value
                WHEN a.attidentity <> '' OR v.value LIKE 'nextval(%' THEN ' generated'
                WHEN v.value IN ('now()', 'CURRENT_TIMESTAMP', 'transaction_timestamp()') THEN ' default now()'
                ELSE ' default ' || regexp_replace(regexp_replace(v.value, '::[a-z ]+(\([0-9,]+\))?|[()'']', '', 'g'), '^(-?[0-9]+)\.0+$', '\1') END)
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum CROSS JOIN pg_get_expr(d.adbin, d.adrelid) AS v (value)
   WHERE a.attrelid = tab AND a.attname = col AND NOT a.attisdropped AND NOT pg_temp.gpra_look_is_dropped('pg_class'::regclass, a.attrelid, a.attnum)
$gpra_body$;

-- A column that is to be added, by the same statement to the table's copy, whose name it has as gpra_copy. The same may be there, and nothing
-- that is like it. (A copy is not renamed: a transaction that gives one name to many looks through all that bore it.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_add_column(target text, name text, statement text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab    regclass := pg_temp.gpra_look_there(target);
  copy   text := pg_temp.gpra_look_name(target);
  there  text := pg_temp.gpra_look_column(tab, name);
  copied regclass; wanted text;
BEGIN
  IF pg_temp.gpra_look_goes('column', target, name) OR current_setting('gpra.look') = 'after' THEN
    PERFORM pg_temp.gpra_find('missing', format('the column %s.%s', coalesce(tab::text, target), name))
      WHERE there IS NULL AND NOT pg_temp.gpra_look_goes('column', target, name);
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  IF NOT pg_temp.gpra_look_table(target, true) THEN RETURN; END IF;
  copied := to_regclass('pg_temp.' || copy);
  IF pg_temp.gpra_look_column(copied, name) IS NOT NULL THEN
    EXECUTE format('ALTER TABLE %s DROP COLUMN %I CASCADE', copied, name);
  END IF;
  IF NOT pg_temp.gpra_look_runs(target, format('%s.%s', coalesce(tab::text, target), name), replace(statement, 'gpra_copy', copy)) THEN RETURN; END IF;
  wanted := pg_temp.gpra_look_column(copied, name);
  IF current_setting('gpra.look') = 'lost' THEN
    -- It may have come to be required since.
    there := replace(there, ' not null', '');
    wanted := replace(wanted, ' not null', '');
  END IF;  -- where there is 'lost'
  IF there IS NULL THEN
    PERFORM pg_temp.gpra_find('different', format('the column %I of %s differs from %s only in case', a.attname, tab, name))
       FROM pg_attribute a WHERE a.attrelid = tab AND lower(a.attname) = lower(name) AND a.attname <> name AND NOT a.attisdropped;
    PERFORM pg_temp.gpra_find('obstacle', format('%s.%s would have every row written anew under a lock, as its value is another for each row, or its type is a domain: add it '
                                            'without, then fill it', tab, name))
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = copied AND a.attname = name AND (a.atthasdef AND NOT a.atthasmissing OR t.typtype = 'd') AND tab IS NOT NULL;
    PERFORM pg_temp.gpra_find('obstacle', format('%s is of the row type of %s, which cannot get a column with a default then: ALTER TABLE ... DROP COLUMN ..., or make it jsonb',
                                            pg_describe_object(d.classid, d.objid, d.objsubid), tab))
       FROM pg_type t JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
       JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'p', 'm', 'f')
      WHERE t.typrelid = tab AND d.objsubid > 0 AND wanted ~ ' (default|computed|generated)\M';
  ELSE
    PERFORM pg_temp.gpra_find('column', format('%s.%s', tab, name)),
            pg_temp.gpra_find('different', CASE WHEN there <> wanted THEN format('%s.%s is %s, expected %s', tab, name, there, wanted) END);
  END IF;
END $gpra_body$;

-- A table that is to be made, as the statement makes it in pg_temp, without foreign keys. One that is there has each of its columns and keys,
-- and asks for no other.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_create_table(target text, name text, statement text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab  regclass := pg_temp.gpra_look_there(target);
  copy text := pg_temp.gpra_look_name(target);
BEGIN
  -- (What an earlier one makes, this one finds there.)
  IF pg_temp.gpra_look_goes('table', target, NULL) THEN
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  IF tab IS NULL AND to_regclass('pg_temp.' || copy) IS NOT NULL OR NOT pg_temp.gpra_look_runs(target, 'the table ' || target, statement) THEN
    RETURN;
  END IF;
  EXECUTE format('ALTER TABLE pg_temp.%s RENAME TO %I', name, CASE WHEN tab IS NULL THEN copy ELSE 'gpra_copy' END);
  IF tab IS NULL THEN
    CALL pg_temp.gpra_look_schema(target);
    PERFORM pg_temp.gpra_find('missing', 'the table ' || name) WHERE current_setting('gpra.look') = 'after';  -- where there is 'after'
    RETURN;
  ELSIF pg_temp.gpra_look_table(target, true) THEN
    PERFORM pg_temp.gpra_find(CASE WHEN is_now IS NULL AND current_setting('gpra.look') = 'after' THEN 'missing' ELSE 'different' END,
              CASE WHEN is_now IS NULL THEN format('the table %s has no column %s (%s)', tab, attname, wanted)
                   ELSE format('%s.%s is %s, expected %s', tab, attname, is_now, wanted) END)
       FROM pg_attribute CROSS JOIN LATERAL (SELECT pg_temp.gpra_look_column(tab, attname), pg_temp.gpra_look_column(attrelid, attname)) AS l (is_now, wanted)
      WHERE attrelid = to_regclass('pg_temp.gpra_copy') AND attnum > 0 AND is_now IS DISTINCT FROM wanted
        AND NOT EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'later' AND f.line = concat_ws(' ', 'column', copy, attname));
    PERFORM pg_temp.gpra_find('different', format('%s has no %s of its own: %s', tab, CASE WHEN i.indisprimary THEN 'primary key' ELSE 'unique constraint' END,
                                             (SELECT string_agg(pg_get_indexdef(i.indexrelid, part, true), ', ') FROM generate_series(1, i.indnkeyatts) AS part)))
       FROM pg_index i
      WHERE i.indrelid = to_regclass('pg_temp.gpra_copy') AND i.indisunique
        AND NOT EXISTS (SELECT FROM pg_index o WHERE o.indrelid = tab AND o.indisvalid AND (o.indisprimary OR NOT i.indisprimary)
                           AND pg_temp.gpra_index_definition(o.indexrelid) = pg_temp.gpra_index_definition(i.indexrelid));
    PERFORM pg_temp.gpra_find('different', format('the column %I of %s needs a value and has no default', a.attname, tab))
       FROM pg_attribute a
      WHERE a.attrelid = tab AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
        AND NOT EXISTS (SELECT FROM pg_attribute c WHERE c.attrelid = to_regclass('pg_temp.gpra_copy') AND c.attname = a.attname);
    PERFORM pg_temp.gpra_find('column', format('%s.%s', tab, attname)) FROM pg_attribute WHERE attrelid = to_regclass('pg_temp.gpra_copy') AND attnum > 0;
  END IF;
  DROP TABLE pg_temp.gpra_copy;
END $gpra_body$;

-- An index that is to be built: its name is free, or has one that is the same and finished.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_index(target text, name text, definition text, is_unique boolean, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab   regclass := pg_temp.gpra_look_there(target);
  there regclass;
BEGIN
  IF pg_temp.gpra_look_goes('index', target, name)
     OR pg_temp.gpra_look_is_made((SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relname = name WHERE i.indrelid = tab AND i.indisvalid),
          'pg_class', marks) THEN
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  CALL pg_temp.gpra_look_schema(target);
  IF NOT pg_temp.gpra_look_table(target, true) THEN RETURN; END IF;
  SELECT c.oid INTO there
    FROM pg_class c JOIN pg_class t ON t.oid = tab AND t.relnamespace = c.relnamespace
   WHERE c.relname = name AND NOT pg_temp.gpra_look_is_dropped('pg_class'::regclass, c.oid);
  -- (One that stays there has a name of its own: a foreign key may lead to it.)
  IF NOT pg_temp.gpra_look_runs(target, format('the index %s on %s', name, tab), format('CREATE %s INDEX %s ON pg_temp.%I %s', CASE WHEN is_unique THEN 'UNIQUE' END,
           CASE WHEN there IS NOT NULL OR current_setting('gpra.look') = 'after' THEN 'gpra_copy_index' END, pg_temp.gpra_look_name(target), definition))
     OR to_regclass('pg_temp.gpra_copy_index') IS NULL THEN
    RETURN;
  END IF;
  PERFORM pg_temp.gpra_find('different', format('the index %s is %s"%s", expected %s on %s', name, CASE WHEN i.indisvalid IS FALSE THEN 'invalid: ' END,
                                           coalesce(pg_get_indexdef(i.indexrelid), 'no index'), definition, tab))
     FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.oid = there AND (i.indrelid = tab AND i.indisvalid AND pg_temp.gpra_index_definition(there) = pg_temp.gpra_index_definition('pg_temp.gpra_copy_index')) IS NOT TRUE;
  PERFORM pg_temp.gpra_find('missing', format('the index %s on %s %s', name, tab, definition))
    WHERE current_setting('gpra.look') = 'after'
      AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = tab AND i.indisvalid
                         AND pg_temp.gpra_index_definition(i.indexrelid) = pg_temp.gpra_index_definition('pg_temp.gpra_copy_index'));  -- where there is 'after'
  DROP INDEX pg_temp.gpra_copy_index;
END $gpra_body$;

-- A constraint that is to be added: its name is free, or has one that is the same, and finished or ours. A table has one primary key.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_constraint(tab regclass, name text, kind "char", definition text, written text, marks text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM pg_temp.gpra_find('different', format('%s on %s is "%s", expected %s', k.conname, tab, pg_get_constraintdef(k.oid), written))
     FROM pg_constraint k
    WHERE k.conrelid = tab AND (k.conname = name OR k.contype = 'p' AND kind = 'p') AND NOT pg_temp.gpra_look_is_dropped('pg_constraint'::regclass, k.oid)
      AND (NOT pg_temp.gpra_is_constraint(k, definition) OR NOT k.convalidated AND NOT pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks));
  PERFORM pg_temp.gpra_find('missing', format('%s on %s, %s', name, tab, written))
    WHERE current_setting('gpra.look') = 'after'
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = tab AND k.contype = kind AND k.convalidated AND pg_temp.gpra_is_constraint(k, definition));  -- where there is 'after'
END $gpra_body$;

-- What a foreign key leads to: it is there, has a key, and may be referred to.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_parent(parent text, parent_columns text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE leads_to regclass := to_regclass(parent);
BEGIN
  IF NOT pg_temp.gpra_look_table(parent, false) OR leads_to IS NULL THEN RETURN; END IF;
  PERFORM pg_temp.gpra_find('obstacle', format('%s may not REFERENCES %s', current_user, leads_to)) WHERE NOT has_table_privilege(leads_to, 'REFERENCES');
  PERFORM pg_temp.gpra_find('different', format('%s has no unique key on %s', leads_to, pg_temp.gpra_list(parent_columns)))
    WHERE current_setting('gpra.look.incomplete') = 'false'
      AND NOT EXISTS (SELECT FROM pg_index i
                       WHERE i.indrelid IN (leads_to, to_regclass('pg_temp.' || pg_temp.gpra_look_name(parent))) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                         AND i.indnkeyatts = cardinality(parent_columns) AND pg_temp.gpra_look_is_on(i.indrelid, i.indkey::smallint[], parent_columns));
END $gpra_body$;

-- Whether a key is on these columns, in whatever order.
CREATE OR REPLACE FUNCTION pg_temp.gpra_look_is_on(tab regclass, numbers smallint[], columns text[]) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT array_agg(a.attname::text) <@ columns AND array_agg(a.attname::text) @> columns FROM pg_attribute a WHERE a.attrelid = tab AND a.attnum = ANY (numbers)
$gpra_body$;

-- A foreign key: no other one on the same columns leads elsewhere.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_key(target text, name text, columns text[], parent text, parent_columns text[], options text, marks text[])
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab        regclass := pg_temp.gpra_look_there(target);
  definition text := format('FOREIGN KEY (%s) REFERENCES %s(%s)%s', pg_temp.gpra_list(columns), to_regclass(parent), pg_temp.gpra_list(parent_columns), options);
BEGIN
  IF pg_temp.gpra_look_goes('constraint', target, name)
     OR pg_temp.gpra_look_is_made((SELECT k.oid FROM pg_constraint k WHERE k.conrelid = tab AND k.conname = name AND k.convalidated), 'pg_constraint', marks) THEN
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  CALL pg_temp.gpra_look_parent(parent, parent_columns);
  PERFORM pg_temp.gpra_find('obstacle', format('row-level security keeps %s from seeing every row of %s, to which %s leads: isolate %s first (tenantIsolation), '
            'or run it as a role with BYPASSRLS', current_user, parent::regclass, name, tab))
    WHERE pg_relation_size(tab) > 0 AND row_security_active(to_regclass(parent)) AND NOT row_security_active(tab)
      AND NOT EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'isolated' AND f.line = pg_temp.gpra_look_name(target));  -- where there is a table with row-level security
  IF pg_temp.gpra_look_table(target, true) AND to_regclass(parent) IS NOT NULL
     AND pg_temp.gpra_look_runs(target, format('%s on %s', name, coalesce(tab::text, target)), format('SELECT %s',
           (SELECT string_agg(format('NULL::%s = NULL::%s', l.type, l.leads_to), ' AND ')
              FROM unnest(columns, parent_columns) AS pair (col, parent_col)
             CROSS JOIN LATERAL (SELECT pg_temp.gpra_type_of(to_regclass('pg_temp.' || pg_temp.gpra_look_name(target)), col),
                                        pg_temp.gpra_type_of(to_regclass(parent), parent_col)) AS l (type, leads_to)
             WHERE l.type IS NOT NULL AND l.leads_to IS NOT NULL)))
     AND tab IS NOT NULL THEN
    PERFORM pg_temp.gpra_find('obstacle', format('the column %s of %s is not there: %s cannot be on it', col, tab, name)) FROM unnest(columns) AS col
      WHERE current_setting('gpra.look.incomplete') = 'false'
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass('pg_temp.' || pg_temp.gpra_look_name(target)) AND a.attname = col);
    PERFORM pg_temp.gpra_find('different', format('%s on %s is "%s", expected %s', k.conname, tab, pg_get_constraintdef(k.oid), definition))
       FROM pg_constraint k
      WHERE k.conrelid = tab AND k.contype = 'f' AND k.conname <> name AND NOT pg_temp.gpra_look_is_dropped('pg_constraint'::regclass, k.oid)
        AND pg_temp.gpra_look_is_on(tab, k.conkey, columns)
        AND (NOT pg_temp.gpra_is_constraint(k, definition) OR NOT k.convalidated AND NOT pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks));
    CALL pg_temp.gpra_look_constraint(tab, name, 'f', definition, definition, marks);
  END IF;
END $gpra_body$;

-- The foreign key of a table that is to be made: one that is there leads to the same, and cascades where that was asked for.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_key_of_table(target text, columns text[], parent text, parent_columns text[], cascades boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE tab regclass := pg_temp.gpra_look_there(target);
BEGIN
  IF EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'later' AND f.line ~ format('^(table|constraint) %s', pg_temp.gpra_look_name(target))) THEN
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  CALL pg_temp.gpra_look_parent(parent, parent_columns);
  PERFORM pg_temp.gpra_find(CASE current_setting('gpra.look') WHEN 'after' THEN 'missing' ELSE 'different' END,
            format('%s has no foreign key (%s) to %s(%s)%s', tab, pg_temp.gpra_list(columns), to_regclass(parent), pg_temp.gpra_list(parent_columns),
              CASE WHEN cascades THEN ' ON DELETE CASCADE' END))
    WHERE tab IS NOT NULL AND to_regclass(parent) IS NOT NULL
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = tab AND k.contype = 'f' AND k.convalidated AND k.confrelid = to_regclass(parent)
                         AND pg_temp.gpra_look_is_on(tab, k.conkey, columns) AND (k.confdeltype = 'c' OR NOT cascades));
END $gpra_body$;

-- A CHECK.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_check(target text, name text, condition text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab        regclass := pg_temp.gpra_look_there(target);
  copy       text := pg_temp.gpra_look_name(target);
  definition text; columns text[];
BEGIN
  PERFORM pg_temp.gpra_find('check', concat_ws(' ', copy, name));
  IF pg_temp.gpra_look_goes('constraint', target, name)
     OR pg_temp.gpra_look_is_made((SELECT k.oid FROM pg_constraint k WHERE k.conrelid = tab AND k.conname = name AND k.convalidated), 'pg_constraint', marks) THEN
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  IF NOT pg_temp.gpra_look_table(target, true) OR tab IS NULL THEN RETURN; END IF;
  IF NOT pg_temp.gpra_look_runs(target, format('%s on %s', name, tab), format('SELECT %s FROM pg_temp.%I LIMIT 0', condition, copy))
     OR current_setting('gpra.look') <> 'after'
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = tab AND NOT pg_temp.gpra_look_is_dropped('pg_constraint'::regclass, k.oid)
                           AND (k.conname = name OR k.contype = 'c' AND coalesce(obj_description(k.oid, 'pg_constraint'), '') NOT LIKE '[{mark} %')) THEN
    RETURN;
  END IF;
  EXECUTE format('ALTER TABLE pg_temp.%I RENAME TO gpra_copy', copy);
  SELECT s.printed, s.columns INTO definition, columns FROM pg_temp.gpra_settled(format('CHECK (%s)', condition)) AS s;
  EXECUTE format('ALTER TABLE pg_temp.gpra_copy RENAME TO %I', copy);
  -- One that is there is on columns as they are, not as they will be.
  EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', tab);
  CALL pg_temp.gpra_look_constraint(tab, name, 'c', definition, format('CHECK (%s)', condition), marks);
  -- Whoever made the column that is to be checked may check it too.
  PERFORM pg_temp.gpra_find('different', format('%s on %s is "%s", expected CHECK (%s)', k.conname, tab, pg_get_constraintdef(k.oid), condition))
     FROM pg_constraint k
    WHERE k.conrelid = tab AND k.contype = 'c' AND k.conname <> name AND coalesce(obj_description(k.oid, 'pg_constraint'), '') NOT LIKE '[{mark} %'
      AND NOT pg_temp.gpra_look_is_dropped('pg_constraint'::regclass, k.oid)
      AND NOT EXISTS (SELECT FROM unnest(columns) AS col WHERE format('%s.%s', tab, col) NOT IN (SELECT f.line FROM pg_temp.gpra_findings f WHERE f.kind = 'column'))
      AND pg_temp.gpra_look_is_on(tab, k.conkey, columns) AND NOT pg_temp.gpra_is_constraint(k, definition);
  DROP TABLE pg_temp.gpra_copy;
END $gpra_body$;

-- A CHECK that is to get another condition: it is there, or what is pending so far makes it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_modify_check(target text, name text, before text, condition text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  one pg_constraint := (SELECT k FROM pg_constraint k WHERE k.conrelid = pg_temp.gpra_look_there(target) AND k.conname = name
                                                        AND NOT pg_temp.gpra_look_is_dropped('pg_constraint'::regclass, k.oid));
BEGIN
  IF current_setting('gpra.look') <> 'before' OR pg_temp.gpra_look_there(target) IS NULL THEN
    RETURN;
  ELSIF one.oid IS NOT NULL THEN
    PERFORM pg_temp.gpra_find('different', pg_temp.gpra_other_check(one, before, condition, marks));
  ELSIF NOT EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'check' AND f.line = concat_ws(' ', pg_temp.gpra_look_name(target), name)) THEN
    CALL pg_temp.gpra_look_lacks(target, format('the CHECK %s of %s is not there', name, target::regclass));
  END IF;
END $gpra_body$;

-- A unique constraint or a primary key: its index bears its name, among the schema's tables and indexes.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_unique(target text, name text, kind text, columns text[], options text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab    regclass := pg_temp.gpra_look_there(target);
  listed text := pg_temp.gpra_list(columns);
  wanted text := format('%s (%s)%s', kind, listed, options);
  place  text := (SELECT l.place FROM pg_temp.gpra_look_parts(target) AS l);
  taken  regclass := pg_temp.gpra_look_there(format('%I.%I', place, name));
BEGIN
  IF pg_temp.gpra_look_goes('constraint', target, name)
     OR pg_temp.gpra_look_is_made((SELECT k.oid FROM pg_constraint k WHERE k.conrelid = tab AND k.conname = name), 'pg_constraint', marks) THEN
    RETURN;
  ELSIF taken IS NULL AND current_setting('gpra.look') <> 'after' THEN
    -- A foreign key may lead to it.
    CALL pg_temp.gpra_look_index(target, name, format('(%s)', listed), true, marks);
  END IF;
  PERFORM pg_temp.gpra_find('different', format('%s is %s, expected %s on %s', name, pg_describe_object('pg_class'::regclass, taken, 0), wanted, target))
    WHERE taken IS NOT NULL AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = tab AND k.conname = name);
  IF tab IS NOT NULL THEN
    CALL pg_temp.gpra_look_constraint(tab, name, lower(left(kind, 1))::"char", wanted, wanted, marks);
  END IF;
END $gpra_body$;

-- Before what was made is looked at, or where that is: what comes later, or this one, replaces what an earlier one made.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_replaces(kind text, target text, name text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  DELETE FROM pg_temp.gpra_findings
   WHERE ctid = (SELECT min(f.ctid) FROM pg_temp.gpra_findings f WHERE f.kind = 'later' AND f.line = concat_ws(' ', $1, pg_temp.gpra_look_name(target), name));
END $gpra_body$;

-- A function, a trigger, a view or a sequence: none is there, or one that is the same, or as its changeset's rollback makes it again.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_define(kind text, target text, name text, head text, tail text, head_before text, tail_before text, marks text[])
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  called   text := pg_temp.gpra_called(kind, target, name);
  there record; compared record;
BEGIN
  SELECT d.* INTO there FROM pg_temp.gpra_defined(kind, target, name) AS d WHERE NOT pg_temp.gpra_look_is_dropped(d.catalog, d.object);
  IF pg_temp.gpra_look_goes(kind, target, name) OR pg_temp.gpra_look_is_made(there.object, there.catalog::text::name, marks) THEN
    RETURN;
  ELSIF current_setting('gpra.look') = 'after' AND there.object IS NULL THEN
    PERFORM pg_temp.gpra_find('missing', 'the ' || called);
    RETURN;
  ELSIF current_setting('gpra.look') = 'before' THEN
    IF kind <> 'trigger' THEN
      CALL pg_temp.gpra_look_schema(coalesce(target, name));
    ELSIF NOT pg_temp.gpra_look_table(target, true) OR pg_temp.gpra_look_there(target) IS NULL THEN
      RETURN;
    END IF;
    -- What an earlier one makes, this one finds there.
    IF EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'defined' AND f.line = called)
       OR there.object IS NULL AND EXISTS (SELECT FROM pg_temp.gpra_defined(kind, target, name)) THEN
      RETURN;
    END IF;
    PERFORM pg_temp.gpra_find('defined', called);
  END IF;
  SELECT * INTO compared FROM pg_temp.gpra_compare_definition(kind, target, name, head, tail, head_before, tail_before);
  PERFORM pg_temp.gpra_find(CASE current_setting('gpra.look') WHEN 'after' THEN 'missing' ELSE 'different' END, compared.different),
          pg_temp.gpra_find('obstacle', compared.obstacle) WHERE compared.is_made IS FALSE;
END $gpra_body$;

-- A trigger that is to go, and would fire otherwise when its changeset's rollback has made it again.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_fires(target text, name text, fires "char") LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM pg_temp.gpra_find('obstacle', format('the trigger %1$I of %2$s is %3$s, and after a rollback it would be %4$s: %5$s the defineTrigger of the rollback, or ALTER TABLE %2$s %6$s TRIGGER %1$I',
            name, t.tgrelid::regclass, words ->> t.tgenabled::text, words ->> fires::text,
            CASE t.tgenabled WHEN 'O' THEN 'leave out fires in' ELSE format('write fires: %s in', words ->> t.tgenabled::text) END, pg_temp.gpra_firing(fires)))
     FROM pg_trigger t CROSS JOIN (SELECT '{"O": "enabled", "D": "disabled", "R": "replica", "A": "always"}'::jsonb) AS w (words)
    WHERE t.tgrelid = pg_temp.gpra_look_there(target) AND t.tgname = name AND NOT t.tgisinternal AND t.tgenabled <> fires AND current_setting('gpra.look') = 'before'
      AND NOT pg_temp.gpra_look_is_dropped('pg_trigger'::regclass, t.oid);
END $gpra_body$;

-- A table whose rows are to be kept apart.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_isolate(target text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF pg_temp.gpra_look_goes('table', target, NULL) THEN
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  PERFORM pg_temp.gpra_find('isolated', pg_temp.gpra_look_name(target)), pg_temp.gpra_look_table(target, true);
END $gpra_body$;

-- The CHECK of a NOT NULL, unless somebody else has made the column NOT NULL.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_not_null(target text, col text, name text, marks text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF pg_temp.gpra_look_goes('not null', target, col) OR pg_temp.gpra_look_goes('column', target, col) THEN
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_temp.gpra_look_there(target) AND attname = col AND attnotnull)
     OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = pg_temp.gpra_look_there(target) AND k.conname = name
                    AND (current_setting('gpra.look') = 'lost' OR pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks))) THEN
    CALL pg_temp.gpra_look_check(target, name, format('%I IS NOT NULL', col), marks);
  END IF;
END $gpra_body$;

-- A column that is to get another type, in the table's copy too, as an earlier change may have given it one.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_modify_type(target text, col text, before text, type text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab  regclass := pg_temp.gpra_look_there(target);
  copy text := 'pg_temp.' || pg_temp.gpra_look_name(target);
BEGIN
  IF current_setting('gpra.look') = 'lost' AND before IS NOT NULL AND pg_temp.gpra_type_of(tab, col) IS NOT NULL THEN
    -- The column is as it was made but for its type, which is this change's.
    DELETE FROM pg_temp.gpra_findings AS f
     USING pg_temp.gpra_try_type(tab, col, NULL, before) AS t, pg_temp.gpra_look_column(tab, col) AS l (is_now)
     WHERE f.kind = 'different' AND replace(f.line, ' not null', '') = replace(format('%s.%s is %s, expected %s', tab, col, l.is_now, replace(l.is_now, t.was, t.becomes)), ' not null', '');
  END IF;
  IF current_setting('gpra.look') <> 'before' OR NOT pg_temp.gpra_look_table(target, true) THEN
    RETURN;
  ELSIF pg_temp.gpra_type_of(to_regclass(copy), col) IS NULL THEN
    CALL pg_temp.gpra_look_lacks(target, format('%s.%s is not there, and is to become %s', coalesce(tab::text, target), col, type));
    RETURN;
  END IF;
  BEGIN
    PERFORM pg_temp.gpra_find('obstacle', pg_temp.gpra_type_obstacle(target, to_regclass(copy), col, before, type));
    IF pg_temp.gpra_type_of(tab, col) IS NOT NULL THEN
      PERFORM pg_temp.gpra_find('obstacle', t.obstacle) FROM pg_temp.gpra_try_type(tab, col, before, type) AS t;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    -- (42704: the type is not there yet, and pending SQL may make it.)
    IF SQLSTATE <> '42704' OR current_setting('gpra.look.incomplete') = 'false' THEN
      PERFORM pg_temp.gpra_find('obstacle', format('%s.%s cannot become %s: %s', coalesce(tab::text, target), col, type, SQLERRM));
    END IF;
  END;
END $gpra_body$;

-- Rows that are to be written one after the other, and nothing else happens besides.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_rows(tab regclass, col text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM pg_temp.gpra_find('obstacle', format('the rule %I on %s would do something else besides when a row gets its %s: DROP RULE %1$I ON %2$s', rulename, tab, col))
     FROM pg_rewrite WHERE ev_class = tab AND ev_type = '2';
END $gpra_body$;

-- Rows that row-level security hides: each has to be a tenant's, as whom it is seen.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_seen(tab regclass) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM pg_temp.gpra_find('obstacle', format('row-level security keeps %s from seeing every row of %s: %s', current_user, tab,
              CASE WHEN pg_temp.gpra_tenant_ids() IS NULL THEN 'give the changelog the parameters tenant.setting and tenant.ids'
                   ELSE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, or run it as a role with BYPASSRLS%s', tab,
                          ', as the policy ' || quote_ident(min(p.polname) FILTER (WHERE NOT ours)) || ' is none of a tenantIsolation') END))
     FROM (VALUES (tab)) AS t (oid) LEFT JOIN pg_policy p ON p.polrelid = t.oid
    CROSS JOIN LATERAL (SELECT coalesce(obj_description(p.oid, 'pg_policy'), '') LIKE '[{mark} %') AS o (ours)
    WHERE row_security_active(tab) HAVING count(*) > 0 AND (pg_temp.gpra_tenant_ids() IS NULL OR NOT bool_and(ours));
  PERFORM pg_temp.gpra_find('obstacle', format('rows of %1$s whose %2$s is null may be no tenant''s, and %3$s does not see them: make it NOT NULL in an update before (addNotNullConstraint), '
              'or run this as a role that sees all rows (BYPASSRLS)', tab, a.attname, current_user))
     FROM pg_attribute a
    WHERE a.attrelid = tab AND NOT a.attnotnull AND pg_temp.gpra_tenant_ids() IS NOT NULL AND row_security_active(tab)
      AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = tab AND d.refobjsubid = a.attnum);
END $gpra_body$;

-- A column that is to be filled: nothing may keep the same value from all of its rows, or do something else besides.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_fill(target text, col text, memory text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab   regclass := pg_temp.gpra_look_there(target);
  named text := coalesce(tab::text, target);
  place regnamespace := to_regnamespace(quote_ident(memory));
BEGIN
  IF pg_temp.gpra_look_goes('column', target, col) THEN
    RETURN;
  END IF;  -- where there is 'after' or 'lost'
  IF NOT pg_temp.gpra_look_table(target, true) THEN RETURN; END IF;
  IF pg_temp.gpra_look_column(to_regclass('pg_temp.' || pg_temp.gpra_look_name(target)), col) IS NULL THEN
    CALL pg_temp.gpra_look_lacks(target, format('%s.%s is not there, and is to be filled', named, col));
  END IF;
  PERFORM pg_temp.gpra_find('different', format('%s has no primary key of one integer column, by which rows are told apart: add one, or do it in sql of its author''s (plain.<its id>)', tab))
    WHERE tab IS NOT NULL AND pg_temp.gpra_key_of(tab, false) IS NULL;
  CALL pg_temp.gpra_look_rows(tab, col);
  PERFORM pg_temp.gpra_find('different', format('the index %s is unique, and many rows of %s get the same %s', i.indexrelid::regclass, tab, col))
     FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = col
    WHERE i.indrelid = tab AND i.indisunique AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum;
  CALL pg_temp.gpra_look_seen(tab);  -- where there is a table with row-level security or gpra_isolate(
  PERFORM pg_temp.gpra_find('obstacle', format('%s would not see every row of %s once tenantIsolation has run: put the fillColumn before it', r.rolname, named))
     FROM pg_roles r JOIN pg_temp.gpra_findings f ON f.kind = 'isolated' AND f.line = pg_temp.gpra_look_name(target)
    WHERE r.rolname = current_user AND NOT r.rolsuper AND NOT r.rolbypassrls;  -- where there is gpra_isolate(
  PERFORM pg_temp.gpra_find('obstacle', CASE WHEN place IS NULL
              THEN format('%s may not CREATE in the database %s, for the schema that remembers which rows were filled', current_user, current_database())
              ELSE format('%s may not CREATE in the schema %s', current_user, memory) END)
    WHERE NOT coalesce(has_schema_privilege(place, 'CREATE'), has_database_privilege(current_database(), 'CREATE'));
END $gpra_body$;

-- A column that is to have a copy. For what comes after it, it is there, and in step.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_copy(target text, col text, copied text, type text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab   regclass := pg_temp.gpra_look_there(target);
  copy  regclass;
  there boolean := pg_temp.gpra_look_column(tab, copied) IS NOT NULL;
BEGIN
  IF pg_temp.gpra_look_goes('column', target, copied) THEN
    RETURN;
  ELSIF current_setting('gpra.look') <> 'before' THEN
    PERFORM pg_temp.gpra_find('missing', format('the column %s.%s', coalesce(tab::text, target), copied)) WHERE NOT there;
    RETURN;
  ELSIF NOT pg_temp.gpra_look_table(target, true) THEN
    RETURN;
  END IF;
  copy := to_regclass('pg_temp.' || pg_temp.gpra_look_name(target));
  IF pg_temp.gpra_type_of(copy, col) IS NULL THEN
    CALL pg_temp.gpra_look_lacks(target, format('%s.%s is not there, and is to have a copy', coalesce(tab::text, target), col), true);
    RETURN;
  ELSIF copied = col THEN
    PERFORM pg_temp.gpra_find('obstacle', format('%s.%s is to have a copy of the same name: give newColumnName another one', coalesce(tab::text, target), col));
    RETURN;
  END IF;
  CALL pg_temp.gpra_look_schema(target);
  CALL pg_temp.gpra_look_rows(tab, col);
  PERFORM pg_temp.gpra_find('different', format('%s.%s is there, and is not kept in step with %s: drop or rename it', tab, copied, col))
    WHERE there AND NOT EXISTS (SELECT FROM pg_temp.gpra_steps(tab, col) AS s WHERE s.other = copied);
  PERFORM pg_temp.gpra_find('obstacle', u.what) FROM pg_temp.gpra_unseen(tab, col, copied) AS u WHERE NOT pg_temp.gpra_look_is_dropped(u.catalog, u.object);
  PERFORM pg_temp.gpra_find('obstacle', format('%s.%s is computed, and its copy cannot be written: copy what it is computed from', tab, col))
     FROM pg_attribute a WHERE a.attrelid = tab AND a.attname = col AND a.attgenerated <> '';
  CALL pg_temp.gpra_look_seen(tab);  -- where there is a table with row-level security or gpra_isolate(
  IF pg_temp.gpra_type_of(copy, copied) IS NULL THEN
    EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s', copy, copied, coalesce(type, pg_temp.gpra_type_of(copy, col)));
  END IF;
  INSERT INTO pg_temp.gpra_findings SELECT 'step', concat_ws(' ', copy, col, copied);
END $gpra_body$;

-- A column that is to get the name of its copy.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_rename(target text, col text, name text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab     regclass := pg_temp.gpra_look_there(target);
  copy regclass; pending boolean;
BEGIN
  IF current_setting('gpra.look') <> 'before' OR NOT pg_temp.gpra_look_table(target, true) THEN RETURN; END IF;
  copy := to_regclass('pg_temp.' || pg_temp.gpra_look_name(target));
  pending := EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'step' AND f.line = concat_ws(' ', copy, col, name));
  IF pg_temp.gpra_type_of(copy, col) IS NULL THEN
    IF pg_temp.gpra_type_of(copy, name) IS NULL THEN
      CALL pg_temp.gpra_look_lacks(target, format('%s.%s is not there, and is to become %s', coalesce(tab::text, target), col, name));
    END IF;
    RETURN;
  END IF;
  PERFORM pg_temp.gpra_find('obstacle', format('%s.%s cannot become %s: %s', coalesce(tab::text, target), col, name, o.what))
     FROM pg_temp.gpra_rename_obstacles(tab, col, name) AS o
    WHERE CASE WHEN o.catalog IS NULL THEN NOT pending ELSE NOT pg_temp.gpra_look_is_dropped(o.catalog, o.object) END;
  EXECUTE format('ALTER TABLE %s DROP COLUMN IF EXISTS %I CASCADE', copy, name);
  EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I', copy, col, name);
END $gpra_body$;

-- A column that is to change places with its copy.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_swap(target text, col text, copied text, type text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab     regclass := pg_temp.gpra_look_there(target);
  copy    text := 'pg_temp.' || pg_temp.gpra_look_name(target);
  pending boolean := EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'step' AND f.line = concat_ws(' ', to_regclass(copy), col, copied));
BEGIN
  IF current_setting('gpra.look') <> 'before' OR NOT pg_temp.gpra_look_table(target, true) THEN
    RETURN;
  ELSIF pg_temp.gpra_type_of(to_regclass(copy), col) IS NULL THEN
    CALL pg_temp.gpra_look_lacks(target, format('%s.%s is not there, and is to become %s', coalesce(tab::text, target), col, type), true);
    RETURN;
  ELSIF tab IS NOT NULL AND NOT pg_temp.gpra_is_type(tab, col, type) AND pg_temp.gpra_type_of(to_regclass(copy), copied) IS NOT NULL THEN
    PERFORM pg_temp.gpra_find('obstacle', format('%s.%s cannot become %s: %s', tab, col, type, o.what))
       FROM pg_temp.gpra_swap_obstacles(tab, col, copied, mark, to_regclass(copy)) AS o
      WHERE CASE WHEN o.catalog IS NULL THEN NOT pending ELSE NOT pg_temp.gpra_look_is_dropped(o.catalog, o.object) END
        -- (Pending SQL may build the index of the copy.)
        AND (o.catalog IS DISTINCT FROM 'pg_class'::regclass OR current_setting('gpra.look.incomplete') = 'false')
        AND NOT EXISTS (SELECT FROM pg_temp.gpra_findings f WHERE f.kind = 'validated' AND o.catalog = 'pg_constraint'::regclass AND f.line = o.object::text);
  ELSIF tab IS NOT NULL THEN
    -- A run that was killed after they had changed places: what it left to validate is valid before another column's turn.
    INSERT INTO pg_temp.gpra_findings
    SELECT 'validated', k.oid FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = tab AND a.attname = col
     WHERE NOT k.convalidated AND (k.conrelid = tab AND a.attnum = ANY (k.conkey) OR k.confrelid = tab AND a.attnum = ANY (k.confkey));
  END IF;
  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE %s USING NULL', copy, col, type);
END $gpra_body$;

-- A column that is to have another default: it is as it was made but for that.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_default(target text, col text) LANGUAGE plpgsql AS $gpra_body$
DECLARE called text := format('%s.%s is ', to_regclass(target), col);
BEGIN
  DELETE FROM pg_temp.gpra_findings AS f
   WHERE current_setting('gpra.look') = 'lost' AND f.kind = 'different' AND starts_with(f.line, called)
     AND (SELECT count(DISTINCT regexp_replace(part, ' default .*', '')) = 1 FROM regexp_split_to_table(substr(f.line, length(called) + 1), ', expected ') AS part);
END $gpra_body$;

-- A table that is to get another name, and a view in its place.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_rename_table(target text, name text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab     regclass := pg_temp.gpra_look_there(target);
  renamed text := format('%I.%I', (SELECT l.place FROM pg_temp.gpra_look_parts(target) AS l), name);
BEGIN
  IF current_setting('gpra.look') <> 'before' OR EXISTS (SELECT FROM pg_class WHERE oid = tab AND relkind = 'v' AND pg_temp.gpra_is_ours(oid, 'pg_class', marks))
     OR NOT pg_temp.gpra_look_table(target, true) THEN
    RETURN;
  END IF;
  CALL pg_temp.gpra_look_schema(target);
  PERFORM pg_temp.gpra_find('different', format('%s is there: drop or rename it', renamed)) WHERE pg_temp.gpra_look_there(renamed) IS NOT NULL;
  PERFORM pg_temp.gpra_find('obstacle', format('%s has row-level security, and in PostgreSQL 14 a view of it would show every row: update the server first', tab))
     FROM pg_class WHERE oid = tab AND relrowsecurity AND current_setting('server_version_num')::integer < 150000;
  EXECUTE format('ALTER TABLE pg_temp.%I RENAME TO %I', pg_temp.gpra_look_name(target), pg_temp.gpra_look_name(renamed));
  INSERT INTO pg_temp.gpra_findings SELECT 'dropped', concat_ws(' ', 'pg_class'::regclass::oid, tab::oid) WHERE tab IS NOT NULL;
END $gpra_body$;
