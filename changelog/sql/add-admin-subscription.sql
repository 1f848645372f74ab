-- Gives the admin an unlimited, active subscription if they have none, and remembers it.
DO $gpra_body$
DECLARE
  admin integer := (SELECT admin_id FROM gpra_admin_assignment WHERE table_name = 'subscriptions');
  new_id bigint;
BEGIN
  LOCK TABLE subscriptions IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM subscriptions WHERE user_id = admin AND tier = 'unlimited' AND status = 'active') THEN
    RAISE NOTICE '002: subscriptions: user % has an unlimited one', admin;
    RETURN;
  END IF;
  INSERT INTO subscriptions (user_id, tier, status) VALUES (admin, 'unlimited', 'active') RETURNING id INTO new_id;
  UPDATE gpra_admin_assignment SET row_ids = row_ids + int8multirange(int8range(new_id, new_id + 1))
   WHERE table_name = 'subscriptions';
  RAISE NOTICE '002: subscriptions: user % has an unlimited one now', admin;
END
$gpra_body$;
