-- Whether 003 could require owners, and take that back again. Stops with everything that is in the way. Reads the catalogs only.
DO $gpra_body$
DECLARE
  obstacles text;
BEGIN
  WITH target AS (
    SELECT name, to_regclass(name) AS tab FROM unnest(ARRAY['items', 'routines', 'chord_charts']) AS name
  )
  SELECT string_agg(line, '; ' ORDER BY line) INTO obstacles
    FROM (SELECT format('%s is still being observed: psql -f docs/sql/observe-off.sql', name)
            FROM target WHERE EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = tab AND obj_description(p.oid, 'pg_policy') LIKE '[gpra observe]%')
          UNION ALL
          -- PostgreSQL 18 knows such a one, and says of the column that it is required.
          SELECT format('the constraint %I on %s is NOT NULL and not valid: ALTER TABLE %2$s DROP CONSTRAINT %1$I', k.conname, name)
            FROM target JOIN pg_constraint k ON k.conrelid = tab AND k.contype = 'n' AND NOT k.convalidated
            JOIN pg_attribute a ON a.attrelid = tab AND a.attname = 'user_id' AND k.conkey = ARRAY[a.attnum]) AS found (line);
  IF obstacles IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('003 cannot run: %s. Nothing was changed. Correct it, then run the same command again.', obstacles);
  END IF;
END
$gpra_body$;
