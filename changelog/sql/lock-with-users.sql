-- Takes the locks on ab_user and on one more table first and together, in the application's order: it reads ab_user,
-- then writes. Both waits together are one lock_timeout long at most. gpra.lock, set just before, is like
-- 'items IN ACCESS EXCLUSIVE MODE'. LOCK TABLE needs a privilege on ab_user that a migration can do without: then the next
-- statement takes both, each with half the wait.
DO $gpra_body$
DECLARE
  lock_wait bigint := extract(epoch FROM current_setting('lock_timeout')::interval) * 1000;
  tab       text := split_part(current_setting('gpra.lock'), ' ', 1);
  mode      text := substr(current_setting('gpra.lock'), length(split_part(current_setting('gpra.lock'), ' ', 1)) + 1);
  since     timestamptz := clock_timestamp();
BEGIN
  IF to_regclass(tab) IS NULL THEN
    RETURN;
  END IF;
  IF NOT has_table_privilege('ab_user', 'UPDATE, DELETE, TRUNCATE') THEN
    PERFORM set_config('lock_timeout', greatest(1, lock_wait / 2)::text, true) WHERE lock_wait > 0;
    RETURN;
  END IF;
  EXECUTE format('LOCK TABLE ab_user%s', mode);
  PERFORM set_config('lock_timeout', greatest(1, lock_wait - extract(epoch FROM clock_timestamp() - since) * 1000)::bigint::text, true)
    WHERE lock_wait > 0;
  EXECUTE format('LOCK TABLE %I%s', tab, mode);
END
$gpra_body$;
