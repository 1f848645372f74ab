-- Checks that each owner in gpra.target is a user, where 001's foreign key was put back NOT VALID. Reading and writing go on.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF EXISTS (SELECT FROM pg_constraint
              WHERE conrelid = to_regclass(target) AND conname = format('fk_%s_user_id', target) AND NOT convalidated
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001%') THEN
    PERFORM set_config('row_security', 'off', true);
    EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT fk_%1$s_user_id', target);
  END IF;
END
$gpra_body$;
