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
    FROM (SELECT format('the table %s is not there: put it back (docs/runbooks/restore.md), or go back: mvn liquibase:rollback '
                   '-Dliquibase.rollbackTag=000 -Dliquibase.labelFilter=enforce', name) AS line
            FROM unnest(tables || 'ab_user'::text) AS name WHERE to_regclass(name) IS NULL
          UNION ALL
          SELECT 'somebody dropped the column subscriptions.user_id: mvn liquibase:rollback -Dliquibase.rollbackTag=000 -Dliquibase.labelFilter=enforce, then update'
           WHERE to_regclass('subscriptions') IS NOT NULL
             AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('subscriptions') AND attname = 'user_id')
          UNION ALL
          -- A parent's policies do not hold for who reads the child.
          SELECT format('%s has child tables or partitions, or is no ordinary table: they would stay open', oid::regclass)
            FROM pg_class c
           WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name)
             AND (relkind <> 'r' OR EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhparent, h.inhrelid)))
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
             AND coalesce(obj_description(p.oid, 'pg_policy'), '') NOT LIKE '[gpra 004%'
          UNION ALL
          SELECT format('row-level security on %s is on already, and not by 004: ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY',
                   oid::regclass)
            FROM pg_class c
           WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name) AND (relrowsecurity OR relforcerowsecurity)
             AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND obj_description(p.oid, 'pg_policy') SIMILAR TO '\[gpra (004|observe)\]%')
          UNION ALL
          SELECT format('there is no role "%s": name the application''s, -Dgpra.app.role=...', app)
           WHERE app IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app)
          UNION ALL
          -- Neither is inherited, but who may become such a role is bound by nothing.
          SELECT DISTINCT format('row-level security does not bind %I, which %s %s: use another role for the application and name it, -Dgpra.app.role=...',
                   asking.rolname,
                   CASE WHEN asking.oid = strong.oid THEN 'is' ELSE format('is a member of %I,', strong.rolname) END,
                   CASE WHEN strong.rolsuper THEN 'a superuser' WHEN strong.rolbypassrls THEN 'a role with BYPASSRLS'
                        WHEN strong.rolcreaterole THEN 'a role with CREATEROLE, which can join others' WHEN strong.rolreplication THEN 'a role with REPLICATION'
                        ELSE 'a role that gets at the server''s files' END)
            FROM pg_roles AS asking
           CROSS JOIN LATERAL (WITH RECURSIVE reach AS (
                                 SELECT asking.oid UNION SELECT m.roleid FROM pg_auth_members m JOIN reach ON m.member = reach.oid
                                                   -- PostgreSQL 16 knows memberships that give nothing.
                                                   WHERE NOT to_jsonb(m) @> '{"set_option": false, "inherit_option": false, "admin_option": false}')
                               SELECT r.* FROM reach JOIN pg_roles r USING (oid)
                                WHERE r.rolsuper OR r.rolbypassrls
                                   -- An owner may drop the policies anyway, and on managed servers often has these.
                                   OR app IS NOT NULL AND (r.rolcreaterole OR r.rolreplication
                                        OR r.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))) AS strong
           WHERE asking.rolname = app
              OR app IS NULL AND asking.oid IN (SELECT relowner FROM pg_class WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name))
          UNION ALL
          SELECT format('whoever forgets to say who is asking would be user %s: ALTER %s RESET app.current_user_id', split_part(setting, '=', 2),
                   CASE WHEN s.setrole = 0 AND s.setdatabase = 0 THEN 'ROLE ALL'
                        WHEN s.setrole = 0 THEN format('DATABASE %I', current_database())
                        WHEN s.setdatabase = 0 THEN format('ROLE %s', s.setrole::regrole)
                        ELSE format('ROLE %s IN DATABASE %I', s.setrole::regrole, current_database()) END)
            FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS setting
           WHERE lower(split_part(setting, '=', 1)) = 'app.current_user_id' AND split_part(setting, '=', 2) <> ''
             AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
          UNION ALL
          SELECT format('app.current_user_id is %s in every session: take it out of postgresql.conf', current_setting('app.current_user_id'))
           WHERE nullif(current_setting('app.current_user_id', true), '') IS NOT NULL
             AND NOT EXISTS (SELECT FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS setting
                              WHERE lower(split_part(setting, '=', 1)) = 'app.current_user_id'
                                AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
          UNION ALL
          SELECT format('each of its statements would fail: ALTER ROLE %s RESET row_security', s.setrole::regrole)
            FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
           WHERE 'row_security=off' = ANY (s.setconfig) AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
             AND (r.rolname = app
                  OR app IS NULL AND r.oid IN (SELECT relowner FROM pg_class WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(tables) AS name)))
          ) AS found;

  -- A policy takes digits only.
  IF to_regclass('ab_user') IS NOT NULL THEN
    SELECT count(*) INTO n FROM ab_user WHERE id::text !~ '^[0-9]{1,10}$';
    IF n > 0 THEN
      obstacles := obstacles || format('%s user(s) have an id that the policies take for nobody, and would not see their rows: '
        'SELECT id, username FROM ab_user WHERE id::text !~ ''^[0-9]{1,10}$'' (docs/tenants.md, Before 003)', n);
    END IF;
  END IF;
  -- The rows, where the tables are as they should be.
  FOREACH target IN ARRAY ARRAY['items', 'routines', 'chord_charts'] LOOP
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(target) AND attname = 'user_id' AND NOT attisdropped)
       AND NOT row_security_active(to_regclass(target)) THEN
      EXECUTE format('SELECT count(*) FROM %I WHERE user_id IS NULL', target) INTO n;
      IF n > 0 THEN
        obstacles := obstacles || format('%s row(s) of %s have no owner: SELECT * FROM %2$s WHERE user_id IS NULL', n, target);
      END IF;
      -- Somebody may have dropped the foreign key.
      IF to_regclass('ab_user') IS NOT NULL
         AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(target) AND confrelid = to_regclass('ab_user') AND convalidated) THEN
        EXECUTE format('SELECT count(*) FROM %I WHERE user_id NOT IN (SELECT id FROM ab_user)', target) INTO n;
        IF n > 0 THEN
          obstacles := obstacles || format('%s row(s) of %s have an owner that is no user: SELECT * FROM %2$s WHERE user_id NOT IN (SELECT id FROM ab_user)', n, target);
        END IF;
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

  -- Views of views too; of functions only what their source says.
  WITH RECURSIVE reader AS (
    SELECT to_regclass(name)::oid AS oid FROM unnest(tables) AS name
     UNION
    SELECT w.ev_class
      FROM reader JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = reader.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite w ON w.oid = d.objid
  )
  SELECT string_agg(what, ', ' ORDER BY what) INTO target
    FROM (SELECT c.oid::regclass::text AS what
            FROM reader JOIN pg_class c USING (oid) JOIN pg_roles o ON o.oid = c.relowner
           WHERE c.relkind = 'm'
              OR c.relkind = 'v' AND (o.rolsuper OR o.rolbypassrls) AND coalesce(array_to_string(c.reloptions, ','), '') !~ 'security_invoker=(t|on|y|1)'
          UNION ALL
          SELECT p.oid::regprocedure::text
            FROM pg_proc p JOIN pg_roles o ON o.oid = p.proowner
           WHERE p.prosecdef AND (o.rolsuper OR o.rolbypassrls) AND p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
             AND p.prosrc ~* ('\m(' || array_to_string(tables, '|') || ')\M')) AS open;
  IF target IS NOT NULL THEN
    RAISE WARNING '004: whoever may read or call these sees every user''s rows: %. A view: give it to an owner who is no superuser, or, from '
      'PostgreSQL 15, ALTER VIEW ... SET (security_invoker = true). The others: REVOKE them from the application''s role.', target;
  END IF;
END
$gpra_body$;
