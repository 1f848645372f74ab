-- Drops the policy of 004 on gpra.target. A run that was killed may have left row-level security on: without a policy nobody
-- would see a row.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_policy WHERE polrelid = to_regclass(target) AND polname = 'tenant_isolation'
                    AND obj_description(oid, 'pg_policy') LIKE '[gpra 004]%') THEN
    IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(target) AND (relrowsecurity OR relforcerowsecurity)) THEN
      EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', target);
    END IF;
    EXECUTE format('DROP POLICY tenant_isolation ON %I', target);
  END IF;
END
$gpra_body$;
