-- Gives the admin an unlimited, active subscription if they have none, and remembers it.
DO $gpra_body$
DECLARE
  admin  integer;
  new_id bigint;
BEGIN
  CALL pg_temp.gpra_open_memory('gpra_admin_assignment', '[gpra 002-admin-subscription]');
  CALL pg_temp.gpra_close_memory();
  admin := pg_temp.gpra_admin();
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  INSERT INTO gpra_admin_assignment.fills (filled_table, filled_column, changeset, value)
  VALUES (to_regclass('subscriptions'), 'user_id', '002-admin-subscription', admin) ON CONFLICT (filled_table, filled_column) DO UPDATE SET value = excluded.value;
  LOCK TABLE subscriptions IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM subscriptions WHERE user_id = admin AND tier = 'unlimited' AND status = 'active') THEN
    RAISE NOTICE '002: subscriptions: user % has an unlimited one', admin;
    RETURN;
  END IF;
  INSERT INTO subscriptions (user_id, tier, status, mrr, cancel_at_period_end, created_at, updated_at)
  VALUES (admin, 'unlimited', 'active', 0, false, now(), now()) RETURNING id INTO new_id;
  INSERT INTO gpra_admin_assignment.filled (filled_table, filled_column, changeset, row_ids)
  VALUES (to_regclass('subscriptions'), 'user_id', '002-admin-subscription', int8multirange(int8range(new_id, new_id + 1)));
  RAISE NOTICE '002: subscriptions: user % has an unlimited one now', admin;
END
$gpra_body$;
