-- Switches row-level security on gpra.target off again. It was off before 004; only where its policies are somebody else's by now
-- it is theirs, and stays on.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
  ours   bigint;
  theirs text;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(target) AND (relrowsecurity OR relforcerowsecurity)) THEN
    RETURN;
  END IF;
  SELECT count(*) FILTER (WHERE polname = 'tenant_isolation' OR obj_description(p.oid, 'pg_policy') LIKE '[gpra 004]%'),
         string_agg(format('%I', polname), ', ')
    INTO ours, theirs
    FROM pg_policy p WHERE polrelid = to_regclass(target);
  IF ours = 0 AND theirs IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Row-level security on %s is still on: its policies are not those of 004 (%s). To switch it off: '
      'ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY. Then run the same command again.', target, theirs);
  END IF;
  EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', target);
END
$gpra_body$;
