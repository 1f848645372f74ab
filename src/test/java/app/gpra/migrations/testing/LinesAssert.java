package app.gpra.migrations.testing;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions about a description in lines; a failure shows the difference. */
public final class LinesAssert extends AbstractAssert<LinesAssert, List<String>> {

  private static final int CONTEXT = 1;

  LinesAssert(List<String> actual) {
    super(actual, LinesAssert.class);
  }

  /** Fails, with a unified diff, unless all lines are the same. */
  @Override
  public LinesAssert isEqualTo(Object expected) {
    List<String> lines = lines(expected);
    if (!actual.equals(lines)) {
      failWithMessage("%s", "Expected no difference:\n" + diff(lines, actual));
    }
    return this;
  }

  /** Fails if all lines are the same. */
  @Override
  public LinesAssert isNotEqualTo(Object other) {
    if (actual.equals(lines(other))) {
      failWithMessage("Expected a difference, but there is none");
    }
    return this;
  }

  /** Fails unless one of the lines is this one. */
  public LinesAssert hasLine(String line) {
    if (!actual.contains(line)) {
      failWithMessage("%s", "No line \"" + line + "\" in:\n" + String.join("\n", actual));
    }
    return this;
  }

  /** Fails if one of the lines is this one. */
  public LinesAssert hasNoLine(String line) {
    if (actual.contains(line)) {
      failWithMessage("%s", "There is a line \"" + line + "\"");
    }
    return this;
  }

  private static String diff(List<String> expected, List<String> actual) {
    return String.join(
        "\n",
        UnifiedDiffUtils.generateUnifiedDiff(
            "expected", "actual", expected, DiffUtils.diff(expected, actual), CONTEXT));
  }

  private static List<String> lines(Object description) {
    if (description instanceof SchemaDescription schema) {
      return schema.lines();
    }
    if (description instanceof DataDescription data) {
      return data.lines();
    }
    throw new IllegalArgumentException("Not a description: " + description);
  }
}
