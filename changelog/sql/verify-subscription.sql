-- Fails if the admin has no unlimited, active subscription: their rows were counted one table at a time before.
DO $gpra_body$
DECLARE
  n bigint;
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  SELECT count(*) INTO n
    FROM subscriptions s
    JOIN gpra_admin_assignment.fills f ON f.filled_table = to_regclass('subscriptions') AND f.filled_column = 'user_id' AND f.value = s.user_id::text
   WHERE s.tier = 'unlimited' AND s.status = 'active';
  RAISE NOTICE '002 verified: subscriptions: the admin has % unlimited and active', n;
  IF n = 0 THEN
    RAISE EXCEPTION '002 is not complete: the admin has no unlimited, active subscription. Somebody removed it while 002 ran: run '
      'mvn liquibase:rollback -Dliquibase.rollbackTag=001, then update.';
  END IF;
END
$gpra_body$;
