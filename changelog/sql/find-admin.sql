-- Finds the admin and keeps the choice until 002 is undone, in a schema of its own: another gpra.admin.username later
-- changes nothing, unless that user is gone. The ids of the rows that 002 and 003 give them are kept there too: a rollback
-- takes back exactly these. Stops first where something is gone that the rest of the migration needs. gpra.changeset, set just
-- before, begins with the migration's number.
DO $gpra_body$
DECLARE
  migration  text := left(current_setting('gpra.changeset'), 3);
  wanted     text := nullif($gpra_value$${gpra.admin.username}$gpra_value$, '');
  tables     regclass[] := ARRAY[to_regclass('chord_charts'), to_regclass('items'), to_regclass('routines'), to_regclass('subscriptions')];
  labels     text := CASE WHEN migration > '002' THEN ' -Dliquibase.labelFilter=enforce' ELSE '' END;
  gone       text;
  admins     text[];
  n          integer := 0;
  admin      record;
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
    RAISE EXCEPTION USING MESSAGE = format('%s cannot run: somebody dropped what the application brought: %s. Nothing was changed. Put it back '
      '(docs/runbooks/restore.md), then run the same command again; or go back: mvn liquibase:rollback -Dliquibase.rollbackTag=000%s',
      migration, gone, labels);
  END IF;
  SELECT string_agg(DISTINCT CASE WHEN to_regclass(tab) IS NULL THEN format('the table %s', tab) ELSE format('the column %s.%s', tab, col) END, ', ')
    INTO gone
    FROM (VALUES ('items', 'user_id'), ('routines', 'user_id'), ('chord_charts', 'user_id'), ('subscriptions', 'id'),
            ('subscriptions', 'user_id'), ('subscriptions', 'tier'), ('subscriptions', 'status'), ('subscriptions', 'mrr'),
            ('subscriptions', 'cancel_at_period_end'), ('subscriptions', 'created_at'), ('subscriptions', 'updated_at')) AS made (tab, col)
   -- (Of subscriptions 003 needs no column.)
   WHERE (migration = '002' OR col = 'user_id')
     AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(tab) AND attname = col);
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('%s cannot run: 001 is in the history, and what it makes is not there: %s. Somebody dropped it, or 001 was '
      'only noted as run (changelogSync). Nothing was changed. Run mvn liquibase:rollback -Dliquibase.rollbackTag=000%s, then update.',
      migration, gone, labels);
  END IF;

  IF to_regclass('gpra_admin_assignment.admins') IS NOT NULL THEN
    SELECT count(*) INTO n FROM gpra_admin_assignment.admins m JOIN ab_user u ON u.id = m.admin_id WHERE m.assigned_table = ANY (tables);
  END IF;
  IF n = cardinality(tables) THEN
    RETURN;
  END IF;
  SELECT coalesce(array_agg(DISTINCT u.username::text ORDER BY u.username::text), '{}') INTO admins
    FROM ab_user u JOIN ab_user_role ur ON ur.user_id = u.id JOIN ab_role r ON r.id = ur.role_id
   WHERE r.name = 'Admin' AND u.active;
  -- As in 002-preflight. Whoever is named is taken. Without a name it is the one active Admin, or of several the one called admin.
  SELECT id, username INTO admin
    FROM ab_user
   WHERE username = coalesce(wanted, CASE WHEN 'admin' = ANY (admins) THEN 'admin'
                                          WHEN cardinality(admins) = 1 AND NOT EXISTS (SELECT FROM ab_user WHERE username = 'admin') THEN admins[1] END);
  IF NOT FOUND THEN
    RAISE EXCEPTION USING MESSAGE = format(
      '%s, and %s. Name the admin: -Dgpra.admin.username=…',
      CASE WHEN wanted IS NULL AND EXISTS (SELECT FROM ab_user WHERE username = 'admin')
           THEN 'The user "admin" is not an active user with the role Admin'
           ELSE format('There is no user "%s"', coalesce(wanted, 'admin')) END,
      CASE cardinality(admins) WHEN 0 THEN 'no active user has the role Admin'
                               WHEN 1 THEN 'one active user has the role Admin: ' || admins[1]
                               ELSE 'several active users have the role Admin: ' || array_to_string(admins, ', ') END);
  END IF;

  IF to_regnamespace('gpra_admin_assignment') IS NULL THEN
    CREATE SCHEMA gpra_admin_assignment;
    EXECUTE format('COMMENT ON SCHEMA gpra_admin_assignment IS %L',
      format('[gpra %s] What was given to the admin, so that a rollback takes back this and no more', migration));
  END IF;
  IF to_regclass('gpra_admin_assignment.admins') IS NULL THEN
    CREATE TABLE gpra_admin_assignment.admins (
      assigned_table  regclass PRIMARY KEY,
      admin_id        integer NOT NULL,
      column_replaced boolean NOT NULL DEFAULT false
    );
    EXECUTE format('COMMENT ON TABLE gpra_admin_assignment.admins IS %L',
      format('[gpra %s] Who was the admin, and whether the rows were assigned by replacing the column', migration));
    CREATE TABLE gpra_admin_assignment.assigned (
      id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      assigned_table regclass NOT NULL,
      migration      text NOT NULL,
      row_ids        int8multirange NOT NULL
    );
    EXECUTE format('COMMENT ON TABLE gpra_admin_assignment.assigned IS %L',
      format('[gpra %s] The ids of the rows that were given to the admin, a batch a row, and by which migration', migration));
  END IF;
  INSERT INTO gpra_admin_assignment.admins (assigned_table, admin_id) SELECT unnest(tables), admin.id ON CONFLICT DO NOTHING;
  -- Who is gone took their rows along; what was handed over before is not to be taken from others.
  DELETE FROM gpra_admin_assignment.assigned
   WHERE assigned_table IN (SELECT m.assigned_table FROM gpra_admin_assignment.admins m
                             WHERE m.assigned_table = ANY (tables) AND m.admin_id NOT IN (SELECT id FROM ab_user));
  UPDATE gpra_admin_assignment.admins SET admin_id = admin.id WHERE assigned_table = ANY (tables) AND admin_id NOT IN (SELECT id FROM ab_user);
  RAISE NOTICE '%: the admin is % (id %)', migration, admin.username, admin.id;
END
$gpra_body$;
