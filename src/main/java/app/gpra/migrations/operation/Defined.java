package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.CreateSequenceChange;
import liquibase.change.core.CreateViewChange;
import liquibase.database.Database;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.CreateSequenceStatement;
import liquibase.statement.core.CreateViewStatement;

/**
 * What a text defines as a whole: a function, a trigger, a view or a sequence. One that is not
 * there is made and marked. One that is as the changeset's rollback makes it again is replaced;
 * then the mark stands before what its comment said, and going back takes it away again. An equal
 * one is left as it is. Another one stops the update before it runs.
 *
 * @param table of a trigger; the view or the sequence; null for a function
 * @param name of a function, as SQL writes it, or of a trigger; null for others
 * @param head what its statement begins with, up to the table or the name
 * @param tail what comes after that
 */
record Defined(String kind, String table, String name, String head, String tail) {

  static final String FUNCTION = "function";

  static final String TRIGGER = "trigger";

  static final String VIEW = "view";

  static final String SEQUENCE = "sequence";

  private static final Pattern FULL =
      Pattern.compile(
          "(?is)\\s*CREATE\\s+(?:OR\\s+REPLACE\\s+)?VIEW\\s+(?:\"(?:[^\"]|\"\")+\"|[\\w.$])+\\s*(.*?)[\\s;]*");

  /** What a change defines; empty where it defines nothing. */
  static Optional<Defined> by(Change change, Database database) {
    if (change instanceof DefineFunctionChange function) {
      return Optional.of(function.defined(database));
    } else if (change instanceof DefineTriggerChange trigger) {
      return Optional.of(trigger.defined(database));
    } else if (change instanceof CreateViewChange || change instanceof CreateSequenceChange) {
      return Arrays.stream(change.generateStatements(database))
          .flatMap(statement -> by(statement, database).stream())
          .findFirst();
    }
    return Optional.empty();
  }

  private static Optional<Defined> by(SqlStatement statement, Database database) {
    if (statement instanceof CreateViewStatement view) {
      return Optional.of(by(view, database));
    }
    return statement instanceof CreateSequenceStatement sequence
        ? Optional.of(by(sequence, database))
        : Optional.empty();
  }

  static Defined by(CreateViewStatement view, Database database) {
    return new Defined(
        VIEW,
        SafeChangeSet.name(database, view.getSchemaName(), view.getViewName()),
        null,
        "CREATE OR REPLACE VIEW",
        view.isFullDefinition()
            ? full(view.getSelectQuery()).orElse("")
            : "AS " + view.getSelectQuery().strip().replaceFirst(";$", ""));
  }

  /** What follows the view's name in a whole statement; empty where that cannot be told. */
  static Optional<String> full(String statement) {
    Matcher parts = FULL.matcher(statement);
    return parts.matches() ? Optional.of(parts.group(1)) : Optional.empty();
  }

  static Defined by(CreateSequenceStatement sequence, Database database) {
    return new Defined(
        SEQUENCE,
        SafeChangeSet.name(database, sequence.getSchemaName(), sequence.getSequenceName()),
        null,
        "CREATE SEQUENCE",
        Stream.of(
                said("AS", sequence.getDataType()),
                said("START WITH", sequence.getStartValue()),
                said("INCREMENT BY", sequence.getIncrementBy()),
                said("MINVALUE", sequence.getMinValue()),
                said("MAXVALUE", sequence.getMaxValue()),
                said("CACHE", sequence.getCacheSize()),
                Boolean.TRUE.equals(sequence.getCycle()) ? "CYCLE" : "")
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(" ")));
  }

  private static String said(String words, Object value) {
    return value == null ? "" : words + " " + value;
  }

  /** How to look whether it can be made; see {@link Look}. */
  Stream<String> look(SafeChangeSet changeSet, Database database) {
    Optional<Defined> before = before(changeSet, database);
    return Stream.concat(
        before.stream().map(one -> call(Look.REPLACES, object())),
        Stream.of(call("look_define", arguments(before, changeSet))));
  }

  /** What it makes; see {@link Made}. */
  Stream<String> made(SafeChangeSet changeSet, Database database) {
    return Stream.of(
        before(changeSet, database)
            .map(
                before ->
                    changeSet.made(
                        kind,
                        table,
                        name,
                        "'before'",
                        // Whether it had fewer columns.
                        kind.equals(VIEW) ? literal(before.tail) : "true"))
            .orElseGet(() -> changeSet.made(kind, table, name)));
  }

  /**
   * Its SQL.
   *
   * @param maker whose mark it bears if a rollback makes it
   */
  Stream<String> safely(SafeChangeSet own, SafeChangeSet maker, Database database) {
    boolean restores =
        Look.isBack(own.changeSet()) && in(own.changeSet().getChanges(), database).isPresent();
    String sql =
        restores
            ? call(
                "restore_definition",
                literal(kind),
                literal(table),
                literal(name),
                literal(head),
                literal(tail),
                own.marks(),
                maker.mark().equals(own.mark()) ? null : literal(maker.mark()))
            : call(
                "define",
                arguments(
                    Look.isBack(own.changeSet()) ? Optional.empty() : before(own, database),
                    maker));
    return Stream.of(
        switch (kind) {
          case TRIGGER -> Locks.above(literal(table), Locks.REFERS, sql);
          case VIEW -> Locks.above(literal(table), Locks.ALTERS, sql);
          default -> sql;
        });
  }

  private Object[] object() {
    return new Object[] {literal(kind), literal(table), literal(name)};
  }

  private Object[] arguments(Optional<Defined> before, SafeChangeSet changeSet) {
    return new Object[] {
      literal(kind),
      literal(table),
      literal(name),
      literal(head),
      literal(tail),
      literal(before.map(Defined::head).orElse(null)),
      literal(before.map(Defined::tail).orElse(null)),
      changeSet.marks()
    };
  }

  /** As the changeset's rollback makes it again; empty where that does not. */
  private Optional<Defined> before(SafeChangeSet changeSet, Database database) {
    return in(changeSet.changeSet().getRollback().getChanges(), database);
  }

  private Optional<Defined> in(List<Change> changes, Database database) {
    return changes.stream()
        .flatMap(change -> by(change, database).stream())
        .filter(other -> other.kind.equals(kind))
        .filter(other -> Objects.equals(other.table, table) && Objects.equals(other.name, name))
        .findFirst();
  }

  /** Takes it back, where it bears the mark of the changeset that is undone. */
  static Stream<String> dropped(String kind, String table, String name, SafeChangeSet changeSet) {
    String sql =
        call("drop_defined", literal(kind), literal(table), literal(name), changeSet.marks());
    return Stream.of(
        table == null || kind.equals(SEQUENCE)
            ? sql
            : Locks.above(literal(table), Locks.ALTERS, sql));
  }
}
