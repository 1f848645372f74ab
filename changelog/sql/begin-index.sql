-- Before an index on gpra.target's user_id is built concurrently. That cannot be done in a block, and IF NOT EXISTS, which
-- looks at the name only, is the one condition it knows. So where there is a valid index already, its working name is
-- taken by one on an empty table, and nothing is built; end-index.sql removes that.
DO $gpra_body$
DECLARE
  target text := current_setting('gpra.target');
BEGIN
  IF to_regclass('gpra_no_building') IS NOT NULL THEN
    DROP TABLE gpra_no_building;
  END IF;
  IF to_regclass(target) IS NULL
     OR NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(target) AND attname = 'user_id')
     OR EXISTS (SELECT FROM pg_index
                 WHERE indrelid = to_regclass(target) AND indisvalid
                   AND pg_get_indexdef(indexrelid) ~ '^CREATE INDEX .* USING btree \(user_id\)( WITH \([^()]*\))?$') THEN
    CREATE TABLE gpra_no_building (id integer);
    EXECUTE format('CREATE INDEX gpra_building_idx_%s_user_id ON gpra_no_building (id)', target);
  END IF;
END
$gpra_body$;
