-- Gives every row without an owner to the admin that gpra_admin_assignment names, and remembers which rows.
-- gpra.target, set just before, is the table, or 'all'. Triggers are off meanwhile, each by its name, so that
-- no column but user_id changes (one of them sets updated_at), and are then exactly as they were.
DO $gpra_body$
DECLARE
  task     record;
  triggers record;
  ids      int8multirange;
  n        bigint;
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  -- A deferred foreign key would leave events pending, and then no trigger can be switched off.
  SET CONSTRAINTS ALL IMMEDIATE;
  FOR task IN
    SELECT m.table_name, m.admin_id, to_regclass(m.table_name) AS tab, a.attname AS pk
      FROM gpra_admin_assignment m
      JOIN pg_index i ON i.indrelid = to_regclass(m.table_name) AND i.indisprimary
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
     WHERE m.table_name <> 'subscriptions' AND current_setting('gpra.target') IN (m.table_name, 'all')
     ORDER BY m.table_name
  LOOP
    -- The lock that DISABLE TRIGGER takes anyway: reading goes on, writing waits.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', task.tab);
    EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', task.tab) INTO n;
    CONTINUE WHEN n = 0 AND current_setting('gpra.target') = 'all';

    SELECT string_agg(format('DISABLE TRIGGER %I', tgname), ', ') AS off,
           string_agg(format('ENABLE %s TRIGGER %I', CASE tgenabled WHEN 'A' THEN 'ALWAYS' END, tgname), ', ') AS back
      INTO triggers
      FROM pg_trigger
     WHERE tgrelid = task.tab AND NOT tgisinternal AND tgenabled IN ('O', 'A');

    IF n > 0 AND triggers.off IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s %s', task.tab, triggers.off);
    END IF;
    EXECUTE format(
      'WITH assigned AS (UPDATE %s SET user_id = $1 WHERE user_id IS NULL RETURNING %I::bigint AS id)
       SELECT count(*), coalesce(range_agg(int8range(id, id + 1)), ''{}'') FROM assigned', task.tab, task.pk)
      INTO n, ids USING task.admin_id;
    IF n > 0 AND triggers.back IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s %s', task.tab, triggers.back);
    END IF;

    UPDATE gpra_admin_assignment SET row_ids = row_ids + ids WHERE table_name = task.table_name;
    RAISE NOTICE '002: %: % row(s) had no owner and belong to user % now', task.table_name, n, task.admin_id;
  END LOOP;
END
$gpra_body$;
