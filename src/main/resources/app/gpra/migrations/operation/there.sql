-- What changesets make and is there, finished or not: each object with its comment, and whether that, or the name it has until it is whole,
-- says that it is its changeset's. (1.0.0 marked with the number of the migration.) What fills remember is the first one's.
WITH made (id, kind, tab, name, working, detail) AS (
  {made}
)
SELECT m.id, m.kind, m.tab, m.name, m.working, m.detail, o.catalog, o.object, o.part, d.description AS comment, coalesce(d.description, '') LIKE '[{mark} %' AS marked,
       -- (What a later one has modified bears both marks.)
       coalesce(o.name = m.working OR starts_with(d.description, format('[{mark} %s]', m.id))
                OR strpos(substring(d.description FROM '^(?:\[{mark} [^]]+\] ?)+'), format('[{mark} %s]', m.id)) > 0
                OR m.id ~ '^\d{3}-' AND starts_with(d.description, format('[{mark} %s]', left(m.id, 3))), false) AS ours
  FROM made m
 CROSS JOIN LATERAL (
   SELECT 'pg_class'::regclass AS catalog, c.oid AS object, 0 AS part, NULL::name AS name
     FROM pg_class c WHERE m.kind = 'table' AND c.oid = to_regclass(m.tab) AND c.relkind = 'r'
   UNION ALL  -- where there is 'renamed table'
   SELECT 'pg_class'::regclass, c.oid, 0, NULL FROM pg_class c WHERE m.kind = 'renamed table' AND c.oid = to_regclass(m.detail ->> 'from') AND c.relkind = 'v'
   UNION ALL  -- where there is 'view' or 'sequence'
   SELECT 'pg_class'::regclass, c.oid, 0, NULL
     FROM pg_class c WHERE c.oid = to_regclass(m.tab) AND (m.kind, c.relkind) IN (('view', 'v'), ('sequence', 'S'))
   UNION ALL  -- where there is 'trigger'
   SELECT 'pg_trigger'::regclass, t.oid, 0, NULL
     FROM pg_trigger t WHERE m.kind = 'trigger' AND t.tgrelid = to_regclass(m.tab) AND t.tgname = m.name AND NOT t.tgisinternal
   UNION ALL  -- where there is 'function'
   SELECT 'pg_proc'::regclass, p.oid, 0, NULL
     FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
    CROSS JOIN (SELECT CASE m.kind WHEN 'function' THEN parse_ident(m.name) END) AS n (parts)
    WHERE m.kind = 'function' AND p.proname = n.parts[cardinality(n.parts)]
      AND s.nspname = coalesce(n.parts[cardinality(n.parts) - 1], current_schema())
   UNION ALL SELECT 'pg_class'::regclass, a.attrelid, a.attnum, NULL
     FROM pg_attribute a WHERE m.kind IN ('column', 'renamed column') AND a.attrelid = to_regclass(m.tab) AND a.attname = m.name AND NOT a.attisdropped
   UNION ALL SELECT 'pg_class'::regclass, c.oid, 0, c.relname
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    -- (A unique constraint is an index until it is whole.)
    WHERE i.indrelid = to_regclass(m.tab) AND (m.kind = 'index' AND c.relname = m.name OR m.kind IN ('index', 'constraint') AND c.relname = m.working
           -- One that is being dropped.
           OR m.kind = 'drop index' AND c.relname = m.working AND starts_with(obj_description(c.oid, 'pg_class'), format('[{mark} %s]', m.id)))
   UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 0, k.conname
     FROM pg_constraint k WHERE m.kind = 'constraint' AND k.conrelid = to_regclass(m.tab) AND k.conname IN (m.name, m.working)
   UNION ALL  -- where there is 'policy'
   SELECT 'pg_policy'::regclass, p.oid, 0, NULL FROM pg_policy p WHERE m.kind = 'policy' AND p.polrelid = to_regclass(m.tab) AND p.polname = m.name
   UNION ALL SELECT 'pg_class'::regclass, c.oid, 0, NULL
     FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
    WHERE m.kind = 'fill' AND s.nspname = m.detail ->> 'memory' AND c.relname IN ('fills', 'filled')
   UNION ALL SELECT 'pg_class'::regclass, c.oid, d.objsubid, NULL
     FROM pg_description d JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid AND c.relnamespace = to_regnamespace(quote_ident(current_schema()))
    WHERE m.kind = 'SQL' AND starts_with(d.description, format('[{mark} %s]', m.id))
   UNION ALL
   -- Its schema, unless that was there before: such a one never bore a mark. One that was made with its tables did, and one that was restored
   -- without comments.
   SELECT 'pg_namespace'::regclass, s.oid, 0, NULL
     FROM pg_namespace s JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = 'fills'
    WHERE m.kind = 'fill' AND s.nspname = m.detail ->> 'memory'
      AND (s.xmin = c.xmin OR coalesce(obj_description(c.oid, 'pg_class'), '') NOT LIKE '[{mark} %')
 ) AS o
  LEFT JOIN pg_description d ON d.classoid = o.catalog AND d.objoid = o.object AND d.objsubid = o.part
