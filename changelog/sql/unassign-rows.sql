-- Takes the owner from the rows that 002 gave one and that still have it, and from no other; removes the
-- subscription that 002 made, if nobody changed it. gpra.target, set just before, is the table, or
-- 'all', which drops the memory of it as well.
DO $gpra_body$
DECLARE
  task     record;
  triggers record;
  n        bigint;
BEGIN
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true);
  SET CONSTRAINTS ALL IMMEDIATE;
  IF to_regclass('gpra_admin_assignment') IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RETURN;
  END IF;
  FOR task IN
    SELECT m.table_name, m.admin_id, m.row_ids, to_regclass(m.table_name) AS tab, a.attname AS pk
      FROM gpra_admin_assignment m
      JOIN pg_index i ON i.indrelid = to_regclass(m.table_name) AND i.indisprimary
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
     WHERE current_setting('gpra.target') IN (m.table_name, 'all') AND NOT isempty(m.row_ids)
     ORDER BY m.table_name
  LOOP
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', task.tab);
    IF task.table_name = 'subscriptions' THEN
      DELETE FROM subscriptions s
       WHERE s.id::bigint <@ task.row_ids
         AND (s.user_id, s.tier, s.status, s.mrr, s.cancel_at_period_end, s.updated_at)
             = (task.admin_id, 'unlimited', 'active', 0, false, s.created_at)
         AND num_nonnulls(s.stripe_subscription_id, s.stripe_price_id, s.current_period_start, s.current_period_end) = 0;
      GET DIAGNOSTICS n = ROW_COUNT;
      RAISE NOTICE '002 undone: subscriptions: % row(s) of 002 removed', n;
    ELSE
      SELECT string_agg(format('DISABLE TRIGGER %I', tgname), ', ') AS off,
             string_agg(format('ENABLE %s TRIGGER %I', CASE tgenabled WHEN 'A' THEN 'ALWAYS' END, tgname), ', ') AS back
        INTO triggers
        FROM pg_trigger
       WHERE tgrelid = task.tab AND NOT tgisinternal AND tgenabled IN ('O', 'A');

      IF triggers.off IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', task.tab, triggers.off);
      END IF;
      -- A join with the ranges: "id <@ row_ids" for each row does not end with many ranges.
      EXECUTE format(
        'UPDATE %s t SET user_id = NULL FROM unnest($1) AS ids
          WHERE t.%I >= lower(ids) AND t.%2$I < upper(ids) AND t.user_id = $2', task.tab, task.pk)
        USING task.row_ids, task.admin_id;
      GET DIAGNOSTICS n = ROW_COUNT;
      IF triggers.back IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', task.tab, triggers.back);
      END IF;
      RAISE NOTICE '002 undone: %: % row(s) are without owner again', task.table_name, n;
    END IF;
    UPDATE gpra_admin_assignment SET row_ids = '{}' WHERE table_name = task.table_name;
  END LOOP;
  IF current_setting('gpra.target') = 'all' THEN
    DROP TABLE gpra_admin_assignment;
  END IF;
END
$gpra_body$;
