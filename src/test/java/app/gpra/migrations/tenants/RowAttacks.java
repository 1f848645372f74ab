package app.gpra.migrations.tenants;

import static app.gpra.migrations.tenants.Attack.changes;
import static app.gpra.migrations.tenants.Attack.denied;
import static app.gpra.migrations.tenants.Attack.gap;
import static app.gpra.migrations.tenants.Attack.nothing;
import static app.gpra.migrations.tenants.Attack.own;
import static app.gpra.migrations.tenants.Attack.refused;
import static app.gpra.migrations.tenants.Attack.shows;
import static app.gpra.migrations.tenants.Attack.sql;
import static app.gpra.migrations.tenants.Attack.where;

import java.util.List;
import java.util.stream.Stream;

/** The same attempts on each of the tenants' tables. */
final class RowAttacks {

  /**
   * A table, and how its rows are written.
   *
   * @param key its primary key
   * @param own how many rows A has
   * @param set a change of no consequence
   * @param columns of a new row, without its key
   * @param mine values of a row that is A's
   * @param theirs values of a row that would be B's
   * @param take what makes B's row A's
   * @param give what makes A's row B's
   * @param first what refers to the rows and has to go before them
   * @param ownerColumn whether a row says itself whose it is, in a column that the application may
   *     not change
   * @param readOnly whether the application's role only reads it
   */
  private record Table(
      String name,
      String key,
      int own,
      String set,
      String columns,
      String mine,
      String theirs,
      String take,
      String give,
      String first,
      boolean ownerColumn,
      boolean readOnly) {

    /** An outcome, where the application's role has the privilege that it takes. */
    Attack writes(Attack attack, Outcome outcome) {
      return readOnly ? attack.is(denied()).owner(outcome) : attack.is(outcome);
    }
  }

  private static final List<Table> TABLES =
      List.of(
          new Table(
              "items",
              "id",
              2,
              "\"order\" = 7",
              "title, user_id",
              "'x', 4",
              "'x', 5",
              "user_id = 4",
              "user_id = 5",
              "DELETE FROM routine_items",
              true,
              false),
          new Table(
              "routines",
              "id",
              2,
              "name = 'x'",
              "name, user_id",
              "'x', 4",
              "'x', 5",
              "user_id = 4",
              "user_id = 5",
              "DELETE FROM routine_items; DELETE FROM active_routine",
              true,
              false),
          new Table(
              "chord_charts",
              "chord_id",
              2,
              "order_col = 7",
              "item_id, title, chord_data, user_id",
              "'1', 'x', '{}', 4",
              "'1', 'x', '{}', 5",
              "user_id = 4",
              "user_id = 5",
              "SELECT 1",
              true,
              false),
          new Table(
              "subscriptions",
              "id",
              1,
              "tier = 'pro'",
              "tier, user_id",
              "'free', 4",
              "'free', 5",
              "user_id = 4",
              "user_id = 5",
              "SELECT 1",
              true,
              true),
          new Table(
              "routine_items",
              "id",
              2,
              "completed = true",
              "routine_id, item_id",
              "100002, 100001",
              "900001, 100001",
              "routine_id = 100001",
              "routine_id = 900001",
              "SELECT 1",
              false,
              false),
          new Table(
              "active_routine",
              "id",
              1,
              "updated_at = now()",
              "routine_id",
              "100002",
              "900001",
              "routine_id = 100001",
              "routine_id = 900001",
              "SELECT 1",
              false,
              false));

  private RowAttacks() {}

  static List<Attack> all() {
    return TABLES.stream()
        .flatMap(t -> Stream.of(reads(t), inserts(t), updates(t), deletes(t), whole(t)))
        .flatMap(List::stream)
        .toList();
  }

  private static List<Attack> reads(Table t) {
    String all = "SELECT * FROM " + t.name;
    String theirs = all + " WHERE " + t.key + " = 900001";
    Attack lock = sql("select", "B's row of " + t.name + " for update", theirs + " FOR UPDATE");
    return List.of(
        sql("select", "all of " + t.name, all).is(own(t.own)),
        sql("select", "B's row of " + t.name + " by its key", theirs).is(nothing()),
        sql("select", "B's row of " + t.name + " with OR true", theirs + " OR true").is(own(t.own)),
        sql(
                "select",
                "all of " + t.name + " but A's",
                all + " WHERE " + t.key + " NOT IN (100001, 100002)")
            .is(nothing()),
        t.writes(lock, nothing()),
        sql("aggregate", "how many there are in " + t.name, "SELECT count(*) FROM " + t.name)
            .is(shows("" + t.own)),
        sql(
                "nobody",
                "reads " + t.name,
                "SELECT set_config('app.current_user_id', NULL, true)",
                all)
            .is(nothing()),
        t.writes(
            sql(
                "nobody",
                "inserts into " + t.name,
                "SELECT set_config('app.current_user_id', '', true)",
                insert(t, t.mine)),
            denied()),
        t.writes(
            sql(
                "nobody",
                "updates " + t.name,
                "SELECT set_config('app.current_user_id', '', true)",
                "UPDATE %s SET %s".formatted(t.name, t.set)),
            nothing()),
        sql(
                "row_security",
                "switched off before reading " + t.name,
                "SET LOCAL row_security = off",
                all)
            .is(denied()),
        sql("copy", t.name + " out", "COPY " + t.name + " TO STDOUT").is(own(t.own)),
        sql("copy", "a query on " + t.name + " out", "COPY (" + theirs + ") TO STDOUT")
            .is(nothing()));
  }

  private static String insert(Table t, String values) {
    return "INSERT INTO %s (%s) VALUES (%s)".formatted(t.name, t.columns, values);
  }

  private static List<Attack> inserts(Table t) {
    String upsert =
        "INSERT INTO %s (%s, %s) VALUES (900001, %s) ON CONFLICT (%2$s) DO "
            .formatted(t.name, t.key, t.columns, t.mine);
    return List.of(
        t.writes(sql("insert", "A's into " + t.name, insert(t, t.mine)), own(1)),
        t.writes(
            sql("returning", "A's new row of " + t.name, insert(t, t.mine) + " RETURNING *"),
            own(1)),
        sql("insert", "for B into " + t.name, insert(t, t.theirs)).is(denied()),
        sql("returning", "inserted for B into " + t.name, insert(t, t.theirs) + " RETURNING *")
            .is(denied()),
        sql(
                "insert",
                "A's and B's at once into " + t.name,
                insert(t, t.mine) + ", (" + t.theirs + ")")
            .is(denied()),
        sql("upsert", "over B's row of " + t.name, upsert + "UPDATE SET " + t.set).is(denied()),
        sql(
                "upsert",
                "over B's row of " + t.name + " where false",
                upsert + "UPDATE SET " + t.set + " WHERE " + t.name + "." + t.key + " < 0")
            .is(denied())
            .owner(
                where(
                    ServerGap.UPSERT_OVER_HIDDEN_ROW,
                    gap(nothing(), Closing.COLUMN_GRANTS),
                    denied())),
        sql("unique oracle", "the key of B's row of " + t.name, insertKey(t, "900001"))
            .is(denied())
            .owner(gap(refused("23505"), Closing.COLUMN_GRANTS)),
        sql("unique oracle", "B's row of " + t.name + " or nothing", upsert + "NOTHING")
            .is(denied())
            .owner(gap(nothing(), Closing.COLUMN_GRANTS)),
        sql(
                "copy",
                "a row of B's into " + t.name,
                "COPY %s (%s) FROM STDIN\n%s\n"
                    .formatted(t.name, t.columns, t.theirs.replace("'", "").replace(", ", "\t")))
            .is(t.readOnly ? denied() : refused("0A000"))
            .owner(refused("0A000")));
  }

  private static String insertKey(Table t, String key) {
    return "INSERT INTO %s (%s, %s) VALUES (%s, %s)"
        .formatted(t.name, t.key, t.columns, key, t.mine);
  }

  private static List<Attack> updates(Table t) {
    String update = "UPDATE " + t.name + " SET ";
    String theirs = " WHERE " + t.key + " = 900001";
    String mine = " WHERE " + t.key + " = 100001";
    Attack take = sql("update", "takes B's row of " + t.name, update + t.take + theirs);
    String merge = "MERGE INTO " + t.name + " USING ";
    return List.of(
        // It consults no policy for SELECT.
        t.writes(sql("blind", "UPDATE of " + t.name, update + t.set), own(t.own)),
        t.writes(sql("update", "B's row of " + t.name, update + t.set + theirs), nothing()),
        t.writes(
            sql("returning", "updated in " + t.name, update + t.set + " RETURNING *"), own(t.own)),
        t.ownerColumn ? take.is(denied()).owner(nothing()) : take.is(nothing()),
        sql(
                "update",
                "takes every row of " + t.name,
                update + t.take + " WHERE " + t.key + " > 100002")
            .is(t.ownerColumn ? denied() : nothing())
            .owner(nothing()),
        sql("update", "gives A's row of " + t.name + " away", update + t.give + mine).is(denied()),
        sql("blind", "UPDATE of " + t.name + " that gives away", update + t.give).is(denied()),
        sql(
                "update",
                "gives A's key to B's row of " + t.name,
                update + t.key + " = 100009" + theirs)
            .is(denied())
            .owner(nothing()),
        sql(
                "unique oracle",
                "B's key for A's row of " + t.name,
                update + t.key + " = 900001" + mine)
            .is(denied())
            .owner(gap(refused("23505"), Closing.COLUMN_GRANTS)),
        t.writes(
            sql(
                    "merge",
                    "updates B's row of " + t.name,
                    merge
                        + "(VALUES (900001)) v (k) ON "
                        + t.key
                        + " = k WHEN MATCHED THEN UPDATE SET "
                        + t.set)
                .since(15),
            nothing()),
        // Nothing of the table is read, so no policy for SELECT leaves out what is not A's.
        sql(
                "blind",
                "MERGE of " + t.name,
                merge + "(SELECT 1) v ON true WHEN MATCHED THEN UPDATE SET " + t.set)
            .since(15)
            .is(denied()),
        t.writes(
            sql(
                    "merge",
                    "updates all of " + t.name,
                    merge
                        + "(SELECT 0) v (k) ON "
                        + t.key
                        + " > k WHEN MATCHED THEN UPDATE SET "
                        + t.set)
                .since(15),
            own(t.own)),
        sql(
                "merge",
                "inserts for B into " + t.name,
                merge
                    + "(SELECT 1) v ON false WHEN NOT MATCHED THEN INSERT (%s) VALUES (%s)"
                        .formatted(t.columns, t.theirs))
            .since(15)
            .is(denied()));
  }

  private static List<Attack> deletes(Table t) {
    String delete = "DELETE FROM " + t.name;
    String theirs = " WHERE " + t.key + " = 900001";
    return List.of(
        t.writes(sql("blind", "DELETE of " + t.name, t.first, delete), own(t.own)),
        t.writes(sql("delete", "B's row of " + t.name, delete + theirs), nothing()),
        t.writes(
            sql("returning", "deleted from " + t.name, delete + theirs + " RETURNING *"),
            nothing()),
        t.writes(
            sql(
                "delete",
                "from " + t.name + " with a join",
                delete + " d USING " + t.name + " o WHERE o." + t.key + " > 100002"),
            nothing()),
        t.writes(
            sql(
                    "merge",
                    "deletes B's row of " + t.name,
                    "MERGE INTO "
                        + t.name
                        + " USING (VALUES (900001)) v (k) ON "
                        + t.key
                        + " = k WHEN MATCHED THEN DELETE")
                .since(15),
            nothing()));
  }

  private static List<Attack> whole(Table t) {
    Attack lock =
        sql("lock", t.name + " for itself", "LOCK TABLE " + t.name + " IN ACCESS EXCLUSIVE MODE");
    return List.of(
        sql("truncate", t.name, "TRUNCATE " + t.name + " CASCADE")
            .is(denied())
            .owner(gap(changes(), Closing.APPLICATION_ROLE)),
        t.readOnly
            ? lock.is(denied()).owner(gap(nothing(), Closing.APPLICATION_ROLE))
            : lock.is(gap(nothing(), Closing.NOTHING)),
        sql(
                "row_security",
                "switched off before updating " + t.name,
                "SET LOCAL row_security = off",
                "UPDATE %s SET %s".formatted(t.name, t.set))
            .is(denied()),
        sql(
                "row_security",
                "switched off before deleting from " + t.name,
                "SET LOCAL row_security = off",
                "DELETE FROM " + t.name)
            .is(denied()));
  }
}
