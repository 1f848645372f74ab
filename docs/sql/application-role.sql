-- What the application and the billing webhook may do, and, where there is one, a role that checks logins. None of them owns anything.
--
--   CREATE ROLE gpra_app     LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '...';
--   CREATE ROLE gpra_webhook LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '...';
--
--   psql -v ON_ERROR_STOP=1 -v app_role=gpra_app -v webhook_role=gpra_webhook -f docs/sql/application-role.sql "$DATABASE_URL"
--
--   -v login_role=gpra_login   keeps password hashes from the application: this role reads and writes them, on a connection of its own
--   -v also='a_table; f(int)'  what the operator granted besides, and the check at the end lets pass, with a warning
--
-- As the owner of the tables and of the database, after 004 and again after every migration: what is new is granted then.
-- One transaction; it ends with a check of all that the roles have, and changes nothing where that is more than it should be.
-- What it leaves open: docs/tenants.md.
\set ON_ERROR_STOP on
\if :{?app_role}
\else
  \set app_role ''
\endif
\if :{?webhook_role}
\else
  \set webhook_role ''
\endif
\if :{?login_role}
\else
  \set login_role ''
\endif
\if :{?also}
\else
  \set also ''
\endif
BEGIN;

SELECT pg_catalog.set_config('gpra.grant.app', :'app_role', true), pg_catalog.set_config('gpra.grant.webhook', :'webhook_role', true),
       pg_catalog.set_config('gpra.grant.login', :'login_role', true);

-- Before anything is called by a name that others could have made: nobody may make any more.
DO $gpra_body$
DECLARE
  grantee text;
BEGIN
  FOR grantee IN
    SELECT 'PUBLIC' UNION ALL
    SELECT pg_catalog.quote_ident(rolname) FROM pg_catalog.pg_roles
     WHERE rolname OPERATOR(pg_catalog.=) ANY (ARRAY[pg_catalog.current_setting('gpra.grant.app'), pg_catalog.current_setting('gpra.grant.webhook'),
                                                     pg_catalog.current_setting('gpra.grant.login')]::pg_catalog.name[])
  LOOP
    EXECUTE pg_catalog.format('REVOKE CREATE ON SCHEMA %I FROM %s', pg_catalog.current_schema(), grantee);
  END LOOP;
END
$gpra_body$;
\ir strangers.sql

-- Compiling the check takes ten seconds, running it less than one.
SET LOCAL jit = off;

DO $gpra_body$
BEGIN
  IF NOT (SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()) THEN
    RAISE EXCEPTION 'Nothing was granted: % does not own the database %. Run this as its owner, %, or as a member of that role.', current_user, current_database(),
      (SELECT datdba::regrole FROM pg_database WHERE datname = current_database());
  END IF;
END
$gpra_body$;

CREATE TEMPORARY TABLE gpra_asking ON COMMIT DROP AS
SELECT v.who, v.variable, v.name, r.oid AS role, :'also' AS also
  FROM (VALUES ('application', 'app_role', :'app_role'), ('webhook', 'webhook_role', :'webhook_role'), ('login', 'login_role', :'login_role'))
       AS v (who, variable, name)
  LEFT JOIN pg_roles r ON r.rolname = v.name;

DO $gpra_body$
DECLARE
  wrong text;
  app   pg_temp.gpra_asking;
BEGIN
  SELECT string_agg(format('-v %s=%s: there is no such role', variable, CASE name WHEN '' THEN '...' ELSE quote_ident(name) END), '; ' ORDER BY variable) INTO wrong
    FROM pg_temp.gpra_asking WHERE role IS NULL AND (name <> '' OR who <> 'login');
  IF wrong IS NULL AND EXISTS (SELECT FROM pg_temp.gpra_asking w JOIN pg_temp.gpra_asking o USING (role) WHERE w.who = 'webhook' AND o.who <> w.who) THEN
    wrong := '-v webhook_role has to be a role of its own';
  END IF;
  SELECT * INTO app FROM pg_temp.gpra_asking WHERE who = 'application';
  IF wrong IS NULL AND (SELECT name = '' FROM pg_temp.gpra_asking WHERE who = 'login')
     AND has_column_privilege(app.role, 'ab_user', 'id', 'SELECT') AND NOT has_column_privilege(app.role, 'ab_user', 'password', 'SELECT') THEN
    wrong := format('password hashes are kept from %s: -v login_role=..., the role that checks logins; or -v login_role=%1$s, and %1$s gets them back', app.name);
  END IF;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Nothing was granted: %s.', wrong);
  END IF;
  -- The application itself checks logins where nobody else does.
  IF EXISTS (SELECT FROM pg_temp.gpra_asking WHERE who = 'login' AND role <> app.role) THEN
    UPDATE pg_temp.gpra_asking SET who = 'application without passwords' WHERE who = 'application';
  ELSE
    DELETE FROM pg_temp.gpra_asking WHERE who = 'login';
  END IF;
END
$gpra_body$;

-- What each table is. A table of a later migration that row-level security is forced on is a tenant's; another has its line here.
CREATE TEMPORARY TABLE gpra_table ON COMMIT DROP AS
SELECT c.oid, coalesce(v.name, c.relname) AS name, v.name IS NOT NULL AS named,
       coalesce(v.what, CASE WHEN c.relname LIKE 'ab\_%' THEN 'shared' WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'tenant' END) AS what
  FROM (VALUES ('items', 'tenant'), ('routines', 'tenant'), ('routine_items', 'tenant'), ('chord_charts', 'tenant'), ('active_routine', 'tenant'),
               ('subscriptions', 'paid'), ('common_chords', 'shared'), ('ab_user', 'user')) AS v (name, what)
  FULL JOIN (SELECT * FROM pg_class
              WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
                AND relname NOT LIKE 'databasechangelog%') AS c ON c.relname = v.name;

-- The only list of what is granted. By columns: a key that is chosen by the client tells whether somebody else has it, an owner never
-- changes. No DELETE on users: it would cascade into their rows, whoever asks. The webhook finds the customer by address, sets
-- app.current_user_id, and sees and writes that customer's subscriptions.
CREATE TEMPORARY TABLE gpra_allowed ON COMMIT DROP AS
SELECT a.role, t.oid AS target, c.attnum, g.privilege
  FROM (VALUES ('application%', 'tenant', 'SELECT', '*'), ('application%', 'tenant', 'INSERT', 'new'),
               ('application%', 'tenant', 'UPDATE', 'changed'), ('application%', 'tenant', 'DELETE', '*'),
               ('application%', 'paid', 'SELECT', '*'), ('application%', 'shared', 'SELECT', '*'),
               ('application', 'user', 'SELECT', '*'), ('application', 'user', 'INSERT', '*'), ('application', 'user', 'UPDATE', '*'),
               ('application without passwords', 'user', 'SELECT', 'but password'),
               ('webhook', 'paid', 'SELECT', '*'), ('webhook', 'paid', 'INSERT', 'new'), ('webhook', 'paid', 'UPDATE', 'changed'),
               ('webhook', 'user', 'SELECT', 'id, email'),
               ('login', 'user', 'SELECT', '*'), ('login', 'user', 'INSERT', '*'),
               ('login', 'user', 'UPDATE', 'password, last_login, login_count, fail_login_count')) AS g (who, what, privilege, columns)
  JOIN pg_temp.gpra_asking a ON a.who LIKE g.who
  JOIN pg_temp.gpra_table t ON t.what = g.what
 CROSS JOIN LATERAL (
   SELECT 0 AS attnum WHERE g.columns = '*'
    UNION ALL
   SELECT attnum
     FROM pg_attribute
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = t.oid AND indisprimary AND attnum = ANY (indkey)) AS yes) AS key
    WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped
      AND CASE g.columns WHEN '*' THEN false
                         WHEN 'new' THEN attgenerated = '' AND NOT (key.yes AND (attidentity <> '' OR atthasdef))
                         WHEN 'changed' THEN attgenerated = '' AND NOT key.yes AND attname <> 'user_id'
                         WHEN 'but password' THEN attname <> 'password'
                         ELSE attname = ANY (string_to_array(g.columns, ', ')) END) AS c;

-- An identity needs no privilege. A serial does, and so does the sequence that Flask-AppBuilder asks for a user's id:
-- USAGE is the next number; SELECT would tell how many there are, UPDATE would set it back.
INSERT INTO pg_temp.gpra_allowed
SELECT DISTINCT w.role, s.oid, 0, 'USAGE'
  FROM pg_temp.gpra_allowed w JOIN pg_temp.gpra_table t ON t.oid = w.target
  JOIN pg_class s ON s.relkind = 'S' AND s.relnamespace = current_schema()::regnamespace
 WHERE w.privilege = 'INSERT'
   AND (t.name = 'ab_user' AND s.relname = 'ab_user_id_seq'
        OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refobjid = t.oid AND d.deptype = 'a'));

DO $gpra_body$
DECLARE
  place text := quote_ident(current_schema());
  also  text[] := (SELECT regexp_split_to_array(trim(min(also)), '\s*;\s*') FROM pg_temp.gpra_asking);
  taken text;
  this  record;
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  FOR this IN SELECT role::regrole AS role FROM pg_temp.gpra_asking LOOP
    EXECUTE format('REVOKE ALL ON SCHEMA %s FROM %s', place, this.role);
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM %s', current_database(), this.role);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %s', current_database(), this.role);
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO %s', place, this.role);
  END LOOP;
  -- What is known here gets what is said above and nothing else. What is not is left as it is, and looked at below.
  FOR this IN
    SELECT c.oid, c.oid::regclass AS target, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, roles.list AS roles
      FROM pg_class c CROSS JOIN (SELECT string_agg(role::regrole::text, ', ') AS list FROM pg_temp.gpra_asking) AS roles
     WHERE pg_has_role(c.relowner, 'USAGE') AND c.oid::regclass::text <> ALL (also)
       AND (c.oid IN (SELECT oid FROM pg_temp.gpra_table WHERE what IS NOT NULL)
            OR c.relkind = 'S' AND c.relnamespace = current_schema()::regnamespace
               AND (c.relname = 'ab_user_id_seq'
                    OR EXISTS (SELECT FROM pg_depend d JOIN pg_temp.gpra_table t ON t.oid = d.refobjid
                                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND t.what IS NOT NULL)))
  LOOP
    SELECT string_agg(DISTINCT format('%s from %s', acl.privilege_type, CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END), ', ') INTO taken
      FROM (SELECT 0 AS attnum, relacl AS list FROM pg_class WHERE oid = this.oid
             UNION ALL
            SELECT attnum, attacl FROM pg_attribute WHERE attrelid = this.oid) AS had
     CROSS JOIN LATERAL aclexplode(had.list) AS acl
     WHERE acl.grantee IN (SELECT 0::oid UNION ALL SELECT role FROM pg_temp.gpra_asking)
       AND NOT EXISTS (SELECT FROM pg_temp.gpra_allowed w
                        WHERE w.role = acl.grantee AND w.target = this.oid AND w.attnum IN (0, had.attnum) AND w.privilege = acl.privilege_type);
    IF taken IS NOT NULL THEN
      RAISE NOTICE '%: takes back %', this.target, taken;
    END IF;
    EXECUTE format('REVOKE ALL ON %s %s FROM PUBLIC, %s', this.kind, this.target, this.roles);
  END LOOP;
  FOR this IN
    SELECT w.privilege, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, c.oid::regclass AS target, w.role::regrole AS role,
           coalesce('(' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')', '') AS columns
      FROM pg_temp.gpra_allowed w JOIN pg_class c ON c.oid = w.target LEFT JOIN pg_attribute a ON a.attrelid = w.target AND a.attnum = w.attnum AND w.attnum > 0
     GROUP BY w.privilege, c.relkind, c.oid, w.role
  LOOP
    EXECUTE format('GRANT %s %s ON %s %s TO %s', this.privilege, this.columns, this.kind, this.target, this.role);
  END LOOP;
END
$gpra_body$;

-- A privilege can come from elsewhere, and REVOKE only warns where it cannot revoke. Whatever a role has, or can get as a member of
-- another, is too much unless it is in the list above, or came with PostgreSQL or an extension.
DO $gpra_body$
DECLARE
  also  text[] := (SELECT regexp_split_to_array(trim(min(also)), '\s*;\s*') FROM pg_temp.gpra_asking);
  this  record;
  wrong text[];
BEGIN
  FOR this IN
    WITH RECURSIVE reach AS (
      SELECT role AS asking, role, NULL::oid AS through FROM pg_temp.gpra_asking
       UNION
      SELECT reach.asking, m.roleid, coalesce(reach.through, m.roleid) FROM reach JOIN pg_auth_members m ON m.member = reach.role
       -- PostgreSQL 16 knows memberships that give nothing.
       WHERE NOT to_jsonb(m) @> '{"set_option": false, "inherit_option": false, "admin_option": false}'
    ), judged AS (
      SELECT reach.*, r.rolsuper OR r.rolname LIKE 'pg\_%' AS strong,
             concat_ws(' ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
                       CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END) AS attributes
        FROM reach JOIN pg_roles r ON r.oid = reach.role
    ), mention AS (
      -- Every kind of object there is: what a role owns, and whose privileges name it.
      SELECT j.*, s.deptype, s.classid, pg_describe_object(s.classid, s.objid, s.objsubid) AS what
        FROM judged j JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = j.role AND s.deptype IN ('o', 'a')
       WHERE NOT j.strong AND s.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
         AND NOT (s.classid = 'pg_database'::regclass AND s.objid <> (SELECT oid FROM pg_database WHERE datname = current_database()))
         AND NOT (s.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class c WHERE c.oid = s.objid AND c.relpersistence = 't'))
    ), entry AS (
      SELECT 'pg_class'::regclass AS class, c.oid, 0 AS attnum, c.relkind::text AS kind, c.relnamespace AS place, c.relowner AS owner, acl.*
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
       WHERE NOT (c.relkind = 'v' AND coalesce(array_to_string(c.reloptions, ','), '') ~ 'security_invoker=(t|on|y|1)')
       UNION ALL
      SELECT 'pg_class', c.oid, a.attnum, c.relkind::text, c.relnamespace, c.relowner, acl.*
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN LATERAL aclexplode(a.attacl) AS acl
       WHERE NOT a.attisdropped
       UNION ALL
      SELECT 'pg_proc', p.oid, 0, CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END, p.pronamespace, p.proowner, acl.*
        FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
       WHERE (p.prosecdef OR p.proacl IS NOT NULL) AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
       UNION ALL
      SELECT 'pg_namespace', n.oid, 0, 'SCHEMA', n.oid, n.nspowner, acl.* FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS acl
       WHERE acl.privilege_type <> 'USAGE'
       UNION ALL
      SELECT 'pg_database', d.oid, 0, 'DATABASE', NULL, d.datdba, acl.*
        FROM pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS acl
       WHERE d.datname = current_database() AND acl.privilege_type <> 'CONNECT'
    ), holder AS (
      SELECT asking, role AS grantee, through FROM judged WHERE NOT strong UNION ALL SELECT role, 0, NULL FROM pg_temp.gpra_asking
    ), much AS (
      SELECT h.*, e.class, e.oid, e.kind, e.owner, e.grantor,
             concat(e.privilege_type, CASE WHEN e.attnum > 0 THEN ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')' END,
                    CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END) AS privilege
        FROM holder h JOIN entry e USING (grantee)
        LEFT JOIN pg_attribute a ON e.class = 'pg_class'::regclass AND a.attrelid = e.oid AND a.attnum = e.attnum AND e.attnum > 0
       WHERE (e.is_grantable OR NOT EXISTS (SELECT FROM pg_temp.gpra_allowed w
                                             WHERE w.role = h.asking AND w.target = e.oid AND w.attnum IN (0, e.attnum) AND w.privilege = e.privilege_type))
         AND (e.grantee <> 0
              -- Everybody's, where the role gets there, and unless it came with PostgreSQL or an extension. A function with its caller's rights gives none.
              OR (e.place IS NULL OR EXISTS (SELECT FROM reach r WHERE r.asking = h.asking AND has_schema_privilege(r.role, e.place, 'USAGE')))
                 AND (e.class NOT IN ('pg_class'::regclass, 'pg_proc'::regclass)
                      OR e.place <> 'information_schema'::regnamespace
                         AND NOT EXISTS (SELECT FROM pg_init_privs i CROSS JOIN LATERAL aclexplode(i.initprivs) AS was
                                      WHERE i.classoid = e.class AND i.objoid = e.oid AND i.objsubid = e.attnum
                                        AND was.grantee = 0 AND was.privilege_type = e.privilege_type)
                         AND (e.kind <> 'invoker' OR EXISTS (SELECT FROM pg_init_privs i WHERE i.classoid = e.class AND i.objoid = e.oid))))
       GROUP BY h.asking, h.grantee, h.through, e.class, e.oid, e.kind, e.owner, e.grantor, e.privilege_type, e.is_grantable, e.attnum > 0
    ), privilege AS (
      SELECT asking, grantee, through, class, oid, kind, owner, grantor, string_agg(privilege, ', ' ORDER BY privilege) AS list,
             CASE class WHEN 'pg_class'::regclass THEN oid::regclass::text
                        WHEN 'pg_proc'::regclass THEN oid::regprocedure::text
                        WHEN 'pg_namespace'::regclass THEN oid::regnamespace::text
                        ELSE quote_ident(current_database()) END AS object,
             CASE WHEN class = 'pg_proc'::regclass THEN 'ROUTINE ' WHEN kind = 'S' THEN 'SEQUENCE ' WHEN kind IN ('SCHEMA', 'DATABASE') THEN kind || ' ' END AS type
        FROM much GROUP BY asking, grantee, through, class, oid, kind, owner, grantor
    )
    SELECT NULL AS object,
           CASE WHEN role = asking THEN format('%s has %s: ALTER ROLE %1$s NO%3$s', role::regrole, attributes, replace(attributes, ' ', ' NO'))
                ELSE format('%s is, or may become, %s%s: REVOKE %s FROM %1$s', asking::regrole, role::regrole,
                       CASE WHEN attributes <> '' THEN ', which has ' || attributes END, through::regrole) END AS line
      FROM judged WHERE attributes <> '' OR strong
     UNION ALL
    SELECT NULL, format(CASE WHEN role = asking THEN '%1$s owns %3$s%4$s: give it to another role (ALTER ... OWNER TO ...)'
                             ELSE '%1$s is, or may become, %2$s, which owns %3$s%4$s: REVOKE %5$s FROM %1$s' END,
                   asking::regrole, role::regrole, min(what), CASE WHEN count(*) > 1 THEN format(' and %s more', count(*) - 1) END, through::regrole)
      FROM mention WHERE deptype = 'o' GROUP BY asking, role, through
     UNION ALL
    SELECT NULL, format('%s is named%s in the privileges of %s: REVOKE them', asking::regrole, CASE WHEN role <> asking THEN format(', as a member of %s,', role::regrole) END, what)
      FROM mention
     WHERE deptype = 'a' AND classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass, 'pg_database'::regclass, 'pg_auth_members'::regclass)
     UNION ALL
    SELECT CASE WHEN class IN ('pg_class'::regclass, 'pg_proc'::regclass) THEN object END,
           format('%s%s has %s on %s%s%s: %s', asking::regrole, CASE WHEN grantee = 0 THEN ', as everybody,' WHEN through IS NOT NULL THEN format(', as a member of %s,', grantee::regrole) END,
             list, lower(type), object, CASE WHEN kind IN ('v', 'definer') THEN format(', which has the rights of %s', owner::regrole) END,
             CASE WHEN through IS NOT NULL THEN format('REVOKE %s FROM %s', through::regrole, asking::regrole)
                  ELSE format('REVOKE %s ON %s%s FROM %s (as %s)', CASE WHEN kind IN ('SCHEMA', 'DATABASE') THEN list ELSE 'ALL' END, type, object,
                         CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, grantor::regrole) END)
      FROM privilege
     UNION ALL
    SELECT NULL, format('%s has not %s on %s, which its owner %s can grant', w.role::regrole, w.privilege, w.target::regclass, c.relowner::regrole)
      FROM pg_temp.gpra_allowed w JOIN pg_class c ON c.oid = w.target
     WHERE NOT CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(w.role, w.target, w.privilege)
                    WHEN w.attnum > 0 THEN has_column_privilege(w.role, w.target, w.attnum::smallint, w.privilege)
                    ELSE has_table_privilege(w.role, w.target, w.privilege) END
     UNION ALL
    SELECT NULL, format('the table %I is not in the schema %I', name, current_schema()) FROM pg_temp.gpra_table WHERE oid IS NULL
     UNION ALL
    SELECT NULL, format('row-level security on %s is not enabled and forced: run 004 (mvn liquibase:update -Dliquibase.labelFilter=enforce); where somebody '
                   'has switched it off since, ALTER TABLE %1$s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', c.oid::regclass)
      FROM pg_temp.gpra_table t JOIN pg_class c USING (oid) WHERE t.what IN ('tenant', 'paid') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
     UNION ALL
    SELECT NULL, format('%s has the permissive policy %I of somebody else, which lets through what ours refuses: DROP POLICY %2$I ON %1$s', polrelid::regclass, polname)
      FROM pg_temp.gpra_table t JOIN pg_policy p ON p.polrelid = t.oid
     WHERE t.named AND p.polpermissive AND coalesce(obj_description(p.oid, 'pg_policy'), '') !~ '^\[gpra \d+[]-]'
     ORDER BY 2
  LOOP
    IF this.object = ANY (also) THEN
      RAISE WARNING 'Let pass, as -v also names it: %', this.line;
    ELSE
      wrong := wrong || this.line;
    END IF;
  END LOOP;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Nothing was granted: %s. Then run this script again. What is meant to be on a table, view or function, '
      '-v also=''...; ...'' lets pass.', array_to_string(wrong, '; '));
  END IF;

  FOR this IN
    SELECT what, string_agg(name, ', ' ORDER BY name) AS names FROM pg_temp.gpra_table WHERE NOT named AND what IS DISTINCT FROM 'shared' GROUP BY what
  LOOP
    IF this.what IS NULL THEN
      RAISE NOTICE 'Nothing granted, nothing taken: %. This script does not know what they are for, and row-level security is not forced on them.', this.names;
    ELSE
      RAISE NOTICE 'Granted as items is, as row-level security is forced on them: %.', this.names;
    END IF;
  END LOOP;
END
$gpra_body$;

COMMIT;
