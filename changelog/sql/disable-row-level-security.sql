-- Switches row-level security on gpra.target off again, where 004 switched it on: its policy says so.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
                  WHERE c.oid = to_regclass(target) AND (c.relrowsecurity OR c.relforcerowsecurity)
                    AND obj_description(p.oid, 'pg_policy') LIKE '[gpra 004]%') THEN
    EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', target);
  END IF;
END
$gpra_body$;
