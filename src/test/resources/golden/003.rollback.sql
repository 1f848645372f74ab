-- What rollback runs for changelog/003-require-owner.yaml. Written by GoldenSqlIT.

-- 003-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-tag');

-- 003-verify
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-verify');

-- 003-chord-charts-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-chord-charts-user-id-required');
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('chord_charts') AND conname = 'ck_chord_charts_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003]%') THEN
    ALTER TABLE chord_charts ALTER COLUMN user_id DROP NOT NULL;
  END IF;
END $gpra_body$;

-- 003-chord-charts-owner-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-chord-charts-owner-valid');
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('chord_charts') AND conname = 'ck_chord_charts_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003]%' AND convalidated) THEN
    ALTER TABLE chord_charts DROP CONSTRAINT ck_chord_charts_user_id,
      ADD CONSTRAINT ck_chord_charts_user_id CHECK (user_id IS NOT NULL) NOT VALID;
    COMMENT ON CONSTRAINT ck_chord_charts_user_id ON chord_charts IS '[gpra 003] Every row has an owner';
  END IF;
END $gpra_body$;

-- 003-chord-charts-owner
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-chord-charts-owner');
SET gpra.target = 'chord_charts';
CALL pg_temp.gpra_accept_unowned_rows();
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();

-- 003-routines-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-routines-user-id-required');
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('routines') AND conname = 'ck_routines_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003]%') THEN
    ALTER TABLE routines ALTER COLUMN user_id DROP NOT NULL;
  END IF;
END $gpra_body$;

-- 003-routines-owner-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-routines-owner-valid');
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('routines') AND conname = 'ck_routines_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003]%' AND convalidated) THEN
    ALTER TABLE routines DROP CONSTRAINT ck_routines_user_id,
      ADD CONSTRAINT ck_routines_user_id CHECK (user_id IS NOT NULL) NOT VALID;
    COMMENT ON CONSTRAINT ck_routines_user_id ON routines IS '[gpra 003] Every row has an owner';
  END IF;
END $gpra_body$;

-- 003-routines-owner
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-routines-owner');
SET gpra.target = 'routines';
CALL pg_temp.gpra_accept_unowned_rows();
SET gpra.direction = 'unassign';
CALL pg_temp.gpra_assign_rows();

-- 003-items-user-id-required
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-items-user-id-required');
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('items') AND conname = 'ck_items_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003]%') THEN
    ALTER TABLE items ALTER COLUMN user_id DROP NOT NULL;
  END IF;
END $gpra_body$;

-- 003-items-owner-valid
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-items-owner-valid');
DO $gpra_body$ BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('items') AND conname = 'ck_items_user_id'
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003]%' AND convalidated) THEN
    ALTER TABLE items DROP CONSTRAINT ck_items_user_id,
      ADD CONSTRAINT ck_items_user_id CHECK (user_id IS NOT NULL) NOT VALID;
    COMMENT ON CONSTRAINT ck_items_user_id ON items IS '[gpra 003] Every row has an owner';
  END IF;
END $gpra_body$;

-- 003-items-owner
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-items-owner');
SET gpra.target = 'items';
CALL pg_temp.gpra_accept_unowned_rows();
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
