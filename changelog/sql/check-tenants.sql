-- Whether tenants would be kept apart, and the application go on seeing its rows, if row-level security were enabled now.
-- Stops with everything that is in the way: a count and a query, or the command that helps. Reads only.
DO $gpra_body$
DECLARE
  tables    text[] := ARRAY['items', 'routines', 'chord_charts', 'subscriptions', 'routine_items', 'active_routine'];
  app       text := nullif($gpra_value$${gpra.app.role}$gpra_value$, '');
  obstacles text[];
  target    text;
  n         bigint;
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);

  SELECT array_agg(line) INTO obstacles
    FROM (SELECT format('the table %s is not there', name) AS line FROM unnest(tables) AS name WHERE to_regclass(name) IS NULL
          UNION ALL
          SELECT format('%I does not own the table %s: ALTER TABLE %2$s OWNER TO %1$I', current_user, oid::regclass)
            FROM pg_class WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name) AND NOT pg_has_role(relowner, 'USAGE')
          UNION ALL
          SELECT format('003 has not run, %s.user_id may be empty: mvn liquibase:rollback -Dliquibase.rollbackTag=002 -Dliquibase.labelFilter=enforce, '
                   'then update', name)
            FROM unnest(ARRAY['items', 'routines', 'chord_charts']) AS name
           WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(name) AND attname = 'user_id' AND attnotnull)
          UNION ALL
          SELECT CASE WHEN obj_description(p.oid, 'pg_policy') LIKE '[gpra observe]%'
                      THEN format('%s is still being observed: psql -f docs/sql/observe-off.sql', polrelid::regclass)
                      ELSE format('%s has the permissive policy %I of somebody else, which would let through what ours refuses: DROP POLICY %2$I ON %1$s',
                             polrelid::regclass, polname) END
            FROM pg_policy p
           WHERE polrelid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name) AND (polpermissive OR polname = 'tenant_isolation')
             AND coalesce(obj_description(p.oid, 'pg_policy'), '') NOT LIKE '[gpra 004]%'
          UNION ALL
          SELECT format('row-level security on %s is on already, and not by 004: ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY',
                   oid::regclass)
            FROM pg_class c
           WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name) AND (relrowsecurity OR relforcerowsecurity)
             AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND obj_description(p.oid, 'pg_policy') SIMILAR TO '\[gpra (004|observe)\]%')
          UNION ALL
          SELECT format('there is no role "%s": name the application''s, -Dgpra.app.role=…', app)
           WHERE app IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app)
          UNION ALL
          -- Neither is inherited, but who may become such a role is bound by nothing.
          SELECT DISTINCT format('row-level security does not bind %I, which %s %s: use another role for the application and name it, -Dgpra.app.role=…',
                   asking.rolname,
                   CASE WHEN asking.oid = strong.oid THEN 'is' ELSE format('is a member of %I,', strong.rolname) END,
                   CASE WHEN strong.rolsuper THEN 'a superuser' ELSE 'a role with BYPASSRLS' END)
            FROM pg_roles AS asking
           CROSS JOIN LATERAL (WITH RECURSIVE reach AS (
                                 SELECT asking.oid UNION SELECT m.roleid FROM pg_auth_members m JOIN reach ON m.member = reach.oid)
                               SELECT r.* FROM reach JOIN pg_roles r USING (oid) WHERE r.rolsuper OR r.rolbypassrls) AS strong
           WHERE asking.rolname = app
              OR app IS NULL AND asking.oid IN (SELECT relowner FROM pg_class WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name))
          UNION ALL
          SELECT format('whoever forgets to say who is asking would be user %s: ALTER %s RESET app.current_user_id', split_part(setting, '=', 2),
                   CASE WHEN s.setrole = 0 THEN format('DATABASE %I', current_database())
                        WHEN s.setdatabase = 0 THEN format('ROLE %s', s.setrole::regrole)
                        ELSE format('ROLE %s IN DATABASE %I', s.setrole::regrole, current_database()) END)
            FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS setting
           WHERE lower(split_part(setting, '=', 1)) = 'app.current_user_id'
             AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
          UNION ALL
          SELECT format('app.current_user_id is %s in every session: take it out of postgresql.conf', current_setting('app.current_user_id'))
           WHERE nullif(current_setting('app.current_user_id', true), '') IS NOT NULL
             AND NOT EXISTS (SELECT FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS setting
                              WHERE lower(split_part(setting, '=', 1)) = 'app.current_user_id')) AS found;

  -- The rows, where the tables are as they should be.
  FOREACH target IN ARRAY ARRAY['items', 'routines', 'chord_charts'] LOOP
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(target) AND attname = 'user_id' AND NOT attnotnull AND NOT attisdropped) THEN
      EXECUTE format('SELECT count(*) FROM %I WHERE user_id IS NULL', target) INTO n;
      IF n > 0 THEN
        obstacles := obstacles || format('%s row(s) of %s have no owner: SELECT * FROM %2$s WHERE user_id IS NULL', n, target);
      END IF;
    END IF;
  END LOOP;
  IF obstacles IS NULL THEN
    SELECT count(*) INTO n
      FROM routine_items l JOIN routines r ON r.id = l.routine_id JOIN items i ON i.id = l.item_id WHERE r.user_id <> i.user_id;
    IF n > 0 THEN
      obstacles := obstacles || format('%s row(s) of routine_items have a routine and an item of different users: SELECT l.*, r.user_id, i.user_id FROM routine_items l '
        'JOIN routines r ON r.id = l.routine_id JOIN items i ON i.id = l.item_id WHERE r.user_id <> i.user_id', n);
    END IF;
    SELECT count(*) INTO n FROM active_routine WHERE routine_id IS NULL;
    IF n > 0 THEN
      obstacles := obstacles || format('%s row(s) of active_routine have no routine, and would be nobody''s: DELETE FROM active_routine WHERE routine_id IS NULL', n);
    END IF;
  END IF;
  IF obstacles IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('004 cannot run: %s. Nothing was changed. Correct it (docs/tenants.md), then run the same command again.',
      array_to_string(obstacles, '; '));
  END IF;

  SELECT string_agg(DISTINCT c.oid::regclass::text, ', ') INTO target
    FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class AND c.relkind IN ('v', 'm')
    JOIN pg_roles o ON o.oid = c.relowner
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
   WHERE d.refobjid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name)
     AND (c.relkind = 'm' OR (o.rolsuper OR o.rolbypassrls) AND NOT 'security_invoker=true' = ANY (coalesce(c.reloptions, '{}')));
  IF target IS NOT NULL THEN
    RAISE WARNING '004: whoever may read these sees every user''s rows: %. A view: ALTER VIEW … SET (security_invoker = true). A materialized view: '
      'REVOKE SELECT from the application''s role.', target;
  END IF;
END
$gpra_body$;
