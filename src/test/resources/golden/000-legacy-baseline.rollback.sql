-- What rollback runs for changelog/000-legacy-baseline.yaml. Written by GoldenSqlIT.

-- 000-tag
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '000-tag', true);

-- 000-legacy-tables
CALL pg_temp.gpra_begin_rollback('"public".databasechangelog', '000-legacy-tables', true);
