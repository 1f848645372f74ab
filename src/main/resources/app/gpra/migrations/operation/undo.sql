-- What a rollback needs besides.

-- What the changesets of the changelog make.
CREATE TEMPORARY TABLE IF NOT EXISTS gpra_made (id text, kind text, tab text, name text, working text, detail jsonb);
TRUNCATE pg_temp.gpra_made;

-- What it would lose, and what is in its way.
CREATE TEMPORARY TABLE IF NOT EXISTS gpra_objections (kind text, line text);

CREATE OR REPLACE FUNCTION pg_temp.gpra_there()
RETURNS TABLE (id text, kind text, tab text, name text, working text, detail jsonb, catalog regclass, object oid, part integer, comment text, marked boolean, ours boolean)
LANGUAGE sql AS $gpra_body$
{there}
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
     AND pg_temp.gpra_is_ours(there, 'pg_class', marks) THEN
    CALL pg_temp.gpra_unname_index(there, working);
  END IF;
  CALL pg_temp.gpra_limit_wait();
END $gpra_body$;

-- Drops a column that bears one of the marks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_column(target text, name text, marks text[]) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_attribute a JOIN unnest(marks) AS mark ON starts_with(col_description(a.attrelid, a.attnum), mark)
                  WHERE a.attrelid = to_regclass(target) AND a.attname = name) THEN
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s DROP COLUMN %I', target, name);
  END IF;
END $gpra_body$;

-- Drops a table that bears one of the marks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_table(target text, marks text[], discard boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE tables regclass[]; rows boolean;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR NOT pg_temp.gpra_is_ours(to_regclass(target), 'pg_class', marks) THEN
    RETURN;
  END IF;
  tables := array(SELECT DISTINCT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid = target::regclass AND confrelid <> conrelid);
  CALL pg_temp.gpra_lock(tables || target::regclass, 'ACCESS EXCLUSIVE');
  -- That came since the look: nothing else is left in the table by now.
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO rows;
  PERFORM pg_temp.gpra_refuse(format('Rows of %s have come while this rollback ran, and it would destroy them. What was undone until here '
      'stays undone. Stop the application, then run the same command again.', to_regclass(target))) WHERE rows AND NOT discard;
  EXECUTE format('DROP TABLE %s', target);
END $gpra_body$;

-- Takes a NOT NULL back, and the CHECK by whose mark it is known as ours. (Before that was valid and had its name, the column's NOT NULL was
-- somebody else's; and by now it may be that of their primary key.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_not_null(target text, col text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE bearer record;
BEGIN
  FOR bearer IN
    SELECT k.conname,
           k.conname = name AND k.convalidated
             AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisprimary AND k.conkey[1] = ANY (i.indkey)) AS proves
      FROM pg_constraint k
     WHERE k.conrelid = to_regclass(target) AND k.conname IN (name, working) AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks)
       AND current_setting('gpra.guarded', true) = 'yes'
  LOOP
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s %sDROP CONSTRAINT %I', target, CASE WHEN bearer.proves THEN format('ALTER COLUMN %I DROP NOT NULL, ', col) END, bearer.conname);
  END LOOP;
END $gpra_body$;

-- Drops a constraint that bears one of the marks, finished or not.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_constraint(target text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE one pg_constraint;
BEGIN
  FOR one IN
    SELECT k.* FROM pg_constraint k
     WHERE k.conrelid = to_regclass(target) AND k.conname IN (name, working) AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks)
       AND current_setting('gpra.guarded', true) = 'yes'
  LOOP
    CALL pg_temp.gpra_lock(array_remove(ARRAY[one.confrelid, one.conrelid], 0::oid)::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, one.conname);
  END LOOP;
END $gpra_body$;

-- Begins to give a CHECK its condition before again, where it bears the mark of the changeset that is undone.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_restore_check(target text, name text, working text, condition text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE one pg_constraint;
BEGIN
  FOR one IN SELECT k.* FROM pg_constraint k
              WHERE k.conrelid = to_regclass(target) AND k.conname IN (name, working) AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks)
                AND current_setting('gpra.guarded', true) = 'yes' ORDER BY k.conname = name DESC LIMIT 1 LOOP
    IF one.conname = name THEN
      CALL pg_temp.gpra_add_beside(target, name, working, condition, marks);
    ELSE
      -- It was never put in its place.
      CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, working);
    END IF;
  END LOOP;
END $gpra_body$;

-- Ends it: what its comment said before is said again, or whose it was.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_restore_check(target text, name text, working text, marks text[], maker text) LANGUAGE plpgsql AS $gpra_body$
DECLARE one record;
BEGIN
  FOR one IN SELECT obj_description(k.oid, 'pg_constraint') AS remarks, m.mark
               FROM pg_constraint k JOIN unnest(marks) AS m (mark) ON starts_with(obj_description(k.oid, 'pg_constraint'), m.mark)
               JOIN pg_constraint w ON w.conrelid = k.conrelid AND w.conname = working AND w.convalidated
              WHERE k.conrelid = to_regclass(target) AND k.conname = name AND current_setting('gpra.guarded', true) = 'yes' LOOP
    CALL pg_temp.gpra_swap_check(target, name, working, coalesce(nullif(ltrim(substr(one.remarks, length(one.mark) + 1)), ''), maker));
  END LOOP;
END $gpra_body$;

-- Drops a function, a trigger, a view or a sequence that bears one of the marks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_defined(kind text, target text, name text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE one text;
BEGIN
  FOR one IN SELECT format('DROP %s %s', i.type, i.identity)
               FROM pg_temp.gpra_defined(kind, target, name) AS d CROSS JOIN LATERAL pg_identify_object(d.catalog, d.object, 0) AS i
              WHERE current_setting('gpra.guarded', true) = 'yes' AND pg_temp.gpra_is_ours(d.object, d.catalog::text::name, marks) LOOP
    CALL pg_temp.gpra_lock_defined(kind, target, 'ACCESS EXCLUSIVE');
    EXECUTE one;
  END LOOP;
END $gpra_body$;

-- Defines it again as it was before, where it bears the mark of the changeset that is undone. What its comment said before is said again, or
-- whose it was. A view that had fewer columns is dropped and made again, with its owner and the privileges on it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_restore_definition(kind text, target text, name text, head text, tail text, marks text[], maker text) LANGUAGE plpgsql AS $gpra_body$
DECLARE one record; grants text[]; given text;
BEGIN
  FOR one IN SELECT obj_description(d.object, d.catalog::text::name) AS remarks, m.mark, pg_temp.gpra_shape(d.catalog, d.object) AS shape, d.owner::regrole AS owner
               FROM pg_temp.gpra_defined(kind, target, name) AS d
               JOIN unnest(marks) AS m (mark) ON starts_with(obj_description(d.object, d.catalog::text::name), m.mark)
              WHERE current_setting('gpra.guarded', true) = 'yes' LOOP
    IF kind = 'view' AND NOT pg_temp.gpra_may_replace(kind, one.shape, (SELECT t.shape FROM pg_temp.gpra_try_definition(kind, target, name, head, tail) AS t)) THEN
      grants := array(SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, target, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                               CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
                        FROM pg_class c CROSS JOIN aclexplode(c.relacl) AS a WHERE c.oid = to_regclass(target) AND a.grantee <> c.relowner);
      CALL pg_temp.gpra_lock_defined(kind, target, 'ACCESS EXCLUSIVE');
      EXECUTE format('DROP VIEW %s', target);
    END IF;
    CALL pg_temp.gpra_make(kind, target, name, head, tail);
    IF grants IS NOT NULL THEN
      EXECUTE format('ALTER VIEW %s OWNER TO %s', target, one.owner);
    END IF;
    FOREACH given IN ARRAY coalesce(grants, '{}') LOOP
      EXECUTE given;
    END LOOP;
    CALL pg_temp.gpra_comment(kind, target, name, coalesce(nullif(ltrim(substr(one.remarks, length(one.mark) + 1)), ''), maker));
  END LOOP;
END $gpra_body$;

-- Whether something is this changelog's, by its own comment or that of what it is a part of; a constraint, of a table that is undone.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_marked(catalog oid, object oid) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT coalesce(CASE catalog WHEN 'pg_rewrite'::regclass THEN (SELECT obj_description(ev_class, 'pg_class') FROM pg_rewrite WHERE oid = object)
                               WHEN 'pg_attrdef'::regclass THEN (SELECT coalesce(col_description(adrelid, adnum), obj_description(adrelid, 'pg_class'))
                                                                   FROM pg_attrdef WHERE oid = object)
                               WHEN 'pg_constraint'::regclass THEN coalesce(obj_description(object, 'pg_constraint'), (
                                 SELECT min(t.comment) FROM pg_temp.gpra_there() AS t JOIN pg_constraint k ON k.conrelid = t.object
                                  WHERE k.oid = gpra_is_marked.object AND t.kind = 'table' AND t.ours AND t.id = ANY (pg_temp.gpra_undone())))
                               ELSE obj_description(object, catalog::regclass::text::name) END, '') LIKE '[{mark} %'
$gpra_body$;

-- Our functions, views and sequences that go: what others have built on them; of a view also its triggers, rules and defaults, and its owner where
-- it could not be theirs again.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_defined() LANGUAGE plpgsql AS $gpra_body$
DECLARE undone text[] := pg_temp.gpra_undone();
BEGIN
  INSERT INTO pg_temp.gpra_objections (
    WITH gone AS (
      SELECT t.catalog, t.object, c.reltype, c.relowner, c.relnamespace, t.detail
        FROM pg_temp.gpra_there() AS t
        LEFT JOIN pg_class c ON t.kind = 'view' AND c.oid = t.object
       WHERE t.kind IN ('function', 'view', 'sequence') AND t.ours AND t.id = ANY (undone)
         AND (t.detail ->> 'before' IS NULL
              OR t.kind = 'view' AND NOT pg_temp.gpra_may_replace(t.kind, pg_temp.gpra_shape(t.catalog, t.object),
                   (SELECT b.shape FROM pg_temp.gpra_try_definition(t.kind, t.tab, t.name, 'CREATE VIEW', t.detail ->> 'before') AS b)))
    )
    SELECT 'in the way', pg_describe_object(d.classid, d.objid, d.objsubid)
      FROM gone g
      JOIN pg_depend d ON (d.refclassid, d.refobjid) IN ((g.catalog::oid, g.object), ('pg_type'::regclass::oid, g.reltype))
     WHERE NOT EXISTS (SELECT FROM pg_rewrite w WHERE (d.classid, d.objid) = ('pg_rewrite'::regclass::oid, w.oid) AND w.ev_class = g.object AND w.rulename = '_RETURN')
       AND (d.deptype = 'n' AND NOT pg_temp.gpra_is_marked(d.classid, d.objid) OR d.deptype = 'a' AND g.reltype IS NOT NULL)
    UNION SELECT 'in the way', format('that the view %s is of %s, who may not CREATE in its schema', g.object::regclass, g.relowner::regrole)
      FROM gone g JOIN pg_roles r ON r.rolname = current_user AND NOT r.rolsuper
     WHERE g.detail ? 'before' AND g.relowner <> r.oid AND NOT has_schema_privilege(g.relowner, g.relnamespace, 'CREATE'));
END $gpra_body$;

-- Whether a value is the same as another type has it; one that it cannot have is not.
CREATE OR REPLACE FUNCTION pg_temp.gpra_fits(is_now text, type text) RETURNS boolean LANGUAGE plpgsql AS $gpra_body$
DECLARE becomes text;
BEGIN
  EXECUTE format('SELECT ($1::%s)::text', type) INTO becomes USING is_now;
  RETURN becomes IS NOT DISTINCT FROM is_now;
EXCEPTION WHEN data_exception THEN
  RETURN false;
END $gpra_body$;

-- In place of a value that would be cut.
CREATE OR REPLACE FUNCTION pg_temp.gpra_refuse_value(becomes anyelement) RETURNS anyelement LANGUAGE plpgsql AS $gpra_body$ BEGIN
  RAISE EXCEPTION 'Values have come while this rollback ran that do not fit, and it would cut them. What was undone until here stays undone. Run the same '
    'command again: it counts them.';
END $gpra_body$;

-- Gives a column the type again that it had: where no row is looked at for that, or where somebody asked for it. One that it had already before
-- its changeset ran stays.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_restore_type(target text, col text, type text, mark text, narrow boolean, discard boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab       regclass := to_regclass(target);
  size      text := pg_size_pretty(pg_table_size(tab));
  tried record; others text; statement text; stays text;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' OR pg_temp.gpra_type_of(tab, col) IS NULL THEN
    RETURN;
  END IF;
  SELECT * INTO tried FROM pg_temp.gpra_try_type(tab, col, NULL, type);
  statement := pg_temp.gpra_type_statement(tab, col, tried.becomes, NULL);
  stays := format('%s.%s stays %s', tab, col, tried.was);
  others := pg_temp.gpra_type_dependents(tab, col, false);
  IF tried.was = tried.becomes THEN
    NULL;
  ELSIF current_setting('gpra.found', true) = mark THEN
    RAISE NOTICE '%, which somebody else had made it: "%" makes it what it may have been', stays, statement;
  ELSIF tried.obstacle IS NULL THEN
    CALL pg_temp.gpra_lock(ARRAY[tab]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE statement;
  ELSIF NOT narrow THEN
    RAISE NOTICE '%: "%" would read or write every row of % (%) under ACCESS EXCLUSIVE. Run that when nobody works, if it has to be. (-Dgpra.rollback.narrow=true '
      'has a rollback do it.)', stays, statement, tab, size;
  ELSIF others IS NOT NULL THEN
    RAISE NOTICE '%, because of %: drop that, then run "%"', stays, others, statement;
  ELSE
    RAISE NOTICE 'gpra.rollback.narrow=true: %.% becomes % again, and % (%) is written anew under ACCESS EXCLUSIVE', tab, col, tried.becomes, tab, size;
    IF NOT discard THEN
      statement := pg_temp.gpra_type_statement(tab, col, tried.becomes, format('CASE WHEN (%1$I::%2$s)::text IS NOT DISTINCT FROM %1$I::text THEN %1$I::%2$s '
        'ELSE pg_temp.gpra_refuse_value(%1$I::%2$s) END', col, tried.becomes));
    END IF;
    CALL pg_temp.gpra_lock(ARRAY[tab]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE statement;
  END IF;
END $gpra_body$;

-- Drops a primary key, then takes back the NOT NULL of the columns that it needed.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_primary_key(target text, key text, building text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE proof record;
BEGIN
  CALL pg_temp.gpra_drop_constraint(target, key, building, marks);
  FOR proof IN SELECT m.name, m.working, m.detail ->> 'column' AS col FROM pg_temp.gpra_made m
                WHERE to_regclass(m.tab) = to_regclass(target) AND m.detail ->> 'key' = key LOOP
    CALL pg_temp.gpra_drop_not_null(target, proof.col, proof.name, proof.working, marks);
  END LOOP;
END $gpra_body$;

-- Rows of Liquibase's history that are this changelog's. Where ids are unique, these are of all files that lie where its own do, as a later
-- version's may, and a changeset of an earlier version counts as the one that stands for it now. gpra.changelog, a JSON object, says what
-- is in the changelog: files (or their directories), changesets in their order, those after the tag, replaced (old ids and new ones). Their
-- place is by when they ran; where a tag of the changelog is gone back to, what stands after that comes last, and what stands before it
-- first, whenever it ran.
CREATE OR REPLACE FUNCTION pg_temp.gpra_history(history text)
RETURNS TABLE (id text, recorded text[], place bigint, tag text, exectype text, labels text, contexts text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  RETURN QUERY EXECUTE format('WITH ran AS ('
    'SELECT CASE WHEN ($1 -> ''byId'')::boolean THEN coalesce($1 -> ''replaced'' ->> h.id, h.id) ELSE concat_ws(''::'', path, h.id, author) END AS id, '
    'ARRAY[h.id, author, filename]::text[] AS recorded, orderexecuted::bigint AS place, h.tag::text, h.exectype::text, h.labels::text, h.contexts::text '
    'FROM %s AS h CROSS JOIN regexp_replace(replace(filename, E''\\\\'', ''/''), ''^(classpath:)?/?(\./)*'', '''') AS path '
    'WHERE $1 -> ''files'' ? CASE WHEN ($1 -> ''byId'')::boolean THEN regexp_replace(path, ''[^/]*$'', '''') ELSE path END), '
    'there AS (SELECT max(place) FROM ran WHERE id = $1 ->> ''tag'') '
    'SELECT id, recorded, place + CASE WHEN (TABLE there) IS NULL OR id = $1 ->> ''tag'' THEN 0 '
    'WHEN CASE WHEN $1 -> ''changesets'' ? id THEN $1 -> ''after'' ? id ELSE place > (TABLE there) END THEN 1000000000000 ELSE -1000000000000 END, '
    'tag, exectype, labels, contexts FROM ran', history)
    USING current_setting('gpra.changelog')::jsonb;
END $gpra_body$;

-- Shows a table's rows to everybody again, by the policy's mark, also where it was renamed. Row-level security was off before; only where
-- its policies are somebody else's by now it is theirs, and stays on.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_isolation(target text, policy text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE ours name; others text;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' OR to_regclass(target) IS NULL THEN RETURN; END IF;
  SELECT polname INTO ours FROM pg_policy WHERE polrelid = target::regclass AND pg_temp.gpra_is_ours(oid, 'pg_policy', marks);
  SELECT string_agg(format('%I', polname), ', ') INTO others FROM pg_policy WHERE polrelid = target::regclass;
  IF EXISTS (SELECT FROM pg_class WHERE oid = target::regclass AND (relrowsecurity OR relforcerowsecurity)) THEN
    PERFORM pg_temp.gpra_refuse(format('Row-level security on %s is still on, and its policies are somebody else''s: %s. To switch it off: '
        'ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY. Then run the same command again.', target::regclass, others))
      WHERE ours IS NULL AND others IS NOT NULL AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = target::regclass AND polname = policy);
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', target);
  END IF;
  IF ours IS NOT NULL THEN
    CALL pg_temp.gpra_lock(ARRAY[target]::regclass[], 'ACCESS EXCLUSIVE');
    EXECUTE format('DROP POLICY %I ON %s', ours, target);
  END IF;
END $gpra_body$;

-- How a command reaches changesets that it leaves out.
CREATE OR REPLACE FUNCTION pg_temp.gpra_through(labels text, contexts text) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT coalesce(nullif(concat_ws(' ', '-Dliquibase.labelFilter=' || labels, '-Dliquibase.contexts=' || contexts), ''), 'what makes it include them')
$gpra_body$;

-- Takes a changeset out of Liquibase's history, and with it those that it replaced.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_take_out(history text, changeset text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  EXECUTE format('DELETE FROM %s WHERE ARRAY[id, author, filename]::text[] IN (SELECT recorded FROM pg_temp.gpra_history($1) AS h WHERE h.id = $2)', history)
    USING history, changeset;
END $gpra_body$;

-- Last statement of a rollback that makes again, in several transactions, what was dropped: no mark says of which changeset what is missing is. A
-- run that is killed before has to begin it again, or an update drops it again.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_rollback(history text, changeset text, steps integer) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM pg_temp.gpra_refuse(format('%s was not undone. Correct what was said before, then run the same command again, or the script from its '
      'beginning.', changeset)) WHERE (current_setting('gpra.changeset'), length(current_setting('gpra.done'))) IS DISTINCT FROM (changeset, steps);
  CALL pg_temp.gpra_take_out(history, changeset);
END $gpra_body$;

-- First statement of each changeset's rollback: takes it out of the history, with those that it replaced, in the transaction that undoes it.
-- (Unless the last statement does.) A run that is killed has done both or neither. (Of what cannot be undone in one transaction the first part does
-- it; the next rollback finds what is left by its marks.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_rollback(history text, changeset text, taken_out boolean DEFAULT true) LANGUAGE plpgsql AS $gpra_body$
DECLARE here bigint;  -- its place
BEGIN
  PERFORM set_config('gpra.changeset', changeset, false), set_config('gpra.history', history, false), set_config('gpra.done', '', false);
  PERFORM pg_temp.gpra_refuse(format('Nobody has looked at what undoing %s would lose, so it is not undone. In a script, correct what its '
      'first statements said, then run it from its beginning; otherwise undo it by rollback, to a tag, a count or a date.', changeset))
    WHERE current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes';

  -- (A script that is run again, as it failed halfway, finds some undone. A tag may go with what comes after it.)
  PERFORM pg_temp.gpra_refuse(format('The look before this rollback did not see %s in %s, so it is not undone. Where a script says so, it has run '
      'already. Otherwise compare the path there with that in the changelog, then run the same command again.', changeset, history))
    WHERE changeset <> ALL (pg_temp.gpra_undone()) AND changeset IS DISTINCT FROM current_setting('gpra.changelog')::jsonb ->> 'tag' AND ({tried_again} OR pg_temp.gpra_undone() = '{}');

  -- Liquibase passes over changesets that its label filter or contexts leave out, and would undo this one under them.
  SELECT max(h.place) INTO here FROM pg_temp.gpra_history(history) AS h WHERE h.id = changeset;
  PERFORM pg_temp.gpra_refuse(format('Cannot undo %s: later changesets are still applied and this command leaves them out: %s. Nothing was undone. Go back through all of '
      'them: add %s to the same command. If that is there already: check out the version that made them.', changeset, string_agg(h.id, ', ' ORDER BY h.place),
      pg_temp.gpra_through(string_agg(DISTINCT h.labels, ','), string_agg(DISTINCT h.contexts, ','))))
     FROM pg_temp.gpra_history(history) AS h
    WHERE NOT coalesce(current_setting('gpra.changelog')::jsonb -> 'replaced' ? h.recorded[1], false) AND h.place > here HAVING count(*) > 0;

  -- What somebody else had made is left to them.
  PERFORM set_config('gpra.found', coalesce((SELECT format('[{mark} %s]', changeset) FROM pg_temp.gpra_history(history) AS h
                                              WHERE h.id = changeset HAVING bool_and(h.exectype = 'MARK_RAN')), ''), false);
  IF taken_out THEN CALL pg_temp.gpra_take_out(history, changeset); END IF;
  IF NOT taken_out THEN
    -- So an update knows of one that is killed.
    EXECUTE format('UPDATE %s SET description = left(concat($3, description), 255) WHERE ARRAY[id, author, filename]::text[] IN '
      '(SELECT recorded FROM pg_temp.gpra_history($1) AS h WHERE h.id = $2) AND NOT starts_with(concat(description), $3)', history)
      USING history, changeset, 'being undone: ';
  END IF;  -- where there is gpra_end_rollback
END $gpra_body$;

-- What a rollback reaches: Liquibase finds a tag whatever its case, and the first of several; without a tag or count, all.
-- And what runs that were killed have made above that and did not record.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_reach(history text, to_tag text, to_count bigint, begun text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE undone text[]; missed text;
BEGIN
  PERFORM set_config('gpra.guarded', 'no', false), set_config('gpra.history', history, false);
  PERFORM pg_temp.gpra_refuse(format('Liquibase''s history, %s, is not there: nothing was undone. Name its schema, in the url (currentSchema) or as '
      'liquibaseSchemaName, then run the same command again.', history))
    WHERE to_regclass(history) IS NULL;
  undone := array(SELECT id FROM pg_temp.gpra_history(history)
                   WHERE to_tag IS NULL OR place > (SELECT place FROM pg_temp.gpra_history(history) WHERE lower(tag) = lower(to_tag)
                                                    ORDER BY id IS DISTINCT FROM current_setting('gpra.changelog')::jsonb ->> 'tag', place LIMIT 1)
                   GROUP BY id ORDER BY max(place) DESC LIMIT to_count);
  WITH changeset AS (
    SELECT c.id, c.place, EXISTS (SELECT FROM pg_temp.gpra_history(history) AS h WHERE h.id = c.id) AS recorded
      FROM jsonb_array_elements_text(current_setting('gpra.changelog')::jsonb -> 'changesets') WITH ORDINALITY AS c (id, place)
  )
  SELECT string_agg(id, ', ') INTO missed FROM changeset
   WHERE NOT recorded AND id <> ALL (begun) AND place > (SELECT coalesce(max(place), 0) FROM changeset WHERE recorded AND id <> ALL (undone))
     AND id IN (SELECT t.id FROM pg_temp.gpra_there() AS t WHERE t.ours AND t.kind <> 'fill');
  PERFORM pg_temp.gpra_refuse(format('A run has begun %s since this was written, and did not record it. Nothing was undone. Write the script again, '
      'or run the rollback itself.', missed)) WHERE missed IS NOT NULL;
  PERFORM set_config('gpra.reaches', (undone || begun)::text, false);
END $gpra_body$;

-- Whether a changeset made something, as the history says, that does not bear its mark: only then what it made is looked at closely.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_lost(changeset text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  PERFORM set_config('gpra.look.lost', (changeset = ANY (pg_temp.gpra_undone())
    AND EXISTS (SELECT FROM pg_temp.gpra_history(current_setting('gpra.history')) AS h WHERE h.id = changeset AND h.exectype <> 'MARK_RAN')
    AND EXISTS (SELECT FROM pg_temp.gpra_there() AS t WHERE t.id = changeset AND NOT t.marked AND NOT t.ours))::text, false);
END $gpra_body$;

-- The name that a column has now.
CREATE OR REPLACE FUNCTION pg_temp.gpra_name_now(tab regclass, name text) RETURNS text LANGUAGE plpgsql AS $gpra_body$
DECLARE other text := name;
BEGIN
  FOR time IN 1..9 LOOP
    EXIT WHEN other IS NULL OR pg_temp.gpra_type_of(tab, other) IS NOT NULL;
    other := (SELECT min(r.detail ->> 'renamed') FROM pg_temp.gpra_made r
               WHERE r.kind = 'drop column' AND to_regclass(r.tab) = gpra_name_now.tab AND r.name = other AND r.id = ANY (pg_temp.gpra_undone()));
  END LOOP;
  RETURN coalesce(other, name);
END $gpra_body$;

-- Gives columns of an empty copy of a table other names, as an object of their names and those says.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_rename_in_copy(copy text, names jsonb) LANGUAGE plpgsql AS $gpra_body$
DECLARE one record;
BEGIN
  FOR one IN SELECT n.key AS old, n.value AS new FROM jsonb_each_text(names) AS n LOOP
    IF pg_temp.gpra_type_of(to_regclass(copy), one.old) IS NOT NULL AND pg_temp.gpra_type_of(to_regclass(copy), one.new) IS NULL THEN
      EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I', copy, one.old, one.new);
    END IF;
  END LOOP;
END $gpra_body$;

-- Whether a policy is as tenantIsolation makes it: compared with one on an empty table of the same name, as its conditions may say that. They say
-- the names that columns had when it was made.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_isolation(policy oid, visible text, writable text) RETURNS boolean LANGUAGE plpgsql AS $gpra_body$
DECLARE
  one  pg_policy := (SELECT p FROM pg_policy p WHERE p.oid = policy);
  name text := (SELECT relname FROM pg_class WHERE oid = one.polrelid);
  copy text := format('pg_temp.%I', name);
  -- (Asked before the copy is there, which has the table's name.)
  before jsonb; now jsonb;
  same boolean;
BEGIN
  SELECT jsonb_object_agg(n.now, r.name), jsonb_object_agg(r.name, n.now) INTO before, now
    FROM pg_temp.gpra_made r CROSS JOIN LATERAL (SELECT pg_temp.gpra_name_now(one.polrelid, r.name) AS now) AS n
   WHERE r.kind = 'drop column' AND r.detail ? 'renamed' AND to_regclass(r.tab) = one.polrelid AND strpos(visible || writable, r.name) > 0;
  EXECUTE format('CREATE TEMPORARY TABLE %I (LIKE %s)', name, one.polrelid::regclass);
  CALL pg_temp.gpra_rename_in_copy(copy, before);  -- where there is 'renamed'
  BEGIN
    EXECUTE format('CREATE POLICY gpra_copy ON %s USING (%s) WITH CHECK (%s)', copy, visible, writable);
  EXCEPTION WHEN undefined_column THEN
    PERFORM pg_temp.gpra_refuse(format('The policy %I of %s cannot be looked at, as the %s: that has another name since. Nothing was undone. Go back to before '
        'it got that, in a command of its own; then run the same command again.', one.polname, one.polrelid::regclass, SQLERRM));
  END;
  CALL pg_temp.gpra_rename_in_copy(copy, now);  -- where there is 'renamed'
  SELECT one.polcmd = '*' AND one.polpermissive AND one.polroles = '{0}'
         AND pg_get_expr(one.polqual, one.polrelid) = pg_get_expr(p.polqual, p.polrelid)
         AND pg_get_expr(one.polwithcheck, one.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid) INTO same
    FROM pg_policy p WHERE p.polrelid = to_regclass(copy);
  EXECUTE format('DROP TABLE %s', copy);
  RETURN coalesce(same, false);
END $gpra_body$;

-- What changesets a rollback reaches.
CREATE OR REPLACE FUNCTION pg_temp.gpra_undone() RETURNS text[] LANGUAGE sql AS $gpra_body$ SELECT current_setting('gpra.reaches')::text[] $gpra_body$;

-- Those of them that made something, as the history says.
CREATE OR REPLACE FUNCTION pg_temp.gpra_executed() RETURNS text[] LANGUAGE sql AS $gpra_body$
  SELECT array(SELECT h.id FROM pg_temp.gpra_history(current_setting('gpra.history')) AS h WHERE h.id = ANY (pg_temp.gpra_undone()) AND h.exectype <> 'MARK_RAN')
$gpra_body$;

-- What was made before it, or its table, got another name is looked at under that.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_under_new_names() LANGUAGE plpgsql AS $gpra_body$
DECLARE undone text[] := pg_temp.gpra_undone();
BEGIN
  WITH before AS (DELETE FROM pg_temp.gpra_made RETURNING *)
  INSERT INTO pg_temp.gpra_made {renamed};
  -- (A view of the table that has only lost its comment is one of those that the marks are looked at for.)
  PERFORM pg_temp.gpra_refuse(format('%s. Nothing was undone. Drop or rename it, then run the same command again.',
      string_agg(format('%s cannot be %s again: that is there, and is not the view that %s made', m.tab, m.detail ->> 'from', m.id), '; ')))
     FROM pg_temp.gpra_made m JOIN pg_class c ON c.oid = to_regclass(m.detail ->> 'from')
    WHERE m.kind = 'renamed table' AND m.id = ANY (undone) AND to_regclass(m.tab) IS NOT NULL
      AND NOT EXISTS (SELECT FROM pg_temp.gpra_history(current_setting('gpra.history')) AS h WHERE h.id = m.id AND h.exectype = 'MARK_RAN')
      AND NOT EXISTS (SELECT FROM pg_temp.gpra_there() AS t WHERE t.catalog = 'pg_class'::regclass AND t.object = c.oid AND t.part = 0 AND t.ours AND t.id = ANY (undone))
      AND NOT (c.relkind = 'v' AND obj_description(c.oid, 'pg_class') IS NULL
               AND EXISTS (SELECT FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                            WHERE w.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(m.tab)))
   HAVING count(*) > 0;
END $gpra_body$;

-- The look before a rollback: whether it can go through all that it reaches.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_through() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  undone   text[] := pg_temp.gpra_undone();
  left_out jsonb := current_setting('gpra.changelog')::jsonb -> 'leftOut';
BEGIN
  -- Names are resolved along the search_path: in a second schema they would be somebody else's.
  PERFORM pg_temp.gpra_refuse(format('The search_path is %s, and there is %s. Nothing was undone. Name one schema, the application''s, that has its tables: '
      '?currentSchema=... in the url.', current_setting('search_path'), string_agg(names.name || ' in ' || names.schemas, '; ')))
     FROM (SELECT m.name, string_agg(s.nspname, ', ' ORDER BY s.nspname) AS schemas
             FROM (SELECT DISTINCT (parse_ident(tab))[1] AS name FROM pg_temp.gpra_made WHERE cardinality(parse_ident(tab)) = 1) AS m
             JOIN pg_class c ON c.relname = m.name JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = ANY (current_schemas(false))
            GROUP BY m.name HAVING count(*) > 1 OR min(s.nspname) <> current_schema()) AS names
   HAVING count(*) > 0;
  PERFORM pg_temp.gpra_refuse(format('Tables are still being observed, by the policy %I on %s (%s). Nothing was undone. Take back what observes them, then run the '
      'same command again.', p.polname, p.polrelid::regclass, obj_description(p.oid, 'pg_policy')))
     FROM pg_policy p JOIN pg_temp.gpra_made m ON p.polrelid = to_regclass(m.tab) WHERE obj_description(p.oid, 'pg_policy') LIKE '[{mark} observe]%';
  -- Under a later migration without a label are the ones that the command leaves out: stop before that one is undone.
  PERFORM pg_temp.gpra_refuse(format('Cannot go back past changesets that are still applied and that this command leaves out: %s. Nothing was undone. Go back through '
      'all of them: add %s to the same command.', string_agg(id, ', ' ORDER BY place), pg_temp.gpra_through(string_agg(DISTINCT labels, ','), string_agg(DISTINCT contexts, ','))))
     FROM pg_temp.gpra_history(current_setting('gpra.history')) WHERE id = ANY (undone) AND left_out ? id HAVING count(*) > 0;
  -- What is halfway undone when a privilege turns out to be missing stays so.
  PERFORM pg_temp.gpra_refuse(format('%I does not own %s. Nothing was undone. Make it the owner (ALTER TABLE ... OWNER TO %1$I), then run the same command again.',
      current_user, string_agg(oid::regclass::text, ', ')))
     FROM pg_class WHERE oid IN (SELECT to_regclass(tab) FROM pg_temp.gpra_made WHERE id = ANY (undone)) AND NOT pg_has_role(relowner, 'USAGE') HAVING count(*) > 0;
END $gpra_body$;

-- What the history says is made here, is there, and does not bear its mark.
CREATE OR REPLACE FUNCTION pg_temp.gpra_unmarked()
RETURNS TABLE (what text, id text, kind text, tab text, name text, detail jsonb, catalog regclass, object oid, place integer, type text, identity text)
LANGUAGE sql AS $gpra_body$
  WITH changeset AS (
    SELECT c.id, c.place::integer FROM jsonb_array_elements_text(current_setting('gpra.changelog')::jsonb -> 'changesets') WITH ORDINALITY AS c (id, place)
     WHERE c.id = ANY ((SELECT pg_temp.gpra_executed())::text[])
  )
  SELECT DISTINCT ON (o.what) o.what, t.id, t.kind, t.tab, t.name, t.detail, t.catalog, t.object, c.place, regexp_replace(i.type, '^table ', ''), i.identity
    FROM pg_temp.gpra_there() AS t JOIN changeset c ON c.id = t.id
   CROSS JOIN LATERAL pg_identify_object(t.catalog, t.object, t.part) AS i CROSS JOIN LATERAL pg_describe_object(t.catalog, t.object, t.part) AS o (what)
   WHERE NOT t.marked AND NOT t.ours
     -- (A later one has dropped what this one made: what is there is another one's.)
     AND NOT EXISTS (SELECT FROM pg_temp.gpra_made d JOIN changeset l ON l.id = d.id AND l.place > c.place
                      WHERE d.tab IS NOT DISTINCT FROM t.tab AND (d.kind = 'drop table' OR d.kind = 'drop ' || t.kind AND d.name IS NOT DISTINCT FROM t.name))
   -- (What one made another one may have modified: then it bears the marks of both.)
   ORDER BY o.what, CASE WHEN t.detail ? 'before' THEN c.place END DESC NULLS LAST, c.place
$gpra_body$;

-- Marks that again, unless it is not as it was made.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_mark_again(marks text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  different text := nullif(current_setting('gpra.look.different', true), '');
  remarks text; target record;
BEGIN
  IF marks <> 'restore' THEN RETURN; END IF;
  FOR target IN SELECT * FROM pg_temp.gpra_unmarked() LOOP
    IF target.kind = 'policy' AND NOT pg_temp.gpra_is_isolation(target.object, target.detail ->> 'visible', target.detail ->> 'writable') THEN
      different := concat_ws('; ', different, target.what);
    END IF;
    SELECT string_agg(format('[{mark} %s]', m.id), ' ' ORDER BY c.place DESC) INTO remarks
      FROM jsonb_array_elements_text(current_setting('gpra.changelog')::jsonb -> 'changesets') WITH ORDINALITY AS c (id, place)
      JOIN pg_temp.gpra_made m ON m.id = c.id
      JOIN pg_temp.gpra_history(current_setting('gpra.history')) AS h ON h.id = m.id AND h.exectype <> 'MARK_RAN'
     WHERE target.detail ? 'before' AND m.kind = target.kind AND (m.tab, m.name) IS NOT DISTINCT FROM (target.tab, target.name) AND c.place < target.place;
    remarks := coalesce(remarks, target.detail ->> 'remarks');
    IF target.kind = 'fill' THEN
      remarks := pg_temp.gpra_memory_remarks((SELECT relname FROM pg_class WHERE oid = target.object AND target.catalog = 'pg_class'::regclass));
    END IF;
    EXECUTE format('COMMENT ON %s %s IS %L', target.type, target.identity, concat_ws(' ', format('[{mark} %s]', target.id), remarks));
  END LOOP;
  PERFORM pg_temp.gpra_refuse(format(
      'These bear no mark of this changelog, and are not as it makes them: %s. Nothing was undone. Rename or drop them, then run the same '
      'command again; or leave whatever bears no mark: -Dgpra.rollback.marks=leave.', different)) WHERE different IS NOT NULL;
END $gpra_body$;

-- Comments can get lost (pg_restore --no-comments). Nothing would undo what they were of, and nothing would say so.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_marks(marks text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  undone    text[] := pg_temp.gpra_undone();
  memory    text := (SELECT min(detail ->> 'memory') FROM pg_temp.gpra_made WHERE kind = 'fill');
  unmarked  text := (SELECT string_agg(u.what, ', ') FROM pg_temp.gpra_unmarked() AS u);
  forgotten text;  -- columns whose filled rows the memory does not know any more
BEGIN
  CALL pg_temp.gpra_mark_again(marks);  -- where there is 'restore'
  CALL pg_temp.gpra_look_back_at_memory(memory, forgotten);  -- where there is 'fill'
  PERFORM pg_temp.gpra_refuse(concat_ws(' ',
      'This rollback cannot tell what it has to take back.',
      'By the history this changelog made, but a comment does not say so any more: ' || unmarked || '.',
      format('The schema %s does not say any more which rows were filled, in ', memory) || forgotten || ': they would keep their value.',
      'Nothing was undone. After a restore that left this out, add -Dgpra.rollback.marks=restore to the same command: what this changelog '
      'made is marked again, and undone. If others made it, add -Dgpra.rollback.marks=leave: it stays.'))
    WHERE marks NOT IN ('restore', 'leave') AND (unmarked IS NOT NULL OR forgotten IS NOT NULL);
  IF unmarked IS NOT NULL THEN
    RAISE NOTICE 'gpra.rollback.marks=%: %: %', marks, CASE marks WHEN 'restore' THEN 'marked again' ELSE 'left as it is' END, unmarked;
  END IF;
  IF forgotten IS NOT NULL THEN
    RAISE NOTICE 'gpra.rollback.marks=%: rows that were filled keep their value, in %', marks, forgotten;
  END IF;
END $gpra_body$;

-- Rows that were filled, where the memory of it is gone (pg_dump --schema=public), or is of another table.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_memory(memory text, INOUT forgotten text) LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF memory IS NOT NULL THEN
    CALL pg_temp.gpra_open_memory(memory, NULL);
    SELECT string_agg(m.column, ', ' ORDER BY m.column) INTO forgotten
      FROM (SELECT DISTINCT to_regclass(f.tab) AS tab, f.name, coalesce(f.detail -> 'was' ->> 0, f.name) AS was, f.tab || '.' || f.name AS column
              FROM pg_temp.gpra_made f WHERE f.kind = 'fill' AND f.id = ANY ((SELECT pg_temp.gpra_executed())::text[])) AS m
      JOIN pg_attribute a ON a.attrelid = m.tab AND a.attname = m.name
     WHERE CASE WHEN to_regclass('pg_temp.gpra_fills') IS NULL THEN true ELSE NOT pg_temp.gpra_is_remembered(m.tab, m.was) END;
  END IF;
END $gpra_body$;

-- A table that somebody dropped has nothing that could be undone. An empty one, this session's alone, stands in for it: even CREATE INDEX ...
-- IF NOT EXISTS looks at its table first. A column comes back empty, as undoing the fill leaves it, and is dropped when that is undone.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_dropped() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  undone text[] := pg_temp.gpra_undone();
  found text; target record;
BEGIN
  FOR target IN
    SELECT m.tab, string_agg(DISTINCT format('%I integer', coalesce(m.detail -> 'was' ->> 0, m.name)), ', ') AS columns FROM pg_temp.gpra_made m
     WHERE m.kind = 'fill' AND m.id = ANY (undone) AND to_regclass(m.tab) IS NULL AND cardinality(parse_ident(m.tab)) = 1
       -- (Its own rollback makes it again.)
       AND NOT EXISTS (SELECT FROM pg_temp.gpra_made d WHERE d.kind = 'drop table' AND d.tab = m.tab AND d.id = ANY (undone)) GROUP BY m.tab
  LOOP
    EXECUTE format('CREATE TEMPORARY TABLE %s (gpra_id integer PRIMARY KEY, %s)', target.tab, target.columns);
  END LOOP;
  FOR target IN
    SELECT DISTINCT m.tab, m.name, c.id, c.detail FROM pg_temp.gpra_made m LEFT JOIN pg_temp.gpra_made c ON c.kind = 'column' AND c.tab = m.tab AND c.name = m.name
     WHERE m.kind = 'fill' AND m.id = ANY (undone) AND m.detail ->> 'by' IS NULL
       AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(m.tab) AND attname = m.name AND NOT attisdropped)
  LOOP
    PERFORM pg_temp.gpra_refuse(format('Somebody dropped %s.%s, which was filled. Nothing was undone. Put it back, then run the same command again.',
        target.tab, target.name)) WHERE target.id IS NULL;
    found := target.detail ->> 'added';
    EXECUTE found;
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target.tab, target.name, concat_ws(' ', format('[{mark} %s]', target.id), target.detail ->> 'remarks'));
    RAISE NOTICE 'somebody dropped %.%: there are no values to take back', target.tab, target.name;
  END LOOP;
  PERFORM pg_temp.gpra_refuse(format('Somebody dropped the primary key of %s, by which the rows that were filled are known. Nothing was undone. Put '
      'it back (ALTER TABLE ... ADD PRIMARY KEY (...)), then run the same command again.', string_agg(DISTINCT m.tab, ', ')))
     FROM pg_temp.gpra_made m
    WHERE m.kind = 'fill' AND m.id = ANY (undone) AND m.detail ->> 'by' IS NULL AND to_regclass('pg_temp.gpra_fills') IS NOT NULL
      AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass(m.tab) AND indisprimary) HAVING count(*) > 0;
END $gpra_body$;

-- As each tenant in turn, where tables that hide their rows are isolated as tenantIsolation makes it: they are none of those then that stop it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_as_tenants(INOUT hidden regclass[], INOUT tenants text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  undone   text[] := pg_temp.gpra_undone();
  history  text := current_setting('gpra.history');
  isolated regclass[] := array(
    SELECT t.oid FROM unnest(hidden) AS t (oid)
     WHERE pg_temp.gpra_tenant_ids() IS NOT NULL AND (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid) = 1
       AND EXISTS (SELECT FROM pg_temp.gpra_there() AS p
                    WHERE p.kind = 'policy' AND p.ours AND to_regclass(p.tab) = t.oid
                      AND pg_temp.gpra_is_isolation(p.object, p.detail ->> 'visible', p.detail ->> 'writable')));
  found text; more text;
BEGIN
  hidden := array(SELECT t.oid FROM unnest(hidden) AS t (oid) WHERE t.oid <> ALL (isolated));
  IF hidden <> '{}' OR isolated = '{}' THEN RETURN; END IF;
  EXECUTE format('SELECT array_agg(t.id::text) FROM (%s) AS t (id)', pg_temp.gpra_tenant_ids()) INTO tenants;
  PERFORM set_config('row_security', 'on', true);
  -- A row without owner, of nobody that is a tenant, or of a tenant that is nobody for the policy, would be missed.
  SELECT string_agg(rows, '; ') INTO found
    FROM (SELECT format('those of %s user(s) whose id the policies take for nobody: %s', count(*), string_agg(id, ', ')) AS rows
            FROM unnest(tenants) AS id WHERE id !~ '^[0-9]{1,10}$' HAVING count(*) > 0
          UNION ALL
          SELECT format('those of %s without owner, as its %s may be empty or names nobody (NOT NULL or its foreign key is gone)', t.oid, p.detail ->> 'owner')
            FROM unnest(isolated) AS t (oid) JOIN pg_temp.gpra_made p ON p.kind = 'policy' AND to_regclass(p.tab) = t.oid AND p.detail ->> 'owner' IS NOT NULL
           WHERE NOT EXISTS (SELECT FROM pg_attribute a
                               JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum] AND k.contype = 'f' AND k.convalidated
                              WHERE a.attrelid = t.oid AND a.attname = pg_temp.gpra_name_now(t.oid, p.detail ->> 'owner') AND a.attnotnull)) AS rows;
  IF found IS NOT NULL THEN
    SELECT format('Go back to %s first, where every row is counted: mvn liquibase:rollback -Dliquibase.rollbackTag=%1$s%s, then go on from there', h.tag,
             (SELECT ' -Dliquibase.labelFilter=' || string_agg(DISTINCT l.labels, ',') FROM pg_temp.gpra_history(history) AS l WHERE l.id = ANY (undone))) INTO more
      FROM pg_temp.gpra_history(history) AS h
     WHERE h.tag IS NOT NULL AND h.place < (SELECT min(i.place) FROM pg_temp.gpra_history(history) AS i JOIN pg_temp.gpra_made m ON m.id = i.id AND m.kind = 'policy'
                                             WHERE i.id = ANY (undone))
     ORDER BY h.place DESC LIMIT 1;
    PERFORM pg_temp.gpra_refuse(format('Row-level security hides rows from this look: %s. Nothing was undone. %s.', found,
        coalesce(more, 'Correct that, then run the same command again')));
  END IF;
END $gpra_body$;

-- As whom it looks, where row-level security binds whoever looks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_as(INOUT tenants text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  hidden regclass[] := array(
    SELECT DISTINCT c.oid::regclass FROM pg_temp.gpra_made m JOIN pg_class c ON c.oid = to_regclass(m.tab)
     WHERE m.id = ANY (pg_temp.gpra_undone()) AND (m.kind IN ('table', 'column', 'loss', 'fill') AND NOT coalesce(m.detail ? 'copied', false) OR m.kind = 'constraint' AND m.detail ? 'before')
       AND c.relrowsecurity AND row_security_active(c.oid));
BEGIN
  CALL pg_temp.gpra_look_back_as_tenants(hidden, tenants);  -- where there is a table with row-level security
  PERFORM pg_temp.gpra_refuse(format('Nothing was undone: %s. Drop or correct that first, then run the same command again.',
      string_agg(format('row-level security on %s, which hides rows from this look: it has %s', t.oid,
        coalesce((SELECT string_agg(format('the policy %I', p.polname), ', ') FROM pg_policy p
                   WHERE p.polrelid = t.oid AND coalesce(obj_description(p.oid, 'pg_policy'), '') NOT LIKE '[{mark} %'),
                 'not the policy of a tenantIsolation as it was made')), '; '))) FROM unnest(hidden) AS t (oid) HAVING count(*) > 0;
END $gpra_body$;

-- Columns that have to have a name or a type before again: their copies, and sequences that have counted further than the type goes.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_renamed() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  executed text[] := pg_temp.gpra_executed();
  target record; stands bigint;
BEGIN
  FOR target IN
    SELECT m.tab, m.name, m.detail ->> 'copy' AS copy FROM pg_temp.gpra_made m
     WHERE m.kind = 'renamed column' AND m.detail ->> 'copy' IS NOT NULL AND m.id = ANY (executed)
       AND pg_temp.gpra_type_of(to_regclass(m.tab), m.name) IS NOT NULL AND pg_temp.gpra_type_of(to_regclass(m.tab), m.detail ->> 'copy') IS NULL
  LOOP
    RAISE EXCEPTION USING MESSAGE = format('%s.%s cannot have its type before again: its copy %s is not there, and nothing makes it again. Nothing was undone. Write '
      'copyColumn in the rollback of the changeset that dropped it, then run the same command again.', target.tab, target.name, target.copy);
  END LOOP;
  FOR target IN
    SELECT m.*, pg_get_serial_sequence(to_regclass(m.tab)::text, m.name) AS sequence
      FROM pg_temp.gpra_made m JOIN pg_temp.gpra_made r ON r.id = m.id AND r.kind = 'renamed column' AND r.detail ->> 'renamed' = m.name AND (r.tab, r.name) = (m.tab, m.name)
     WHERE m.kind = 'loss' AND m.id = ANY (executed) AND pg_temp.gpra_type_of(to_regclass(m.tab), m.name) IS NOT NULL
       AND pg_get_serial_sequence(to_regclass(m.tab)::text, m.name) IS NOT NULL
  LOOP
    EXECUTE format('SELECT %1$I FROM (SELECT last_value FROM %2$s) AS s (%1$I) WHERE %3$s', coalesce(target.detail -> 'was' ->> 0, target.name), target.sequence, target.detail ->> 'condition') INTO stands;
    PERFORM pg_temp.gpra_refuse(format('The sequence %s has counted to %s, which %s.%s could not have any more. Nothing was undone. Set it back to what fits, '
        'SELECT setval(%L, ...), then run the same command again.', target.sequence::regclass, stands, target.tab, target.name, target.sequence))
      WHERE stands IS NOT NULL;
  END LOOP;
END $gpra_body$;

-- A table whose columns that have got other names since have those before, too: for what was written when they had them.
CREATE OR REPLACE FUNCTION pg_temp.gpra_with_old_names(tab regclass) RETURNS text LANGUAGE sql AS $gpra_body$
  SELECT format('(SELECT b.*%s FROM %s AS b) AS %I', string_agg(format(', b.%I AS %I', n.now, n.name), ''), tab, (SELECT relname FROM pg_class WHERE oid = tab))
    FROM (SELECT DISTINCT r.name, pg_temp.gpra_name_now(gpra_with_old_names.tab, r.name) AS now FROM pg_temp.gpra_made r
           WHERE r.kind = 'drop column' AND r.detail ? 'renamed' AND to_regclass(r.tab) = gpra_with_old_names.tab) AS n
   WHERE n.now <> n.name AND pg_temp.gpra_type_of(tab, n.now) IS NOT NULL HAVING count(*) > 0
$gpra_body$;

-- Our columns, and what undoing SQL would lose: what the application wrote into them since, and what others have built on them.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_columns(tenants text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  undone   text[] := pg_temp.gpra_undone();
  executed text[] := pg_temp.gpra_executed();
  rows     text;    -- whose
  filled   record;  -- with what a column was filled
  tenant text; n bigint; part bigint; target record;
BEGIN
  FOR target IN
    SELECT t.tab, t.name, t.detail, t.object, t.part,
           CASE WHEN t.detail ? 'copied' THEN NULL
                WHEN t.detail ->> 'value' IS NOT NULL THEN format('%I IS DISTINCT FROM %s', t.name, t.detail ->> 'value')
                -- What the rows that were there have in common; a rewritten table has forgotten it.
                WHEN a.atthasmissing AND t.detail ->> 'computed' IS NOT NULL THEN format('%I IS DISTINCT FROM (SELECT (attmissingval::text::text[])[1]::%s FROM pg_attribute WHERE attrelid = %s AND attnum = %s)',
                                                 t.name, format_type(a.atttypid, a.atttypmod), t.object, t.part)
                ELSE format('%I IS NOT NULL', t.name) END AS used
      FROM pg_temp.gpra_there() AS t JOIN pg_attribute a ON a.attrelid = t.object AND a.attnum = t.part
     WHERE t.kind = 'column' AND t.ours AND t.id = ANY (undone)
    UNION ALL  -- where there is 'loss'
    SELECT m.tab, m.name, m.detail, a.attrelid, NULL, m.detail ->> 'condition'
      FROM pg_temp.gpra_made m JOIN pg_attribute a ON a.attrelid = to_regclass(m.tab) AND a.attname = m.name AND NOT a.attisdropped
     WHERE m.kind = 'loss' AND m.id = ANY (executed)
  LOOP
    n := 0;
    rows := target.tab;
    SELECT coalesce(pg_temp.gpra_with_old_names(target.object), rows) INTO rows;  -- where there is 'renamed'
    -- (A copy has nothing of its own.)
    FOREACH tenant IN ARRAY CASE WHEN target.used IS NULL THEN '{}' WHEN row_security_active(target.object) THEN tenants ELSE '{NULL}' END LOOP
      CALL pg_temp.gpra_see_as(tenant);
      EXECUTE format('SELECT count(*) FROM %s WHERE %s', rows, target.used) INTO part;
      n := n + part;
    END LOOP;
    IF n > 0 AND to_regclass('pg_temp.gpra_fills') IS NOT NULL THEN
      FOR filled IN SELECT f.filled_column, f.value, pg_temp.gpra_fill_value(f.filled_table, target.name, f.value) AS constant FROM pg_temp.gpra_fills f
                     WHERE f.filled_table = target.object AND (f.filled_column = target.name OR target.detail -> 'was' ? f.filled_column) LOOP
        -- A fill takes its own back: only what others wrote would be lost.
        FOREACH tenant IN ARRAY CASE WHEN NOT row_security_active(target.object) THEN '{NULL}'
                                      -- (Where it says whose row it is.)
                                      WHEN filled.value = ANY (tenants) AND EXISTS (SELECT FROM pg_temp.gpra_made p WHERE p.kind = 'policy' AND to_regclass(p.tab) = target.object
                                                                                AND p.detail ->> 'owner' = filled.filled_column) THEN ARRAY[filled.value] ELSE tenants END LOOP
          CALL pg_temp.gpra_see_as(tenant);
          -- (Not "=": the planner would join on the value, and test each range for each row.)
          EXECUTE format(
            'SELECT count(*)
               FROM unnest((SELECT range_agg(part.ids) FROM (SELECT unnest(row_ids) AS ids FROM pg_temp.gpra_filled
                                                              WHERE filled_table = $1 AND filled_column = $2) AS part)) AS gpra (gpra_ids)
               JOIN %s ON %I >= lower(gpra_ids) AND %2$I < upper(gpra_ids) AND %I IS NOT DISTINCT FROM (SELECT %s)',
            rows, pg_temp.gpra_key_of(target.object), target.name, filled.constant) INTO part USING target.object, filled.filled_column;
          n := n - part;
        END LOOP;
      END LOOP;
    END IF;
    IF n > 0 THEN
      INSERT INTO pg_temp.gpra_objections SELECT 'lost', format('%s.%s of %s row(s)', target.tab, target.name, n);
    END IF;

    INSERT INTO pg_temp.gpra_objections (
      -- (PostgreSQL 14 has a generated column as a part of its table, later ones its expression.)
      SELECT DISTINCT CASE WHEN d.objsubid = 0 AND d.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_statistic_ext'::regclass) THEN 'lost'
                           ELSE 'in the way' END, pg_describe_object(d.classid, d.objid, d.objsubid)
        FROM pg_depend d
        LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
        LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
       WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = target.object AND d.refobjsubid = target.part AND d.deptype IN ('n', 'a')
         AND coalesce(k.contype <> 'n', true) AND coalesce(f.adnum <> target.part, true) AND d.objid::regclass::text NOT LIKE '%gpra\_building\_%'
         AND NOT pg_temp.gpra_is_marked(d.classid, d.objid));
  END LOOP;
END $gpra_body$;

-- Our CHECKs that get the condition before again: rows that it does not allow.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_checks() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  undone   text[] := pg_temp.gpra_undone();
  executed text[] := pg_temp.gpra_executed();
  target record; columns text[];
BEGIN
  FOR target IN SELECT DISTINCT m.tab, m.name, m.detail ->> 'before' AS before FROM pg_temp.gpra_made m
                 WHERE m.kind = 'constraint' AND m.detail ? 'before' AND m.id = ANY (undone)
                   AND EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = to_regclass(m.tab) AND k.conname = m.name)
                   AND (m.id = ANY (executed) OR EXISTS (SELECT FROM pg_temp.gpra_there() AS t WHERE t.id = m.id AND t.ours AND t.comment <> '')) LOOP
    EXECUTE format('CREATE TEMPORARY TABLE gpra_copy (LIKE %s)', target.tab);
    columns := (SELECT s.columns FROM pg_temp.gpra_settled(format('CHECK (%s)', target.before)) AS s);
    DROP TABLE pg_temp.gpra_copy;
    CALL pg_temp.gpra_refuse_rows(target.tab::regclass, target.name, columns, format('NOT (%s)', target.before), 'did not allow before, so nothing was undone');
  END LOOP;
END $gpra_body$;

-- Our tables: every row that is not this changelog's own, and what others have built on them.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_tables(tenants text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  undone text[] := pg_temp.gpra_undone();
  tenant text; n bigint; part bigint; target record;
BEGIN
  FOR target IN SELECT * FROM pg_temp.gpra_there() AS t WHERE t.kind = 'table' AND t.ours AND t.id = ANY (undone) LOOP
    n := 0;
    FOREACH tenant IN ARRAY CASE WHEN row_security_active(target.object) THEN tenants ELSE '{NULL}' END LOOP
      CALL pg_temp.gpra_see_as(tenant);
      EXECUTE format('SELECT count(*) - coalesce((%s), 0) FROM %s', coalesce(target.detail ->> 'own', '0'), target.tab) INTO part;
      n := n + part;
    END LOOP;
    IF n > 0 THEN
      INSERT INTO pg_temp.gpra_objections SELECT 'lost', format('%s row(s) of %s', n, target.tab);
    END IF;
    INSERT INTO pg_temp.gpra_objections (
      SELECT 'lost', format('column %s of table %s', a.attname, target.tab)
        FROM pg_attribute a
       WHERE a.attrelid = target.object AND a.attnum > 0 AND NOT a.attisdropped AND NOT target.detail -> 'columns' ? a.attname
         AND coalesce(col_description(a.attrelid, a.attnum), '') NOT LIKE '[{mark} %');
    INSERT INTO pg_temp.gpra_objections (
      SELECT DISTINCT 'lost', pg_describe_object(d.classid, d.objid, 0)
        FROM pg_depend d LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
        LEFT JOIN pg_class x ON d.classid = 'pg_class'::regclass AND x.oid = d.objid
       WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = target.object AND d.deptype = 'a'
         AND d.classid = ANY ('{pg_class,pg_constraint,pg_trigger,pg_policy,pg_rewrite,pg_statistic_ext}'::regclass[]) AND coalesce(k.contype <> 'n', true)
         -- (A build that nobody finished is ours.)
         AND coalesce(x.relkind <> 'S' AND x.relname NOT LIKE 'gpra\_building\_%', true)
         AND NOT target.detail -> 'constraints' ? coalesce(k.conname, '') AND coalesce(obj_description(d.objid, d.classid::regclass::text::name), '') NOT LIKE '[{mark} %');
  END LOOP;
END $gpra_body$;

-- Filled rows go back to having no value, unless somebody else requires one.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_fills() LANGUAGE plpgsql AS $gpra_body$
DECLARE undone text[] := pg_temp.gpra_undone();
BEGIN
  IF to_regclass('pg_temp.gpra_filled') IS NOT NULL THEN
    INSERT INTO pg_temp.gpra_objections (
      SELECT DISTINCT 'in the way', CASE WHEN k.oid IS NULL THEN format('the NOT NULL of %s.%s', m.tab, m.name) ELSE format('the constraint %I on %s', k.conname, m.tab) END
        FROM pg_temp.gpra_made m
        JOIN pg_temp.gpra_filled f ON f.filled_table = to_regclass(m.tab) AND f.filled_column = coalesce(m.detail -> 'was' ->> 0, m.name) AND f.changeset = m.id
        JOIN pg_attribute a ON a.attrelid = f.filled_table AND a.attname = m.name
        LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
                                 AND pg_get_constraintdef(k.oid) ~ (a.attname || '"? IS NOT NULL')
                                 AND coalesce(obj_description(k.oid, 'pg_constraint'), '') NOT LIKE '[{mark} %'
       WHERE m.kind = 'fill' AND m.id = ANY (undone) AND m.detail ->> 'by' IS NULL
         AND (k.oid IS NOT NULL
              OR a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = a.attrelid AND o.contype = 'c' AND o.conkey = ARRAY[a.attnum]
                                                 AND obj_description(o.oid, 'pg_constraint') LIKE '[{mark} %')));
    CALL pg_temp.gpra_close_memory();
  END IF;
END $gpra_body$;

-- What others have built on tables, indexes and constraints that go, or on what goes with them.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back_at_dependents() LANGUAGE plpgsql AS $gpra_body$
DECLARE undone text[] := pg_temp.gpra_undone();
BEGIN
  INSERT INTO pg_temp.gpra_objections (
    WITH RECURSIVE ours AS MATERIALIZED (
      SELECT * FROM pg_temp.gpra_there() AS t WHERE t.ours AND t.id = ANY (undone)
    ), gone (catalog, object) AS (
      SELECT o.catalog::oid, o.object FROM ours o WHERE o.kind IN ('table', 'index', 'constraint')
      -- The memory goes with the last fill.
      UNION SELECT o.catalog::oid, o.object FROM ours o
       WHERE o.kind = 'fill' AND o.catalog = 'pg_class'::regclass
         AND NOT EXISTS (SELECT FROM pg_temp.gpra_made m JOIN pg_temp.gpra_history(current_setting('gpra.history')) AS h ON h.id = m.id WHERE m.kind = 'fill' AND m.id <> ALL (undone))
      UNION SELECT d.classid, d.objid FROM gone JOIN pg_depend d ON (d.refclassid, d.refobjid) = (gone.catalog, gone.object) AND d.deptype IN ('a', 'i', 'P', 'S')
    )
    SELECT DISTINCT 'in the way', pg_describe_object(d.classid, d.objid, d.objsubid)
      FROM gone JOIN pg_depend d ON (d.refclassid, d.refobjid) = (gone.catalog, gone.object) AND d.deptype = 'n'
      LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
     WHERE (d.classid, d.objid) NOT IN (TABLE gone) AND NOT EXISTS (SELECT FROM ours o WHERE (o.catalog::oid, o.object) IN ((d.classid, d.objid), ('pg_class'::regclass::oid, w.ev_class)))
       -- (Not what a session that ended in the middle of a fill had to look with.)
       AND coalesce(w.ev_class::regclass::text, '') !~ '^pg_temp(_\d+)?\.gpra_fill'
    UNION ALL SELECT 'in the way', f.described FROM gone CROSS JOIN LATERAL pg_temp.gpra_found_by(gone.object) AS f
     WHERE gone.catalog = 'pg_class'::regclass AND NOT EXISTS (SELECT FROM pg_index i JOIN gone t ON t.object = i.indrelid WHERE i.indexrelid = gone.object));
END $gpra_body$;

-- At all that the command reaches, before anything is undone. It stops it where going on would lose something.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_look_back(history text, discard boolean, marks text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tenants    text[] := '{NULL}';  -- as whom to look: as nobody, who sees all, or as each tenant in turn
  lost text; in_the_way text;
BEGIN
  TRUNCATE pg_temp.gpra_objections;
  -- An error is better than rows that are not seen, and then are lost.
  PERFORM set_config('row_security', 'off', true);
  CALL pg_temp.gpra_look_back_under_new_names();  -- where there is 'renamed table' or 'renamed'
  CALL pg_temp.gpra_look_back_through();
  CALL pg_temp.gpra_look_back_at_marks(marks);
  CALL pg_temp.gpra_look_back_at_dropped();  -- where there is 'fill'
  CALL pg_temp.gpra_look_back_as(tenants);
  CALL pg_temp.gpra_look_back_at_renamed();  -- where there is 'renamed'
  CALL pg_temp.gpra_look_back_at_columns(tenants);  -- where there is 'column' or 'loss'
  CALL pg_temp.gpra_look_back_at_checks();  -- where there is 'before'
  CALL pg_temp.gpra_look_back_at_tables(tenants);  -- where there is 'table'
  PERFORM set_config('row_security', 'off', true);
  CALL pg_temp.gpra_look_back_at_fills();  -- where there is 'fill'
  CALL pg_temp.gpra_look_back_at_dependents();
  CALL pg_temp.gpra_look_back_at_defined();  -- where there is 'function' or 'view' or 'sequence'
  SELECT string_agg(line, ', ' ORDER BY ctid) FILTER (WHERE kind = 'in the way'), string_agg(line, ', ' ORDER BY ctid) FILTER (WHERE kind = 'lost')
    INTO in_the_way, lost FROM pg_temp.gpra_objections;
  PERFORM pg_temp.gpra_refuse(format('This rollback drops what others have built on: %s. Nothing was undone. Drop that first, then run the same command again.',
      in_the_way)) WHERE in_the_way IS NOT NULL;
  PERFORM pg_temp.gpra_refuse(format('This rollback would destroy what was made since: %s. Nothing was undone. To go on and lose it, add -Dgpra.rollback.discard=true '
      'to the same command; to keep it, stay where you are.', lost)) WHERE lost IS NOT NULL AND NOT discard;
  IF lost IS NOT NULL THEN RAISE NOTICE 'gpra.rollback.discard=true: this is lost now: %', lost; END IF;

  -- In a publication of all tables, nothing can be deleted from a table that has neither key nor replica identity.
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
               JOIN pg_publication_tables p ON p.schemaname = s.nspname AND p.tablename = c.relname
              WHERE c.oid = to_regclass(history) AND c.relreplident = 'd'
                AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)) THEN
    EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', history);
  END IF;
  -- What was in the place of an index that was not to be built. (One that nobody finished goes with its changeset.)
  IF pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass(format('%I.gpra_no_building', current_schema()))), 'USAGE') THEN
    EXECUTE format('DROP TABLE %I.gpra_no_building', current_schema());
  END IF;
  PERFORM set_config('gpra.guarded', 'yes', false);
END $gpra_body$;

-- Whether a changeset stays: it is recorded, or out of the rollback's reach. What others did is to be taken back.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_recorded(changeset text) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT changeset <> ALL (pg_temp.gpra_undone())
      OR EXISTS (SELECT FROM pg_temp.gpra_history(current_setting('gpra.history')) AS h WHERE h.id = changeset)
$gpra_body$;
