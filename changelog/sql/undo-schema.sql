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
       AND obj_description(oid, 'pg_constraint') LIKE '[gpra 001%'
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
