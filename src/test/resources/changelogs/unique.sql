CREATE TABLE books (id integer NOT NULL, "Room of the library where the book usually stands" text, no integer, isbn text);
INSERT INTO books SELECT n, 'cellar', n, CASE WHEN n < 9 THEN 'isbn ' || n END FROM generate_series(1, 10) AS n;
CREATE TABLE loans (id integer, isbn text);
