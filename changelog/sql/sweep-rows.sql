-- The last rows without owner, which the old application added meanwhile, and the proof that none is left. Writing waits
-- for these milliseconds; they are found by the index on user_id. gpra.target, set just before, is the table; gpra.changeset
-- begins with the migration's number.
DO $gpra_body$
DECLARE
  migration text := left(current_setting('gpra.changeset'), 3);
  target    text := current_setting('gpra.target');
  tab       regclass := to_regclass(target);
  admin     integer;
  pk        name;
  triggers  record;
  ids       int8multirange;
  unowned   bigint;
  n         bigint;
  given     bigint;
  quick     int8multirange;  -- the rows that were given by replacing the column
  since     timestamptz;
  holder    integer;
BEGIN
  SELECT m.admin_id INTO admin FROM gpra_admin_assignment.admins m WHERE m.assigned_table = tab;
  SELECT a.attname INTO pk
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
   WHERE i.indrelid = tab AND i.indisprimary;
  -- What is asked under a lock has to be answered as of then, not as of before the wait.
  PERFORM set_config('default_transaction_isolation', 'read committed', false);
  COMMIT;
  -- An error is better than rows that are not seen.
  PERFORM set_config('row_security', 'off', true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
  SET CONSTRAINTS ALL IMMEDIATE;
  -- Looked for once without the lock: entries of the index that lead to rows of before are not followed a second time, unless
  -- an older transaction is open. Nobody is to wait while they are.
  EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO unowned;
  since := clock_timestamp();
  EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO unowned;
  IF clock_timestamp() - since > '200ms' THEN
    SELECT pid INTO holder
      FROM pg_stat_activity
     WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND coalesce(datname = current_database(), true)
     ORDER BY age(backend_xmin) DESC LIMIT 1;
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('lock timeout not waited for: the end of a transaction that keeps dead '
      'entries in the index on %s.user_id: pid %s', target, coalesce(holder::text, 'unknown (a prepared transaction, or not visible without pg_monitor)'));
  END IF;
  SELECT l.pid INTO holder
    FROM pg_locks l
   WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND l.relation = tab AND l.granted AND l.pid <> pg_backend_pid()
     AND (l.mode LIKE '%Exclusive%' AND l.mode NOT LIKE 'Row%' OR l.mode = 'ShareLock') LIMIT 1;
  IF holder IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('lock timeout not waited for: a lock on %s: pid %s', target, holder);
  END IF;

  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', tab);
  EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO unowned;
  IF unowned > 0 THEN
    -- From here on others wait: it does not wait long for a row.
    PERFORM set_config('lock_timeout', '100ms', true) WHERE current_setting('lock_timeout')::interval > '100ms';
    SELECT string_agg(format('DISABLE TRIGGER %I', tgname), ', ') AS off,
           string_agg(format('ENABLE %s TRIGGER %I', CASE tgenabled WHEN 'A' THEN 'ALWAYS' END, tgname), ', ') AS back
      INTO triggers
      FROM pg_trigger
     WHERE tgrelid = tab AND NOT tgisinternal AND tgenabled IN ('O', 'A');
    IF triggers.off IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s %s', tab, triggers.off);
    END IF;
    EXECUTE format(
      'WITH assigned AS (UPDATE %s SET user_id = $1 WHERE user_id IS NULL RETURNING %I::bigint AS id)
       SELECT count(*), range_agg(int8range(id, id + 1)) FROM assigned', tab, pk)
      INTO n, ids USING admin;
    INSERT INTO gpra_admin_assignment.assigned (assigned_table, migration, row_ids) SELECT tab, migration, ids WHERE n > 0;
    IF triggers.back IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s %s', tab, triggers.back);
    END IF;
    RAISE NOTICE '%: %: % more row(s) had no owner and belong to user % now', migration, target, n, admin;
    EXECUTE format('SELECT count(*) FROM %s WHERE user_id IS NULL', tab) INTO unowned;
  END IF;
  IF unowned > 0 THEN
    RAISE EXCEPTION USING MESSAGE = format('%s is not complete: %s row(s) of %s have no owner. A trigger or rule on the table undoes it: '
      'look at \d %3$s, then run update again.', migration, unowned, target);
  END IF;
  COMMIT;
  IF current_setting('gpra.direction') = 'watch' THEN
    -- Counted after that.
    RETURN;
  END IF;

  -- How many there are, by one process: others start slowly, and would take the application's cores.
  PERFORM set_config('row_security', 'off', true), set_config('max_parallel_workers_per_gather', '0', true);
  SELECT a.row_ids INTO quick
    FROM gpra_admin_assignment.admins m JOIN gpra_admin_assignment.assigned a USING (assigned_table)
   WHERE m.assigned_table = tab AND m.column_replaced ORDER BY a.id LIMIT 1;
  EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %I >= $1 AND %1$I < $2) FROM %s', pk, tab)
    INTO n, given USING lower(quick), upper(quick);
  IF given > 0 AND migration = '002' THEN
    RAISE NOTICE '002: %: % row(s) had no owner and belong to user % now', target, given, admin;
  END IF;
  RAISE NOTICE '% verified: %: % row(s), % without owner', migration, target, n, unowned;
END
$gpra_body$;
