-- The application's tables as a Mermaid erDiagram, one line a row. Of a table that was there before, keys and what the
-- migrations have added; of a table of theirs, everything. The users' table where something refers to it.
WITH
tables AS (
  SELECT c.oid, c.relname AS name, c.relrowsecurity AS by_tenant,
         coalesce(obj_description(c.oid, 'pg_class') LIKE '[gpra %', false) AS ours
    FROM pg_class c
   WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE 'databasechangelog%'
     AND (c.relname NOT LIKE 'ab\_%'
          OR EXISTS (SELECT FROM pg_constraint f
                      WHERE f.contype = 'f' AND f.confrelid = c.oid AND f.conrelid::regclass::text NOT LIKE 'ab\_%'))
),
keys AS (
  SELECT k.*, k.conkey[1] AS attnum FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE cardinality(k.conkey) = 1
),
columns AS (
  SELECT t.name AS tab, a.attnum,
         CASE y.typname WHEN 'int4' THEN 'int' ELSE y.typname END AS type, a.attname AS name,
         (SELECT string_agg(CASE k.contype WHEN 'p' THEN 'PK' WHEN 'f' THEN 'FK' ELSE 'UK' END, ', ' ORDER BY k.contype DESC)
            FROM keys k
           WHERE k.conrelid = t.oid AND k.attnum = a.attnum AND k.contype IN ('p', 'f', 'u')
             AND (k.contype <> 'f' OR k.confrelid IN (SELECT oid FROM tables))) AS key,
         t.ours OR coalesce(col_description(t.oid, a.attnum) LIKE '[gpra %', false) AS ours
    FROM tables t
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type y ON y.oid = a.atttypid
),
lines (part, tab, attnum, line) AS (
  -- From left to right: beside each other, they would be too small to read.
  SELECT 0, '', n, line FROM unnest(ARRAY['erDiagram', '  direction LR']) WITH ORDINALITY AS t (line, n)
  UNION ALL
  SELECT 1, t.name, f.attnum,
         format('  %s %s--o{ %s : %s', f.confrelid::regclass, CASE WHEN a.attnotnull THEN '||' ELSE '|o' END, t.name, a.attname)
    FROM tables t
    JOIN keys f ON f.conrelid = t.oid AND f.contype = 'f' AND f.confrelid IN (SELECT oid FROM tables)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.attnum
   WHERE t.name NOT LIKE 'ab\_%'
  UNION ALL
  SELECT 2, name, 0, format('  %s%s {', name, CASE WHEN by_tenant THEN format('["%s: own rows only"]', name) END) FROM tables
  UNION ALL
  SELECT 2, tab, attnum, format('    %s %s%s', type, name, ' ' || key)
    FROM columns WHERE key IS NOT NULL AND (tab NOT LIKE 'ab\_%' OR key LIKE '%PK%') OR ours
  UNION ALL
  SELECT 2, name, 32767, '  }' FROM tables
)
SELECT line FROM lines ORDER BY part, tab COLLATE "C", attnum
