-- What update runs for changelog/000-legacy-baseline.yaml. Written by GoldenSqlIT.

-- 000-legacy-tables
-- Creates the six tables of the single-user application where there is no items table; where there is one, nothing is created and nothing is changed.

-- 000-tag
-- The state before this project, named 000.
