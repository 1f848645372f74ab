-- What rollback runs for changelog/003-require-owner.yaml. Written by GoldenSqlIT.

-- 003-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-tag');

-- 003-verify
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-verify');

-- 003-chord-charts-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-chord-charts-user-id-required');
CALL pg_temp.gpra_drop_not_null('public.chord_charts', 'user_id', 'ck_chord_charts_user_id', 'gpra_building_ck_chord_charts_user_id', ARRAY['[gpra 003-chord-charts-user-id-required]', '[gpra 003]']);
SET gpra.target = 'chord_charts';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();

-- 003-routines-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-routines-user-id-required');
CALL pg_temp.gpra_drop_not_null('public.routines', 'user_id', 'ck_routines_user_id', 'gpra_building_ck_routines_user_id', ARRAY['[gpra 003-routines-user-id-required]', '[gpra 003]']);
SET gpra.target = 'routines';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();

-- 003-items-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-items-user-id-required');
CALL pg_temp.gpra_drop_not_null('public.items', 'user_id', 'ck_items_user_id', 'gpra_building_ck_items_user_id', ARRAY['[gpra 003-items-user-id-required]', '[gpra 003]']);
SET gpra.target = 'items';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();

-- 003-find-admin
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-find-admin');
CALL pg_temp.gpra_forget_admin();

-- 003-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-preflight');
SET gpra.target = 'items';
CALL pg_temp.gpra_accept_unowned_rows();
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
SET gpra.target = 'routines';
CALL pg_temp.gpra_accept_unowned_rows();
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
SET gpra.target = 'chord_charts';
CALL pg_temp.gpra_accept_unowned_rows();
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_forget_admin();
