-- What changesets make, each under the name that its table, and its column, has now: after those that renamed it since, in their order, as long as
-- the name before is no table's, or no column's that it could be. A view keeps its name, and a rename has both. Of a column, "was" is
-- the names before.
WITH RECURSIVE made (id, kind, tab, name, working, detail) AS (
  {made}
), ran (ids) AS (
  SELECT {ran}
), one AS (
  SELECT row_number() OVER () AS place, made.* FROM made
), called AS (
  SELECT place, tab, place AS since FROM one WHERE kind NOT IN ('renamed table', 'view')
   UNION ALL SELECT c.place, r.tab, r.place
    FROM ran CROSS JOIN called c JOIN one r ON r.kind = 'renamed table' AND r.detail ->> 'from' = c.tab AND r.place > c.since AND r.id = ANY (ran.ids)
   WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(c.tab) AND relkind = 'r')
), now AS (
  SELECT id, kind, coalesce(c.tab, one.tab) AS tab, name, working, detail, place
    FROM one LEFT JOIN (SELECT DISTINCT ON (place) place, tab FROM called ORDER BY place, since DESC) AS c USING (place)
), named AS (
  SELECT place, name, place AS since, '{}'::text[] AS was FROM now WHERE kind IN ('column', 'fill', 'loss', 'type', 'renamed column') AND detail -> 'copied' IS NULL
   UNION ALL SELECT c.place, r.detail ->> 'renamed', r.place, c.was || c.name
    FROM ran CROSS JOIN named c
    JOIN now m USING (place)
    JOIN now r ON r.kind = 'drop column' AND (r.tab, r.name) = (m.tab, c.name) AND r.detail -> 'renamed' IS NOT NULL AND r.place > c.since AND r.id = ANY (ran.ids)
   WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(m.tab) AND a.attname = c.name AND NOT a.attisdropped
                        AND coalesce(strpos(col_description(a.attrelid, a.attnum), format(' %s]', m.id)) > 0
                                     OR m.id ~ '^\d{3}-' AND strpos(col_description(a.attrelid, a.attnum), format(' %s]', left(m.id, 3))) > 0, true))
)
SELECT id, kind, tab, coalesce(c.name, now.name), working, CASE WHEN c.name <> now.name THEN detail || jsonb_build_object('was', c.was) ELSE detail END
  FROM now LEFT JOIN (SELECT DISTINCT ON (place) place, name, was FROM named ORDER BY place, since DESC) AS c USING (place)
 ORDER BY place
