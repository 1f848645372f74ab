-- Finds the admin and keeps the choice until 002 is undone, in a schema of its own: another gpra.admin.username later
-- changes nothing, unless that user is gone. The ids of the rows that 002 and 003 give them are kept there too: a rollback
-- takes back exactly these. gpra.changeset, set just before, begins with the migration's number.
DO $gpra_body$
DECLARE
  migration  text := left(current_setting('gpra.changeset'), 3);
  wanted     text := $gpra_value$${gpra.admin.username}$gpra_value$;
  tables     regclass[] := ARRAY[to_regclass('chord_charts'), to_regclass('items'), to_regclass('routines'), to_regclass('subscriptions')];
  candidates text;
  n          integer := 0;
  admin      record;
BEGIN
  IF to_regclass('gpra_admin_assignment.admins') IS NOT NULL THEN
    SELECT count(*) INTO n FROM gpra_admin_assignment.admins m JOIN ab_user u ON u.id = m.admin_id WHERE m.assigned_table = ANY (tables);
  END IF;
  IF n = cardinality(tables) THEN
    RETURN;
  END IF;
  SELECT id, username INTO admin FROM ab_user WHERE username = wanted;
  IF NOT FOUND THEN
    SELECT string_agg(DISTINCT u.username, ', ') INTO candidates
      FROM ab_user u JOIN ab_user_role ur ON ur.user_id = u.id JOIN ab_role r ON r.id = ur.role_id
     WHERE r.name = 'Admin' AND u.active;
    SELECT id, username INTO admin FROM ab_user WHERE username = candidates;
    IF NOT FOUND THEN
      RAISE EXCEPTION USING MESSAGE = format(
        'There is no user "%s", and %s. Name the admin: -Dgpra.admin.username=…', wanted,
        coalesce('several active users have the role Admin: ' || candidates, 'no active user has the role Admin'));
    END IF;
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
