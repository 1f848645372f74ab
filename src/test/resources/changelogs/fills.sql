CREATE TABLE shelves (no integer PRIMARY KEY);
INSERT INTO shelves VALUES (3), (7);
CREATE TABLE "My books" (id bigint PRIMARY KEY, title text);
INSERT INTO "My books" SELECT n, 'Book ' || n FROM generate_series(1, 3000) AS n;
