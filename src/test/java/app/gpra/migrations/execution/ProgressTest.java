package app.gpra.migrations.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final List<String> lines = new ArrayList<>();
  private final AtomicLong seconds = new AtomicLong(7);
  private final Progress progress =
      new Progress(lines::add, null, () -> seconds.get() * 1_000_000_000L);

  private void show(String notice) {
    Progress.Step.of(notice).ifPresentOrElse(progress::show, () -> lines.add("not a step"));
  }

  @Test
  void isALineAtTheBeginningEveryFiveSecondsAndAtTheEnd() {
    for (int rows = 0; rows < 12; rows++) {
      show("002: items: %d of 20 row(s) assigned".formatted(rows));
      seconds.incrementAndGet();
    }
    progress.close();
    progress.close();
    assertThat(lines)
        .containsExactly(
            "002: items: 0 of 20 row(s) assigned",
            "002: items: 5 of 20 row(s) assigned",
            "002: items: 10 of 20 row(s) assigned",
            "002: items: 11 of 20 row(s) assigned");
  }

  @Test
  void endsATaskWhenAnotherBegins() {
    show("002: items: 1 of 2 row(s) assigned");
    show("002: items: 2 of 2 row(s) assigned");
    show("002: routines: 1 of 9 row(s) assigned");
    show("002: routines: 2 of 9 row(s) assigned");
    show("002: charts: 1 of 9 row(s) assigned");
    progress.close();
    assertThat(lines)
        .containsExactly(
            "002: items: 1 of 2 row(s) assigned",
            "002: items: 2 of 2 row(s) assigned",
            "002: routines: 1 of 9 row(s) assigned",
            "002: routines: 2 of 9 row(s) assigned",
            "002: charts: 1 of 9 row(s) assigned");
  }

  @Test
  void isNotSaidAfterItIsDone() {
    show("002: items: 1 of 9 row(s) assigned");
    show("002: items: 8 of 9 row(s) assigned");
    progress.giveWay("002: items: 9 row(s) had no owner");
    progress.close();
    assertThat(lines).containsExactly("002: items: 1 of 9 row(s) assigned");
  }

  @Test
  void isDrawnWhereSomebodyLooks() {
    List<Progress.Step> drawn = new ArrayList<>();
    Progress bar = new Progress(lines::add, drawn::add, () -> 0);
    Progress.Step step = Progress.Step.of("002: items: 1 of 2 row(s) assigned").orElseThrow();
    bar.show(step);
    bar.close();
    assertThat(drawn).containsExactly(step);
    assertThat(lines).isEmpty();
  }

  @Test
  void leavesOtherNoticesAlone() {
    show("002: items: 36 row(s) had no owner");
    show("002: items: 99999999999999999999 of 1 row(s)");
    assertThat(lines).containsExactly("not a step", "not a step");
  }
}
