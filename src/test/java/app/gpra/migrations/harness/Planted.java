package app.gpra.migrations.harness;

/**
 * A function and an operator that somebody has where they are called instead of PostgreSQL's own.
 * Each leaves a trace that no rollback takes away.
 */
public final class Planted {

  private Planted() {}

  /** Has a role make them, which may make no more afterwards. */
  public static TestDatabase in(TestDatabase database, TestRole by) {
    return database.execute(
        """
        CREATE SEQUENCE trace;
        GRANT USAGE ON SEQUENCE trace TO PUBLIC;
        GRANT CREATE ON SCHEMA public TO %1$s;
        SET ROLE %1$s;
        CREATE FUNCTION public.format(text, text) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_catalog.nextval('public.trace');
          RETURN pg_catalog.format($1, VARIADIC ARRAY[$2]);
        END $$;
        CREATE FUNCTION public.same(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_catalog.nextval('public.trace');
          RETURN pg_catalog.texteq($1, $2);
        END $$;
        CREATE OPERATOR public.= (FUNCTION = public.same, LEFTARG = varchar, RIGHTARG = varchar);
        RESET ROLE;
        REVOKE CREATE ON SCHEMA public FROM %1$s;
        """
            .formatted(by.name()));
  }

  /** Whether one of them was ever called. */
  public static boolean wasCalledIn(TestDatabase database) {
    return database.value("SELECT is_called FROM trace").equals("t");
  }
}
