-- Stops where a stranger decides what runs here: a function or an operator in a schema of the search_path can be called instead of
-- PostgreSQL's own, with the rights of the role that runs this. A stranger can log in, may CONNECT to this database, and has not got
-- these rights anyway: as a superuser, as the owner of the schema or of the database, as this role, or as one who can become that.
--
-- One who may CREATE there, and has made nothing yet, is only warned of where gpra.may_create is warn.
--
-- A file in this directory that looks into tables begins with it, as does each script of updateSQL and rollbackSQL, and each session of a migration.
-- Changes nothing but the session's search_path, which then has what it has now, and temporary objects last.
SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ',
  (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(name), ', ') FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) AS name), 'pg_temp'), false);

DO $gpra_body$
DECLARE
  path     text := pg_catalog.current_setting('search_path');
  schemas  name[] := pg_catalog.current_schemas(false);
  level    text := pg_catalog.current_setting('client_min_messages');
  becoming text := 'MEMBER';
  named    text[] := '{}';
  lines    text[] := '{}';
  dba oid; persons oid[]; trusted text[]; refused text[]; line text; this record;
BEGIN
  -- From here on nothing is called that is not PostgreSQL's own.
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- (Compiling the question would take longer than the answer.)
  PERFORM set_config('client_min_messages', 'warning', true), set_config('jit', 'off', true);
  trusted := regexp_split_to_array(btrim(coalesce(current_setting('gpra.trusted.roles', true), '')), ' *, *');
  IF current_setting('server_version_num')::integer >= 160000 THEN
    -- A membership may come without both; with ADMIN they can be had.
    becoming := 'SET, USAGE, MEMBER WITH ADMIN OPTION';
  END IF;
  SELECT datdba INTO dba FROM pg_database WHERE datname = current_database();
  persons := ARRAY(
    SELECT r.oid FROM pg_roles r
     WHERE r.rolcanlogin AND has_database_privilege(r.oid, current_database(), 'CONNECT')
       AND NOT EXISTS (SELECT FROM unnest(ARRAY(SELECT oid FROM pg_roles WHERE rolsuper OR rolname = current_user OR oid = dba)) AS mighty
                        WHERE pg_has_role(r.oid, mighty, becoming)));

  FOR this IN
    WITH place AS MATERIALIZED (
      SELECT oid, nspname AS name, nspowner AS owner, coalesce(nspacl, acldefault('n', nspowner)) AS acl FROM pg_namespace
       WHERE nspname = ANY (schemas || current_setting('gpra.liquibase.schema', true)::name)
         AND nspname <> 'pg_catalog' AND nspname !~ '^pg_temp_'),
    stranger AS MATERIALIZED (
      SELECT p.oid AS place, person, pg_get_userbyid(person)::text AS name FROM place p CROSS JOIN unnest(persons) AS person
       WHERE NOT pg_has_role(person, p.owner, becoming)),
    creator AS MATERIALIZED (
      SELECT p.oid AS place, r.oid AS role FROM place p CROSS JOIN pg_roles r
       WHERE NOT r.rolsuper AND has_schema_privilege(r.oid, p.oid, 'CREATE')),
    trespasser AS MATERIALIZED (
      SELECT s.* FROM stranger s
       WHERE CASE WHEN has_schema_privilege(s.person, s.place, 'CREATE') THEN true
                  ELSE EXISTS (SELECT FROM creator c WHERE c.place = s.place AND pg_has_role(s.person, c.role, becoming)) END),
    granted AS (
      SELECT p.oid AS place, p.name, a.grantor, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee,
             NOT pg_has_role(p.owner, 'USAGE') AND CASE a.grantee WHEN 0 THEN true ELSE pg_has_role(a.grantee, 'USAGE') END AS needed
        FROM place p CROSS JOIN aclexplode(p.acl) AS a
       WHERE a.privilege_type = 'CREATE'
         AND EXISTS (SELECT FROM trespasser t JOIN creator c ON c.place = t.place AND pg_has_role(t.person, c.role, becoming)
                      WHERE t.place = p.oid AND CASE a.grantee WHEN 0 THEN true ELSE pg_has_role(c.role, a.grantee, 'USAGE') END)),
    -- In these schemas, under a name of PostgreSQL's.
    planted AS (
      SELECT 'function' AS kind, f.oid::regprocedure::text AS name, f.pronamespace AS place, f.proowner AS owner
        FROM place p JOIN pg_proc f ON f.pronamespace = p.oid
       WHERE f.proname IN (SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace)
       UNION SELECT 'operator', o.oid::regoperator::text, o.oprnamespace, holder
        FROM place p JOIN pg_operator o ON o.oprnamespace = p.oid LEFT JOIN pg_proc f ON f.oid = o.oprcode
       CROSS JOIN unnest(ARRAY[o.oprowner, f.proowner]) AS holder
       WHERE o.oprname IN (SELECT oprname FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace)),
    -- What bears a mark, or is part of a table or a column that does.
    mark AS MATERIALIZED (
      SELECT classoid, objoid, objsubid, classoid = 'pg_class'::regclass AS relation FROM pg_description WHERE description ~ '^\[[a-z][a-z0-9]* '),
    expression AS (
      SELECT 'pg_constraint'::regclass AS class, k.oid, k.conrelid AS relid FROM pg_constraint k JOIN mark m
          ON m.classoid = 'pg_constraint'::regclass AND m.objoid = k.oid
          OR m.relation AND m.objoid = k.conrelid AND (m.objsubid = 0 OR m.objsubid = ANY (k.conkey))
       UNION SELECT 'pg_attrdef'::regclass, d.oid, d.adrelid FROM pg_attrdef d JOIN mark m
          ON m.relation AND m.objoid = d.adrelid AND m.objsubid IN (0, d.adnum)
       UNION SELECT 'pg_class'::regclass, i.indexrelid, i.indrelid FROM pg_index i JOIN mark m
          ON m.relation AND (m.objoid = i.indexrelid OR m.objoid = i.indrelid AND (m.objsubid = 0 OR m.objsubid = ANY (i.indkey)))
       UNION SELECT 'pg_policy'::regclass, p.oid, p.polrelid FROM pg_policy p JOIN mark m
          ON m.classoid = 'pg_policy'::regclass AND m.objoid = p.oid OR m.relation AND m.objoid = p.polrelid AND m.objsubid = 0),
    used AS (
      SELECT e.class, e.oid, t.relowner, n.nspowner, used.kind, used.name, owner
        FROM expression e JOIN pg_class t ON t.oid = e.relid JOIN pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_depend d ON d.classid = e.class AND d.objid = e.oid
       CROSS JOIN LATERAL (
         SELECT 'function' AS kind, oid::regprocedure::text AS name, ARRAY[proowner] AS owners FROM pg_proc
          WHERE d.refclassid = 'pg_proc'::regclass AND oid = d.refobjid
          UNION ALL SELECT 'operator', o.oid::regoperator::text, ARRAY[o.oprowner, f.proowner] FROM pg_operator o LEFT JOIN pg_proc f ON f.oid = o.oprcode
          WHERE d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid) AS used
       CROSS JOIN unnest(used.owners) AS owner)
    SELECT NULL::text AS owner, (SELECT array_agg(t.name ORDER BY t.name) FROM trespasser t WHERE t.place = g.place) AS roles, '' AS beginning,
           format(' may CREATE in the schema %I, where what they make runs with the rights of %I: %s%s, as %s or a superuser', g.name, current_user,
             CASE WHEN bool_or(g.needed) THEN format('GRANT CREATE ON SCHEMA %I TO %I; ', g.name, current_user) ELSE '' END,
             string_agg(DISTINCT format('REVOKE CREATE ON SCHEMA %I FROM %s', g.name, g.grantee), '; '),
             string_agg(DISTINCT CASE g.grantor::regrole::text WHEN 'pg_database_owner' THEN dba ELSE g.grantor END::regrole::text, ' and ')) AS ending
      FROM granted g GROUP BY g.place, g.name
     UNION ALL SELECT pg_get_userbyid(p.owner), array_agg(s.name ORDER BY s.name),
           format('the %s %s has the name of one of PostgreSQL''s, and belongs to ', p.kind, p.name),
           format(': look at it, then DROP %s %s, as its owner, the schema''s or a superuser', upper(p.kind), p.name)
      FROM planted p JOIN stranger s ON s.place = p.place AND pg_has_role(s.person, p.owner, becoming)
     GROUP BY p.owner, p.kind, p.name
     UNION ALL SELECT pg_get_userbyid(u.owner), array_agg(DISTINCT pg_get_userbyid(person)::text),
           format('the %s %s depends on the %s %s, which belongs to ', object.type, object.identity, u.kind, u.name),
           format(': look at it, then, as a superuser, ALTER %s %s OWNER TO %I where it does no harm, or else write the %s anew without it',
             upper(u.kind), u.name, current_user, object.type)
      FROM used u CROSS JOIN pg_identify_object(u.class, u.oid, 0) AS object JOIN unnest(persons) AS person
        ON pg_has_role(person, u.owner, becoming) AND NOT pg_has_role(person, u.relowner, becoming) AND NOT pg_has_role(person, u.nspowner, becoming)
     GROUP BY u.owner, u.kind, u.name, object.type, object.identity
  LOOP
    refused := ARRAY(SELECT role FROM unnest(this.roles) AS role WHERE role <> ALL (trusted));
    this.roles := coalesce(nullif(refused, '{}'), this.roles);
    -- As many as a message can hold.
    line := array_to_string(this.roles[1:5], ', ') || CASE WHEN cardinality(this.roles) > 5 THEN format(' and %s more', cardinality(this.roles) - 5) ELSE '' END;
    line := this.beginning || CASE WHEN this.owner IS NULL OR this.owner = line THEN line ELSE format('%s (that is, %s)', this.owner, line) END;
    IF cardinality(refused) = 0 THEN
      RAISE WARNING '%', regexp_replace(format('Trusted, as gpra.trusted.roles says: %s%s', line, split_part(this.ending, ':', 1)), '[[:cntrl:]]', ' ', 'g');
    ELSIF this.owner IS NULL AND current_setting('gpra.may_create', true) = 'warn' THEN
      RAISE WARNING '%', regexp_replace(line || this.ending, '[[:cntrl:]]', ' ', 'g');
    ELSE
      named := named || refused;
      lines := lines || (line || this.ending);
    END IF;
  END LOOP;

  IF cardinality(lines) > 0 THEN
    named := ARRAY(SELECT DISTINCT role FROM unnest(named) AS role ORDER BY 1);
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = regexp_replace(
      format('Nothing was done. %s%s. Or name whom you trust, -Dgpra.trusted.roles=%s%s (with psql, PGOPTIONS=''-c gpra.trusted.roles=...''). Then run the '
        'same command again.', array_to_string(lines[1:5], '; '), CASE WHEN cardinality(lines) > 5 THEN format('; and %s more', cardinality(lines) - 5) ELSE '' END,
        array_to_string(named[1:5], ','), CASE WHEN cardinality(named) > 5 THEN ',...' ELSE '' END),
      '[[:cntrl:]]', ' ', 'g');
  END IF;
  PERFORM set_config('gpra.strangers', 'none', false), set_config('client_min_messages', level, true);
  PERFORM set_config('search_path', path, true);
END $gpra_body$;
