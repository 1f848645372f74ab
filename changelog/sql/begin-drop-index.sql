-- Gives the index gpra.index, if it bears a mark of ours, its working name: the next statement drops that one, concurrently.
DO $gpra_body$
DECLARE
  name text := current_setting('gpra.index');
BEGIN
  IF to_regclass('gpra_no_building') IS NOT NULL THEN
    -- Left by a run that was killed (begin-index.sql).
    DROP TABLE gpra_no_building;
  END IF;
  IF current_setting('gpra.guarded', true) = 'yes' AND obj_description(to_regclass(name), 'pg_class') ~ '^\[gpra \d{3}[]-]' THEN
    EXECUTE format('ALTER INDEX %I RENAME TO gpra_building_%1$s', name);
  END IF;
END
$gpra_body$;
