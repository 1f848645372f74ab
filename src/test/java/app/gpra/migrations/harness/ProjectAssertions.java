package app.gpra.migrations.harness;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** Valid, by the schema that others rely on. */
  public static JsonElement validJson(String json) throws IOException {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(Path.of("docs/json.schema.json")));
    List<Error> errors = schema.validate(json, InputFormat.JSON);
    assertThat(errors).as(json).isEmpty();
    return JsonParser.parseString(json);
  }
}
