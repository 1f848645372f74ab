-- Compares what a migration makes with what is there. gpra.expected, set just before, has one object a line: kind|table|name|definition,
-- the latter as PostgreSQL writes it. gpra.changeset is the migration's preflight, which stops where something is there already and
-- different, or its verification, which stops where something is missing. Reads the catalogs only.
DO $gpra_body$
DECLARE
  migration text := left(current_setting('gpra.changeset'), 3);
  at_end    boolean := current_setting('gpra.changeset') LIKE '%-verify';
  found     text;
BEGIN
  WITH expected AS (
    SELECT part[1] AS kind, part[2] AS tab, part[3] AS name, part[4] AS def, to_regclass(part[2]) AS oid,
           coalesce(obj_description(to_regclass(part[2]), 'pg_class'), '') AS comment_on_table
      FROM regexp_split_to_table(current_setting('gpra.expected'), '\n') AS line
     CROSS JOIN regexp_match(line, '^(\w+)\|([^|]+)\|([^|]+)\|(.*)$') AS part
     WHERE part IS NOT NULL
  ), there AS (
    SELECT 'column' AS kind, a.attrelid AS oid, a.attname::text AS name, true AS valid, col_description(a.attrelid, a.attnum) AS comment,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
             CASE WHEN a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' THEN 'identity'
                  ELSE 'default ' || pg_get_expr(d.adbin, d.adrelid) END) AS def
      FROM pg_attribute a
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid IN (SELECT oid FROM expected) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'index', i.indrelid, c.relname, i.indisvalid, obj_description(c.oid, 'pg_class'),
           regexp_replace(pg_get_indexdef(c.oid), '^CREATE (UNIQUE )?INDEX \S+ ON (?:ONLY )?(?:"[^"]*"|[^\s"])+ USING ', '\1')
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid IN (SELECT oid FROM expected) AND c.relname NOT LIKE 'gpra\_building\_%'
    UNION ALL
    SELECT 'constraint', conrelid, conname, convalidated, obj_description(oid, 'pg_constraint'),
           regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '')
      FROM pg_constraint
     WHERE conrelid IN (SELECT oid FROM expected)
  ), finding (line) AS (
    SELECT format('%s %s of %s is "%s", expected "%s"', e.kind, e.name, e.tab, t.def, e.def)
      FROM expected e
      JOIN there t USING (kind, oid, name)
     WHERE NOT at_end AND t.def <> e.def AND coalesce(t.comment, '') || e.comment_on_table NOT LIKE format('%%[gpra %s%%', migration)
    UNION ALL
    SELECT format('the table %s has no column %s', e.tab, e.name)
      FROM expected e
      JOIN expected made ON made.kind = 'table' AND made.tab = e.tab
     WHERE NOT at_end AND e.kind = 'column' AND e.oid IS NOT NULL
       AND NOT EXISTS (SELECT FROM there t WHERE (t.kind, t.oid, t.name) = (e.kind, e.oid, e.name))
    UNION ALL
    SELECT format('the name %s is taken by something else than an index on %s', e.name, e.tab)
      FROM expected e
      JOIN pg_class c ON c.oid = to_regclass(e.name)
      LEFT JOIN pg_index i ON i.indexrelid = c.oid
     WHERE NOT at_end AND e.kind = 'index' AND i.indrelid IS DISTINCT FROM e.oid
    UNION ALL
    SELECT format('%s %s of %s (%s)', e.kind, e.name, e.tab, e.def)
      FROM expected e
     WHERE at_end AND e.kind <> 'table'
       AND NOT EXISTS (SELECT FROM there t
                        WHERE t.oid = e.oid AND t.def = e.def AND t.valid
                          AND t.kind = e.kind AND (e.kind <> 'column' OR t.name = e.name))
  )
  SELECT string_agg(line, '; ' ORDER BY line) INTO found FROM finding;
  IF found IS NULL THEN
    RETURN;
  END IF;
  RAISE EXCEPTION USING MESSAGE = CASE WHEN at_end
    THEN format('%s is not complete. Missing: %s. Somebody changed it while %1$s ran: go back to before %1$s, then run update again.', migration, found)
    ELSE format('%s finds objects that are there but different: %s. Nothing was changed. Rename or repair them, then run update again.', migration, found) END;
END
$gpra_body$;
