-- What rollback runs for changelog/001-add-multi-tenant-schema.yaml. Written by GoldenSqlIT.

-- 001-tag
SET gpra.changeset = '001-tag';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag

-- 001-verify
SET gpra.changeset = '001-verify';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag

-- 001-chord-charts-user-id-index
SET gpra.changeset = '001-chord-charts-user-id-index';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_chord_charts_user_id', 'gpra_building_idx_chord_charts_user_id', ARRAY['[gpra 001-chord-charts-user-id-index]', '[gpra 001]']);
CALL pg_temp.gpra_limit_wait('10min');
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_chord_charts_user_id;
RESET lock_timeout;

-- 001-routines-user-id-index
SET gpra.changeset = '001-routines-user-id-index';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_routines_user_id', 'gpra_building_idx_routines_user_id', ARRAY['[gpra 001-routines-user-id-index]', '[gpra 001]']);
CALL pg_temp.gpra_limit_wait('10min');
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_routines_user_id;
RESET lock_timeout;

-- 001-items-user-id-index
SET gpra.changeset = '001-items-user-id-index';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_items_user_id', 'gpra_building_idx_items_user_id', ARRAY['[gpra 001-items-user-id-index]', '[gpra 001]']);
CALL pg_temp.gpra_limit_wait('10min');
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_items_user_id;
RESET lock_timeout;

-- 001-subscriptions-tier-index
SET gpra.changeset = '001-subscriptions-tier-index';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_subscriptions_tier', 'gpra_building_idx_subscriptions_tier', ARRAY['[gpra 001-subscriptions-tier-index]', '[gpra 001]']);
CALL pg_temp.gpra_limit_wait('10min');
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_subscriptions_tier;
RESET lock_timeout;

-- 001-subscriptions-status-index
SET gpra.changeset = '001-subscriptions-status-index';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_subscriptions_status', 'gpra_building_idx_subscriptions_status', ARRAY['[gpra 001-subscriptions-status-index]', '[gpra 001]']);
CALL pg_temp.gpra_limit_wait('10min');
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_subscriptions_status;
RESET lock_timeout;

-- 001-subscriptions-user-id-index
SET gpra.changeset = '001-subscriptions-user-id-index';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_begin_drop_index(NULL, 'idx_subscriptions_user_id', 'gpra_building_idx_subscriptions_user_id', ARRAY['[gpra 001-subscriptions-user-id-index]', '[gpra 001]']);
CALL pg_temp.gpra_limit_wait('10min');
DROP INDEX CONCURRENTLY IF EXISTS public.gpra_building_idx_subscriptions_user_id;
RESET lock_timeout;

-- 001-chord-charts-generation-method-check-valid
SET gpra.changeset = '001-chord-charts-generation-method-check-valid';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('chord_charts') AND conname = 'ck_chord_charts_generation_method'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%' AND convalidated) THEN
    ALTER TABLE chord_charts DROP CONSTRAINT ck_chord_charts_generation_method,
      ADD CONSTRAINT ck_chord_charts_generation_method CHECK (generation_method IN ('autocreate_file', 'autocreate_youtube', 'manual')) NOT VALID;
    COMMENT ON CONSTRAINT ck_chord_charts_generation_method ON chord_charts IS '[gpra 001] Known values only';
  END IF;
END $gpra_body$;

-- 001-chord-charts-generation-method-check
SET gpra.changeset = '001-chord-charts-generation-method-check';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('chord_charts') AND conname = 'ck_chord_charts_generation_method'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%') THEN
    ALTER TABLE chord_charts DROP CONSTRAINT ck_chord_charts_generation_method;
  END IF;
END $gpra_body$;

-- 001-items-created-via-check-valid
SET gpra.changeset = '001-items-created-via-check-valid';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('items') AND conname = 'ck_items_created_via'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%' AND convalidated) THEN
    ALTER TABLE items DROP CONSTRAINT ck_items_created_via,
      ADD CONSTRAINT ck_items_created_via CHECK (created_via IN ('manual', 'import')) NOT VALID;
    COMMENT ON CONSTRAINT ck_items_created_via ON items IS '[gpra 001] Known values only';
  END IF;
END $gpra_body$;

-- 001-items-created-via-check
SET gpra.changeset = '001-items-created-via-check';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('items') AND conname = 'ck_items_created_via'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%') THEN
    ALTER TABLE items DROP CONSTRAINT ck_items_created_via;
  END IF;
END $gpra_body$;

-- 001-subscriptions-status-check-valid
SET gpra.changeset = '001-subscriptions-status-check-valid';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('subscriptions') AND conname = 'ck_subscriptions_status'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%' AND convalidated) THEN
    ALTER TABLE subscriptions DROP CONSTRAINT ck_subscriptions_status,
      ADD CONSTRAINT ck_subscriptions_status CHECK (status IN ('active', 'canceled', 'past_due', 'trialing', 'incomplete')) NOT VALID;
    COMMENT ON CONSTRAINT ck_subscriptions_status ON subscriptions IS '[gpra 001] Known values only';
  END IF;
END $gpra_body$;

-- 001-subscriptions-status-check
SET gpra.changeset = '001-subscriptions-status-check';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('subscriptions') AND conname = 'ck_subscriptions_status'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%') THEN
    ALTER TABLE subscriptions DROP CONSTRAINT ck_subscriptions_status;
  END IF;
END $gpra_body$;

-- 001-subscriptions-tier-check-valid
SET gpra.changeset = '001-subscriptions-tier-check-valid';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('subscriptions') AND conname = 'ck_subscriptions_tier'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%' AND convalidated) THEN
    ALTER TABLE subscriptions DROP CONSTRAINT ck_subscriptions_tier,
      ADD CONSTRAINT ck_subscriptions_tier CHECK (tier IN ('free', 'basic', 'standard', 'pro', 'unlimited')) NOT VALID;
    COMMENT ON CONSTRAINT ck_subscriptions_tier ON subscriptions IS '[gpra 001] Known values only';
  END IF;
END $gpra_body$;

-- 001-subscriptions-tier-check
SET gpra.changeset = '001-subscriptions-tier-check';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('subscriptions') AND conname = 'ck_subscriptions_tier'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%') THEN
    ALTER TABLE subscriptions DROP CONSTRAINT ck_subscriptions_tier;
  END IF;
END $gpra_body$;

-- 001-chord-charts-user-id-fk-valid
SET gpra.changeset = '001-chord-charts-user-id-fk-valid';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
SET gpra.lock = 'chord_charts IN ACCESS EXCLUSIVE MODE';
-- Takes the locks on ab_user and on one more table first and together, in the application's order: it reads ab_user,
-- … and what follows, as in 001.update.sql, 001-items-user-id-fk
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('chord_charts') AND conname = 'fk_chord_charts_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%' AND convalidated) THEN
    ALTER TABLE chord_charts DROP CONSTRAINT fk_chord_charts_user_id,
      ADD CONSTRAINT fk_chord_charts_user_id FOREIGN KEY (user_id) REFERENCES ab_user (id) ON DELETE CASCADE NOT VALID;
    COMMENT ON CONSTRAINT fk_chord_charts_user_id ON chord_charts IS '[gpra 001] The owner is a user';
  END IF;
END $gpra_body$;

-- 001-chord-charts-user-id-fk
SET gpra.changeset = '001-chord-charts-user-id-fk';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
SET gpra.lock = 'chord_charts IN ACCESS EXCLUSIVE MODE';
-- Takes the locks on ab_user and on one more table first and together, in the application's order: it reads ab_user,
-- … and what follows, as in 001.update.sql, 001-items-user-id-fk
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('chord_charts') AND conname = 'fk_chord_charts_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%') THEN
    ALTER TABLE chord_charts DROP CONSTRAINT fk_chord_charts_user_id;
  END IF;
END $gpra_body$;

-- 001-routines-user-id-fk-valid
SET gpra.changeset = '001-routines-user-id-fk-valid';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
SET gpra.lock = 'routines IN ACCESS EXCLUSIVE MODE';
-- Takes the locks on ab_user and on one more table first and together, in the application's order: it reads ab_user,
-- … and what follows, as in 001.update.sql, 001-items-user-id-fk
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('routines') AND conname = 'fk_routines_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%' AND convalidated) THEN
    ALTER TABLE routines DROP CONSTRAINT fk_routines_user_id,
      ADD CONSTRAINT fk_routines_user_id FOREIGN KEY (user_id) REFERENCES ab_user (id) ON DELETE CASCADE NOT VALID;
    COMMENT ON CONSTRAINT fk_routines_user_id ON routines IS '[gpra 001] The owner is a user';
  END IF;
END $gpra_body$;

-- 001-routines-user-id-fk
SET gpra.changeset = '001-routines-user-id-fk';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
SET gpra.lock = 'routines IN ACCESS EXCLUSIVE MODE';
-- Takes the locks on ab_user and on one more table first and together, in the application's order: it reads ab_user,
-- … and what follows, as in 001.update.sql, 001-items-user-id-fk
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('routines') AND conname = 'fk_routines_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%') THEN
    ALTER TABLE routines DROP CONSTRAINT fk_routines_user_id;
  END IF;
END $gpra_body$;

-- 001-items-user-id-fk-valid
SET gpra.changeset = '001-items-user-id-fk-valid';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
SET gpra.lock = 'items IN ACCESS EXCLUSIVE MODE';
-- Takes the locks on ab_user and on one more table first and together, in the application's order: it reads ab_user,
-- … and what follows, as in 001.update.sql, 001-items-user-id-fk
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('items') AND conname = 'fk_items_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%' AND convalidated) THEN
    ALTER TABLE items DROP CONSTRAINT fk_items_user_id,
      ADD CONSTRAINT fk_items_user_id FOREIGN KEY (user_id) REFERENCES ab_user (id) ON DELETE CASCADE NOT VALID;
    COMMENT ON CONSTRAINT fk_items_user_id ON items IS '[gpra 001] The owner is a user';
  END IF;
END $gpra_body$;

-- 001-items-user-id-fk
SET gpra.changeset = '001-items-user-id-fk';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
SET gpra.lock = 'items IN ACCESS EXCLUSIVE MODE';
-- Takes the locks on ab_user and on one more table first and together, in the application's order: it reads ab_user,
-- … and what follows, as in 001.update.sql, 001-items-user-id-fk
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('items') AND conname = 'fk_items_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%') THEN
    ALTER TABLE items DROP CONSTRAINT fk_items_user_id;
  END IF;
END $gpra_body$;

-- 001-existing-values
SET gpra.changeset = '001-existing-values';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag

-- 001-chord-charts-user-id
SET gpra.changeset = '001-chord-charts-user-id';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_drop_column('public.chord_charts', 'user_id', ARRAY['[gpra 001-chord-charts-user-id]', '[gpra 001]']);

-- 001-routines-user-id
SET gpra.changeset = '001-routines-user-id';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_drop_column('public.routines', 'user_id', ARRAY['[gpra 001-routines-user-id]', '[gpra 001]']);

-- 001-items-user-id
SET gpra.changeset = '001-items-user-id';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_drop_column('public.items', 'user_id', ARRAY['[gpra 001-items-user-id]', '[gpra 001]']);

-- 001-chord-charts-generation-method
SET gpra.changeset = '001-chord-charts-generation-method';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_drop_column('public.chord_charts', 'generation_method', ARRAY['[gpra 001-chord-charts-generation-method]', '[gpra 001]']);

-- 001-items-created-via
SET gpra.changeset = '001-items-created-via';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_drop_column('public.items', 'created_via', ARRAY['[gpra 001-items-created-via]', '[gpra 001]']);

-- 001-subscriptions
SET gpra.changeset = '001-subscriptions';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
CALL pg_temp.gpra_drop_table('public.subscriptions', ARRAY['[gpra 001-subscriptions]', '[gpra 001]'], false);

-- 001-preflight
SET gpra.changeset = '001-preflight';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
-- Undoes what is left of 001: an object that a run made and was killed before it could record its changeset. Where
-- every changeset was recorded and undone, nothing is.
DO $gpra_body$
DECLARE
  statement text;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  FOR statement IN
    SELECT format('DROP INDEX %s', i.indexrelid::regclass)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
       AND (obj_description(c.oid, 'pg_class') LIKE '[gpra 001%' OR c.relname LIKE 'gpra\_building\_%')
    UNION ALL
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
      FROM pg_constraint
     WHERE conrelid IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
       AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001]%'
    UNION ALL
    SELECT format('ALTER TABLE %s DROP COLUMN %I', attrelid::regclass, attname)
      FROM pg_attribute
     WHERE attrelid IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'))
       AND col_description(attrelid, attnum) LIKE '[gpra 001%'
    UNION ALL
    SELECT format('DROP TABLE %s', oid::regclass)
      FROM pg_class
     WHERE oid = to_regclass('subscriptions') AND obj_description(oid, 'pg_class') LIKE '[gpra 001%'
        OR oid = to_regclass('gpra_no_building')
  LOOP
    EXECUTE statement;
  END LOOP;
END
$gpra_body$;
