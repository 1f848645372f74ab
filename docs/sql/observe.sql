-- Is the application ready for row-level security? Reports, in the server's log, statements on the tenants' tables that come
-- without a user (app.current_user_id), and refuses none: each of the policies made here is always true.
--
-- Before 004, as the owner of the tables, straight to the server:
--
--     psql -v ON_ERROR_STOP=1 -f docs/sql/observe.sql "$DATABASE_URL"
--
-- It waits half a second for each table at most, and keeps nobody waiting longer. "canceling statement due to lock timeout": run
-- it again, it goes on where it stopped. docs/sql/observe-off.sql takes all of it back, at any moment, also when this stopped halfway.
--
-- Then, in the server's log, each kind of statement once:
--
--     grep -o 'gpra observe: .*' server.log | sort | uniq -c | sort -rn
--
-- - A line names the table, the session's role, its application_name and the beginning of what the client sent, without
--   literals: what stands in quotes and all numbers are "?". Within a function or a DO block that is still what the client sent.
-- - However many rows there are, a read is one line for each time that it names the table, a write one line in all (where it
--   begins with WITH or a comment, up to three). A read that has no row to look at, as by an id that is not there, is none.
-- - A warning and not LOG: with LOG the server would write the whole statement below it (log_min_error_statement).
--   The client does not get it. Of a DO block, or dynamic SQL in a function, the statement within is
--   below it as it is, literals included (CONTEXT, unless log_error_verbosity is terse).
--
-- Meanwhile, for roles that row-level security binds, and the owner is one of them: pg_dump fails (it asks for row_security = off;
-- use a superuser or a role with BYPASSRLS), COPY ... FROM is refused, no plan on these tables is parallel, and mvn liquibase:update
-- and rollback stop where they would look at rows. Run observe-off.sql before those.
\ir strangers.sql
SET lock_timeout = '500ms';

DO $gpra_body$
DECLARE
  tables   text[] := ARRAY['items', 'routines', 'chord_charts', 'subscriptions', 'routine_items', 'active_routine'];
  obstacle text;
  place    name;
BEGIN
  SELECT string_agg(line, '; ') INTO obstacle
    FROM (SELECT format('the table %s is not there: run mvn liquibase:update first', name) AS line
            FROM unnest(tables) AS name WHERE to_regclass(name) IS NULL
          UNION ALL
          SELECT format('%I does not own the table %s', current_user, oid::regclass)
            FROM pg_class WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name) AND NOT pg_has_role(relowner, 'USAGE')
          UNION ALL
          SELECT format('%s has the policy %I already', polrelid::regclass, polname)
            FROM pg_policy
           WHERE polrelid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name)
             AND coalesce(obj_description(oid, 'pg_policy'), '') NOT LIKE '[gpra observe]%'
          UNION ALL
          SELECT format('row-level security on %s is on already', c.oid::regclass)
            FROM pg_class c
           WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name) AND (relrowsecurity OR relforcerowsecurity)
             AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)
          UNION ALL
          SELECT format('%s is there, and not from here', oid::regprocedure)
            FROM pg_proc
           WHERE proname = 'gpra_observe' AND pronamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('items'))
             AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE '[gpra observe]%'
          UNION ALL
          SELECT format('the server would not log it, log_min_messages is %s: set it to warning', current_setting('log_min_messages'))
           WHERE current_setting('log_min_messages') IN ('error', 'log', 'fatal', 'panic')) AS found;
  IF obstacle IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Cannot observe: %s. Nothing was changed.', obstacle);
  END IF;

  SELECT s.nspname INTO place FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE c.oid = to_regclass('items');
  -- Whatever it does has to be allowed in a read-only transaction and in a parallel query, so it cannot catch an error:
  -- there must be none.
  EXECUTE format($gpra_create$
    CREATE OR REPLACE FUNCTION %I.gpra_observe(observed text) RETURNS boolean
      LANGUAGE plpgsql STABLE PARALLEL UNSAFE
      SET search_path = pg_catalog, pg_temp
      SET client_min_messages = error
    AS $gpra_function$
    DECLARE
      given text := current_setting('app.current_user_id', true);
      rest  text;
      token text;
      shown text := '';
      key   text;
    BEGIN
      IF given ~ '^[0-9]{1,10}$' THEN
        RETURN true;
      END IF;
      rest := left(current_query(), 1000);

      -- A write comes here once to find its rows and again to check them. Only writes are remembered: they are never part of
      -- a parallel query, where this would be refused.
      IF rest ~* '^\s*(insert|update|merge)\M' THEN
        key := concat_ws(' ', observed, extract(epoch FROM statement_timestamp()));
        IF current_setting('gpra.observed', true) = key THEN
          RETURN true;
        END IF;
        PERFORM set_config('gpra.observed', key, true);
      END IF;

      -- Piece by piece, because a quote may stand in a comment, and a comment in quotes. What is not understood for certain
      -- is left out up to the end.
      WHILE rest <> '' AND length(shown) < 200 LOOP
        token := substring(rest, '^\s+');
        IF token IS NOT NULL AND right(shown, 1) <> ' ' THEN
          shown := shown || ' ';
        END IF;
        IF token IS NULL THEN
          -- Comments. One within another is not followed.
          token := coalesce(substring(rest, '^--[^\n]*'), substring(rest, '^/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/'), substring(rest, '^/\*.*'));
        END IF;
        IF token IS NULL THEN
          -- E'...'; '...', which ends at \' or after it, as the session has it; $tag$...; numbers.
          token := coalesce(
            substring(rest, '^[eE]''(?:[^''\\]|''''|\\.)*(?:''|\\?$)'),
            substring(rest, '^''(?:[^''\\]|''''|\\[^''])*(?:''|\\?$)'),
            substring(rest, '^''.*'),
            substring(rest, '^\$(?:[^\s\d$]\w*)?\$.*'),
            substring(rest, '^\d[\w.]*'));
          shown := shown || CASE WHEN token IS NULL THEN '' ELSE '?' END;
        END IF;
        IF token IS NULL THEN
          -- Names, and what stands between them.
          token := coalesce(substring(rest, '^"(?:[^"]|"")*(?:"|$)'), substring(rest, '^[[:alpha:]_][\w$]*'), left(rest, 1));
          shown := shown || token;
        END IF;
        rest := substr(rest, length(token) + 1);
      END LOOP;

      RAISE WARNING '%%', regexp_replace(
        format('gpra observe: %%s, app.current_user_id is %%s, role %%s, application "%%s", statement: %%s',
          observed, CASE WHEN given IS NULL THEN 'missing' WHEN given = '' THEN 'empty' ELSE 'not a number' END,
          session_user, current_setting('application_name', true), btrim(left(shown, 200))),
        '[[:cntrl:]]', ' ', 'g');
      RETURN true;
    END
    $gpra_function$ $gpra_create$, place);
  EXECUTE format('COMMENT ON FUNCTION %I.gpra_observe(text) IS %L', place, '[gpra observe] Reports a statement that comes without a user');
  EXECUTE format('GRANT EXECUTE ON FUNCTION %I.gpra_observe(text) TO PUBLIC', place);
END
$gpra_body$;

-- A transaction for each table, parents before children.
DO $gpra_body$
DECLARE
  target text;
  place  name;
BEGIN
  FOREACH target IN ARRAY ARRAY['items', 'routines', 'chord_charts', 'subscriptions', 'routine_items', 'active_routine'] LOOP
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = to_regclass(target) AND obj_description(oid, 'pg_policy') LIKE '[gpra observe]%') THEN
      SELECT s.nspname INTO place FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE c.oid = to_regclass('items');
      EXECUTE format('CREATE POLICY gpra_observe ON %s USING ((SELECT %I.gpra_observe(%L))) WITH CHECK ((SELECT %2$I.gpra_observe(%3$L)))',
        to_regclass(target), place, target);
      EXECUTE format('COMMENT ON POLICY gpra_observe ON %s IS %L', to_regclass(target), '[gpra observe] Always true; reports who comes without a user. Off again: psql -f docs/sql/observe-off.sql');
      EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', to_regclass(target));
      COMMIT;
    END IF;
  END LOOP;
END
$gpra_body$;

RESET lock_timeout;
