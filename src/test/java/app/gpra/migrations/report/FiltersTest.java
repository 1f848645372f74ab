package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Labels;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiltersTest {

  private static DatabaseChangeLog changelog() {
    DatabaseChangeLog changelog = new DatabaseChangeLog("changelog.yaml");
    ChangeSet plain = new ChangeSet("1", "test", false, false, "changelog.yaml", null, null, null);
    ChangeSet labelled =
        new ChangeSet(
            "2", "test", false, false, "changelog.yaml", "demo and !prod", null, changelog);
    labelled.setLabels(new Labels("enforce, later"));
    changelog.addChangeSet(plain);
    changelog.addChangeSet(labelled);
    return changelog;
  }

  private static void check(String labels, String contexts) {
    Filters.check(changelog(), new LabelExpression(labels), new Contexts(contexts));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "!enforce", "Enforce", "(enforce and not later) or !later", "enforce,later"})
  void mayNameTheLabelsThatThereAre(String labels) {
    assertThatCode(() -> check(labels, "")).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"enfroce", "!enfroce", "enforce and enfroce", "enforce,enfroce", "(enfroce)"})
  void mayNotNameALabelThatNoChangesetHas(String labels) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check(labels, ""))
        .withMessageStartingWith(
            "-Dliquibase.labelFilter: no changeset of this changelog has the label enfroce. It has enforce, later. Nothing was done.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "prod", "demo,PROD"})
  void mayNameTheContextsThatThereAre(String contexts) {
    assertThatCode(() -> check("", contexts)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"enforce", "demo,enforce"})
  void mayNotNameALabelAsContext(String contexts) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check("", contexts))
        .withMessageStartingWith(
            "-Dliquibase.contexts: no changeset of this changelog has the context enforce. It has demo, prod. (Its labels are enforce, later: -Dliquibase.labelFilter.)");
  }
}
