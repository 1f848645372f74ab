-- Drops the policy of 004 on gpra.target.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_policy WHERE polrelid = to_regclass(target) AND polname = 'tenant_isolation'
                    AND obj_description(oid, 'pg_policy') LIKE '[gpra 004]%') THEN
    EXECUTE format('DROP POLICY tenant_isolation ON %I', target);
  END IF;
END
$gpra_body$;
