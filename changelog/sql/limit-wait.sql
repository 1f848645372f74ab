-- Before an index is built or dropped concurrently, which waits for older transactions and keeps nobody waiting: gpra.wait.limit for each
-- of these waits, then the server ends it, whoever else is left to. (At least 500 ms: none would be no limit.) The statement's RESET
-- lock_timeout ends this.
DO $gpra_body$
DECLARE
  wait_limit text := $gpra_value$${gpra.wait.limit}$gpra_value$;
BEGIN
  PERFORM set_config('lock_timeout', CASE WHEN wait_limit::interval > '500ms' THEN wait_limit ELSE '500ms' END, false);
END
$gpra_body$;
