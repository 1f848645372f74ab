package app.gpra.migrations.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which {@code tenantIsolation} makes a policy: known by what PostgreSQL prints of those that the
 * migrations have made.
 *
 * @param asking who is asking, as PostgreSQL prints it
 */
record Isolation(String asking) {

  private static final String POLICY = "policy tenant_isolation on ";

  private static final Pattern OWNER = Pattern.compile("\\((\\w+|\"[^\"]+\") = (.*)\\)");

  /** A parent, its alias, its key, the column that leads to it, its owner. */
  private static final String PARENT =
      "\\(EXISTS \\( SELECT FROM (\\w+) (\\w+) WHERE \\(\\(\\2\\.(\\w+) = %s\\.(\\w+)\\) AND \\(\\2\\.(\\w+) = \\?\\)\\)\\)\\)";

  /** Empty where the migrations have made none. */
  static Optional<Isolation> of(SchemaFacts made) {
    return made.tableNames().stream()
        .flatMap(table -> made.fact(POLICY + table, "using ").stream())
        .map(OWNER::matcher)
        .filter(Matcher::matches)
        .map(owner -> new Isolation(owner.group(2)))
        .findFirst();
  }

  static String label(String table) {
    return POLICY + table;
  }

  /** The change's fields; empty where another policy is desired. */
  Optional<Map<String, Object>> fields(SchemaFacts desired, String table) {
    String policy = label(table);
    if (!desired.is("table " + table, "row security enabled, forced")
        || !desired.is(policy, "permissive for all to public")) {
      return Optional.empty();
    }
    String visible = desired.fact(policy, "using ").orElse("").replace(asking, "?");
    String writable = desired.fact(policy, "with check ").orElse("").replace(asking, "?");
    Matcher owner = OWNER.matcher(visible);
    if (owner.matches() && owner.group(2).equals("?")) {
      return Optional.of(
              Draft.fields("tableName", table, "ownerColumn", SchemaFacts.unquoted(owner.group(1))))
          .filter(fields -> writable.equals(visible));
    }
    Matcher parent = Pattern.compile(PARENT.formatted(Pattern.quote(table))).matcher(writable);
    List<String> parents = new ArrayList<>();
    TreeSet<String> owners = new TreeSet<>();
    while (parent.find()) {
      if (parents.isEmpty() && !parent.group().equals(visible)) {
        return Optional.empty();
      }
      parents.add("%s = %s.%s".formatted(parent.group(4), parent.group(1), parent.group(3)));
      owners.add(parent.group(5));
    }
    return owners.size() == 1 && parent.replaceAll("").matches("[() AND]*")
        ? Optional.of(
            Draft.fields(
                "tableName",
                table,
                "ownerColumn",
                owners.first(),
                "parents",
                String.join(", ", parents)))
        : Optional.empty();
  }
}
