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
-- Rows without owner are accepted again in gpra.target, where 003 refused them.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(target) AND conname = format('ck_%s_user_id', target)
                    AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003]%') THEN
    EXECUTE format('ALTER TABLE %I ALTER COLUMN user_id DROP NOT NULL, DROP CONSTRAINT ck_%1$s_user_id', target);
  END IF;
END
$gpra_body$;
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items

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
-- Rows without owner are accepted again in gpra.target, where 003 refused them.
-- … and what follows, as in 003.rollback.sql, 003-chord-charts-owner
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items

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
-- Rows without owner are accepted again in gpra.target, where 003 refused them.
-- … and what follows, as in 003.rollback.sql, 003-chord-charts-owner
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items

-- 003-find-admin
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-find-admin');
-- Forgets who the admin was: what they were given has been taken back. The schema goes with the last of it, unless it
-- … and what follows, as in 002.rollback.sql, 002-find-admin

-- 003-preflight
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '003-preflight');
SET gpra.target = 'items';
-- Rows without owner are accepted again in gpra.target, where 003 refused them.
-- … and what follows, as in 003.rollback.sql, 003-chord-charts-owner
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
SET gpra.target = 'routines';
-- Rows without owner are accepted again in gpra.target, where 003 refused them.
-- … and what follows, as in 003.rollback.sql, 003-chord-charts-owner
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
SET gpra.target = 'chord_charts';
-- Rows without owner are accepted again in gpra.target, where 003 refused them.
-- … and what follows, as in 003.rollback.sql, 003-chord-charts-owner
SET gpra.direction = 'unassign';
-- Gives each row without owner to the admin, and remembers which; or takes the owner from exactly these rows again.
-- … and what follows, as in 002.update.sql, 002-assign-items
-- Forgets who the admin was: what they were given has been taken back. The schema goes with the last of it, unless it
-- … and what follows, as in 002.rollback.sql, 002-find-admin
