-- Rows of the last day that came without an owner. Expected is 0, before the second rollout (docs/production.md). Only reads.
\set ON_ERROR_STOP on
\ir strangers.sql

SELECT count(*) AS came_without_owner
  FROM (SELECT user_id, created_at FROM items
        UNION ALL SELECT user_id, created_at FROM routines
        UNION ALL SELECT user_id, created_at FROM chord_charts) AS owned
 WHERE user_id IS NULL AND created_at > now() - interval '1 day';
