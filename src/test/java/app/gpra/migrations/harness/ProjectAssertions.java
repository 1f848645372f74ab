package app.gpra.migrations.harness;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.List;
import org.assertj.core.api.Assertions;

/** Assertions whose failure shows the difference. */
public final class ProjectAssertions {

  private ProjectAssertions() {}

  /** Fails with a unified diff where two texts differ. */
  public static void assertSame(String what, String expected, String actual) {
    if (!expected.equals(actual)) {
      List<String> before = expected.lines().toList();
      Assertions.fail(
          what
              + " differs:\n"
              + String.join(
                  "\n",
                  UnifiedDiffUtils.generateUnifiedDiff(
                      "expected",
                      "actual",
                      before,
                      DiffUtils.diff(before, actual.lines().toList()),
                      0)));
    }
  }
}
