-- copyColumn, and what can be done with a column of which there is a copy: a trigger keeps both in step, whichever of them is written.

-- Whether two columns of a row differ, as a condition. (Some types cannot be compared, as json, and some not with each other.)
CREATE OR REPLACE FUNCTION pg_temp.gpra_differs(tab regclass, col text, copied text, one_row text DEFAULT '', other_row text DEFAULT '') RETURNS text
LANGUAGE plpgsql AS $gpra_body$
BEGIN
  EXECUTE format('SELECT NULL::%s IS DISTINCT FROM NULL::%s', pg_temp.gpra_type_of(tab, col), pg_temp.gpra_type_of(tab, copied));
  RETURN format('%s%I IS DISTINCT FROM %s%I', one_row, col, other_row, copied);
EXCEPTION WHEN undefined_function THEN
  RETURN format('%s%I::text IS DISTINCT FROM %s%I::text', one_row, col, other_row, copied);
END
$gpra_body$;

-- Keeps a column in step with its copy, before any row is written: whoever writes the copy alone means both. (Of a new row, the copy has no
-- default.) A value that the other type cannot have leaves it empty: the application's statement does not fail for that.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_keep_in_step(tab regclass, col text, copied text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  place    regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = tab);
  keeper   text := 'zz_gpra_step_' || left(md5(concat_ws('.', tab::oid, col, copied)), 16);
  follow   text := 'BEGIN NEW.%1$I := NEW.%2$I; EXCEPTION WHEN data_exception THEN NEW.%1$I := NULL; END;';
BEGIN
  IF pg_temp.gpra_type_of(tab, col) = pg_temp.gpra_type_of(tab, copied) THEN
    follow := 'NEW.%1$I := NEW.%2$I;';
  END IF;
  EXECUTE format('CREATE OR REPLACE FUNCTION %s.%I() RETURNS trigger LANGUAGE plpgsql AS %L', place, keeper,
    format('BEGIN IF (CASE TG_OP WHEN ''INSERT'' THEN NEW.%I IS NOT NULL ELSE %s AND NOT (%s) END) THEN ', copied,
      pg_temp.gpra_differs(tab, copied, copied, 'NEW.', 'OLD.'), pg_temp.gpra_differs(tab, col, col, 'NEW.', 'OLD.'))
    || format(follow, col, copied) || ' ELSE ' || format(follow, copied, col) || ' END IF; RETURN NEW; END');
  EXECUTE format('COMMENT ON FUNCTION %s.%I() IS %L', place, keeper, mark);
  -- After all other triggers: they come in the order of their names. The condition also keeps either column from being dropped without it.
  EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION %s.%1$I()', keeper, tab,
    pg_temp.gpra_differs(tab, col, copied, 'NEW.', 'NEW.'), place);
  EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', keeper, tab, mark);
END
$gpra_body$;

-- Adds the copy of a column, with its grants, in step from its first moment: under one short lock.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_begin_copy(tab regclass, col text, copied text, type text, mark text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  granted text;
BEGIN
  EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s%s', tab, copied, coalesce(type, pg_temp.gpra_type_of(tab, col)),
    (SELECT ' COLLATE ' || a.attcollation::regcollation FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = tab AND a.attname = col AND a.attcollation <> t.typcollation AND type IS NULL));
  EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', tab, copied, mark);
  SELECT string_agg(format('GRANT %s (%I) ON %s TO %s%s', g.privilege_type, copied, tab, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
                           CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' END), '; ') INTO granted
    FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) AS g WHERE a.attrelid = tab AND a.attname = col;
  IF granted IS NOT NULL THEN
    EXECUTE granted;
  END IF;
  CALL pg_temp.gpra_keep_in_step(tab, col, copied, mark);
END
$gpra_body$;

-- As whom every row of a table is seen: as nobody in particular, or, where row-level security binds whoever looks, as each tenant in turn.
CREATE OR REPLACE FUNCTION pg_temp.gpra_seen_as(tab regclass, tenants text) RETURNS text[] LANGUAGE plpgsql AS $gpra_body$
DECLARE
  seen text[] := '{NULL}';
BEGIN
  IF row_security_active(tab) THEN
    IF tenants IS NULL THEN
      RAISE EXCEPTION USING MESSAGE = format('Row-level security hides rows of %s. Run it as a role that sees all, or give the changelog the parameters '
        'tenant.setting and tenant.ids; then run the same command again.', tab);
    END IF;
    EXECUTE format('SELECT coalesce(array_agg(t.id::text), ''{}'') FROM (%s) AS t (id)', tenants) INTO seen;
  END IF;
  RETURN seen;
END
$gpra_body$;

-- To the end of the transaction. Without a tenant an error is better than rows that are not seen.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_see_as(tenant text, tenant_setting text) LANGUAGE plpgsql AS $gpra_body$
BEGIN
  CALL pg_temp.gpra_by_index();
  PERFORM set_config('row_security', 'on', true), set_config(tenant_setting, tenant, true) WHERE tenant IS NOT NULL;
END
$gpra_body$;

-- Writes the copy of the rows that were there before it, in ranges of the primary key, each a transaction of about gpra.batch.time with a pause behind
-- it. No other trigger fires. It commits; interrupted anywhere, the same again goes on where it was. What comes meanwhile is in step.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_copy_rows(tab regclass, col text, copied text, tenant_setting text, tenants text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  label       text := format('%s.%s', tab, copied);
  batch_time  interval := $gpra_value$${gpra.batch.time}$gpra_value$;
  batch_pause interval := $gpra_value$${gpra.batch.pause}$gpra_value$;
  pk          name := pg_temp.gpra_key_of(tab);
  differs     text := pg_temp.gpra_differs(tab, col, copied);
  total       bigint := (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = tab);
  done        bigint := 0;
  width       bigint := 1000;
  triggers    text;
  tenant      text;
  low         bigint;
  high        bigint;
  n           bigint;
  since       timestamptz;
  said        timestamptz := clock_timestamp();
BEGIN
  PERFORM set_config('default_transaction_isolation', 'read committed', false);
  COMMIT;
  FOREACH tenant IN ARRAY pg_temp.gpra_seen_as(tab, tenants) LOOP
    low := -9223372036854775808;
    LOOP
      CALL pg_temp.gpra_wait_for_others(tab, label, done, total);
      CALL pg_temp.gpra_see_as(tenant, tenant_setting);
      EXECUTE format('SELECT %1$I FROM %2$s WHERE %1$I >= $1 AND %3$s ORDER BY %1$I LIMIT 1', pk, tab, differs) INTO low USING low;
      EXIT WHEN low IS NULL;
      EXECUTE format('SELECT max(id)::bigint FROM (SELECT %1$I AS id FROM %2$s WHERE %1$I >= $1 ORDER BY %1$I LIMIT $2) AS next', pk, tab)
        INTO high USING low, width;
      SET CONSTRAINTS ALL IMMEDIATE;
      IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = tab AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgname NOT LIKE 'zz\_gpra\_step\_%') THEN
        -- The lock that DISABLE TRIGGER takes anyway: reading goes on, writing waits for this batch.
        EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', tab);
      END IF;
      CALL pg_temp.gpra_disable_triggers(tab, triggers);
      -- From here on others wait for this batch: it does not wait long for a row.
      PERFORM set_config('lock_timeout', '100ms', true) WHERE current_setting('lock_timeout')::interval > '100ms' OR current_setting('lock_timeout') = '0';
      since := clock_timestamp();
      -- The trigger writes the copy.
      EXECUTE format('UPDATE %1$s SET %2$I = %2$I WHERE %3$I BETWEEN $1 AND $2 AND %4$s', tab, col, pk, differs) USING low, high;
      GET DIAGNOSTICS n = ROW_COUNT;
      IF triggers IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', tab, triggers);
      END IF;
      COMMIT;
      done := done + n;
      IF n > width / 2 THEN
        width := greatest(100, least(width * 2, (width * extract(epoch FROM batch_time) / greatest(extract(epoch FROM clock_timestamp() - since), 0.0001))::bigint));
      END IF;
      IF clock_timestamp() - said > '1s' THEN
        said := clock_timestamp();
        RAISE NOTICE '%: % of % row(s) copied', label, done, greatest(done, total);
      END IF;
      EXIT WHEN high = 9223372036854775807;
      low := high + 1;
      PERFORM pg_sleep(extract(epoch FROM batch_pause));
    END LOOP;
  END LOOP;
  IF done > 0 THEN
    RAISE NOTICE '%: % row(s) copied from %', label, done, col;
    COMMIT;
    PERFORM set_config('default_statistics_target', '10', true);
    EXECUTE format('ANALYZE %s (%I)', tab, copied);
  END IF;
  COMMIT;
  CALL pg_temp.gpra_refuse_different(tab, col, copied, tenant_setting, tenants);
END
$gpra_body$;

-- Names the rows whose copy is another: its type cannot have the value, or somebody wrote with triggers switched off.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_refuse_different(tab regclass, col text, copied text, tenant_setting text, tenants text) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  pk      name := pg_temp.gpra_key_of(tab);
  type    text := pg_temp.gpra_type_of(tab, col);
  differs text := pg_temp.gpra_differs(tab, col, copied);
  tenant  text;
  found   text;
  n       bigint;
BEGIN
  IF type <> pg_temp.gpra_type_of(tab, copied) THEN
    differs := format('(%I::text)::%s::text IS DISTINCT FROM %I::text', copied, type, col);
  END IF;
  FOREACH tenant IN ARRAY pg_temp.gpra_seen_as(tab, tenants) LOOP
    CALL pg_temp.gpra_see_as(tenant, tenant_setting);
    PERFORM set_config('enable_seqscan', 'on', true);
    EXECUTE format('SELECT count(*), string_agg(id::text, '', '') FILTER (WHERE place <= 3) FROM (SELECT %I AS id, row_number() OVER () AS place FROM %s WHERE %s) AS other',
      pk, tab, differs) INTO n, found;
    IF n > 0 THEN
      RAISE EXCEPTION USING MESSAGE = format('%1$s row(s) of %2$s have another %3$s, of the type %4$s, than %5$s: %6$s %7$s. Both columns stay, in step. Find them all '
        'with SELECT %6$I, %5$I, %3$I FROM %2$s WHERE %8$s; correct them, then run the same command again.', n, tab, copied, pg_temp.gpra_type_of(tab, copied), col,
        pk, found, differs);
    END IF;
    COMMIT;
  END LOOP;
END
$gpra_body$;

-- A column of its own for the same values, in step from then on.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_copy_column(target text, col text, copied text, type text, mark text, tenant_setting text, tenants text)
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab regclass := target;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  IF NOT EXISTS (SELECT FROM pg_temp.gpra_steps(tab, col) AS s WHERE s.other = copied) THEN
    CALL pg_temp.gpra_begin_copy(tab, col, copied, type, mark);
  END IF;
  COMMIT;
  CALL pg_temp.gpra_copy_rows(tab, col, copied, tenant_setting, tenants);
  CALL pg_temp.gpra_done(mark);
END
$gpra_body$;

-- Drops a copy that bears one of the marks.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_drop_copy(target text, copied text, marks text[]) LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab regclass := to_regclass(target);
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes'
     AND EXISTS (SELECT FROM pg_attribute a JOIN unnest(marks) AS mark ON starts_with(col_description(a.attrelid, a.attnum), mark)
                  WHERE a.attrelid = tab AND a.attname = copied) THEN
    EXECUTE concat_ws('; ', pg_temp.gpra_end_step(tab, copied), format('ALTER TABLE %s DROP COLUMN %I', tab, copied));
  END IF;
END
$gpra_body$;

-- Gives a column its new name, and so all that is on it: keys, checks, indexes, policies, views, grants. Its copy, which had that name for the
-- application's next version, goes in the same moment.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_rename_column(target text, col text, name text, mark text, tenant_setting text, tenants text)
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab       regclass := target;
  obstacles text;
BEGIN
  CALL pg_temp.gpra_must_be_guarded(mark);
  IF pg_temp.gpra_type_of(tab, col) IS NULL AND pg_temp.gpra_type_of(tab, name) IS NOT NULL THEN
    RAISE NOTICE '%.% is % already', tab, col, name;
  ELSE
    SELECT string_agg(o.what, '; ') INTO obstacles FROM pg_temp.gpra_rename_obstacles(tab, col, name) AS o;
    IF obstacles IS NOT NULL THEN
      RAISE EXCEPTION USING MESSAGE = format('%s.%s cannot become %s: %s. Then run the same command again.', tab, col, name, obstacles);
    END IF;
    CALL pg_temp.gpra_copy_rows(tab, col, name, tenant_setting, tenants);
    EXECUTE concat_ws('; ', pg_temp.gpra_end_step(tab, name), format('ALTER TABLE %s DROP COLUMN %I', tab, name),
      format('ALTER TABLE %s RENAME COLUMN %I TO %I', tab, col, name));
  END IF;
  CALL pg_temp.gpra_done(mark);
END
$gpra_body$;

-- The way back: the old name is the column's again, and the new one its copy's.
CREATE OR REPLACE PROCEDURE pg_temp.gpra_restore_name(target text, name text, col text, changeset_mark text, mark text, copied_by text, tenant_setting text, tenants text)
LANGUAGE plpgsql AS $gpra_body$
DECLARE
  tab regclass := to_regclass(target);
BEGIN
  IF current_setting('gpra.guarded', true) = 'yes' AND current_setting('gpra.found', true) IS DISTINCT FROM changeset_mark THEN
    IF pg_temp.gpra_type_of(tab, col) IS NULL AND pg_temp.gpra_type_of(tab, name) IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I', tab, name, col);
      CALL pg_temp.gpra_begin_copy(tab, col, name, NULL, mark);
      COMMIT;
    END IF;
    -- (Not where the same rollback drops the copy next.)
    IF EXISTS (SELECT FROM pg_temp.gpra_steps(tab, col) AS s WHERE s.other = name) AND pg_temp.gpra_is_recorded(copied_by) THEN
      CALL pg_temp.gpra_copy_rows(tab, col, name, tenant_setting, tenants);
    END IF;
  END IF;
  CALL pg_temp.gpra_done(changeset_mark);
END
$gpra_body$;
