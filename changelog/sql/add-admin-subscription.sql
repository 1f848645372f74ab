-- Gives the admin an unlimited, active subscription if they have none, and remembers it.
DO $gpra_body$
DECLARE
  admin integer := (SELECT admin_id FROM gpra_admin_assignment.admins WHERE assigned_table = to_regclass('subscriptions'));
  new_id bigint;
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  LOCK TABLE subscriptions IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM subscriptions WHERE user_id = admin AND tier = 'unlimited' AND status = 'active') THEN
    RAISE NOTICE '002: subscriptions: user % has an unlimited one', admin;
    RETURN;
  END IF;
  INSERT INTO subscriptions (user_id, tier, status, mrr, cancel_at_period_end, created_at, updated_at)
  VALUES (admin, 'unlimited', 'active', 0, false, now(), now()) RETURNING id INTO new_id;
  INSERT INTO gpra_admin_assignment.assigned (assigned_table, migration, row_ids)
  VALUES (to_regclass('subscriptions'), '002', int8multirange(int8range(new_id, new_id + 1)));
  RAISE NOTICE '002: subscriptions: user % has an unlimited one now', admin;
END
$gpra_body$;
