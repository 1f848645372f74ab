-- What the application may do, and what the billing webhook may do, each with a role of its own that owns nothing.
--
--   CREATE ROLE gpra_app     LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '…';
--   CREATE ROLE gpra_webhook LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '…';
--
--   psql -v ON_ERROR_STOP=1 -v app_role=gpra_app -v webhook_role=gpra_webhook -f docs/sql/application-role.sql "$DATABASE_URL"
--
-- As the owner of the tables and of the database, after 004 and again after every migration: new columns are granted then.
-- One transaction; it ends with a check and changes nothing where that fails. What it leaves open: docs/application-role.md.
BEGIN;

SELECT pg_catalog.set_config('gpra.grant.app', :'app_role', true), pg_catalog.set_config('gpra.grant.webhook', :'webhook_role', true);

-- Before anything is called by a name that others could have made: nobody may make any more.
DO $gpra_body$
BEGIN
  EXECUTE pg_catalog.format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I, %I', pg_catalog.current_schema(),
    pg_catalog.current_setting('gpra.grant.app'), pg_catalog.current_setting('gpra.grant.webhook'));
END
$gpra_body$;
\ir strangers.sql

-- From a clean slate: what was granted before, and what everybody has.
DO $gpra_body$
DECLARE
  place text := quote_ident(current_schema());
  role  text;
  this  record;
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  FOREACH role IN ARRAY ARRAY[current_setting('gpra.grant.app'), current_setting('gpra.grant.webhook')] LOOP
    -- What belongs to others, such as Liquibase's tables, is looked at below.
    FOR this IN
      SELECT oid::regclass AS target, CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind FROM pg_class
       WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND pg_has_role(relowner, 'USAGE')
    LOOP
      EXECUTE format('REVOKE ALL ON %s %s FROM %I', this.kind, this.target, role);
    END LOOP;
    EXECUTE format('REVOKE ALL ON SCHEMA %s FROM %I', place, role);
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), role);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', place, role);
  END LOOP;
END
$gpra_body$;

REVOKE ALL ON items, routines, routine_items, chord_charts, active_routine, subscriptions, common_chords, ab_user FROM PUBLIC;

GRANT SELECT ON items, routines, routine_items, chord_charts, active_routine, subscriptions, common_chords TO :"app_role";
GRANT DELETE ON items, routines, routine_items, chord_charts, active_routine TO :"app_role";
-- DELETE on users is not there: it would cascade into their rows, whoever asks.
GRANT SELECT, INSERT, UPDATE ON ab_user TO :"app_role";

-- The webhook finds the customer by address, sets app.current_user_id, and sees and writes that customer's subscriptions.
GRANT SELECT ON subscriptions TO :"webhook_role";
GRANT SELECT (id, email) ON ab_user TO :"webhook_role";

-- By columns. A key that is chosen by the client tells whether somebody else has it; an owner never changes.
DO $gpra_body$
DECLARE
  app     text := current_setting('gpra.grant.app');
  webhook text := current_setting('gpra.grant.webhook');
  this    record;
BEGIN
  FOR this IN
    SELECT w.role, w.target, p.privilege, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
      FROM (VALUES (app, 'items'), (app, 'routines'), (app, 'routine_items'), (app, 'chord_charts'), (app, 'active_routine'),
                   (webhook, 'subscriptions')) AS w (role, target)
     CROSS JOIN (VALUES ('INSERT'), ('UPDATE')) AS p (privilege)
      JOIN pg_attribute a ON a.attrelid = w.target::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE a.attname NOT IN ('id', 'chord_id')
       AND (w.role = webhook OR a.attname <> 'stripe_subscription_id')
       AND NOT (p.privilege = 'UPDATE' AND a.attname = 'user_id')
     GROUP BY 1, 2, 3
  LOOP
    EXECUTE format('GRANT %s (%s) ON %I TO %I', this.privilege, this.columns, this.target, this.role);
  END LOOP;

  -- Flask-AppBuilder reads who may do what. To add permissions when it starts, it needs the owner, or FAB_UPDATE_PERMS = False.
  FOR this IN
    SELECT oid::regclass AS target FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'ab\_%' AND relname <> 'ab_user'
  LOOP
    EXECUTE format('GRANT SELECT ON %s TO %I', this.target, app);
  END LOOP;

  -- An identity needs no privilege. A serial does, and so does the sequence that Flask-AppBuilder asks for a user's id:
  -- USAGE is the next number; SELECT would tell how many there are, UPDATE would set it back.
  FOR this IN
    SELECT s.oid::regclass AS target, w.role
      FROM (VALUES (app, 'items'), (app, 'routines'), (app, 'routine_items'), (app, 'chord_charts'), (app, 'active_routine'), (app, 'ab_user'),
                   (webhook, 'subscriptions')) AS w (role, target)
      JOIN pg_class s ON s.relkind = 'S' AND s.relnamespace = current_schema()::regnamespace
     WHERE EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refobjid = w.target::regclass AND d.deptype = 'a')
        OR w.target = 'ab_user' AND s.relname = 'ab_user_id_seq'
  LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', this.target, this.role);
  END LOOP;
END
$gpra_body$;

-- A privilege can come from elsewhere, and REVOKE only warns where it cannot revoke.
DO $gpra_body$
DECLARE
  wrong text;
BEGIN
  SELECT string_agg(DISTINCT line, '; ') INTO wrong
    FROM unnest(ARRAY[current_setting('gpra.grant.app'), current_setting('gpra.grant.webhook')]) AS asking
   CROSS JOIN LATERAL (
     SELECT format('%I may CREATE in the schema %I', asking, current_schema()) AS line WHERE has_schema_privilege(asking, current_schema(), 'CREATE')
      UNION ALL
     SELECT format('%I may make temporary tables in the database %I: revoke it as the database''s owner', asking, current_database())
      WHERE has_database_privilege(asking, current_database(), 'TEMPORARY')
      UNION ALL
     SELECT format('%I is, or may become, %I', asking, r.rolname)
       FROM pg_roles r
      WHERE pg_has_role(asking, r.oid, 'MEMBER')
        AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.oid IN (SELECT relowner FROM pg_class
                                                         WHERE oid IN ('items'::regclass, 'routines'::regclass, 'ab_user'::regclass)))
      UNION ALL
     SELECT format('%I has %s on %s', asking, privilege, c.oid::regclass)
       FROM pg_class c CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
        AND CASE privilege WHEN 'SELECT' THEN c.relname LIKE 'databasechangelog%'
                           WHEN 'DELETE' THEN c.relname NOT IN ('items', 'routines', 'routine_items', 'chord_charts', 'active_routine')
                           WHEN 'INSERT' THEN c.relname <> 'ab_user'
                           WHEN 'UPDATE' THEN c.relname <> 'ab_user'
                           ELSE true END
        AND has_table_privilege(asking, c.oid, privilege)
      UNION ALL
     SELECT format('%I may choose %s.%I', asking, a.attrelid::regclass, a.attname)
       FROM pg_attribute a
      WHERE a.attrelid IN ('items'::regclass, 'routines'::regclass, 'routine_items'::regclass, 'chord_charts'::regclass, 'active_routine'::regclass,
                           'subscriptions'::regclass)
        AND (a.attname IN ('id', 'chord_id')
             OR a.attname = 'stripe_subscription_id' AND asking = current_setting('gpra.grant.app'))
        AND has_column_privilege(asking, a.attrelid, a.attnum, 'INSERT')) AS found;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Nothing was granted: %s. Somebody else granted it, to the role, to PUBLIC or to a role that it is a '
      'member of. Revoke it there, then run this script again.', wrong);
  END IF;
END
$gpra_body$;

COMMIT;
