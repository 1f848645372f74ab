CREATE TABLE books (id integer PRIMARY KEY, tenant integer, kind varchar(20), room text CONSTRAINT ck_room CHECK (room IN ('cellar', 'attic')));
INSERT INTO books SELECT n, n % 2 + 1, 'novel', 'cellar' FROM generate_series(1, 10) AS n;
COMMENT ON CONSTRAINT ck_room ON books IS 'Where there are shelves';
