-- What a text defines as a whole, in the session's schema, as the changes of a changelog have it: a row for each field; in the order of creation.
-- PostgreSQL 14 to 18.
WITH own AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname = current_schema()
), part_of_extension AS (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), field (oid, kind, label, tab, name, field, value) AS (
  SELECT c.oid, 'sequence', 'sequence ' || c.oid::regclass, NULL, c.relname, f.field, f.value
    FROM pg_class c JOIN own ON own.oid = c.relnamespace JOIN pg_sequence q ON q.seqrelid = c.oid
   CROSS JOIN LATERAL (SELECT CASE format_type(q.seqtypid, NULL) WHEN 'smallint' THEN -32768 WHEN 'integer' THEN -2147483648 ELSE -9223372036854775808 END,
                              CASE format_type(q.seqtypid, NULL) WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647 ELSE 9223372036854775807 END) AS t (least, most)
   CROSS JOIN LATERAL (VALUES
           ('dataType', nullif(format_type(q.seqtypid, NULL), 'bigint')),
           ('startValue', nullif(q.seqstart, CASE WHEN q.seqincrement > 0 THEN q.seqmin ELSE q.seqmax END)::text),
           ('incrementBy', nullif(q.seqincrement, 1)::text),
           ('minValue', nullif(q.seqmin, CASE WHEN q.seqincrement > 0 THEN 1 ELSE t.least END)::text),
           ('maxValue', nullif(q.seqmax, CASE WHEN q.seqincrement > 0 THEN t.most ELSE -1 END)::text),
           ('cacheSize', nullif(q.seqcache, 1)::text),
           ('cycle', CASE WHEN q.seqcycle THEN 'true' END)) AS f (field, value)
   WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))
  UNION ALL
  SELECT p.oid, 'function', 'function ' || p.oid::regprocedure, NULL, p.proname, f.field, f.value
    FROM pg_proc p JOIN own ON own.oid = p.pronamespace
   CROSS JOIN LATERAL (SELECT pg_get_function_arguments(p.oid), CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END) AS d (arguments, text)
   CROSS JOIN LATERAL (SELECT format('.%I(%s)', p.proname, d.arguments)) AS n (text)
   CROSS JOIN LATERAL (VALUES
           ('arguments', nullif(d.arguments, '')),
           ('procedure', CASE p.prokind WHEN 'p' THEN 'true' END),
           ('definition', btrim(substr(d.text, strpos(d.text, n.text) + length(n.text)), E' \n'))) AS f (field, value)
   WHERE p.prokind IN ('f', 'p')
  UNION ALL
  SELECT t.oid, 'trigger', format('trigger %I on %s', t.tgname, c.oid::regclass), c.relname, t.tgname, f.field, f.value
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid AND c.relkind = 'r' JOIN own ON own.oid = c.relnamespace
   CROSS JOIN LATERAL (SELECT substr(pg_get_triggerdef(t.oid), length(format('CREATE TRIGGER %I ', t.tgname)) + 1), format(' ON %I.%I ', own.nspname, c.relname)) AS d (text, tab)
   CROSS JOIN LATERAL (VALUES
           ('event', left(d.text, strpos(d.text, d.tab) - 1)),
           ('definition', substr(d.text, strpos(d.text, d.tab) + length(d.tab)))) AS f (field, value)
   WHERE NOT t.tgisinternal AND t.tgconstraint = 0
  UNION ALL
  SELECT c.oid, 'view', 'view ' || c.oid::regclass, NULL, c.relname, f.field, f.value
    FROM pg_class c JOIN own ON own.oid = c.relnamespace
   CROSS JOIN LATERAL (VALUES
           ('selectQuery', concat(format('CREATE VIEW %I WITH (', c.relname) || array_to_string(c.reloptions, ', ') || E') AS\n', btrim(pg_get_viewdef(c.oid), E' \n;'))),
           ('fullDefinition', CASE WHEN c.reloptions IS NOT NULL THEN 'true' END)) AS f (field, value)
   WHERE c.relkind = 'v'
)
SELECT kind, label, tab, name, field, value FROM field
 WHERE NOT EXISTS (SELECT FROM part_of_extension e WHERE e.objid = field.oid)
   -- (What keeps a column in step with its copy goes with the copy.)
   AND name NOT LIKE 'zz\_gpra\_step\_%'
 ORDER BY array_position(ARRAY['sequence', 'function', 'trigger', 'view'], kind), oid,
          array_position(ARRAY['dataType', 'startValue', 'arguments', 'procedure', 'event', 'definition', 'selectQuery', 'fullDefinition'], field), field
