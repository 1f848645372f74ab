-- Removes the subscription that 002 made for the admin, if nobody changed it since, filled a column added to it, or refers to it.
DO $gpra_body$
DECLARE
  n      bigint := 0;
  mine   tid;
  theirs bigint := 0;  -- rows that refer to it
  key    record;
BEGIN
  IF to_regclass('gpra_admin_assignment.admins') IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  -- What a column held that somebody dropped is taken as it was made.
  SELECT s.ctid INTO mine
    FROM gpra_admin_assignment.admins m JOIN gpra_admin_assignment.assigned a USING (assigned_table), subscriptions s
   CROSS JOIN LATERAL to_jsonb(s) AS is_now
   CROSS JOIN LATERAL jsonb_build_object('user_id', m.admin_id, 'tier', 'unlimited', 'status', 'active', 'mrr', 0, 'cancel_at_period_end', false,
                        'updated_at', coalesce(is_now -> 'created_at', is_now -> 'updated_at')) AS made
   WHERE m.assigned_table = to_regclass('subscriptions') AND coalesce((is_now ->> 'id')::bigint <@ a.row_ids, true)
     AND made || is_now @> made
     AND jsonb_strip_nulls(is_now - ARRAY['id', 'user_id', 'tier', 'status', 'mrr', 'cancel_at_period_end', 'created_at', 'updated_at']) = '{}'
     FOR UPDATE OF s;
  FOR key IN
    SELECT k.conrelid::regclass AS tab, string_agg(format('r.%I = s.%I', a.attname, b.attname), ' AND ') AS refers
      FROM pg_constraint k
     CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (here, there)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here
      JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.there
     WHERE mine IS NOT NULL AND k.contype = 'f' AND k.confrelid = to_regclass('subscriptions')
     GROUP BY k.oid, k.conrelid
  LOOP
    EXECUTE format('SELECT $1 + count(*) FROM %s r JOIN subscriptions s ON %s WHERE s.ctid = $2', key.tab, key.refers)
      INTO theirs USING theirs, mine;
  END LOOP;
  IF theirs = 0 THEN
    DELETE FROM subscriptions WHERE ctid = mine;
    GET DIAGNOSTICS n = ROW_COUNT;
  END IF;
  DELETE FROM gpra_admin_assignment.assigned WHERE assigned_table = to_regclass('subscriptions');
  RAISE NOTICE '002 undone: subscriptions: % row(s) of 002 removed', n;
END
$gpra_body$;
