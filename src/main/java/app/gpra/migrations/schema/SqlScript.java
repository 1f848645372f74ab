package app.gpra.migrations.schema;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/**
 * A schema as SQL, written by hand or by {@code pg_dump}: what psql alone understands, rows,
 * owners, grants and settings are left out.
 */
record SqlScript(Path file, String text) {

  private static final Pattern ROWS = Pattern.compile("(?ms)^COPY [^;]* FROM stdin;$.*?^\\\\\\.$");
  private static final Pattern PSQL = Pattern.compile("(?m)^\\\\.*$");
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "(?is)\\s*(?:--[^\\n]*\\n\\s*)*(?:SET\\s|SELECT\\s+pg_catalog\\.(?:set_config|setval)|ALTER\\s[^;]*\\sOWNER\\s+TO\\s|GRANT\\s|REVOKE\\s"
              + "|ALTER\\s+DEFAULT\\s+PRIVILEGES|CREATE\\s+SCHEMA\\s+public|COMMENT\\s+ON\\s+(?:SCHEMA|EXTENSION)|INSERT\\s|CREATE\\s+(?:PUBLICATION|SUBSCRIPTION)).*");
  private static final Pattern USERS =
      Pattern.compile("(?im)^\\s*CREATE\\s+TABLE\\s+(?:public\\.)?ab_user\\b");

  /**
   * Reads a file.
   *
   * @throws Refusal if it cannot be read
   */
  static SqlScript read(Path file) {
    try {
      return new SqlScript(file, Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new Refusal(
          file
              + " is not text: name plain SQL (pg_dump --schema-only, not -Fc), then run the same command again.");
    } catch (IOException e) {
      throw new Refusal(
          "%s cannot be read (%s): name a file of SQL, then run the same command again."
              .formatted(file, e.getClass().getSimpleName()));
    }
  }

  /** Whether it makes Flask-AppBuilder's tables itself. */
  boolean makesUsers() {
    return USERS.matcher(text).find();
  }

  /**
   * Runs it.
   *
   * @throws Refusal if a statement fails; names it and says why
   */
  void run(Connection connection) throws SQLException {
    for (String sql : statements()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new Refusal(
            "%s: %s, in the statement that begins with: %s. Correct it, then run the same command again."
                .formatted(
                    file,
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    sql.replaceAll("(?m)^\\s*--.*$", "").strip().lines().findFirst().orElse("")));
      }
    }
  }

  private List<String> statements() throws SQLException {
    String sql = PSQL.matcher(ROWS.matcher(text).replaceAll("")).replaceAll("");
    List<String> statements = new ArrayList<>();
    for (NativeQuery query : Parser.parseJdbcSql(sql, true, false, true, false, false)) {
      if (!query.nativeSql.isBlank() && !LEFT_OUT.matcher(query.nativeSql).matches()) {
        statements.add(query.nativeSql);
      }
    }
    return statements;
  }
}
