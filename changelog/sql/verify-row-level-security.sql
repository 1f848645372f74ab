-- Fails if a table of a tenant is not protected by the policy of 004, or has another that opens it again. Reads the catalogs only.
DO $gpra_body$
DECLARE
  open text;
BEGIN
  WITH tenant AS (
    SELECT name, c.oid, c.relrowsecurity AND c.relforcerowsecurity AS forced
      FROM unnest(ARRAY['items', 'routines', 'chord_charts', 'subscriptions', 'routine_items', 'active_routine']) AS name
      LEFT JOIN pg_class c ON c.oid = to_regclass(name)
  )
  SELECT string_agg(what, '; ' ORDER BY what) INTO open
    FROM (SELECT format('row-level security on %s is not enabled and forced', name) AS what FROM tenant WHERE forced IS NOT TRUE
          UNION ALL
          SELECT format('%s does not have its policy', name)
            FROM tenant WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = tenant.oid AND p.polcmd = '*' AND p.polpermissive
                                             AND p.polroles = '{0}' AND obj_description(p.oid, 'pg_policy') LIKE '[gpra 004]%')
          UNION ALL
          SELECT format('%s has the permissive policy %I of somebody else', name, p.polname)
            FROM tenant JOIN pg_policy p ON p.polrelid = tenant.oid
           WHERE p.polpermissive AND coalesce(obj_description(p.oid, 'pg_policy'), '') NOT LIKE '[gpra 004]%') AS gaps;
  IF open IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('004 is not complete: %s. Somebody changed it while 004 ran: run mvn liquibase:rollback '
      '-Dliquibase.rollbackTag=003 -Dliquibase.labelFilter=enforce, then update.', open);
  END IF;
  RAISE NOTICE '004 verified: items, routines, chord_charts, subscriptions, routine_items and active_routine show each user their own rows only';
END
$gpra_body$;
