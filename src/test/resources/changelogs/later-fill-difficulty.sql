-- Each tenant's rows, in a transaction of their own.
DO $$
DECLARE
  tenant integer;
BEGIN
  FOR tenant IN SELECT id FROM ab_user WHERE id <> ${test.left.out} ORDER BY id LOOP
    -- Until the COMMIT: it takes both back.
    PERFORM set_config('row_security', 'on', true), set_config('app.current_user_id', tenant::text, true);
    UPDATE items SET difficulty = 1 WHERE difficulty IS NULL;
    COMMIT;
  END LOOP;
END $$
