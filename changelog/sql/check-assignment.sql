-- Whether all that 002 works on is there. Stops with what somebody dropped. Reads the catalogs only.
DO $gpra_body$
DECLARE
  gone text;
BEGIN
  SELECT string_agg(what, ', ') INTO gone
    FROM (SELECT format('the table %s', name) AS what
            FROM unnest(ARRAY['items', 'routines', 'chord_charts', 'ab_user', 'ab_role', 'ab_user_role']) AS name
           WHERE to_regclass(name) IS NULL
          UNION ALL
          SELECT format('the primary key of %s', name)
            FROM unnest(ARRAY['items', 'routines', 'chord_charts']) AS name
           WHERE to_regclass(name) IS NOT NULL
             AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass(name) AND indisprimary)) AS theirs;
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('002 cannot run: somebody dropped what the application brought: %s. Nothing was changed. Put it back '
      '(docs/runbooks/restore.md), then run the same command again; or go back: mvn liquibase:rollback -Dliquibase.rollbackTag=000',
      gone);
  END IF;
  SELECT string_agg(DISTINCT CASE WHEN to_regclass(tab) IS NULL THEN format('the table %s', tab) ELSE format('the column %s.%s', tab, col) END, ', ')
    INTO gone
    FROM (VALUES ('items', 'user_id'), ('routines', 'user_id'), ('chord_charts', 'user_id'), ('subscriptions', 'id'),
            ('subscriptions', 'user_id'), ('subscriptions', 'tier'), ('subscriptions', 'status'), ('subscriptions', 'mrr'),
            ('subscriptions', 'cancel_at_period_end'), ('subscriptions', 'created_at'), ('subscriptions', 'updated_at')) AS made (tab, col)
   WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(tab) AND attname = col);
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('002 cannot run: 001 is in the history, and what it makes is not there: %s. Somebody dropped it, or 001 was '
      'only noted as run (changelogSync). Nothing was changed. Run mvn liquibase:rollback -Dliquibase.rollbackTag=000, then update.',
      gone);
  END IF;
END
$gpra_body$;
