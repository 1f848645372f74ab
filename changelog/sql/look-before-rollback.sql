-- First statement of a rollback, and of a script that goes back: looks at all that the command reaches, and stops it before anything is
-- undone where going on would lose something.
DO $gpra_body$
DECLARE
  to_tag     text := nullif($gpra_value$${liquibase.rollbackTag}$gpra_value$, '');
  to_count   bigint := nullif($gpra_value$${liquibase.rollbackCount}$gpra_value$, '');
  discard    boolean := $gpra_value$${gpra.rollback.discard}$gpra_value$ = 'true';
  marks      text := $gpra_value$${gpra.rollback.marks}$gpra_value$;
  history    regclass := to_regclass(format('%I.%I', $gpra_value$${database.liquibaseSchemaName}$gpra_value$,
                                       lower($gpra_value$${database.databaseChangeLogTableName}$gpra_value$)));
  undone     text[];             -- changesets that the command reaches
  executed   text[];             -- those of them that made something, as the history says
  unmarked   text[] := '{}';     -- what they made, and does not say so
  different  text[] := '{}';     -- what of it is not as they make it
  forgotten  text[];             -- tables with rows that the memory of 002 does not know any more
  later      text;
  twice      text;
  detail     text;
  lost       text[] := '{}';     -- what would go
  in_the_way text[] := '{}';     -- what cannot go: dropping our object would fail
  tenants    integer[] := '{NULL}';  -- as whom to look: as nobody, who sees all, or as each user in turn
  tenant     integer;
  n          bigint;
  part       bigint;
  target     record;
BEGIN
  -- An error is better than rows that are not seen, and then are lost.
  PERFORM set_config('row_security', 'off', true);
  IF history IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Liquibase''s history is not in the schema %s: nothing was undone. Run mvn liquibase:status, '
      'which says where it looks.', $gpra_value$${database.liquibaseSchemaName}$gpra_value$);
  END IF;

  PERFORM set_config('gpra.guarded', 'no', false);

  -- Names are resolved along the search_path: in a second schema they would be somebody else's.
  SELECT string_agg(names.relname || ' in ' || names.schemas, '; ') INTO twice
    FROM (SELECT c.relname, string_agg(s.nspname, ', ' ORDER BY s.nspname) AS schemas
            FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
           WHERE s.nspname = ANY (current_schemas(false))
             AND c.relname IN ('items', 'routines', 'chord_charts', 'subscriptions')
           GROUP BY c.relname HAVING count(*) > 1 OR min(s.nspname) <> current_schema()) AS names;
  IF twice IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format(
      'The search_path is %s, and there is %s. Nothing was undone. Name one schema, the application''s, that has its '
      'tables: ?currentSchema=… in the url.', current_setting('search_path'), twice);
  END IF;

  IF EXISTS (SELECT FROM pg_policy p
              WHERE polrelid IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
                AND obj_description(p.oid, 'pg_policy') LIKE '[gpra observe]%') THEN
    RAISE EXCEPTION 'The tables are still being observed. Nothing was undone. Run psql -f docs/sql/observe-off.sql, then the same command again.';
  END IF;

  -- Liquibase finds a tag whatever its case, and the first of several; without a tag or count that is known here, all.
  IF to_tag IS NOT NULL THEN
    undone := array(SELECT id FROM pg_temp.gpra_history(history::text)
                     WHERE place > (SELECT min(place) FROM pg_temp.gpra_history(history::text) WHERE lower(tag) = lower(to_tag)));
  ELSIF to_count IS NOT NULL THEN
    undone := array(SELECT id FROM pg_temp.gpra_history(history::text) GROUP BY id ORDER BY max(place) DESC LIMIT to_count);
  END IF;
  IF undone IS NULL OR undone = '{}' THEN
    undone := array(SELECT id FROM pg_temp.gpra_history(history::text));
  END IF;
  undone := undone || pg_temp.gpra_not_recorded(history::text, undone);

  -- Under a later migration without a label are the ones that the label filter leaves out: stop before that one is undone.
  IF $gpra_value$${enforce.ignored}$gpra_value$ = 'true' THEN
    SELECT string_agg(id, ', ' ORDER BY place) INTO later FROM pg_temp.gpra_history(history::text) WHERE id = ANY (undone) AND labels ~ '\menforce\M';
    IF later IS NOT NULL THEN
      RAISE EXCEPTION USING MESSAGE = format(
        'Cannot go back past changesets that are still applied and that the label filter leaves out: %s. Nothing was undone. '
        'Go back through all of them: add -Dliquibase.labelFilter=enforce to the same command.', later);
    END IF;
  END IF;

  -- What is halfway undone when a privilege turns out to be missing stays so.
  SELECT string_agg(c.oid::regclass::text, ', ') INTO detail
    FROM pg_class c
   WHERE (c.oid IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
          OR c.oid IN (to_regclass('routine_items'), to_regclass('active_routine')) AND '004-preflight' = ANY (undone))
     AND NOT pg_has_role(c.relowner, 'USAGE');
  IF detail IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('%I does not own %s. Nothing was undone. Make it the owner (ALTER TABLE … OWNER TO %1$I), then '
      'run the same command again.', current_user, detail);
  END IF;

  -- What the history says is made here, is there, and does not bear its mark: comments can get lost (pg_restore --no-comments). Nothing
  -- below would undo it, and nothing would say so. The list: what each changeset makes, as PostgreSQL prints it, and its comment.
  executed := array(SELECT id FROM pg_temp.gpra_history(history::text) WHERE id = ANY (undone) AND exectype <> 'MARK_RAN');
  FOR target IN
    WITH made (kind, id, tab, name, definition, comment) AS (
      SELECT *
        FROM (VALUES
               ('table', '001-subscriptions', 'subscriptions', NULL,
                'id integer, user_id integer, stripe_subscription_id character varying(255), stripe_price_id character varying(255),
                tier character varying(50), status character varying(50), mrr numeric(10,2),
                current_period_start timestamp with time zone, current_period_end timestamp with time zone,
                cancel_at_period_end boolean, created_at timestamp with time zone, updated_at timestamp with time zone',
                'What each user pays for, one row per Stripe subscription'),
               ('column', '001-items-created-via', 'items', 'created_via',
                'character varying(50) DEFAULT ''manual''', 'How the item came to be'),
               ('column', '001-chord-charts-generation-method', 'chord_charts', 'generation_method',
                'character varying(50)', 'How the chart was made'),
               ('column', '001-items-user-id', 'items', 'user_id', 'integer', 'Owner of the row'),
               ('column', '001-routines-user-id', 'routines', 'user_id', 'integer', 'Owner of the row'),
               ('column', '001-chord-charts-user-id', 'chord_charts', 'user_id', 'integer', 'Owner of the row'),
               ('constraint', '001-items-user-id-fk-valid', 'items', 'fk_items_user_id',
                'FOREIGN KEY (user_id) REFERENCES ab_user(id) ON DELETE CASCADE', NULL),
               ('constraint', '001-routines-user-id-fk-valid', 'routines', 'fk_routines_user_id',
                'FOREIGN KEY (user_id) REFERENCES ab_user(id) ON DELETE CASCADE', NULL),
               ('constraint', '001-chord-charts-user-id-fk-valid', 'chord_charts', 'fk_chord_charts_user_id',
                'FOREIGN KEY (user_id) REFERENCES ab_user(id) ON DELETE CASCADE', NULL),
               ('constraint', '001-subscriptions-tier-check-valid', 'subscriptions', 'ck_subscriptions_tier',
                'CHECK (tier = ANY (ARRAY[''free'', ''basic'', ''standard'', ''pro'', ''unlimited'']))', NULL),
               ('constraint', '001-subscriptions-status-check-valid', 'subscriptions', 'ck_subscriptions_status',
                'CHECK (status = ANY (ARRAY[''active'', ''canceled'', ''past_due'', ''trialing'', ''incomplete'']))',
                NULL),
               ('constraint', '001-items-created-via-check-valid', 'items', 'ck_items_created_via',
                'CHECK (created_via = ANY (ARRAY[''manual'', ''import'']))', NULL),
               ('constraint', '001-chord-charts-generation-method-check-valid', 'chord_charts', 'ck_chord_charts_generation_method',
                'CHECK (generation_method = ANY (ARRAY[''autocreate_file'', ''autocreate_youtube'', ''manual'']))', NULL),
               ('index', '001-subscriptions-user-id-index', 'subscriptions', 'idx_subscriptions_user_id', 'btree (user_id)', NULL),
               ('index', '001-subscriptions-status-index', 'subscriptions', 'idx_subscriptions_status', 'btree (status)', NULL),
               ('index', '001-subscriptions-tier-index', 'subscriptions', 'idx_subscriptions_tier', 'btree (tier)', NULL),
               ('index', '001-items-user-id-index', 'items', 'idx_items_user_id', 'btree (user_id)', NULL),
               ('index', '001-routines-user-id-index', 'routines', 'idx_routines_user_id', 'btree (user_id)', NULL),
               ('index', '001-chord-charts-user-id-index', 'chord_charts', 'idx_chord_charts_user_id', 'btree (user_id)', NULL),
               ('schema', NULL, NULL, 'gpra_admin_assignment', '', 'What was filled in, so that a rollback takes back this and no more'),
               ('table', NULL, 'gpra_admin_assignment.fills', NULL,
                'filled_table regclass, filled_column text, changeset text, value text, column_replaced boolean, index_comment text',
                'What each column was filled with, and whether by replacing it'),
               ('table', NULL, 'gpra_admin_assignment.filled', NULL,
                'id bigint, filled_table regclass, filled_column text, changeset text, row_ids int8multirange',
                'The ids of the rows that were filled, a batch a row, and by which changeset'),
               ('constraint', '003-items-user-id-required', 'items', 'ck_items_user_id', 'CHECK (user_id IS NOT NULL)', NULL),
               ('constraint', '003-routines-user-id-required', 'routines', 'ck_routines_user_id',
                'CHECK (user_id IS NOT NULL)', NULL),
               ('constraint', '003-chord-charts-user-id-required', 'chord_charts', 'ck_chord_charts_user_id',
                'CHECK (user_id IS NOT NULL)', NULL),
               ('index', '004-active-routine-routine-id-index', 'active_routine', 'idx_active_routine_routine_id',
                'btree (routine_id)', NULL),
               ('policy', '004-items-enabled', 'items', 'tenant_isolation', 'user_id = {user}, user_id = {user}', NULL),
               ('policy', '004-routines-enabled', 'routines', 'tenant_isolation',
                'user_id = {user}, user_id = {user}', NULL),
               ('policy', '004-chord-charts-enabled', 'chord_charts', 'tenant_isolation',
                'user_id = {user}, user_id = {user}', NULL),
               ('policy', '004-subscriptions-enabled', 'subscriptions', 'tenant_isolation',
                'user_id = {user}, user_id = {user}', NULL),
               ('policy', '004-routine-items-enabled', 'routine_items', 'tenant_isolation',
                'EXISTS (SELECT FROM routines r WHERE r.id = routine_items.routine_id AND r.user_id = {user}),
                EXISTS (SELECT FROM routines r WHERE r.id = routine_items.routine_id AND r.user_id = {user})
                AND EXISTS (SELECT FROM items i WHERE i.id = routine_items.item_id AND i.user_id = {user})',
                NULL),
               ('policy', '004-active-routine-enabled', 'active_routine', 'tenant_isolation',
                'EXISTS (SELECT FROM routines r WHERE r.id = active_routine.routine_id AND r.user_id = {user}),
                EXISTS (SELECT FROM routines r WHERE r.id = active_routine.routine_id AND r.user_id = {user})',
                NULL)
             ) AS t
    ), known AS (
      -- What fills remember is the first one's.
      SELECT kind, coalesce(id, (SELECT min(one) FROM unnest(ARRAY['002-verify-items', '003-items-user-id-required']) AS one
                             WHERE one = ANY (executed))) AS id, tab, name, definition, comment
        FROM made
    ), found AS (
      SELECT known.*, o.*, pg_describe_object(o.catalog, o.object, o.part) AS what
        FROM known
       CROSS JOIN LATERAL (
         SELECT 'pg_class'::regclass AS catalog, c.oid AS object, 0 AS part,
                (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
                   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS is_now
           FROM pg_class c WHERE known.kind = 'table' AND c.oid = to_regclass(known.tab)
         UNION ALL
         SELECT 'pg_class'::regclass, a.attrelid, a.attnum,
                format_type(a.atttypid, a.atttypmod) || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
           FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          WHERE known.kind = 'column' AND a.attrelid = to_regclass(known.tab) AND a.attname = known.name AND NOT a.attisdropped
         UNION ALL
         SELECT 'pg_constraint'::regclass, k.oid, 0, pg_get_constraintdef(k.oid)
           FROM pg_constraint k WHERE known.kind = 'constraint' AND k.conrelid = to_regclass(known.tab) AND k.conname = known.name
         UNION ALL
         SELECT 'pg_class'::regclass, i.indexrelid, 0,
                regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX .* USING | WITH \([^()]*\)', '\1', 'g')
           FROM pg_index i WHERE known.kind = 'index' AND i.indrelid = to_regclass(known.tab) AND i.indexrelid = to_regclass(known.name)
         UNION ALL
         SELECT 'pg_policy'::regclass, p.oid, 0, CASE WHEN p.polcmd = '*' AND p.polpermissive AND p.polroles = '{0}'
                  THEN concat_ws(', ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ELSE 'not for all' END
           FROM pg_policy p WHERE known.kind = 'policy' AND p.polrelid = to_regclass(known.tab) AND p.polname = known.name
         UNION ALL
         -- One that was there before never bore a mark; one that was made with its table did, and one that was restored without comments.
         SELECT 'pg_namespace'::regclass, s.oid, 0, '' FROM pg_namespace s JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = 'fills'
          WHERE known.kind = 'schema' AND s.nspname = known.name
            AND (s.xmin = c.xmin OR coalesce(obj_description(c.oid, 'pg_class'), '') !~ '^\[gpra \d{3}[]-]')) AS o
       WHERE known.id = ANY (executed)
    )
    SELECT f.what, f.is_now,
           concat_ws(' ', format('[gpra %s]', f.id), f.comment) AS comment,
           format(CASE f.kind WHEN 'table' THEN 'TABLE %s' WHEN 'column' THEN 'COLUMN %s.%I' WHEN 'index' THEN 'INDEX %2$I'
                              WHEN 'schema' THEN 'SCHEMA %2$I' ELSE upper(f.kind) || ' %2$I ON %1$s' END, to_regclass(f.tab), f.name) AS name,
           plain.is_now = plain.definition OR f.kind = 'table' AND starts_with(plain.is_now, plain.definition || ',') AS same
      FROM found f
     CROSS JOIN LATERAL (
       SELECT regexp_replace(f.is_now, noise, '', 'g') AS is_now,
              regexp_replace(replace(f.definition, '{user}', 'SELECT CASE WHEN setting.s ~ ''^[0-9]{1,10}$'' THEN setting.s ELSE NULL END '
                'FROM SELECT current_setting(''app.current_user_id'', true) AS s setting'), noise, '', 'g') AS definition
         FROM (VALUES ('::(character varying|text|bigint)|[][()\s]|AS "case"| NOT VALID$')) AS v (noise)) AS plain
     WHERE NOT EXISTS (SELECT FROM pg_description c
                        WHERE c.classoid = f.catalog AND c.objoid = f.object AND c.objsubid = f.part AND c.description ~ '^\[gpra \d{3}[]-]')
     ORDER BY f.id, f.what
  LOOP
    unmarked := unmarked || target.what;
    IF marks = 'restore' AND target.same THEN
      EXECUTE format('COMMENT ON %s IS %L', target.name, target.comment);
    ELSE
      different := different || format('%s (%s)', target.what, target.is_now);
    END IF;
  END LOOP;
  -- The rows that were given to the admin, where the memory of it is gone (pg_dump --schema=public), or is of another table.
  forgotten := array(
    SELECT tab FROM unnest(ARRAY['items', 'routines', 'chord_charts', 'subscriptions']) AS tab
     WHERE EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(tab) AND attname = 'user_id')
       AND executed && ARRAY[CASE tab WHEN 'subscriptions' THEN '002-admin-subscription' ELSE '002-verify-' || replace(tab, '_', '-') END,
                             '003-' || replace(tab, '_', '-') || '-user-id-required']);
  IF to_regclass('gpra_admin_assignment.fills') IS NOT NULL AND to_regclass('gpra_admin_assignment.filled') IS NOT NULL THEN
    forgotten := array(SELECT tab FROM unnest(forgotten) AS tab
                        WHERE to_regclass(tab) NOT IN (SELECT filled_table FROM gpra_admin_assignment.fills WHERE filled_column = 'user_id'));
  END IF;

  IF marks = 'restore' AND cardinality(different) > 0 THEN
    RAISE EXCEPTION USING MESSAGE = format(
      'These bear no mark of this changelog, and are not as it makes them: %s. Nothing was undone. Rename or drop them, then run the same '
      'command again; or leave whatever bears no mark: -Dgpra.rollback.marks=leave.', array_to_string(different, ', '));
  ELSIF marks NOT IN ('restore', 'leave') AND cardinality(unmarked || forgotten) > 0 THEN
    RAISE EXCEPTION USING MESSAGE = concat_ws(' ',
      'This rollback cannot tell what it has to take back.',
      'By the history this changelog made, but a comment does not say so any more: ' || nullif(array_to_string(unmarked, ', '), '') || '.',
      'The schema gpra_admin_assignment does not say any more which rows were given to the admin, in '
        || nullif(array_to_string(forgotten, ', '), '') || ': they would keep their owner.',
      'Nothing was undone. After a restore that left this out, add -Dgpra.rollback.marks=restore to the same command: what this changelog '
      'made is marked again, and undone. If others made it, add -Dgpra.rollback.marks=leave: it stays (docs/runbooks/restore.md).');
  END IF;
  IF cardinality(unmarked) > 0 THEN
    RAISE NOTICE 'gpra.rollback.marks=%: %: %', marks, CASE marks WHEN 'restore' THEN 'marked again' ELSE 'left as it is' END,
      array_to_string(unmarked, ', ');
  END IF;
  IF cardinality(forgotten) > 0 THEN
    RAISE NOTICE 'gpra.rollback.marks=%: rows that were given to the admin keep their owner in %', marks, array_to_string(forgotten, ', ');
  END IF;

  -- A table that somebody dropped has nothing that could be undone. An empty one, this session's alone, stands in for it, so that each
  -- step finds that out for itself (even CREATE INDEX … IF NOT EXISTS looks at its table first).
  FOR detail IN
    SELECT name FROM unnest(ARRAY['ab_user', 'items', 'routines', 'chord_charts', 'subscriptions']) AS name WHERE to_regclass(name) IS NULL
  LOOP
    IF NOT has_database_privilege(current_database(), 'TEMPORARY') THEN
      RAISE EXCEPTION USING MESSAGE = format('The table %s is not there any more, and %I may not make the temporary one that going back needs in its '
        'place. Nothing was undone. GRANT TEMPORARY ON DATABASE %I TO %2$I, then run the same command again.', detail, current_user, current_database());
    END IF;
    EXECUTE format('CREATE TEMPORARY TABLE %I (id integer PRIMARY KEY, user_id integer); CREATE INDEX ON %1$I (user_id)', detail);
  END LOOP;

  -- The rows that were given to the admin are remembered by their key.
  SELECT string_agg(name, ', ') INTO detail
    FROM unnest(ARRAY['items', 'routines', 'chord_charts']) AS name
   WHERE to_regclass('gpra_admin_assignment.filled') IS NOT NULL AND EXISTS (SELECT FROM unnest(undone) AS id WHERE left(id, 3) IN ('002', '003'))
     AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass(name) AND indisprimary);
  IF detail IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Somebody dropped the primary key of %s, by which the rows that were given to the admin are known. Nothing was '
      'undone. Put it back (ALTER TABLE … ADD PRIMARY KEY (…)), then run the same command again.', detail);
  END IF;

  -- Where the owner is bound by row-level security too, it looks as each user in turn: every row has one, by 003.
  IF EXISTS (SELECT FROM pg_class c
              WHERE c.oid IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
                AND c.relrowsecurity AND row_security_active(c.oid)) THEN
    tenants := array(SELECT id FROM ab_user);
    PERFORM set_config('row_security', 'on', true);
  END IF;
  -- A row without owner, of nobody that is a user, or of a user that is nobody for the policy, would be missed.
  SELECT string_agg(rows, '; ') INTO detail
    FROM (SELECT format('those of %s user(s) whose id the policies take for nobody (SELECT id, username FROM ab_user WHERE id::text !~ ''^[0-9]{1,10}$'')',
                   count(*)) AS rows
            FROM ab_user WHERE id::text !~ '^[0-9]{1,10}$' HAVING count(*) > 0
          UNION ALL
          SELECT format('those of %s without owner, as its user_id may be empty or names nobody (NOT NULL or its foreign key is gone)', c.oid::regclass)
            FROM pg_class c
           WHERE c.oid IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
             AND c.relrowsecurity AND row_security_active(c.oid)
             AND NOT EXISTS (SELECT FROM pg_attribute a
                               JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum] AND k.contype = 'f'
                                                   AND k.convalidated AND k.confrelid = to_regclass('ab_user')
                              WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND a.attnotnull)) AS hidden
   WHERE tenants <> '{NULL}' AND '004-preflight' = ANY (undone) AND EXISTS (SELECT FROM unnest(undone) AS id WHERE id < '004');
  IF detail IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('Row-level security hides rows from this look: %s. Nothing was undone. Go back to 003 first, where every row '
      'is counted: mvn liquibase:rollback -Dliquibase.rollbackTag=003 -Dliquibase.labelFilter=enforce, then go on from there.', detail);
  END IF;
  in_the_way := array(
    SELECT format('row-level security on %s, which hides rows from this look: it has %s', c.oid::regclass,
             coalesce((SELECT string_agg(format('the policy %I', p.polname), ', ') FROM pg_policy p
                        WHERE p.polrelid = c.oid AND coalesce(obj_description(p.oid, 'pg_policy'), '') NOT LIKE '[gpra 004%'),
                      'not the policy of 004 as it was made'))
      FROM pg_class c
     WHERE c.oid IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
       AND c.relrowsecurity AND row_security_active(c.oid) AND EXISTS (SELECT FROM unnest(undone) AS id WHERE id < '004')
       AND (SELECT count(*) <> 1 OR NOT bool_and(
                     p.polcmd = '*' AND p.polpermissive AND p.polroles = '{0}' AND obj_description(p.oid, 'pg_policy') LIKE '[gpra 004%'
                     AND regexp_replace(pg_get_expr(p.polqual, p.polrelid), '[\s()]|AS "case"', '', 'g') =
                         'user_id=SELECTCASEWHENsetting.s~''^[0-9]{1,10}$''::textTHENsetting.s::bigintELSENULL::bigintENDFROM'
                         'SELECTcurrent_setting''app.current_user_id''::text,trueASssetting')
              FROM pg_policy p WHERE p.polrelid = c.oid));

  -- Our columns: what the application wrote into them since, and what others have built on them.
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
     WHERE (t.id = ANY (undone) OR left(t.id, 3) || '-preflight' = ANY (undone))
       AND col_description(a.attrelid, a.attnum) LIKE format('[gpra %s%%', left(t.id, 3))
  LOOP
    n := 0;
    FOREACH tenant IN ARRAY CASE WHEN row_security_active(target.attrelid) THEN tenants ELSE '{NULL}' END LOOP
      PERFORM set_config('app.current_user_id', tenant::text, true);
      EXECUTE format('SELECT count(*) FROM %I WHERE %s', target.tab, target.used) INTO part;
      n := n + part;
    END LOOP;
    IF n > 0 AND target.col = 'user_id' AND to_regclass('gpra_admin_assignment.fills') IS NOT NULL THEN
      -- 002 and 003 take their own assignment back: only what others wrote would be lost.
      PERFORM set_config('app.current_user_id', (SELECT value FROM gpra_admin_assignment.fills WHERE filled_table = target.attrelid AND filled_column = 'user_id'), true);
      -- (Not "=": the planner would join on the owner, and test each range for each row.)
      EXECUTE format(
        'SELECT $1 - count(*)
           FROM unnest((SELECT range_agg(part.ids) FROM (SELECT unnest(row_ids) AS ids FROM gpra_admin_assignment.filled
                                                          WHERE filled_table = $2 AND filled_column = ''user_id'') AS part)) AS ids
           JOIN %I t ON t.%I >= lower(ids) AND t.%2$I < upper(ids)
                    AND t.user_id IS NOT DISTINCT FROM (SELECT value::integer FROM gpra_admin_assignment.fills WHERE filled_table = $2 AND filled_column = ''user_id'')',
        target.tab, target.pk) INTO n USING n, target.attrelid;
    END IF;
    IF n > 0 THEN
      lost := lost || format('%s.%s of %s row(s)', target.tab, target.col, n);
    END IF;

    lost := lost || array(
      SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
        FROM pg_depend d
        LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
       WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = target.attrelid AND d.refobjsubid = target.attnum
         AND d.deptype IN ('n', 'a') AND d.objsubid = 0
         AND d.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_statistic_ext'::regclass)
         AND coalesce(k.contype <> 'n', true)
         AND d.objid::regclass::text NOT LIKE '%gpra\_building\_%'
         AND coalesce(obj_description(d.objid, d.classid::regclass::text::name), '') !~ '^\[gpra \d{3}[]-]');
    in_the_way := in_the_way || array(
      SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid)
        FROM pg_depend d
        LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
       WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = target.attrelid AND d.refobjsubid = target.attnum
         AND d.deptype IN ('n', 'a')
         -- (PostgreSQL 14 has a generated column here, later ones its expression.)
         AND (d.objsubid > 0 OR d.classid NOT IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_statistic_ext'::regclass))
         AND coalesce(f.adnum <> target.attnum, true)
         AND coalesce(obj_description(d.objid, d.classid::regclass::text::name), '') !~ '^\[gpra \d{3}[]-]');
  END LOOP;

  -- Our table: every subscription but the one that 002 made, if nobody changed it.
  IF ('001-subscriptions' = ANY (undone) OR '001-preflight' = ANY (undone))
     AND obj_description(to_regclass('subscriptions'), 'pg_class') LIKE '[gpra 001%' THEN
    n := 0;
    FOREACH tenant IN ARRAY CASE WHEN row_security_active('subscriptions') THEN tenants ELSE '{NULL}' END LOOP
      PERFORM set_config('app.current_user_id', tenant::text, true);
      n := n + (SELECT count(*) FROM subscriptions);
    END LOOP;
    IF to_regclass('gpra_admin_assignment.fills') IS NOT NULL THEN
      PERFORM set_config('app.current_user_id', (SELECT value FROM gpra_admin_assignment.fills
                                                  WHERE filled_table = to_regclass('subscriptions') AND filled_column = 'user_id'), true);
      SELECT n - count(*) INTO n
        FROM gpra_admin_assignment.fills a JOIN gpra_admin_assignment.filled r USING (filled_table, filled_column)
       CROSS JOIN (SELECT to_jsonb(s) AS is_now FROM subscriptions s) AS s
       -- As it was made: what a column held that somebody dropped is taken from there.
       CROSS JOIN LATERAL jsonb_build_object('user_id', a.value::integer, 'tier', 'unlimited', 'status', 'active', 'mrr', 0, 'cancel_at_period_end', false,
                            'updated_at', coalesce(is_now -> 'created_at', is_now -> 'updated_at'), 'stripe_subscription_id', NULL,
                            'stripe_price_id', NULL, 'current_period_start', NULL, 'current_period_end', NULL) AS made
       WHERE a.filled_table = to_regclass('subscriptions') AND coalesce((is_now ->> 'id')::bigint <@ r.row_ids, true)
         AND made || is_now @> made;
    END IF;
    IF n > 0 THEN
      lost := lost || format('%s row(s) of subscriptions', n);
    END IF;
    lost := lost || array(
      SELECT format('column %s of table subscriptions', attname)
        FROM pg_attribute
       WHERE attrelid = to_regclass('subscriptions') AND attnum > 0 AND NOT attisdropped
         AND attname NOT IN ('id', 'user_id', 'stripe_subscription_id', 'stripe_price_id', 'tier', 'status', 'mrr',
           'current_period_start', 'current_period_end', 'cancel_at_period_end', 'created_at', 'updated_at'));
    lost := lost || array(
      SELECT pg_describe_object(o.classid, o.objid, 0)
        FROM pg_class c
       CROSS JOIN LATERAL (
         -- (A build that nobody finished is ours.)
         SELECT 'pg_class'::regclass, i.indexrelid FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
          WHERE i.indrelid = c.oid AND x.relname NOT LIKE 'gpra\_building\_%'
         UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE conrelid = c.oid AND contype NOT IN ('n', 't')
         UNION ALL SELECT 'pg_trigger'::regclass, oid FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal
         UNION ALL SELECT 'pg_policy'::regclass, oid FROM pg_policy WHERE polrelid = c.oid
         UNION ALL SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE ev_class = c.oid
         UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext WHERE stxrelid = c.oid) AS o (classid, objid)
       WHERE c.oid = to_regclass('subscriptions') AND coalesce((SELECT conname FROM pg_constraint WHERE oid = o.objid), '')
             NOT IN ('subscriptions_pkey', 'fk_subscriptions_user_id', 'uq_stripe_subscription_id')
         AND coalesce(obj_description(o.objid, o.classid::text::name), '') !~ '^\[gpra \d{3}[]-]'
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = o.objid AND k.conrelid = c.oid AND o.classid = 'pg_class'::regclass));
  END IF;

  -- Tables of later migrations: every row. Columns that they widened: what would not fit any more.
  FOR target IN
    SELECT t.*, c.oid
      FROM (VALUES
              (NULL, NULL, NULL, NULL)
           ) AS t (id, tab, col, used)
      JOIN pg_class c ON c.oid = to_regclass(t.tab)
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = t.col
     WHERE (t.id = ANY (undone) OR left(t.id, 3) || '-preflight' = ANY (undone))
       AND CASE WHEN t.col IS NULL THEN obj_description(c.oid, 'pg_class') LIKE format('[gpra %s%%', left(t.id, 3))
                ELSE col_description(c.oid, a.attnum) LIKE format('%%[gpra %s] was %%', left(t.id, 3)) END
  LOOP
    n := 0;
    FOREACH tenant IN ARRAY CASE WHEN row_security_active(target.oid) THEN tenants ELSE '{NULL}' END LOOP
      PERFORM set_config('app.current_user_id', tenant::text, true);
      EXECUTE format('SELECT count(*) FROM %I WHERE %s', target.tab, target.used) INTO part;
      n := n + part;
    END LOOP;
    IF n > 0 THEN
      lost := lost || CASE WHEN target.col IS NULL THEN format('%s row(s) of %s', n, target.tab)
                           ELSE format('%s.%s of %s row(s)', target.tab, target.col, n) END;
    END IF;
  END LOOP;

  PERFORM set_config('row_security', 'off', true);

  -- Our tables: whether they can be dropped at all is tried, and taken back.
  IF to_regclass('pg_temp.gpra_filled') IS NOT NULL THEN
    -- Left by a run of this session that failed.
    DROP VIEW pg_temp.gpra_fills, pg_temp.gpra_filled;
  END IF;
  FOR target IN
    SELECT * FROM (VALUES ('subscriptions', ARRAY['001-preflight', '001-subscriptions']),
                          ('gpra_admin_assignment.fills', ARRAY['002-preflight', '003-preflight']),
                          ('gpra_admin_assignment.filled', ARRAY['002-preflight', '003-preflight'])) AS t (tab, ids)
      JOIN pg_class c ON c.oid = to_regclass(t.tab) AND pg_has_role(c.relowner, 'USAGE')
     WHERE t.ids && undone
       -- (003 drops the memory only where it made it.)
       AND obj_description(c.oid, 'pg_class') LIKE CASE WHEN undone && ARRAY['001-preflight', '001-subscriptions', '002-preflight']
                                                        THEN '[gpra 00%' ELSE '[gpra 003%' END
  LOOP
    BEGIN
      IF target.tab = 'subscriptions' AND has_table_privilege('ab_user', 'UPDATE, DELETE, TRUNCATE') THEN
        -- In the application's order, as its foreign key needs this lock too.
        LOCK TABLE ab_user IN ACCESS EXCLUSIVE MODE;
        -- From here on others wait: it does not wait long for the second. (The end of this block takes the setting back.)
        PERFORM set_config('lock_timeout', '100ms', true) WHERE current_setting('lock_timeout')::interval > '100ms';
      END IF;
      EXECUTE format('DROP TABLE %s', to_regclass(target.tab));
      RAISE EXCEPTION USING ERRCODE = 'GP000';
    EXCEPTION
      WHEN dependent_objects_still_exist THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        -- (Not what a session that ended in the middle of a fill had to look with.)
        in_the_way := in_the_way || array(SELECT line FROM unnest(string_to_array(detail, E'\n')) AS line WHERE line !~ '^view pg_temp_\d+\.gpra_fill');
      WHEN SQLSTATE 'GP000' THEN
        NULL;
    END;
  END LOOP;

  -- Rows that were given an owner go back to having none, unless somebody else requires one (003's check bears a mark).
  IF to_regclass('gpra_admin_assignment.filled') IS NOT NULL THEN
    in_the_way := in_the_way || array(
      SELECT DISTINCT CASE WHEN k.oid IS NULL THEN format('the NOT NULL of %s.user_id', m.filled_table)
                           ELSE format('the constraint %I on %s', k.conname, m.filled_table) END
        FROM (SELECT * FROM gpra_admin_assignment.filled WHERE filled_column = 'user_id') AS m
        JOIN pg_attribute a ON a.attrelid = m.filled_table AND a.attname = 'user_id'
        JOIN pg_class c ON c.oid = m.filled_table AND c.oid <> to_regclass('subscriptions') AND c.oid = to_regclass(quote_ident(c.relname))
        LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
                                 AND pg_get_constraintdef(k.oid) ~ 'user_id IS NOT NULL'
                                 AND coalesce(obj_description(k.oid, 'pg_constraint'), '') NOT LIKE '[gpra 003%'
       WHERE (k.oid IS NOT NULL
              OR a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = c.oid AND obj_description(o.oid, 'pg_constraint') LIKE '[gpra 003%'))
         AND undone && ARRAY[left(m.changeset, 3) || '-preflight', m.changeset]);
  END IF;

  IF cardinality(in_the_way) > 0 THEN
    RAISE EXCEPTION USING MESSAGE = format(
      'This rollback drops what others have built on: %s. Nothing was undone. Drop that first, then run the same command again.',
      array_to_string(in_the_way, ', '));
  ELSIF cardinality(lost) > 0 AND NOT discard THEN
    RAISE EXCEPTION USING MESSAGE = format(
      'This rollback would destroy what was made since: %s. Nothing was undone. To go on and lose it, add '
      '-Dgpra.rollback.discard=true to the same command; to keep it, stay where you are.',
      array_to_string(lost, ', '));
  ELSIF cardinality(lost) > 0 THEN
    RAISE NOTICE 'gpra.rollback.discard=true: this is lost now: %', array_to_string(lost, ', ');
  END IF;

  -- In a publication of all tables, nothing can be deleted from a table that has neither key nor replica identity.
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
               JOIN pg_publication_tables p ON p.schemaname = s.nspname AND p.tablename = c.relname
              WHERE c.oid = history AND c.relreplident = 'd'
                AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)) THEN
    EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', history);
  END IF;

  -- A column that somebody dropped comes back empty, as undoing 002 leaves it; undoing 001 drops it.
  FOR detail IN
    SELECT name FROM unnest(ARRAY['items', 'routines', 'chord_charts']) AS name
     WHERE EXISTS (SELECT FROM unnest(undone) AS id WHERE left(id, 3) IN ('002', '003'))
       AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(name) AND attname = 'user_id')
  LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN user_id integer', detail);
    EXECUTE format('COMMENT ON COLUMN %I.user_id IS %L', detail, '[gpra 001] Owner of the row');
    RAISE NOTICE 'somebody dropped %.user_id: there are no owners to take back', detail;
  END LOOP;

  PERFORM set_config('gpra.guarded', 'yes', false);
  PERFORM set_config('gpra.reaches', array_to_string(undone, ','), false);
END
$gpra_body$;
