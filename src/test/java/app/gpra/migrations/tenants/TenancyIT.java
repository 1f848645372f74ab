package app.gpra.migrations.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.TestRole;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/tenants.md, run by a Python that has what it needs. */
@Tag("thorough")
class TenancyIT {

  private static final Path CODE = Path.of("docs/tenants").toAbsolutePath();
  private static final Path TESTS = Path.of("src/test/resources/tenants").toAbsolutePath();
  private static final long DEADLINE_MINUTES = 2;

  /** The system's, which its packages are for, and the one that is found first. */
  private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");

  @TempDir private Path directory;

  /** Also where a request opens savepoints, or acts as somebody else. */
  @Test
  void aTransactionIsOneUsersFromBeginningToEnd() throws Exception {
    test("test_tenancy.py", "sqlalchemy, psycopg2", "python3-sqlalchemy python3-psycopg2");
  }

  @Test
  void aRequestIsOneUsersFromBeginningToEnd() throws Exception {
    test(
        "test_application.py",
        "flask_sqlalchemy, flask_login, psycopg2",
        "python3-flask-sqlalchemy python3-flask-login python3-psycopg2");
  }

  private void test(String script, String modules, String packages) throws Exception {
    String python = null;
    for (String candidate : PYTHONS) {
      if (python == null && run(Map.of(), candidate, "-c", "import " + modules) == 0) {
        python = candidate;
      }
    }
    Assumptions.assumeTrue(
        python != null,
        "no Python has %s (Debian: apt-get install %s)".formatted(modules, packages));
    try (TwoTenants tenants = TwoTenants.create()) {
      int exit =
          run(
              Map.of(
                  "DATABASE_URL",
                  url(tenants, tenants.application()),
                  "WEBHOOK_DATABASE_URL",
                  url(tenants, tenants.webhook()),
                  "PYTHONPATH",
                  CODE + File.pathSeparator + TESTS,
                  "PYTHONDONTWRITEBYTECODE",
                  "1"),
              python,
              TESTS.resolve(script).toString());
      assertThat(output()).containsPattern("(?m)^Ran [1-9]\\d* tests in ").endsWith("OK\n");
      assertThat(exit).isZero();
    }
  }

  private static String url(TwoTenants tenants, TestRole role) {
    return tenants
        .database()
        .bareUrl()
        .replace(
            "jdbc:postgresql://",
            "postgresql+psycopg2://%s:%s@".formatted(role.name(), role.password()));
  }

  /** {@return its exit code; 127 where there is no such program} */
  private int run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    builder.environment().putAll(environment);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return 127;
    }
    if (!process.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException("Python did not end: " + output());
    }
    return process.exitValue();
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }
}
