-- The five transactions of others that have been open longest (docs/runbooks/waiting-for-a-lock.md). Only reads.
-- Nothing of others is called.
SET search_path = pg_catalog;
SELECT pid, usename, application_name, state, now() - xact_start AS age
  FROM pg_stat_activity
 WHERE datname = current_database() AND xact_start IS NOT NULL
   AND application_name NOT LIKE 'gpra-migrations%' AND pid <> pg_backend_pid()
 ORDER BY xact_start
 LIMIT 5;
