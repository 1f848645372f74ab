-- Whether subscriptions has what 002 writes for the admin. Stops with what somebody dropped. Reads the catalogs only.
DO $gpra_body$
DECLARE
  gone text;
BEGIN
  SELECT string_agg(col, ', ') INTO gone
    FROM unnest(ARRAY['id', 'user_id', 'tier', 'status', 'mrr', 'cancel_at_period_end', 'created_at', 'updated_at']) AS col
   WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('subscriptions') AND attname = col);
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('002 cannot run: subscriptions, which 001 makes, has no %s. Somebody dropped it, or 001 was only noted as run '
      '(changelogSync). Nothing was changed. Run mvn liquibase:rollback -Dliquibase.rollbackTag=000, then update.', gone);
  END IF;
END
$gpra_body$;
