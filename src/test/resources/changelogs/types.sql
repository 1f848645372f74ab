CREATE TABLE songs (id integer PRIMARY KEY, "Title" varchar(50) COLLATE "C", price numeric(10,2), note varchar, plays integer,
                    lyrics varchar(20));
CREATE INDEX songs_title ON songs ("Title");
COMMENT ON COLUMN songs."Title" IS 'Theirs';
INSERT INTO songs SELECT n, 'Song ' || n, n, 'Note', n, 'La' FROM generate_series(1, 10) AS n;
