-- Forgets who the admin was: what they were given has been taken back. The schema goes with the last of it, unless it
-- was there before. 003 forgets what it found itself: where 002 did, that is 002's to forget.
DO $gpra_body$
BEGIN
  IF to_regclass('gpra_admin_assignment.admins') IS NULL OR current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes'
     OR left(current_setting('gpra.changeset'), 3) = '003'
        AND coalesce(obj_description(to_regclass('gpra_admin_assignment.admins'), 'pg_class'), '') NOT LIKE '[gpra 003]%' THEN
    RETURN;
  END IF;
  DELETE FROM gpra_admin_assignment.admins
   WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = assigned_table)
      OR assigned_table IN (to_regclass('items'), to_regclass('routines'), to_regclass('chord_charts'), to_regclass('subscriptions'))
         AND assigned_table NOT IN (SELECT assigned_table FROM gpra_admin_assignment.assigned);
  IF NOT EXISTS (SELECT FROM gpra_admin_assignment.admins)
     AND (SELECT bool_and(coalesce(obj_description(c.oid, 'pg_class'), '') LIKE '[gpra 00%') FROM pg_class c
           WHERE c.oid IN (to_regclass('gpra_admin_assignment.admins'), to_regclass('gpra_admin_assignment.assigned')))
     AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('gpra_admin_assignment.admins')), 'USAGE') THEN
    DROP TABLE gpra_admin_assignment.admins, gpra_admin_assignment.assigned;
    IF obj_description(to_regnamespace('gpra_admin_assignment'), 'pg_namespace') LIKE '[gpra 00%' THEN
      DROP SCHEMA gpra_admin_assignment;
    END IF;
  END IF;
END
$gpra_body$;
