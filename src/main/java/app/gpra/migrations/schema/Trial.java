package app.gpra.migrations.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Finds out which changesets run, in a database of its own: what does not is left to a person.
 *
 * @param name of the migration
 * @param database has what the migrations before it make
 * @param planned makes a plan without some objects, each with the sentence why
 */
record Trial(
    Path project,
    String name,
    ShadowDatabase database,
    Function<Map<String, String>, Plan> planned) {

  /** A plan of which everything has run. */
  Plan run() {
    Map<String, String> failed = new LinkedHashMap<>();
    while (true) {
      Plan plan = planned.apply(failed);
      if (plan.drafts().isEmpty()) {
        return plan;
      }
      try {
        attempt(plan.file(), database::update);
        return plan;
      } catch (Refusal e) {
        int before = failed.size();
        findWhatFails(plan, failed);
        if (failed.size() == before) {
          throw e;
        }
      }
    }
  }

  /** Goes back to before it. */
  void undo(Plan plan, String last) {
    attempt(plan.file(), copy -> database.rollbackTo(copy, last));
  }

  /** One changeset after the other, and one column after the other; then all are undone. */
  private void findWhatFails(Plan plan, Map<String, String> failed) {
    List<Draft> kept = new ArrayList<>();
    for (Draft draft : plan.drafts()) {
      if (!ids(planned.apply(failed)).contains(draft.id())) {
        // It is on what failed.
        continue;
      }
      Optional<String> why = runs(kept, draft);
      if (why.isPresent() && draft.makes().size() == 1) {
        failed.put(draft.makes().get(0), sentence(draft.makes().get(0), why.get()));
      } else if (why.isPresent()) {
        for (String label : draft.makes()) {
          runs(kept, alone(label, draft, failed))
              .ifPresent(reason -> failed.put(label, sentence(label, reason)));
        }
      }
    }
    attempt(kept, copy -> database.rollbackTo(copy, new ProjectChangelog(project).lastNumber()));
  }

  private static List<String> ids(Plan plan) {
    return plan.drafts().stream().map(Draft::id).toList();
  }

  private Draft alone(String label, Draft draft, Map<String, String> failed) {
    Map<String, String> without = new LinkedHashMap<>(failed);
    draft.makes().forEach(other -> without.put(other, ""));
    without.remove(label);
    return planned.apply(without).drafts().stream()
        .filter(one -> one.makes().equals(List.of(label)))
        .findFirst()
        .orElseThrow();
  }

  /** Why it does not run after the others; empty if it does. */
  private Optional<String> runs(List<Draft> kept, Draft draft) {
    kept.add(draft);
    try {
      attempt(kept, database::update);
      return Optional.empty();
    } catch (Refusal e) {
      kept.remove(draft);
      return Optional.of(e.getMessage());
    }
  }

  /** What to do there stands in the sentence itself. */
  private static String sentence(String label, String reason) {
    return "The %s cannot be written for you: %s."
        .formatted(
            label,
            reason
                .replaceFirst(
                    "^update in a database of its own failed: (This update cannot run: )?", "")
                .replaceFirst("^Nothing was done, as [^:]*: \\S+: ", "")
                .replaceFirst(
                    "(, or answer for it:|\\. Nothing was changed\\.| \\(SQLSTATE ).*", "")
                .replaceFirst("\\.$", ""));
  }

  /** Runs a command on a copy of the project with these changesets. */
  private void attempt(List<Draft> drafts, Consumer<Path> command) {
    try {
      Path copy = Files.createTempDirectory("gpra-autogenerate");
      try {
        ShadowDatabase.copyChangelog(project, copy);
        new ProjectChangelog(copy).add(name, List.of(), drafts, List.of());
        command.accept(copy);
      } finally {
        try (Stream<Path> paths = Files.walk(copy)) {
          for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(path);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
