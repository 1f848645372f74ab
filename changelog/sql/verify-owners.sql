-- Fails if a row is without owner or the admin without subscription; says what it counted.
DO $gpra_body$
DECLARE
  tab      text;
  n        bigint;
  unowned  bigint;
  missing  text[] := '{}';
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  FOREACH tab IN ARRAY ARRAY['items', 'routines', 'chord_charts'] LOOP
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE user_id IS NULL) FROM %I', tab) INTO n, unowned;
    RAISE NOTICE '002 verified: %: % row(s), % without owner', tab, n, unowned;
    IF unowned > 0 THEN
      missing := missing || format('%s row(s) of %s have no owner', unowned, tab);
    END IF;
  END LOOP;
  SELECT count(*) INTO n
    FROM subscriptions s JOIN gpra_admin_assignment a ON a.table_name = 'subscriptions' AND a.admin_id = s.user_id
   WHERE s.tier = 'unlimited' AND s.status = 'active';
  RAISE NOTICE '002 verified: subscriptions: the admin has % unlimited and active', n;
  IF n = 0 THEN
    missing := missing || 'the admin has no unlimited, active subscription'::text;
  END IF;
  IF cardinality(missing) > 0 THEN
    RAISE EXCEPTION USING MESSAGE = format('002 is not complete: %s. Run update again.', array_to_string(missing, '; '));
  END IF;
END
$gpra_body$;
