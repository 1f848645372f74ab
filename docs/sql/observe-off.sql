-- Takes back what docs/sql/observe.sql has made, also a half-made one, and nothing else. As the owner of the tables:
--
--     psql -v ON_ERROR_STOP=1 -f docs/sql/observe-off.sql "$DATABASE_URL"
--
-- "canceling statement due to lock timeout": run it again, it goes on where it stopped.
\ir strangers.sql
SET lock_timeout = '500ms';

-- A transaction for each table, children before parents.
DO $gpra_body$
DECLARE
  target text;
  tab    regclass;
BEGIN
  FOREACH target IN ARRAY ARRAY['active_routine', 'routine_items', 'subscriptions', 'chord_charts', 'routines', 'items'] LOOP
    tab := to_regclass(target);
    IF EXISTS (SELECT FROM pg_policy WHERE polrelid = tab AND polname = 'gpra_observe' AND obj_description(oid, 'pg_policy') LIKE '[gpra observe]%') THEN
      -- With a policy of somebody else beside ours, row-level security is theirs.
      IF EXISTS (SELECT FROM pg_policy WHERE polrelid = tab AND coalesce(obj_description(oid, 'pg_policy'), '') NOT LIKE '[gpra observe]%') THEN
        RAISE WARNING '% has another policy: row-level security stays on', tab;
      ELSE
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', tab);
      END IF;
      EXECUTE format('DROP POLICY gpra_observe ON %s', tab);
      COMMIT;
    END IF;
  END LOOP;
END
$gpra_body$;

DO $gpra_body$
DECLARE
  made regprocedure;
BEGIN
  FOR made IN SELECT p.oid FROM pg_proc p
               WHERE proname = 'gpra_observe' AND obj_description(p.oid, 'pg_proc') LIKE '[gpra observe]%'
                 AND pronamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('items')) LOOP
    EXECUTE format('DROP FUNCTION %s', made);
  END LOOP;
END
$gpra_body$;

RESET lock_timeout;
