-- What a rollback needs besides.

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
    EXECUTE format('ALTER INDEX %s RENAME TO %I', there, working);
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

-- Drops a table that bears one of the marks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_table(target text, marks text[], discard boolean) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tables regclass[];
  rows   boolean;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR NOT pg_temp.gpra_is_ours(to_regclass(target), 'pg_class', marks) THEN
    RETURN;
  END IF;
  tables := array(SELECT DISTINCT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid = target::regclass AND confrelid <> conrelid);
  CALL pg_temp.gpra_lock(tables || target::regclass, 'ACCESS EXCLUSIVE');
  -- That came since the look: nothing else is left in the table by now.
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO rows;
  IF rows AND NOT discard THEN
    RAISE EXCEPTION USING MESSAGE = format('Rows of %s have come while this rollback ran, and it would destroy them. What was undone until here '
      'stays undone. Stop the application, then run the same command again.', to_regclass(target));
  END IF;
  EXECUTE format('DROP TABLE %s', target);
END
$gpra_body$;

-- Takes a NOT NULL back, and the CHECK by whose mark it is known as ours. (Before that was valid and had its name, the column's NOT NULL was somebody else's.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_not_null(target text, col text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  bearer record;
BEGIN
  FOR bearer IN
    SELECT k.conname, k.convalidated FROM pg_constraint k
     WHERE k.conrelid = to_regclass(target) AND k.conname IN (name, working) AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks)
       AND current_setting('gpra.guarded', true) = 'yes'
  LOOP
    EXECUTE format('ALTER TABLE %s %sDROP CONSTRAINT %I', target, CASE WHEN bearer.conname = name AND bearer.convalidated THEN format('ALTER COLUMN %I DROP NOT NULL, ', col) END, bearer.conname);
  END LOOP;
END
$gpra_body$;

-- Drops a constraint that bears one of the marks, finished or not.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_constraint(target text, name text, working text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  one pg_constraint;
BEGIN
  FOR one IN
    SELECT k.* FROM pg_constraint k
     WHERE k.conrelid = to_regclass(target) AND k.conname IN (name, working) AND pg_temp.gpra_is_ours(k.oid, 'pg_constraint', marks)
       AND current_setting('gpra.guarded', true) = 'yes'
  LOOP
    IF one.contype = 'f' THEN
      CALL pg_temp.gpra_lock(ARRAY[one.confrelid, one.conrelid]::regclass[], 'ACCESS EXCLUSIVE');
    END IF;
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, one.conname);
  END LOOP;
END
$gpra_body$;

-- Rows of Liquibase's history that are this changelog's: of files that lie where its own do, as a later version's may. A changeset of an
-- earlier version counts as the one that stands for it now. gpra.changelog, a JSON object, says what is in the changelog: directories,
-- changesets in their order, replaced (old ids and new ones).
CREATE OR REPLACE FUNCTION pg_temp.gpra_history(history text)
RETURNS TABLE (id text, recorded_id text, place bigint, tag text, exectype text, labels text) LANGUAGE plpgsql AS $gpra_body$
BEGIN
  RETURN QUERY EXECUTE format('SELECT coalesce($1 -> ''replaced'' ->> id, id), id::text, orderexecuted::bigint, tag::text, exectype::text, labels::text '
    'FROM %s WHERE $1 -> ''directories'' ? regexp_replace(filename, ''[^/]*$'', '''')', history) USING current_setting('gpra.changelog')::jsonb;
END
$gpra_body$;

-- Shows a table's rows to everybody again, by the policy's mark, also where it was renamed. Row-level security was off before; only where
-- its policies are somebody else's by now it is theirs, and stays on.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_end_isolation(target text, policy text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  ours   name;
  others text;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' OR to_regclass(target) IS NULL THEN
    RETURN;
  END IF;
  SELECT polname INTO ours FROM pg_policy WHERE polrelid = target::regclass AND pg_temp.gpra_is_ours(oid, 'pg_policy', marks);
  SELECT string_agg(format('%I', polname), ', ') INTO others FROM pg_policy WHERE polrelid = target::regclass;
  IF EXISTS (SELECT FROM pg_class WHERE oid = target::regclass AND (relrowsecurity OR relforcerowsecurity)) THEN
    IF ours IS NULL AND others IS NOT NULL AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = target::regclass AND polname = policy) THEN
      RAISE EXCEPTION USING MESSAGE = format('Row-level security on %s is still on, and its policies are somebody else''s: %s. To switch it off: '
        'ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY. Then run the same command again.', target::regclass, others);
    END IF;
    EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', target);
  END IF;
  IF ours IS NOT NULL THEN
    EXECUTE format('DROP POLICY %I ON %s', ours, target);
  END IF;
END
$gpra_body$;

-- First statement of each changeset's rollback: takes it out of Liquibase's history, and with it those that it replaced, in the transaction
-- that undoes it. A run that is killed has done both or neither. (What cannot be undone in one transaction goes first; what is left of it
-- then, the next rollback sweeps.)
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_rollback(history text, changeset text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  later text;
BEGIN
  PERFORM set_config('gpra.changeset', changeset, false), set_config('gpra.history', history, false);
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RAISE EXCEPTION USING MESSAGE = format('Nobody has looked at what undoing %s would lose, so it is not undone. In a script, correct what its '
      'first statements said, then run it from its beginning; otherwise run mvn compile, then the same command again.', changeset);
  END IF;

  -- Liquibase passes over changesets that its label filter leaves out, and would undo this one under them.
  SELECT string_agg(h.id, ', ' ORDER BY h.place) INTO later FROM pg_temp.gpra_history(history) AS h
   WHERE h.id = h.recorded_id AND h.place > (SELECT max(place) FROM pg_temp.gpra_history(history) WHERE id = changeset);
  IF later IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format(
      'Cannot undo %s: later changesets are still applied and the label filter leaves them out: %s. '
      'Nothing was undone. Go back through all of them: add -Dliquibase.labelFilter=enforce to the same command. If that is there already: check out the version that made them.',
      changeset, later);
  END IF;

  -- These sweep, in several transactions, what runs that were killed have left: until they have, they are to be undone.
  IF changeset NOT LIKE '%-preflight' OR changeset = '001-preflight' THEN
    EXECUTE format('DELETE FROM %s WHERE id IN (SELECT recorded_id FROM pg_temp.gpra_history($1) WHERE id = $2)
                       AND $3 -> ''directories'' ? regexp_replace(filename, ''[^/]*$'', '''')', history)
      USING history, changeset, current_setting('gpra.changelog')::jsonb;
  END IF;
END
$gpra_body$;

-- What bears a changeset's mark in the application's schema: in another one, another application has changesets of the same name.
CREATE OR REPLACE FUNCTION pg_temp.gpra_marked(changeset text) RETURNS SETOF pg_description LANGUAGE sql AS $gpra_body$
  SELECT d.* FROM pg_description d
    LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
    LEFT JOIN pg_policy p ON d.classoid = 'pg_policy'::regclass AND p.oid = d.objoid
    JOIN pg_class c ON c.oid = CASE d.classoid WHEN 'pg_class'::regclass THEN d.objoid ELSE coalesce(k.conrelid, p.polrelid) END
    JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = current_schema()
   WHERE starts_with(d.description, format('[gpra %s]', changeset))
$gpra_body$;

-- Changesets that a run made and was killed before it could record them, and that nothing comes after that stays.
CREATE OR REPLACE FUNCTION pg_temp.gpra_not_recorded(history text, undone text[]) RETURNS text[] LANGUAGE sql AS $gpra_body$
  WITH changeset AS (
    SELECT c.id, c.place, EXISTS (SELECT FROM pg_temp.gpra_history(history) AS h WHERE h.id = c.id) AS recorded
      FROM jsonb_array_elements_text(current_setting('gpra.changelog')::jsonb -> 'changesets') WITH ORDINALITY AS c (id, place)
  )
  SELECT coalesce(array_agg(id), '{}') FROM changeset
   WHERE NOT recorded AND place > (SELECT coalesce(max(place), 0) FROM changeset WHERE recorded AND id <> ALL (undone))
     AND EXISTS (SELECT FROM pg_temp.gpra_marked(id))
$gpra_body$;

-- Undoes these, by their marks; and builds of indexes that nobody finished, which bear none.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_sweep(history text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  undone    text[] := string_to_array(current_setting('gpra.reaches', true), ',');
  statement text;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  FOR statement IN
    WITH marked AS (
      SELECT d.* FROM unnest(pg_temp.gpra_not_recorded(history, undone)) AS id CROSS JOIN LATERAL pg_temp.gpra_marked(id) AS d
    ), undo (place, statement) AS (
      SELECT 1, format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY; DROP POLICY %I ON %1$s', p.polrelid::regclass, p.polname)
        FROM marked m JOIN pg_policy p ON m.classoid = 'pg_policy'::regclass AND p.oid = m.objoid
      UNION ALL
      SELECT 2, format('DROP INDEX %s', m.objoid::regclass) FROM marked m JOIN pg_index i ON m.classoid = 'pg_class'::regclass AND i.indexrelid = m.objoid
      UNION ALL
      SELECT 2, format('DROP INDEX %s', c.oid::regclass)
        FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = current_schema()
       WHERE c.relkind = 'i' AND c.relname LIKE 'gpra\_building\_%' AND pg_has_role(c.relowner, 'USAGE')
      UNION ALL
      SELECT 3, CASE WHEN k.contype = 'f' THEN format('CALL pg_temp.gpra_lock(ARRAY[%s, %s]::regclass[], ''ACCESS EXCLUSIVE''); ', k.confrelid, k.conrelid)
                     ELSE '' END || format('ALTER TABLE %s %sDROP CONSTRAINT %I', k.conrelid::regclass, CASE WHEN k.conname NOT LIKE 'gpra\_building\_%' THEN
               (SELECT format('ALTER COLUMN %I DROP NOT NULL, ', a.attname) FROM pg_attribute a
                 WHERE k.contype = 'c' AND a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND a.attnotnull
                   AND pg_get_expr(k.conbin, k.conrelid) = format('(%I IS NOT NULL)', a.attname)) END, k.conname)
        FROM marked m JOIN pg_constraint k ON m.classoid = 'pg_constraint'::regclass AND k.oid = m.objoid
      UNION ALL
      SELECT 4, format('ALTER TABLE %s DROP COLUMN %I', a.attrelid::regclass, a.attname)
        FROM marked m JOIN pg_attribute a ON m.classoid = 'pg_class'::regclass AND a.attrelid = m.objoid AND a.attnum = m.objsubid AND m.objsubid > 0
      UNION ALL
      SELECT 5, format('DROP TABLE %s', c.oid::regclass)
        FROM marked m JOIN pg_class c ON m.classoid = 'pg_class'::regclass AND c.oid = m.objoid AND m.objsubid = 0 AND c.relkind = 'r'
      UNION ALL
      SELECT 6, format('DROP TABLE %s', c.oid::regclass)
        FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = current_schema()
       WHERE c.relname = 'gpra_no_building' AND pg_has_role(c.relowner, 'USAGE')
    )
    SELECT undo.statement FROM undo ORDER BY place
  LOOP
    EXECUTE statement;
  END LOOP;
END
$gpra_body$;

-- Whether the changesets that filled a column's rows are recorded: what one did that is not is to be taken back.
CREATE OR REPLACE FUNCTION pg_temp.gpra_is_recorded(changeset text) RETURNS boolean LANGUAGE sql AS $gpra_body$
  SELECT EXISTS (SELECT FROM pg_temp.gpra_history(current_setting('gpra.history')) AS h WHERE h.id = changeset)
$gpra_body$;
