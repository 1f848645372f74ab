-- Fails if anything of 001 is not there or not valid; says what. Reads the catalogs only.
DO $gpra_body$
DECLARE
  missing text;
BEGIN
  WITH expected (tab, col, type, what) AS (
    VALUES ('items',         'user_id',           'integer',               'key index'),
           ('routines',      'user_id',           'integer',               'key index'),
           ('chord_charts',  'user_id',           'integer',               'key index'),
           ('items',         'created_via',       'character varying(50)', 'check'),
           ('chord_charts',  'generation_method', 'character varying(50)', 'check'),
           ('subscriptions', 'user_id',           'integer',               'key index'),
           ('subscriptions', 'status',            'character varying(50)', 'check index'),
           ('subscriptions', 'tier',              'character varying(50)', 'check index')
  ), absent AS (
    SELECT format('the column %s.%s of type %s', e.tab, e.col, e.type) AS object
      FROM expected e
     WHERE NOT EXISTS (SELECT FROM pg_attribute a
                        WHERE a.attrelid = to_regclass(e.tab) AND a.attname = e.col AND NOT a.attisdropped
                          AND format_type(a.atttypid, a.atttypmod) = e.type)
    UNION ALL
    SELECT format('a valid foreign key from %s.%s to ab_user(id) that cascades', e.tab, e.col)
      FROM expected e
     WHERE e.what LIKE 'key%'
       AND NOT EXISTS (SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = e.col
                        WHERE k.conrelid = to_regclass(e.tab) AND k.conkey = ARRAY[a.attnum] AND k.contype = 'f'
                          AND k.confrelid = to_regclass('ab_user') AND k.confdeltype = 'c' AND k.convalidated)
    UNION ALL
    SELECT format('a valid check on %s.%s', e.tab, e.col)
      FROM expected e
     WHERE e.what LIKE 'check%'
       AND NOT EXISTS (SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = e.col
                        WHERE k.conrelid = to_regclass(e.tab) AND k.conkey = ARRAY[a.attnum] AND k.contype = 'c'
                          AND k.convalidated)
    UNION ALL
    SELECT format('a valid index on %s (%s)', e.tab, e.col)
      FROM expected e
     WHERE e.what LIKE '%index'
       AND NOT EXISTS (SELECT FROM pg_index i
                        WHERE i.indrelid = to_regclass(e.tab) AND i.indisvalid
                          AND i.indexrelid::regclass::text NOT LIKE '%gpra\_building\_%'
                          AND pg_get_indexdef(i.indexrelid) ~ format('^CREATE INDEX .* USING btree \(%s\)( WITH \([^()]*\))?$', e.col))
  )
  SELECT string_agg(object, '; ') INTO missing FROM absent;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format(
      '001 is not complete. Missing: %s. Somebody removed it while 001 ran: run mvn liquibase:rollback '
      '-Dliquibase.rollbackTag=000, then update.', missing);
  END IF;
END
$gpra_body$;
