-- Stand-ins for the tables of Flask-AppBuilder that the migrations look at. For the embedded database and
-- the tests only: in production that framework makes its own.
CREATE SEQUENCE ab_user_id_seq;
CREATE SEQUENCE ab_role_id_seq;
CREATE SEQUENCE ab_user_role_id_seq;

-- As the framework makes it: the sequence feeds the key, but is not the column's default.
CREATE TABLE ab_user (
  id               integer PRIMARY KEY,
  first_name       varchar(64) NOT NULL,
  last_name        varchar(64) NOT NULL,
  username         varchar(128) NOT NULL UNIQUE,
  password         varchar(256),
  active           boolean,
  email            varchar(320) NOT NULL UNIQUE,
  last_login       timestamp,
  login_count      integer,
  fail_login_count integer,
  created_on       timestamp,
  changed_on       timestamp,
  created_by_fk    integer REFERENCES ab_user (id),
  changed_by_fk    integer REFERENCES ab_user (id)
);

CREATE TABLE ab_role (
  id   integer PRIMARY KEY,
  name varchar(64) NOT NULL UNIQUE
);

CREATE TABLE ab_user_role (
  id      integer PRIMARY KEY,
  user_id integer REFERENCES ab_user (id),
  role_id integer REFERENCES ab_role (id),
  UNIQUE (user_id, role_id)
);
