-- One line for each fact about a database's schema: the fact; what it is about, what is so, and the table that it belongs to.
-- The parameter: names of tables to leave out.
-- Expects search_path = pg_catalog, so that every other name comes with its schema. PostgreSQL 14 to 18.
WITH schema AS (
  SELECT * FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), part_of_extension AS (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relation AS (
  SELECT c.*, i.indrelid,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table'
                        WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                        WHEN 'c' THEN 'composite type' ELSE 'index' END || ' ' || c.oid::regclass AS label
    FROM pg_class c
    JOIN schema s ON s.oid = c.relnamespace
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
   WHERE t.relname <> ALL (?) AND c.relkind <> 't' AND c.relpersistence <> 't'
     AND c.oid NOT IN (SELECT objid FROM part_of_extension WHERE classid = 'pg_class'::regclass)
), type AS (
  SELECT t.*, 'type ' || t.oid::regtype AS label
    FROM pg_type t
    JOIN schema s ON s.oid = t.typnamespace
   WHERE t.typtype IN ('d', 'e', 'r')
     AND t.oid NOT IN (SELECT objid FROM part_of_extension WHERE classid = 'pg_type'::regclass)
), routine AS (
  SELECT p.*, 'function ' || p.oid::regprocedure AS label
    FROM pg_proc p
    JOIN schema s ON s.oid = p.pronamespace
   WHERE p.oid NOT IN (SELECT objid FROM part_of_extension WHERE classid = 'pg_proc'::regclass)
), attribute AS (
  SELECT a.*, format('column %s.%I', r.oid::regclass, a.attname) AS label
    FROM pg_attribute a
    JOIN relation r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
   WHERE a.attnum > 0 AND NOT a.attisdropped
), con AS (
  SELECT k.*, format('constraint %I on %s', k.conname, coalesce(r.oid::regclass::text, t.oid::regtype::text)) AS label
    FROM pg_constraint k
    LEFT JOIN relation r ON r.oid = k.conrelid
    LEFT JOIN type t ON t.oid = k.contypid
   WHERE num_nonnulls(r.oid, t.oid) > 0
), trig AS (
  SELECT t.*, format('trigger %I on %s', t.tgname, r.oid::regclass) AS label
    FROM pg_trigger t
    JOIN relation r ON r.oid = t.tgrelid
), rule AS (
  SELECT w.*, format('rule %I on %s', w.rulename, r.oid::regclass) AS label
    FROM pg_rewrite w
    JOIN relation r ON r.oid = w.ev_class
   WHERE w.rulename <> '_RETURN'
), policy AS (
  SELECT p.*, format('policy %I on %s', p.polname, r.oid::regclass) AS label
    FROM pg_policy p
    JOIN relation r ON r.oid = p.polrelid
), statistics_object AS (
  SELECT x.*, format('statistics %s.%I', x.stxnamespace::regnamespace, x.stxname) AS label
    FROM pg_statistic_ext x
    JOIN relation r ON r.oid = x.stxrelid
), publication AS (
  SELECT p.*, format('publication %I', p.pubname) AS label FROM pg_publication p
), extension AS (
  SELECT e.*, format('extension %I', e.extname) AS label FROM pg_extension e
), event_trigger AS (
  SELECT e.*, format('event trigger %I', e.evtname) AS label FROM pg_event_trigger e
), acl AS (
  SELECT label, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, relowner)) AS items
    FROM relation WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
  UNION ALL SELECT label, attacl FROM attribute
  UNION ALL SELECT label, coalesce(proacl, acldefault('f', proowner)) FROM routine
  UNION ALL SELECT label, coalesce(typacl, acldefault('T', typowner)) FROM type
  UNION ALL SELECT format('schema %I', nspname), coalesce(nspacl, acldefault('n', nspowner)) FROM schema
  UNION ALL SELECT format('default privileges of %s%s on %s', pg_get_userbyid(defaclrole),
                     CASE WHEN defaclnamespace <> 0 THEN ' in ' || defaclnamespace::regnamespace END, defaclobjtype), defaclacl
              FROM pg_default_acl
), owner AS (
  SELECT label, relowner AS role FROM relation WHERE relkind NOT IN ('i', 'I')
  UNION ALL SELECT label, proowner FROM routine
  UNION ALL SELECT label, typowner FROM type
  UNION ALL SELECT label, stxowner FROM statistics_object
  UNION ALL SELECT label, pubowner FROM publication
  UNION ALL SELECT label, evtowner FROM event_trigger
  UNION ALL SELECT format('schema %I', nspname), nspowner FROM schema
), described AS (
  SELECT label, 'pg_class'::regclass AS catalog, oid AS object, 0 AS sub FROM relation
  UNION ALL SELECT label, 'pg_class'::regclass, attrelid, attnum FROM attribute
  UNION ALL SELECT label, 'pg_constraint'::regclass, oid, 0 FROM con
  UNION ALL SELECT label, 'pg_trigger'::regclass, oid, 0 FROM trig
  UNION ALL SELECT label, 'pg_rewrite'::regclass, oid, 0 FROM rule
  UNION ALL SELECT label, 'pg_policy'::regclass, oid, 0 FROM policy
  UNION ALL SELECT label, 'pg_proc'::regclass, oid, 0 FROM routine
  UNION ALL SELECT label, 'pg_type'::regclass, oid, 0 FROM type
  UNION ALL SELECT label, 'pg_statistic_ext'::regclass, oid, 0 FROM statistics_object
  UNION ALL SELECT label, 'pg_publication'::regclass, oid, 0 FROM publication
  UNION ALL SELECT label, 'pg_event_trigger'::regclass, oid, 0 FROM event_trigger
  UNION ALL SELECT format('schema %I', nspname), 'pg_namespace'::regclass, oid, 0 FROM schema
), belonging (label, tab) AS (
  SELECT r.label, coalesce(r.indrelid, d.refobjid, r.oid)::regclass::text
    FROM relation r
    LEFT JOIN pg_depend d ON r.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
                         AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  UNION ALL SELECT label, attrelid::regclass::text FROM attribute
  UNION ALL SELECT label, conrelid::regclass::text FROM con WHERE conrelid <> 0
  UNION ALL SELECT label, tgrelid::regclass::text FROM trig
  UNION ALL SELECT label, ev_class::regclass::text FROM rule
  UNION ALL SELECT label, polrelid::regclass::text FROM policy
  UNION ALL SELECT label, stxrelid::regclass::text FROM statistics_object
), fact (label, line) AS (
  -- relations
  SELECT label, CASE relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END FROM relation
  UNION ALL
  SELECT label, format('row security %s%s', CASE WHEN relrowsecurity THEN 'enabled' ELSE 'disabled' END,
                  CASE WHEN relforcerowsecurity THEN ', forced' END)
    FROM relation WHERE relkind IN ('r', 'p')
  UNION ALL
  SELECT label, 'option ' || option FROM relation CROSS JOIN unnest(reloptions) AS option WHERE option NOT LIKE 'pg\_%'
  UNION ALL
  SELECT label, 'replica identity ' || relreplident::text FROM relation WHERE relkind IN ('r', 'p') AND relreplident <> 'd'
  UNION ALL
  SELECT label, 'tablespace ' || (SELECT spcname FROM pg_tablespace s WHERE s.oid = reltablespace) FROM relation WHERE reltablespace <> 0
  UNION ALL
  SELECT label, 'inherits ' || inhparent::regclass FROM relation r JOIN pg_inherits ON inhrelid = r.oid
  UNION ALL
  SELECT label, 'partition ' || pg_get_expr(relpartbound, oid) FROM relation WHERE relpartbound IS NOT NULL
  UNION ALL
  SELECT label, 'partition by ' || pg_get_partkeydef(oid) FROM relation WHERE relkind = 'p'
  UNION ALL
  SELECT label, format('line %s: %s', lpad(n::text, 3, '0'), text)
    FROM relation CROSS JOIN regexp_split_to_table(pg_get_viewdef(oid), '\n') WITH ORDINALITY AS t (text, n)
   WHERE relkind IN ('v', 'm')
  -- columns
  UNION ALL
  SELECT label, line
    FROM attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   CROSS JOIN unnest(ARRAY[
           'type ' || format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attnotnull THEN 'not null' END,
           CASE a.attgenerated WHEN '' THEN 'default ' ELSE format('generated (%s) ', a.attgenerated) END || pg_get_expr(d.adbin, d.adrelid),
           CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
           CASE WHEN a.attcollation <> t.typcollation THEN 'collation ' || a.attcollation::regcollation END,
           'statistics target ' || nullif(a.attstattarget, -1),
           CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
           'compression ' || nullif(a.attcompression::text, ''),
           -- Those that a user can set: a newer server may keep options of its own there (pg_attver).
           (SELECT 'options ' || string_agg(o.option_name || '=' || o.option_value, ', ' ORDER BY o.option_name)
              FROM pg_options_to_table(a.attoptions) o WHERE o.option_name IN ('n_distinct', 'n_distinct_inherited'))
         ]) AS line
  -- constraints, indexes
  UNION ALL
  SELECT label, pg_get_constraintdef(oid) FROM con
  UNION ALL
  SELECT label, CASE WHEN convalidated THEN 'validated' ELSE 'not validated' END FROM con
  UNION ALL
  SELECT label, line
    FROM relation r
    JOIN pg_index i ON i.indexrelid = r.oid
   CROSS JOIN unnest(ARRAY[
           pg_get_indexdef(r.oid),
           CASE WHEN i.indisvalid THEN 'valid' ELSE 'invalid' END,
           CASE WHEN NOT i.indisready THEN 'not ready' END,
           CASE WHEN i.indisclustered THEN 'clustered' END,
           CASE WHEN i.indisreplident THEN 'replica identity' END
         ]) AS line
  -- triggers, rules, policies
  UNION ALL
  SELECT label, line
    FROM trig
   CROSS JOIN unnest(ARRAY[
           pg_get_triggerdef(oid),
           CASE tgenabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'A' THEN 'enabled always' ELSE 'enabled replica' END
         ]) AS line
   WHERE NOT tgisinternal
  UNION ALL
  SELECT r.label, format('internal triggers, enabled %s: %s', t.tgenabled, count(*))
    FROM trig t JOIN relation r ON r.oid = t.tgrelid
   WHERE t.tgisinternal
   GROUP BY r.label, t.tgenabled
  UNION ALL
  SELECT label, line FROM rule CROSS JOIN unnest(ARRAY[pg_get_ruledef(oid), 'enabled ' || ev_enabled::text]) AS line
  UNION ALL
  SELECT label, line
    FROM policy
   CROSS JOIN unnest(ARRAY[
           format('%s for %s to %s', CASE WHEN polpermissive THEN 'permissive' ELSE 'restrictive' END,
             CASE polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
             (SELECT string_agg(CASE role WHEN 0 THEN 'public' ELSE pg_get_userbyid(role) END, ', ' ORDER BY pg_get_userbyid(role))
                FROM unnest(polroles) AS role)),
           'using ' || pg_get_expr(polqual, polrelid),
           'with check ' || pg_get_expr(polwithcheck, polrelid)
         ]) AS line
  -- functions, types, sequences
  UNION ALL
  SELECT label, CASE prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window' ELSE 'function' END FROM routine
  UNION ALL
  SELECT label, format('line %s: %s', lpad(n::text, 3, '0'), text)
    FROM routine CROSS JOIN regexp_split_to_table(CASE WHEN prokind <> 'a' THEN pg_get_functiondef(oid) END, '\n') WITH ORDINALITY AS t (text, n)
  UNION ALL
  SELECT label, format('domain %s%s%s', format_type(typbasetype, typtypmod), CASE WHEN typnotnull THEN ' not null' END, ' default ' || typdefault)
    FROM type WHERE typtype = 'd'
  UNION ALL
  SELECT label, 'enum ' || (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = type.oid)
    FROM type WHERE typtype = 'e'
  UNION ALL
  SELECT label, 'range of ' || format_type(rngsubtype, NULL) FROM type JOIN pg_range ON rngtypid = type.oid
  UNION ALL
  SELECT label, line
    FROM relation r
    JOIN pg_sequence q ON q.seqrelid = r.oid
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
                         AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
   CROSS JOIN unnest(ARRAY[
           format('%s start %s increment %s min %s max %s cache %s%s', format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement,
             q.seqmin, q.seqmax, q.seqcache, CASE WHEN q.seqcycle THEN ' cycle' END),
           CASE d.deptype WHEN 'a' THEN 'owned by ' WHEN 'i' THEN 'identity of ' END || d.refobjid::regclass || '.'
             || (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = d.refobjid AND attnum = d.refobjsubid)
         ]) AS line
  -- the rest
  UNION ALL
  SELECT label, line FROM statistics_object CROSS JOIN unnest(ARRAY[pg_get_statisticsobjdef(oid), 'target ' || nullif(stxstattarget, -1)]) AS line
  UNION ALL
  SELECT label, format('version %s in %s', extversion, extnamespace::regnamespace) FROM extension
  UNION ALL
  SELECT label, format('all tables %s, insert %s, update %s, delete %s, truncate %s, via root %s',
                  puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot)
    FROM publication
  UNION ALL
  SELECT p.label, 'includes ' || r.label
    FROM pg_publication_rel x JOIN publication p ON p.oid = x.prpubid JOIN relation r ON r.oid = x.prrelid
  UNION ALL
  SELECT label, format('on %s, tags %s, enabled %s, %s', evtevent, evttags, evtenabled, evtfoid::regprocedure) FROM event_trigger
  UNION ALL
  SELECT 'setting of this database' || ' for ' || nullif(pg_get_userbyid(nullif(setrole, 0)), ''), setting
    FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS setting
   WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND setrole <> 0
  UNION ALL
  SELECT 'setting of this database', setting
    FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS setting
   WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND setrole = 0
  -- what every kind of object may have
  UNION ALL
  SELECT label, 'owner ' || pg_get_userbyid(role) FROM owner
  UNION ALL
  SELECT label, format('granted to %s by %s: %s', CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END, pg_get_userbyid(grantor),
                  string_agg(privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', ' ORDER BY privilege_type))
    FROM acl CROSS JOIN aclexplode(items)
   GROUP BY label, grantee, grantor
  UNION ALL
  SELECT label, 'comment ' || quote_literal(description)
    FROM described JOIN pg_description ON classoid = catalog AND objoid = object AND objsubid = sub
)
SELECT fact.label || ': ' || fact.line, fact.label, fact.line, belonging.tab
  FROM fact LEFT JOIN belonging USING (label)
 WHERE fact.line IS NOT NULL
