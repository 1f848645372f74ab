-- Finds the admin and keeps the choice, with the ids of the rows that 002 gives them, until 002 is undone:
-- another gpra.admin.username later changes nothing, and a rollback takes back exactly these rows.
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

  CREATE TABLE IF NOT EXISTS gpra_admin_assignment (
    table_name text PRIMARY KEY,
    admin_id   integer NOT NULL,
    row_ids    int8multirange NOT NULL DEFAULT '{}'
  );
  COMMENT ON TABLE gpra_admin_assignment IS '[gpra 002] Which rows 002 gave to the admin, so that its rollback takes back these and no others';
  INSERT INTO gpra_admin_assignment (table_name, admin_id)
  SELECT name, admin.id FROM unnest(ARRAY['chord_charts', 'items', 'routines', 'subscriptions']) AS name
      ON CONFLICT DO NOTHING;
  SELECT id, username INTO admin FROM ab_user WHERE id = (SELECT max(admin_id) FROM gpra_admin_assignment);
  RAISE NOTICE '002: the admin is % (id %)', admin.username, admin.id;
END
$gpra_body$;
