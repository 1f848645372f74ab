-- Who gets what nobody owns: what 002 and 003 call. Made when a session or a script begins.

-- 1.0.0 remembered the same in other tables.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_take_over_memory() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  made text := (SELECT CASE WHEN obj_description(c.oid, 'pg_class') LIKE '[gpra 003%' THEN '003' ELSE '002' END
                  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
                 WHERE s.nspname = 'gpra_admin_assignment' AND c.relname = 'admins' AND has_schema_privilege(s.oid, 'USAGE'));
BEGIN
  IF made IS NULL THEN RETURN; END IF;
  IF to_regclass('gpra_admin_assignment.filled') IS NULL THEN
    CALL pg_temp.gpra_make_memory('gpra_admin_assignment', CASE made WHEN '003' THEN '[gpra 003-items-user-id-required]' ELSE '[gpra 002-verify-items]' END);
  END IF;
  CREATE TEMPORARY TABLE gpra_changesets ON COMMIT DROP AS
    SELECT c.oid AS assigned_table, m.migration, c.relname = 'subscriptions' AS is_new,
           CASE WHEN c.relname = 'subscriptions' THEN '002-admin-subscription'
                ELSE format(CASE m.migration WHEN '003' THEN '003-%s-user-id-required' ELSE '002-verify-%s' END, replace(c.relname, '_', '-')) END AS changeset,
           format('[gpra 001-%s-user-id-index]', replace(c.relname, '_', '-')) AS index_comment
      FROM gpra_admin_assignment.admins a JOIN pg_class c ON c.oid = a.assigned_table CROSS JOIN (VALUES ('002'), ('003')) AS m (migration);
  INSERT INTO gpra_admin_assignment.fills (filled_table, filled_column, changeset, value, column_replaced, index_comment)
  SELECT assigned_table, 'user_id', c.changeset, a.admin_id, a.column_replaced, CASE WHEN NOT c.is_new THEN c.index_comment END
    FROM gpra_admin_assignment.admins a JOIN pg_temp.gpra_changesets c USING (assigned_table) WHERE c.migration = made
      ON CONFLICT (filled_table, filled_column) DO NOTHING;
  INSERT INTO gpra_admin_assignment.filled (filled_table, filled_column, changeset, row_ids)
  SELECT assigned_table, 'user_id', c.changeset, a.row_ids
    FROM gpra_admin_assignment.assigned a JOIN pg_temp.gpra_changesets c USING (assigned_table) WHERE c.migration = CASE a.migration WHEN '003' THEN '003' ELSE '002' END
   ORDER BY a.id;
  IF obj_description(to_regclass('gpra_admin_assignment.admins'), 'pg_class') IS NULL THEN
    -- Comments got lost: so a rollback will say.
    COMMENT ON TABLE gpra_admin_assignment.fills IS NULL;
    COMMENT ON TABLE gpra_admin_assignment.filled IS NULL;
  END IF;
  DROP TABLE gpra_admin_assignment.admins, gpra_admin_assignment.assigned, pg_temp.gpra_changesets;
END $gpra_body$;

-- The admin: who was it before, as is remembered, whatever gpra.admin.username says now, unless that user is gone. Otherwise as 002-preflight says.
CREATE OR REPLACE FUNCTION pg_temp.gpra_admin() RETURNS integer LANGUAGE plpgsql AS $gpra_body$
DECLARE
  wanted text := nullif($gpra_value$${gpra.admin.username}$gpra_value$, '');
  admins text[]; admin record;
BEGIN
  SELECT u.id INTO admin FROM gpra_admin_assignment.fills f JOIN ab_user u ON u.id::text = f.value
   WHERE f.filled_column = 'user_id' AND f.filled_table IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions')) LIMIT 1;
  IF FOUND THEN RETURN admin.id; END IF;
  SELECT coalesce(array_agg(DISTINCT u.username::text), '{}') INTO admins
    FROM ab_user u JOIN ab_user_role ur ON ur.user_id = u.id JOIN ab_role r ON r.id = ur.role_id
   WHERE r.name = 'Admin' AND u.active;
  SELECT id, username INTO admin
    FROM ab_user
   WHERE username = coalesce(wanted, CASE WHEN 'admin' = ANY (admins) THEN 'admin'
                                          WHEN cardinality(admins) = 1 AND NOT EXISTS (SELECT FROM ab_user WHERE username = 'admin') THEN admins[1] END);
  PERFORM pg_temp.gpra_refuse(format('%s, and %s. Name the admin: -Dgpra.admin.username=..., then run the same command again.',
      CASE WHEN wanted IS NULL AND EXISTS (SELECT FROM ab_user WHERE username = 'admin') THEN 'The user "admin" is not an active user with the role Admin'
           ELSE format('There is no user "%s"', coalesce(wanted, 'admin')) END,
      coalesce('active with the role Admin: ' || nullif(array_to_string(admins, ', '), ''), 'no active user has the role Admin'))) WHERE NOT FOUND;
  RAISE NOTICE 'the admin is % (id %)', admin.username, admin.id;
  RETURN admin.id;
END $gpra_body$;

-- The subscription that 002 made for the admin, if nobody changed it since. What a column held that somebody dropped is taken as it was made.
CREATE OR REPLACE FUNCTION pg_temp.gpra_admin_subscription() RETURNS SETOF tid LANGUAGE plpgsql AS $gpra_body$ BEGIN
  IF to_regclass('gpra_admin_assignment.fills') IS NOT NULL THEN
    RETURN QUERY
      SELECT s.ctid
        FROM gpra_admin_assignment.fills m JOIN gpra_admin_assignment.filled a USING (filled_table, filled_column), subscriptions s
       CROSS JOIN LATERAL to_jsonb(s) AS is_now
       CROSS JOIN LATERAL jsonb_build_object('user_id', m.value::integer, 'tier', 'unlimited', 'status', 'active', 'mrr', 0, 'cancel_at_period_end', false,
                            'updated_at', coalesce(is_now -> 'created_at', is_now -> 'updated_at')) AS made
       WHERE m.filled_table = to_regclass('subscriptions') AND coalesce((is_now ->> 'id')::bigint <@ a.row_ids, true)
         AND made || is_now @> made
         AND jsonb_strip_nulls(is_now - ARRAY['id', 'user_id', 'tier', 'status', 'mrr', 'cancel_at_period_end', 'created_at', 'updated_at']) = '{}';
  END IF;
END $gpra_body$;

-- Removes the subscription that 002 made for the admin, if nobody changed it since, filled a column added to it, or refers to it.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_remove_admin_subscription() LANGUAGE plpgsql AS $gpra_body$
DECLARE
  n      bigint := 0;
  theirs bigint := 0;  -- rows that refer to it
  mine tid; key record;
BEGIN
  IF to_regclass('gpra_admin_assignment.fills') IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  SELECT s.ctid INTO mine FROM subscriptions s WHERE s.ctid IN (SELECT pg_temp.gpra_admin_subscription()) FOR UPDATE;
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
  DELETE FROM gpra_admin_assignment.filled WHERE filled_table = to_regclass('subscriptions');
  CALL pg_temp.gpra_forget_fill('subscriptions', 'user_id', 'gpra_admin_assignment');
  RAISE NOTICE '002 undone: subscriptions: % row(s) of 002 removed', n;
END $gpra_body$;

CALL pg_temp.gpra_take_over_memory();  -- where there is a table gpra_admin_assignment.admins
