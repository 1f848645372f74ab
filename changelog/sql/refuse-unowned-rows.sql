-- Watches gpra.target for as long as gpra.owner.quiet: if no row without owner comes, none is accepted from then on. The rows
-- that are there are validated later. It commits, so it runs outside a transaction.
DO $gpra_body$
DECLARE
  target  text := current_setting('gpra.target');
  tab     regclass := to_regclass(target);
  quiet   interval := $gpra_value$${gpra.owner.quiet}$gpra_value$;
  since   timestamptz := clock_timestamp();
  n       bigint;
BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = tab AND conname = format('ck_%s_user_id', target)
                AND obj_description(oid, 'pg_constraint') LIKE '[gpra 003]%') THEN
    RETURN;
  END IF;
  LOOP
    PERFORM set_config('row_security', 'off', true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
    EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO n;
    IF n > 0 THEN
      RAISE EXCEPTION USING MESSAGE = format('Rows without owner keep arriving: %s in %s within the last %s s. They are accepted as before. See them: '
        'SELECT * FROM %2$s WHERE user_id IS NULL. The application has to set user_id first (docs/tenants.md), then run the same command again.',
        n, target, extract(epoch FROM clock_timestamp() - since)::numeric(9, 1));
    END IF;
    EXIT WHEN clock_timestamp() - since >= quiet;
    COMMIT;
    PERFORM pg_sleep(least(0.5, extract(epoch FROM quiet)));
  END LOOP;
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT ck_%s_user_id CHECK (user_id IS NOT NULL) NOT VALID', tab, target);
  EXECUTE format('COMMENT ON CONSTRAINT ck_%s_user_id ON %s IS %L', target, tab, '[gpra 003] Every row has an owner');
END
$gpra_body$;
