-- Undoes one step of putting back what went with the column: gpra.step is 'key', its validation, or 'index'. Only where the
-- rollback stops before the assignment itself: otherwise they are of use to that, and it sees to them.
DO $gpra_body$
DECLARE
  target  text := current_setting('gpra.target');
  reaches text[] := string_to_array(current_setting('gpra.reaches', true), ',');
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' OR to_regclass('gpra_admin_assignment.admins') IS NULL
     OR '002-assign-' || replace(target, '_', '-') = ANY (reaches) THEN
    RETURN;
  END IF;
  -- On its own: the whole condition is planned at once, and after changelogSync that table is not there.
  IF NOT EXISTS (SELECT FROM gpra_admin_assignment.admins WHERE assigned_table = to_regclass(target) AND column_replaced) THEN
    RETURN;
  END IF;
  IF current_setting('gpra.step') = 'index' AND obj_description(to_regclass(format('idx_%s_user_id', target)), 'pg_class') LIKE '[gpra 001%' THEN
    -- Under this name the next statement drops it, concurrently.
    EXECUTE format('ALTER INDEX idx_%s_user_id RENAME TO gpra_building_idx_%1$s_user_id', target);
  ELSIF current_setting('gpra.step') = 'key'
        AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(target) AND conname = format('fk_%s_user_id', target)
                       AND convalidated AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001%') THEN
    -- A constraint cannot be made not valid again: it is replaced by itself, without looking at a row.
    -- Each of the two locks is waited for half as long.
    PERFORM set_config('lock_timeout', greatest(1, extract(epoch FROM current_setting('lock_timeout')::interval) * 500)::bigint::text, true)
      WHERE current_setting('lock_timeout')::interval > '0';
    IF has_table_privilege('ab_user', 'UPDATE, DELETE, TRUNCATE') THEN
      LOCK TABLE ab_user IN ACCESS EXCLUSIVE MODE;
    END IF;
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT fk_%1$s_user_id, '
      'ADD CONSTRAINT fk_%1$s_user_id FOREIGN KEY (user_id) REFERENCES ab_user (id) ON DELETE CASCADE NOT VALID', target);
    EXECUTE format('COMMENT ON CONSTRAINT fk_%1$s_user_id ON %1$I IS %2$L', target, format('[gpra 001-%s-user-id-fk-valid]', replace(target, '_', '-')));
  END IF;
END
$gpra_body$;
