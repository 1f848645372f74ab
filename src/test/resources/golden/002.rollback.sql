-- What rollback runs for changelog/002-assign-existing-data-to-admin.yaml. Written by GoldenSqlIT.

-- 002-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-tag');

-- 002-verify
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify');

-- 002-admin-subscription
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-admin-subscription');
CALL pg_temp.gpra_remove_admin_subscription();

-- 002-verify-chord-charts
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-chord-charts');
SET gpra.target = 'chord_charts';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_chord_charts_user_id ON chord_charts (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_chord_charts_user_id';
CALL pg_temp.gpra_end_owner_index();
CALL pg_temp.gpra_validate_key();

-- 002-verify-routines
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-routines');
SET gpra.target = 'routines';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_routines_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_routines_user_id ON routines (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_routines_user_id';
CALL pg_temp.gpra_end_owner_index();
CALL pg_temp.gpra_validate_key();

-- 002-verify-items
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-verify-items');
SET gpra.target = 'items';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_items_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id ON items (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_items_user_id';
CALL pg_temp.gpra_end_owner_index();
CALL pg_temp.gpra_validate_key();

-- 002-find-admin
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-find-admin');
CALL pg_temp.gpra_forget_admin();

-- 002-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '002-preflight');
SET gpra.target = 'items';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_items_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id ON items (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_items_user_id';
CALL pg_temp.gpra_end_owner_index();
CALL pg_temp.gpra_validate_key();
SET gpra.target = 'routines';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_routines_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_routines_user_id ON routines (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_routines_user_id';
CALL pg_temp.gpra_end_owner_index();
CALL pg_temp.gpra_validate_key();
SET gpra.target = 'chord_charts';
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();
CALL pg_temp.gpra_limit_wait();
DROP INDEX CONCURRENTLY IF EXISTS gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;
CALL pg_temp.gpra_begin_owner_index();
CALL pg_temp.gpra_limit_wait();
SET max_parallel_maintenance_workers = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_chord_charts_user_id ON chord_charts (user_id);
RESET max_parallel_maintenance_workers;
RESET lock_timeout;
SET gpra.index = 'idx_chord_charts_user_id';
CALL pg_temp.gpra_end_owner_index();
CALL pg_temp.gpra_validate_key();
CALL pg_temp.gpra_remove_admin_subscription();
CALL pg_temp.gpra_forget_admin();
