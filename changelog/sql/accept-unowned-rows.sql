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
