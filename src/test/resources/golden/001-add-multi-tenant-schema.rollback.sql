-- What rollback runs for changelog/001-add-multi-tenant-schema.yaml. Written by GoldenSqlIT.

-- 001-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-tag', true);

-- 001-chord-charts-user-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-chord-charts-user-id-index', true);
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_chord_charts_user_id', 'gpra_building_idx_chord_charts_user_id', ARRAY['[gpra 001-chord-charts-user-id-index]', '[gpra 001]']);
-- chord_charts: SHARE UPDATE EXCLUSIVE, no scan
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;

-- 001-routines-user-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-routines-user-id-index', true);
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_routines_user_id', 'gpra_building_idx_routines_user_id', ARRAY['[gpra 001-routines-user-id-index]', '[gpra 001]']);
-- routines: SHARE UPDATE EXCLUSIVE, no scan
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_routines_user_id;
RESET lock_timeout;

-- 001-items-user-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-items-user-id-index', true);
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_items_user_id', 'gpra_building_idx_items_user_id', ARRAY['[gpra 001-items-user-id-index]', '[gpra 001]']);
-- items: SHARE UPDATE EXCLUSIVE, no scan
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_items_user_id;
RESET lock_timeout;

-- 001-subscriptions-tier-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-subscriptions-tier-index', true);
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_subscriptions_tier', 'gpra_building_idx_subscriptions_tier', ARRAY['[gpra 001-subscriptions-tier-index]', '[gpra 001]']);
-- subscriptions: SHARE UPDATE EXCLUSIVE, no scan
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_subscriptions_tier;
RESET lock_timeout;

-- 001-subscriptions-status-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-subscriptions-status-index', true);
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_subscriptions_status', 'gpra_building_idx_subscriptions_status', ARRAY['[gpra 001-subscriptions-status-index]', '[gpra 001]']);
-- subscriptions: SHARE UPDATE EXCLUSIVE, no scan
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_subscriptions_status;
RESET lock_timeout;

-- 001-subscriptions-user-id-index
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-subscriptions-user-id-index', true);
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_subscriptions_user_id', 'gpra_building_idx_subscriptions_user_id', ARRAY['[gpra 001-subscriptions-user-id-index]', '[gpra 001]']);
-- subscriptions: SHARE UPDATE EXCLUSIVE, no scan
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_subscriptions_user_id;
RESET lock_timeout;

-- 001-chord-charts-generation-method-check-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-chord-charts-generation-method-check-valid', true);
-- chord_charts: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_constraint('chord_charts', 'ck_chord_charts_generation_method', 'gpra_building_ck_chord_charts_generation_method', ARRAY['[gpra 001-chord-charts-generation-method-check-valid]', '[gpra 001]']);

-- 001-items-created-via-check-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-items-created-via-check-valid', true);
-- items: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_constraint('items', 'ck_items_created_via', 'gpra_building_ck_items_created_via', ARRAY['[gpra 001-items-created-via-check-valid]', '[gpra 001]']);

-- 001-subscriptions-status-check-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-subscriptions-status-check-valid', true);
-- subscriptions: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_constraint('subscriptions', 'ck_subscriptions_status', 'gpra_building_ck_subscriptions_status', ARRAY['[gpra 001-subscriptions-status-check-valid]', '[gpra 001]']);

-- 001-subscriptions-tier-check-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-subscriptions-tier-check-valid', true);
-- subscriptions: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_constraint('subscriptions', 'ck_subscriptions_tier', 'gpra_building_ck_subscriptions_tier', ARRAY['[gpra 001-subscriptions-tier-check-valid]', '[gpra 001]']);

-- 001-chord-charts-user-id-fk-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-chord-charts-user-id-fk-valid', true);
-- public.chord_charts and what its keys lead to: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_constraint('public.chord_charts', 'fk_chord_charts_user_id', 'gpra_building_fk_chord_charts_user_id', ARRAY['[gpra 001-chord-charts-user-id-fk-valid]', '[gpra 001]']);

-- 001-routines-user-id-fk-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-routines-user-id-fk-valid', true);
-- public.routines and what its keys lead to: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_constraint('public.routines', 'fk_routines_user_id', 'gpra_building_fk_routines_user_id', ARRAY['[gpra 001-routines-user-id-fk-valid]', '[gpra 001]']);

-- 001-items-user-id-fk-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-items-user-id-fk-valid', true);
-- public.items and what its keys lead to: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_constraint('public.items', 'fk_items_user_id', 'gpra_building_fk_items_user_id', ARRAY['[gpra 001-items-user-id-fk-valid]', '[gpra 001]']);

-- 001-chord-charts-user-id
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-chord-charts-user-id', true);
-- public.chord_charts: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_column('public.chord_charts', 'user_id', ARRAY['[gpra 001-chord-charts-user-id]', '[gpra 001]']);
COMMIT;

-- 001-routines-user-id
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-routines-user-id', true);
-- public.routines: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_column('public.routines', 'user_id', ARRAY['[gpra 001-routines-user-id]', '[gpra 001]']);
COMMIT;

-- 001-items-user-id
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-items-user-id', true);
-- public.items: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_column('public.items', 'user_id', ARRAY['[gpra 001-items-user-id]', '[gpra 001]']);
COMMIT;

-- 001-chord-charts-generation-method
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-chord-charts-generation-method', true);
-- public.chord_charts: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_column('public.chord_charts', 'generation_method', ARRAY['[gpra 001-chord-charts-generation-method]', '[gpra 001]']);
COMMIT;

-- 001-items-created-via
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-items-created-via', true);
-- public.items: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_column('public.items', 'created_via', ARRAY['[gpra 001-items-created-via]', '[gpra 001]']);
COMMIT;

-- 001-subscriptions
BEGIN;
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-subscriptions', true);
-- public.subscriptions and what its keys lead to: ACCESS EXCLUSIVE, no scan
CALL pg_temp.gpra_drop_table('public.subscriptions', ARRAY['[gpra 001-subscriptions]', '[gpra 001]'], false);
COMMIT;

-- 001-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '001-preflight', true);
