CREATE TABLE songs (id integer PRIMARY KEY, title text, duration text, plays integer);
INSERT INTO songs SELECT n, 'Song ' || n, n || ':00', n FROM generate_series(1, 10) AS n;
