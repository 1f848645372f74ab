-- The session of a migration, and what it does (docs/runbooks/killed-run.md). Only reads.
-- Nothing of others is called.
SET search_path = pg_catalog;
SELECT pid, state, wait_event_type, wait_event, now() - query_start AS since
  FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = 'gpra-migrations';
