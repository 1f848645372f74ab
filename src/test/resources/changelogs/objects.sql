CREATE TABLE books (id integer PRIMARY KEY, title text, pages integer, changed_at timestamptz);
INSERT INTO books SELECT n, 'Book ' || n, n * 100 FROM generate_series(1, 10) AS n;
CREATE FUNCTION theirs() RETURNS integer LANGUAGE sql AS 'SELECT 1';
COMMENT ON FUNCTION theirs() IS 'Somebody else''s';
CREATE VIEW thick AS SELECT id, title FROM books WHERE pages > 500;
CREATE TRIGGER keep BEFORE DELETE ON books FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
