-- Keeps password hashes from the application's role: only a role that checks logins reads and writes them, and it sees no tenant's rows.
--
--   psql -v ON_ERROR_STOP=1 -v app_role=gpra_app -v login_role=gpra_login -f docs/sql/login-role.sql "$DATABASE_URL"
--
-- As the owner of the tables, after application-role.sql, each time: that grants the whole of ab_user again. For an application that
-- logs in over a connection of its own: Flask-AppBuilder as it is reads the whole row over the one connection it has, and would fail.
\ir strangers.sql
BEGIN;

SELECT set_config('gpra.grant.app', :'app_role', true), set_config('gpra.grant.login', :'login_role', true);

DO $gpra_body$
DECLARE
  app     text := current_setting('gpra.grant.app');
  columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                    WHERE attrelid = 'ab_user'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'password');
BEGIN
  -- With the privilege on the table, all of it on its columns goes.
  EXECUTE format('REVOKE ALL ON ab_user FROM %I', app);
  EXECUTE format('GRANT SELECT (%s) ON ab_user TO %I', columns, app);
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), current_setting('gpra.grant.login'));
END
$gpra_body$;

REVOKE ALL ON ab_user FROM :"login_role";
GRANT SELECT, INSERT ON ab_user TO :"login_role";
GRANT UPDATE (password, last_login, login_count, fail_login_count) ON ab_user TO :"login_role";

DO $gpra_body$
BEGIN
  IF has_column_privilege(current_setting('gpra.grant.app'), 'ab_user', 'password', 'SELECT, UPDATE, INSERT') THEN
    RAISE EXCEPTION USING MESSAGE = format('%I still has the passwords: another role, or PUBLIC, grants them.', current_setting('gpra.grant.app'));
  END IF;
END
$gpra_body$;

COMMIT;
