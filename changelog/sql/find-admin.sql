-- Finds the admin and keeps the choice until 002 is undone, in a schema of its own: another gpra.admin.username later
-- changes nothing. The ids of the rows that 002 gives them are kept there too: a rollback takes back exactly these.
DO $gpra_body$
DECLARE
  wanted     text := $gpra_value$${gpra.admin.username}$gpra_value$;
  candidates text;
  admin      record;
BEGIN
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
    COMMENT ON SCHEMA gpra_admin_assignment IS '[gpra 002] What 002 gave to the admin, so that its rollback takes back this and no more';
  END IF;
  IF to_regclass('gpra_admin_assignment.admins') IS NULL THEN
    CREATE TABLE gpra_admin_assignment.admins (
      assigned_table  regclass PRIMARY KEY,
      admin_id        integer NOT NULL,
      column_replaced boolean NOT NULL DEFAULT false
    );
    COMMENT ON TABLE gpra_admin_assignment.admins IS '[gpra 002] Who was the admin, and whether the rows were assigned by replacing the column';
    CREATE TABLE gpra_admin_assignment.assigned (
      id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      assigned_table regclass NOT NULL,
      row_ids        int8multirange NOT NULL
    );
    COMMENT ON TABLE gpra_admin_assignment.assigned IS '[gpra 002] The ids of the rows that were given to the admin, a batch a row';
  END IF;
  INSERT INTO gpra_admin_assignment.admins (assigned_table, admin_id)
  SELECT to_regclass(name), admin.id FROM unnest(ARRAY['chord_charts', 'items', 'routines', 'subscriptions']) AS name
      ON CONFLICT DO NOTHING;
  SELECT id, username INTO admin FROM ab_user
   WHERE id = (SELECT admin_id FROM gpra_admin_assignment.admins WHERE assigned_table = to_regclass('items'));
  RAISE NOTICE '002: the admin is % (id %)', admin.username, admin.id;
END
$gpra_body$;
