-- First statement of a rollback: stops it, before anything is undone, where going on would lose something.
-- gpra.changeset, set just before, names the changeset that is being undone.
DO $gpra_body$
DECLARE
  changeset  text := current_setting('gpra.changeset');
  to_tag     text := $gpra_value$${liquibase.rollbackTag}$gpra_value$;
  to_count   text := $gpra_value$${liquibase.rollbackCount}$gpra_value$;
  discard    boolean := $gpra_value$${gpra.rollback.discard}$gpra_value$ = 'true';
  ran        regclass := to_regclass($gpra_value$${database.liquibaseSchemaName}.${database.databaseChangeLogTableName}$gpra_value$);
  position   bigint;     -- of this changeset, in the order they ran
  undone     text[];     -- changesets that this rollback reaches
  later      text;
  lost       text[] := '{}';
  n          bigint;
  target     record;
BEGIN
  EXECUTE format('SELECT max(orderexecuted) FROM %s WHERE id = $1 AND filename LIKE ''changelog/%%''', ran)
    INTO position USING changeset;

  -- Liquibase passes over changesets that its label filter leaves out, and would undo this one under them.
  EXECUTE format('SELECT string_agg(id, '', '' ORDER BY orderexecuted) FROM %s
                   WHERE orderexecuted > $1 AND filename LIKE ''changelog/%%''', ran)
    INTO later USING position;
  IF later IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format(
      'Cannot undo %s: later changesets are still applied and the label filter leaves them out: %s. '
      'Nothing was undone. Go back through all of them: add -Dliquibase.labelFilter="enforce or !enforce" to the same command.',
      changeset, later);
  END IF;

  -- The changesets from here down that the command reaches; all of them where it names neither tag nor count.
  IF changeset NOT LIKE '%-tag' AND changeset NOT LIKE '%-verify' THEN
    undone := ARRAY[changeset];
  ELSIF to_tag <> '' THEN
    EXECUTE format('SELECT array_agg(id) FROM %s WHERE filename LIKE ''changelog/%%''
                       AND orderexecuted > (SELECT max(orderexecuted) FROM %1$s WHERE tag = $1)', ran)
      INTO undone USING to_tag;
  ELSE
    EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM %s WHERE filename LIKE ''changelog/%%''
                     ORDER BY orderexecuted DESC LIMIT $1) AS last', ran)
      INTO undone USING nullif(to_count, '')::bigint;
  END IF;

  -- Our columns: what the application wrote into them since, and what others have put on them.
  FOR target IN
    SELECT t.*, a.attrelid, a.attnum
      FROM (VALUES
              ('001-items-user-id', 'items', 'id', 'user_id', 'user_id IS NOT NULL'),
              ('001-routines-user-id', 'routines', 'id', 'user_id', 'user_id IS NOT NULL'),
              ('001-chord-charts-user-id', 'chord_charts', 'chord_id', 'user_id', 'user_id IS NOT NULL'),
              ('001-items-created-via', 'items', 'id', 'created_via', 'created_via <> ''manual'''),
              ('001-chord-charts-generation-method', 'chord_charts', 'chord_id', 'generation_method',
               'generation_method IS NOT NULL')
           ) AS t (id, tab, pk, col, used)
      JOIN pg_attribute a ON a.attrelid = to_regclass(t.tab) AND a.attname = t.col
     WHERE t.id = ANY (undone) AND col_description(a.attrelid, a.attnum) LIKE '[gpra 001]%'
  LOOP
    EXECUTE format('SELECT count(*) FROM %I WHERE %s', target.tab, target.used) INTO n;
    IF n > 0 AND target.col = 'user_id' AND to_regclass('gpra_admin_assignment') IS NOT NULL THEN
      -- 002 takes its own assignment back: only what others wrote would be lost.
      EXECUTE format(
        'SELECT $1 - count(*)
           FROM (SELECT admin_id, unnest(row_ids) AS ids FROM gpra_admin_assignment WHERE table_name = %L) AS a
           JOIN %1$I t ON t.%I >= lower(a.ids) AND t.%2$I < upper(a.ids) AND t.user_id = a.admin_id',
        target.tab, target.pk) INTO n USING n;
    END IF;
    IF n > 0 THEN
      lost := lost || format('%s.%s of %s row(s)', target.tab, target.col, n);
    END IF;
    lost := lost || array(
      SELECT format('the index %s', i.indexrelid::regclass)
        FROM pg_index i
       WHERE i.indrelid = target.attrelid AND target.attnum = ANY (i.indkey)
         AND i.indexrelid::regclass::text NOT LIKE '%gpra\_building\_%'
         AND coalesce(obj_description(i.indexrelid, 'pg_class'), '') NOT LIKE '[gpra 001]%'
       UNION ALL
      SELECT format('the constraint %I on %s', k.conname, k.conrelid::regclass)
        FROM pg_constraint k
       WHERE k.conrelid = target.attrelid AND target.attnum = ANY (k.conkey) AND k.contype IN ('c', 'f', 'x')
         AND coalesce(obj_description(k.oid, 'pg_constraint'), '') NOT LIKE '[gpra 001]%');
  END LOOP;

  -- Our table: every subscription but the one that 002 made, if nobody changed it.
  IF '001-subscriptions' = ANY (undone)
     AND obj_description(to_regclass('subscriptions'), 'pg_class') LIKE '[gpra 001]%' THEN
    SELECT count(*) INTO n FROM subscriptions;
    IF to_regclass('gpra_admin_assignment') IS NOT NULL THEN
      SELECT n - count(*) INTO n
        FROM gpra_admin_assignment a JOIN subscriptions s ON s.id::bigint <@ a.row_ids
       WHERE a.table_name = 'subscriptions'
         AND (s.user_id, s.tier, s.status, s.mrr, s.cancel_at_period_end, s.updated_at)
             = (a.admin_id, 'unlimited', 'active', 0, false, s.created_at)
         AND num_nonnulls(s.stripe_subscription_id, s.stripe_price_id, s.current_period_start, s.current_period_end) = 0;
    END IF;
    IF n > 0 THEN
      lost := lost || format('%s row(s) of subscriptions', n);
    END IF;
  END IF;

  IF cardinality(lost) > 0 AND NOT discard THEN
    RAISE EXCEPTION USING MESSAGE = format(
      'This rollback would destroy what was made since: %s. Nothing was undone. To go on and lose it, add '
      '-Dgpra.rollback.discard=true to the same command; to keep it, stay where you are.',
      array_to_string(lost, ', '));
  ELSIF cardinality(lost) > 0 THEN
    RAISE NOTICE 'gpra.rollback.discard=true: this is lost now: %', array_to_string(lost, ', ');
  END IF;
END
$gpra_body$;
