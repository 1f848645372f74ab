-- Gives the index gpra.index, which has just been built concurrently, its name and its mark in one transaction: 001's, where
-- 002 builds it again too; a later migration's number is in gpra.changeset.
DO $gpra_body$
DECLARE
  name      text := current_setting('gpra.index');
  migration text := greatest(left(current_setting('gpra.changeset', true), 3), '003');
  working   regclass := to_regclass('gpra_building_' || name);
BEGIN
  IF to_regclass('gpra_no_building') IS NOT NULL THEN
    -- There was one already (begin-index.sql).
    DROP TABLE gpra_no_building;
  ELSIF NOT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = working), false) THEN
    RAISE EXCEPTION USING MESSAGE = format('The index %s was not built. Run the same command again: it builds it anew.', name);
  ELSE
    EXECUTE format('ALTER INDEX %s RENAME TO %I', working, name);
    EXECUTE format('COMMENT ON INDEX %I IS %L', name, CASE WHEN migration > '003' THEN format('[gpra %s] Rows by %s', migration, pg_get_indexdef(to_regclass(name), 1, false))
                                                           ELSE format('[gpra 001-%s-index]', replace(substr(name, 5), '_', '-')) END);
  END IF;
END
$gpra_body$;
