-- What rollback runs for changelog/002-assign-existing-data-to-admin.yaml. Written by GoldenSqlIT.

-- 002-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-tag', true);

-- 002-verify
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify', true);

-- 002-admin-subscription
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-admin-subscription', true);
CALL pg_temp.gpra_remove_admin_subscription();
COMMIT;

-- 002-verify-chord-charts
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-chord-charts', true);
-- chord_charts and what its keys lead to: ACCESS EXCLUSIVE, no scan; or else
-- chord_charts: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_unfill('chord_charts', 'user_id', 'idx_chord_charts_user_id', 'gpra_admin_assignment', true);
-- chord_charts: no scan, then SHARE only if it is empty
CALL pg_temp.gpra_begin_fill_index('chord_charts', 'user_id', 'idx_chord_charts_user_id', 'gpra_building_idx_chord_charts_user_id');
-- chord_charts: SHARE UPDATE EXCLUSIVE, scan
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_chord_charts_user_id ON chord_charts (user_id);
RESET lock_timeout;
-- chord_charts: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_end_fill('chord_charts', 'user_id', 'idx_chord_charts_user_id', 'gpra_building_idx_chord_charts_user_id', '[gpra 002-verify-chord-charts]');
CALL pg_temp.gpra_forget_fill('chord_charts', 'user_id', 'gpra_admin_assignment');

-- 002-verify-routines
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-routines', true);
-- routines and what its keys lead to: ACCESS EXCLUSIVE, no scan; or else
-- routines: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_unfill('routines', 'user_id', 'idx_routines_user_id', 'gpra_admin_assignment', true);
-- routines: no scan, then SHARE only if it is empty
CALL pg_temp.gpra_begin_fill_index('routines', 'user_id', 'idx_routines_user_id', 'gpra_building_idx_routines_user_id');
-- routines: SHARE UPDATE EXCLUSIVE, scan
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_routines_user_id ON routines (user_id);
RESET lock_timeout;
-- routines: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_end_fill('routines', 'user_id', 'idx_routines_user_id', 'gpra_building_idx_routines_user_id', '[gpra 002-verify-routines]');
CALL pg_temp.gpra_forget_fill('routines', 'user_id', 'gpra_admin_assignment');

-- 002-verify-items
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-items', true);
-- items and what its keys lead to: ACCESS EXCLUSIVE, no scan; or else
-- items: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_unfill('items', 'user_id', 'idx_items_user_id', 'gpra_admin_assignment', true);
-- items: no scan, then SHARE only if it is empty
CALL pg_temp.gpra_begin_fill_index('items', 'user_id', 'idx_items_user_id', 'gpra_building_idx_items_user_id');
-- items: SHARE UPDATE EXCLUSIVE, scan
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id ON items (user_id);
RESET lock_timeout;
-- items: SHARE UPDATE EXCLUSIVE, scan
CALL pg_temp.gpra_end_fill('items', 'user_id', 'idx_items_user_id', 'gpra_building_idx_items_user_id', '[gpra 002-verify-items]');
CALL pg_temp.gpra_forget_fill('items', 'user_id', 'gpra_admin_assignment');

-- 002-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-preflight', true);
