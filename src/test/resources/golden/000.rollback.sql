-- What rollback runs for changelog/000-legacy-baseline.yaml. Written by GoldenSqlIT.

-- 000-tag
SET gpra.changeset = '000-tag';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- killed has done both or neither. (What cannot be undone in one transaction goes first; what is left of it then, the first changeset of
-- its migration sweeps, undone last.) gpra.changeset, set just before, names the changeset.
DO $gpra_body$
DECLARE
  changeset  text := current_setting('gpra.changeset');
  history    regclass := to_regclass(format('%I.%I', $gpra_value$public$gpra_value$,
                                       lower($gpra_value$databasechangelog$gpra_value$)));
  later      text;
BEGIN
  IF current_setting('gpra.guarded', true) IS DISTINCT FROM 'yes' THEN
    RAISE EXCEPTION USING MESSAGE = format('Nobody has looked at what undoing %s would lose, so it is not undone. In a script, correct what its '
      'first statements said, then run it from its beginning; otherwise run mvn compile, then the same command again.', changeset);
  END IF;

  -- Liquibase passes over changesets that its label filter leaves out, and would undo this one under them.
  EXECUTE format('SELECT string_agg(id, '', '' ORDER BY orderexecuted) FROM %s WHERE filename LIKE ''changelog/%%''
                     AND orderexecuted > (SELECT max(orderexecuted) FROM %1$s WHERE id = $1 AND filename LIKE ''changelog/%%'')',
    history) INTO later USING changeset;
  IF later IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format(
      'Cannot undo %s: later changesets are still applied and the label filter leaves them out: %s. '
      'Nothing was undone. Go back through all of them: add -Dliquibase.labelFilter=enforce to the same command. If that is there already: check out the version that made them.',
      changeset, later);
  END IF;

  -- These sweep, in several transactions, what runs that were killed have left: until they have, they are to be undone.
  IF changeset NOT LIKE '%-preflight' OR changeset = '001-preflight' THEN
    EXECUTE format('DELETE FROM %s WHERE id = $1 AND filename LIKE ''changelog/%%''', history) USING changeset;
  END IF;
END
$gpra_body$;

-- 000-legacy-tables
SET gpra.changeset = '000-legacy-tables';
-- First statement of every changeset's rollback: takes it out of Liquibase's history, in the transaction that undoes it. A run that is
-- … and what follows, as in 000.rollback.sql, 000-tag
