-- What rollback runs for changelog/004-enable-row-level-security.yaml. Written by GoldenSqlIT.

-- 004-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-tag', true);

-- 004-verify
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-verify', true);

-- 004-active-routine-enabled
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-active-routine-enabled', true);
-- active_routine: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_isolation('active_routine', 'tenant_isolation', ARRAY['[gpra 004-active-routine-enabled]', '[gpra 004]']);
COMMIT;

-- 004-routine-items-enabled
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-routine-items-enabled', true);
-- routine_items: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_isolation('routine_items', 'tenant_isolation', ARRAY['[gpra 004-routine-items-enabled]', '[gpra 004]']);
COMMIT;

-- 004-subscriptions-enabled
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-subscriptions-enabled', true);
-- subscriptions: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_isolation('subscriptions', 'tenant_isolation', ARRAY['[gpra 004-subscriptions-enabled]', '[gpra 004]']);
COMMIT;

-- 004-chord-charts-enabled
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-chord-charts-enabled', true);
-- chord_charts: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_isolation('chord_charts', 'tenant_isolation', ARRAY['[gpra 004-chord-charts-enabled]', '[gpra 004]']);
COMMIT;

-- 004-routines-enabled
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-routines-enabled', true);
-- routines: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_isolation('routines', 'tenant_isolation', ARRAY['[gpra 004-routines-enabled]', '[gpra 004]']);
COMMIT;

-- 004-items-enabled
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-items-enabled', true);
-- items: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_end_isolation('items', 'tenant_isolation', ARRAY['[gpra 004-items-enabled]', '[gpra 004]']);
COMMIT;

-- 004-active-routine-routine-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-active-routine-routine-id-index', true);
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_active_routine_routine_id', 'gpra_building_idx_active_routine_routine_id', ARRAY['[gpra 004-active-routine-routine-id-index]', '[gpra 004]']);
-- active_routine: SHARE UPDATE EXCLUSIVE, no scan
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_active_routine_routine_id;
RESET lock_timeout;

-- 004-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '004-preflight', true);
