-- Removes the subscription that 002 made for the admin, if nobody changed it since.
DO $gpra_body$
DECLARE
  n bigint;
BEGIN
  IF to_regclass('gpra_admin_assignment.admins') IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  DELETE FROM subscriptions s
   USING gpra_admin_assignment.admins m JOIN gpra_admin_assignment.assigned a USING (assigned_table)
   WHERE m.assigned_table = to_regclass('subscriptions') AND s.id::bigint <@ a.row_ids
     AND (s.user_id, s.tier, s.status, s.mrr, s.cancel_at_period_end, s.updated_at)
         = (m.admin_id, 'unlimited', 'active', 0, false, s.created_at)
     AND num_nonnulls(s.stripe_subscription_id, s.stripe_price_id, s.current_period_start, s.current_period_end) = 0;
  GET DIAGNOSTICS n = ROW_COUNT;
  DELETE FROM gpra_admin_assignment.assigned WHERE assigned_table = to_regclass('subscriptions');
  RAISE NOTICE '002 undone: subscriptions: % row(s) of 002 removed', n;
END
$gpra_body$;
