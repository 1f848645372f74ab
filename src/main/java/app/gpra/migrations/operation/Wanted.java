package app.gpra.migrations.operation;

import java.util.Objects;
import liquibase.Scope;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.DatabaseChangeLog;

/**
 * Whether a changelog wants its changes made safe: it has the parameter {@code safe.changes}, from
 * a file that only this jar has. Any other is left to Liquibase itself, in its words.
 */
public final class Wanted {

  /** Where the changelog asks for it. */
  static final String PARAMETER = "safe.changes";

  private static final String READ = Wanted.class.getName();

  private Wanted() {}

  /**
   * Whether it is.
   *
   * @param changelog has the parameter, or not
   * @return false where it has no parameters at all
   */
  public static boolean by(DatabaseChangeLog changelog) {
    ChangeLogParameters parameters = changelog.getChangeLogParameters();
    return parameters != null && parameters.hasValue(PARAMETER, changelog);
  }

  /**
   * Reads a changelog, which makes Liquibase's history table too.
   *
   * @param parameters it puts its own there
   * @param read reads it
   * @throws Exception what that throws
   */
  public static void reading(ChangeLogParameters parameters, Scope.ScopedRunner<?> read)
      throws Exception {
    Scope.child(READ, parameters, read);
  }

  /**
   * Whether it is by the changelog that is being read, as far as it has been.
   *
   * @param otherwise the answer where none is
   * @return whether it is
   */
  public static boolean soFar(boolean otherwise) {
    ChangeLogParameters parameters = Scope.getCurrentScope().get(READ, ChangeLogParameters.class);
    return parameters == null ? otherwise : parameters.hasValue(PARAMETER, null);
  }

  /**
   * What the changelog that is being read has said so far, or was given.
   *
   * @param name of a parameter
   * @return null where none is read, and where it has none
   */
  public static String parameter(String name) {
    ChangeLogParameters parameters = Scope.getCurrentScope().get(READ, ChangeLogParameters.class);
    return parameters == null ? null : Objects.toString(parameters.getValue(name, null), null);
  }
}
