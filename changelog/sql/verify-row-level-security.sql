-- Fails if a table of a tenant is not protected by the policy that 004 made, or is opened again by somebody else's policy or by a
-- child table. Reads the catalogs only.
DO $gpra_body$
DECLARE
  -- As PostgreSQL writes it, without parentheses and spaces.
  asking text := 'SELECTCASEWHENsetting.s~''^[0-9]{1,10}$''::textTHENsetting.s::bigintELSENULL::bigintENDFROM'
                 'SELECTcurrent_setting''app.current_user_id''::text,trueASssetting';
  gaps   text;
BEGIN
  WITH tenant AS (
    SELECT name, c.oid, c.relrowsecurity AND c.relforcerowsecurity AS forced
      FROM unnest(ARRAY['items', 'routines', 'chord_charts', 'subscriptions', 'routine_items', 'active_routine']) AS name
      LEFT JOIN pg_class c ON c.oid = to_regclass(name)
  ), policy AS (
    SELECT tenant.name, p.*, obj_description(p.oid, 'pg_policy') LIKE '[gpra 004%' AS ours,
           regexp_replace(pg_get_expr(polqual, polrelid), '[\s()]|AS "case"', '', 'g') AS may_see,
           regexp_replace(pg_get_expr(polwithcheck, polrelid), '[\s()]|AS "case"', '', 'g') AS may_write
      FROM tenant JOIN pg_policy p ON p.polrelid = tenant.oid
  )
  SELECT string_agg(what, '; ' ORDER BY what) INTO gaps
    FROM (SELECT format('row-level security on %s is not enabled and forced', name) AS what FROM tenant WHERE forced IS NOT TRUE
          UNION ALL
          SELECT format('%s does not have its policy', name)
            FROM tenant
           WHERE NOT EXISTS (
             SELECT FROM policy p
              WHERE p.polrelid = tenant.oid AND p.polcmd = '*' AND p.polpermissive AND p.polroles = '{0}' AND p.ours
                AND CASE WHEN tenant.name IN ('routine_items', 'active_routine')
                         THEN strpos(p.may_see, 'r.user_id=' || asking) > 0 AND strpos(p.may_write, 'r.user_id=' || asking) > 0
                              AND (tenant.name <> 'routine_items' OR strpos(p.may_write, 'i.user_id=' || asking) > 0)
                         ELSE p.may_see = 'user_id=' || asking AND p.may_write = p.may_see END)
          UNION ALL
          SELECT format('%s has the permissive policy %I of somebody else', name, polname) FROM policy WHERE polpermissive AND ours IS NOT TRUE
          UNION ALL
          SELECT format('%s has a child table', name) FROM tenant WHERE EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = tenant.oid)) AS open;
  IF gaps IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('004 is not complete: %s. Somebody changed it while 004 ran: run mvn liquibase:rollback '
      '-Dliquibase.rollbackTag=003 -Dliquibase.labelFilter=enforce, then update.', gaps);
  END IF;
  RAISE NOTICE '004 verified: items, routines, chord_charts, subscriptions, routine_items and active_routine show each user their own rows only';
END
$gpra_body$;
