-- Fails if items, routines or chord_charts accept rows without owner. Reads the catalogs only.
DO $gpra_body$
DECLARE
  lenient text;
BEGIN
  SELECT string_agg(name, ', ' ORDER BY name) INTO lenient
    FROM unnest(ARRAY['items', 'routines', 'chord_charts']) AS name
   WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(name) AND attname = 'user_id' AND attnotnull);
  IF lenient IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('003 is not complete: %s accept(s) rows without owner. Somebody changed it while 003 ran: run '
      'mvn liquibase:rollback -Dliquibase.rollbackTag=002 -Dliquibase.labelFilter=enforce, then update.', lenient);
  END IF;
END
$gpra_body$;
