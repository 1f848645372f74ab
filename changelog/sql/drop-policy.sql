-- Drops the policy of 004 on gpra.target, also a renamed one. A run that was killed may have left row-level security on: without
-- a policy nobody would see a row.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
  name   name;
BEGIN
  SELECT polname INTO name FROM pg_policy p
   WHERE polrelid = to_regclass(target) AND obj_description(p.oid, 'pg_policy') LIKE '[gpra 004]%';
  IF name IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(target) AND (relrowsecurity OR relforcerowsecurity)) THEN
    EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', target);
  END IF;
  EXECUTE format('DROP POLICY %I ON %I', name, target);
END
$gpra_body$;
