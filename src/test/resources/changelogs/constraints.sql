CREATE TABLE tenants (id integer PRIMARY KEY);
INSERT INTO tenants VALUES (1), (2);
CREATE TABLE authors (id integer PRIMARY KEY);
INSERT INTO authors SELECT generate_series(1, 10);
CREATE TABLE shelves (room text, no integer, PRIMARY KEY (room, no));
INSERT INTO shelves VALUES ('cellar', 1);
CREATE TABLE books (id integer PRIMARY KEY, tenant integer, author_id integer, room text, "Shelf No" integer, kind varchar(20), title text);
INSERT INTO books SELECT n, n % 2 + 1, n, CASE WHEN n > 5 THEN 'cellar' END, 1, 'novel', 'Book ' || n FROM generate_series(1, 10) AS n;
