-- What update runs for changelog/003-require-owner.yaml. Written by GoldenSqlIT.

-- 003-preflight
-- Changes nothing. Stops where something has a name of ours, or half requires an owner already, or while the tables are being observed.
CALL pg_temp.gpra_begin('[gpra 003-preflight]');
BEGIN;
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
COMMIT;

-- 003-items-user-id-required
-- items.user_id: rows that have come without owner since 002 become the admin's, and from then on such rows are refused, so that each item is somebody's. Before that it watches for gpra.owner.quiet that no more come.
CALL pg_temp.gpra_begin('[gpra 003-items-user-id-required]');
-- items: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('items', 'user_id', 'pg_temp.gpra_admin()', 'idx_items_user_id', '003-items-user-id-required', 'gpra_admin_assignment', false);
-- items: SHARE ROW EXCLUSIVE, no scan
CALL pg_temp.gpra_sweep_rows('items', 'user_id', 'idx_items_user_id', '003-items-user-id-required', false);
-- items: scan, then ACCESS EXCLUSIVE
CALL pg_temp.gpra_refuse_rows_without('items', 'user_id', 'ck_items_user_id', 'gpra_building_ck_items_user_id', ARRAY['[gpra 003-items-user-id-required]', '[gpra 003]']);
-- items: SHARE ROW EXCLUSIVE, then scan
CALL pg_temp.gpra_sweep_rows('items', 'user_id', 'idx_items_user_id', '003-items-user-id-required', true);
-- items: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_validate_constraint('items', 'ck_items_user_id', 'gpra_building_ck_items_user_id', ARRAY['[gpra 003-items-user-id-required]', '[gpra 003]']);
-- items: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_constraint('items', 'ck_items_user_id', 'gpra_building_ck_items_user_id', 'user_id', ARRAY['[gpra 003-items-user-id-required]', '[gpra 003]']);

-- 003-routines-user-id-required
-- routines.user_id: rows that have come without owner since 002 become the admin's, and from then on such rows are refused, so that each routine is somebody's. Before that it watches for gpra.owner.quiet that no more come.
CALL pg_temp.gpra_begin('[gpra 003-routines-user-id-required]');
-- routines: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('routines', 'user_id', 'pg_temp.gpra_admin()', 'idx_routines_user_id', '003-routines-user-id-required', 'gpra_admin_assignment', false);
-- routines: SHARE ROW EXCLUSIVE, no scan
CALL pg_temp.gpra_sweep_rows('routines', 'user_id', 'idx_routines_user_id', '003-routines-user-id-required', false);
-- routines: scan, then ACCESS EXCLUSIVE
CALL pg_temp.gpra_refuse_rows_without('routines', 'user_id', 'ck_routines_user_id', 'gpra_building_ck_routines_user_id', ARRAY['[gpra 003-routines-user-id-required]', '[gpra 003]']);
-- routines: SHARE ROW EXCLUSIVE, then scan
CALL pg_temp.gpra_sweep_rows('routines', 'user_id', 'idx_routines_user_id', '003-routines-user-id-required', true);
-- routines: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_validate_constraint('routines', 'ck_routines_user_id', 'gpra_building_ck_routines_user_id', ARRAY['[gpra 003-routines-user-id-required]', '[gpra 003]']);
-- routines: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_constraint('routines', 'ck_routines_user_id', 'gpra_building_ck_routines_user_id', 'user_id', ARRAY['[gpra 003-routines-user-id-required]', '[gpra 003]']);

-- 003-chord-charts-user-id-required
-- chord_charts.user_id: rows that have come without owner since 002 become the admin's, and from then on such rows are refused, so that each chart is somebody's. Before that it watches for gpra.owner.quiet that no more come.
CALL pg_temp.gpra_begin('[gpra 003-chord-charts-user-id-required]');
-- chord_charts: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_fill('chord_charts', 'user_id', 'pg_temp.gpra_admin()', 'idx_chord_charts_user_id', '003-chord-charts-user-id-required', 'gpra_admin_assignment', false);
-- chord_charts: SHARE ROW EXCLUSIVE, no scan
CALL pg_temp.gpra_sweep_rows('chord_charts', 'user_id', 'idx_chord_charts_user_id', '003-chord-charts-user-id-required', false);
-- chord_charts: scan, then ACCESS EXCLUSIVE
CALL pg_temp.gpra_refuse_rows_without('chord_charts', 'user_id', 'ck_chord_charts_user_id', 'gpra_building_ck_chord_charts_user_id', ARRAY['[gpra 003-chord-charts-user-id-required]', '[gpra 003]']);
-- chord_charts: SHARE ROW EXCLUSIVE, then scan
CALL pg_temp.gpra_sweep_rows('chord_charts', 'user_id', 'idx_chord_charts_user_id', '003-chord-charts-user-id-required', true);
-- chord_charts: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_validate_constraint('chord_charts', 'ck_chord_charts_user_id', 'gpra_building_ck_chord_charts_user_id', ARRAY['[gpra 003-chord-charts-user-id-required]', '[gpra 003]']);
-- chord_charts: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_constraint('chord_charts', 'ck_chord_charts_user_id', 'gpra_building_ck_chord_charts_user_id', 'user_id', ARRAY['[gpra 003-chord-charts-user-id-required]', '[gpra 003]']);

-- 003-verify
-- Changes nothing. Fails if items, routines or chord_charts accepts rows without owner.
CALL pg_temp.gpra_begin('[gpra 003-verify]');
BEGIN;
-- Fails if items, routines or chord_charts accept rows without owner. Reads the catalogs only.
DO $gpra_body$
DECLARE
  lenient text;
BEGIN
  SELECT string_agg(name, ', ' ORDER BY name) INTO lenient
    FROM unnest(ARRAY['items', 'routines', 'chord_charts']) AS name
   WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(name) AND attname = 'user_id' AND attnotnull);
  IF lenient IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('003 is not complete: %s accept(s) rows without owner. Somebody changed it while 003 ran: run '
      'mvn liquibase:rollback -Dliquibase.rollbackTag=002 -Dliquibase.labelFilter=enforce, then update.', lenient);
  END IF;
END
$gpra_body$;
COMMIT;

-- 003-tag
-- The state after migration 003.
