-- Gives the index on gpra.target's user_id, which has just been built, its name and 001's mark in one transaction.
DO $gpra_body$
DECLARE
  target  text := current_setting('gpra.target');
  working regclass := to_regclass(format('gpra_building_idx_%s_user_id', target));
BEGIN
  IF to_regclass('gpra_no_building') IS NOT NULL THEN
    DROP TABLE gpra_no_building;
  ELSIF NOT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = working), false) THEN
    RAISE EXCEPTION USING MESSAGE = format('The index on %s.user_id was not built. Run the same command again: it builds it anew.', target);
  ELSE
    EXECUTE format('ALTER INDEX %s RENAME TO idx_%s_user_id', working, target);
    EXECUTE format('COMMENT ON INDEX idx_%s_user_id IS %L', target, '[gpra 001] Rows by user_id');
  END IF;
END
$gpra_body$;
