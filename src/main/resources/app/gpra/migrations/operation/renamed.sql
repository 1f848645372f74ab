-- What changesets make, each under the name that its table has now: after those that renamed it since, in their order, as long as it is no table under
-- the name before. A view keeps its name, and a rename has both.
WITH RECURSIVE made (id, kind, tab, name, working, detail) AS (
  {made}
), one AS (
  SELECT row_number() OVER () AS place, made.* FROM made
), called AS (
  SELECT place, tab, place AS since FROM one WHERE kind NOT IN ('renamed table', 'view')
   UNION ALL SELECT c.place, r.tab, r.place
    FROM called c JOIN one r ON r.kind = 'renamed table' AND r.detail ->> 'from' = c.tab AND r.place > c.since AND r.id = ANY ({ran})
   WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(c.tab) AND relkind = 'r')
)
SELECT id, kind, coalesce((SELECT c.tab FROM called c WHERE c.place = one.place ORDER BY c.since DESC LIMIT 1), tab), name, working, detail FROM one
