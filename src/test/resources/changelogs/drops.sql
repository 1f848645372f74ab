CREATE TABLE authors (id integer PRIMARY KEY);
INSERT INTO authors SELECT generate_series(1, 10);
CREATE TABLE books (id integer NOT NULL, author_id integer, title text, isbn text, note text, CONSTRAINT ck_theirs CHECK (id > 0));
INSERT INTO books SELECT n, n, 'Book ' || n, 'isbn ' || n FROM generate_series(1, 10) AS n;
CREATE INDEX idx_theirs ON books (note);
