-- What rollback runs for changelog/003-require-owner.yaml. Written by GoldenSqlIT.

-- 003-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-tag', true);

-- 003-verify
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-verify', true);

-- 003-chord-charts-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-chord-charts-user-id-required', true);
-- chord_charts: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_not_null('chord_charts', 'user_id', 'ck_chord_charts_user_id', 'gpra_building_ck_chord_charts_user_id', ARRAY['[gpra 003-chord-charts-user-id-required]', '[gpra 003]']);
-- chord_charts: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_unfill('chord_charts', 'user_id', 'idx_chord_charts_user_id', 'gpra_admin_assignment', false);
CALL pg_temp.gpra_forget_fill('chord_charts', 'user_id', 'gpra_admin_assignment');

-- 003-routines-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-routines-user-id-required', true);
-- routines: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_not_null('routines', 'user_id', 'ck_routines_user_id', 'gpra_building_ck_routines_user_id', ARRAY['[gpra 003-routines-user-id-required]', '[gpra 003]']);
-- routines: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_unfill('routines', 'user_id', 'idx_routines_user_id', 'gpra_admin_assignment', false);
CALL pg_temp.gpra_forget_fill('routines', 'user_id', 'gpra_admin_assignment');

-- 003-items-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-items-user-id-required', true);
-- items: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_not_null('items', 'user_id', 'ck_items_user_id', 'gpra_building_ck_items_user_id', ARRAY['[gpra 003-items-user-id-required]', '[gpra 003]']);
-- items: SHARE ROW EXCLUSIVE for each batch, scan
CALL pg_temp.gpra_unfill('items', 'user_id', 'idx_items_user_id', 'gpra_admin_assignment', false);
CALL pg_temp.gpra_forget_fill('items', 'user_id', 'gpra_admin_assignment');

-- 003-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-preflight', true);
