package app.gpra.migrations.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Records which locks a session really takes on the application's tables.
 *
 * <p>The session itself looks at its locks in {@code pg_locks}: at the beginning and at the end of
 * each schema change, by event triggers, and in a copy of the changelog and in the jar's procedures
 * also after each {@code LOCK TABLE} and before each {@code COMMIT}, which no event trigger sees.
 * What it sees goes to the server's log, where it outlives a subtransaction that is rolled back.
 */
public final class LockRecorder {

  /** Weakest first; each keeps another session from something that an application does. */
  private static final List<String> MODES =
      List.of(
          "ShareUpdateExclusiveLock",
          "ShareLock",
          "ShareRowExclusiveLock",
          "ExclusiveLock",
          "AccessExclusiveLock");

  /** Before the first changeset. */
  public static final String BEFORE = "";

  private static final String LOOK = "CALL lock_recorder.look();";

  private static final Pattern LOCK = Pattern.compile("LOCK TABLE[^;]*;");
  private static final Pattern COMMIT = Pattern.compile("^(\\s*)(COMMIT;)");

  /** Statements that lock tables and that nothing here sees; the changelog uses none. */
  private static final Pattern UNSEEN =
      Pattern.compile("(?:^\\s*|[';]\\s*)(?:TRUNCATE|CLUSTER|VACUUM|REFRESH|REINDEX)\\s+\\w");

  private static final Pattern LOOKED =
      Pattern.compile("lock look (\\S+) ([0-9.]+) (\\S+) (\\S+) \\[(.*)] \\[(.*)]");

  private static final String OTHER_SESSIONS =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

  private static final String INSTALL =
      """
      CREATE SCHEMA lock_recorder;
      CREATE PROCEDURE lock_recorder.look(changeset text DEFAULT '-') LANGUAGE plpgsql AS $$
      DECLARE
        locks  text;
        tables text;
      BEGIN
        SET LOCAL stats_fetch_consistency = none;
        SELECT string_agg(relation || ':' || mode, ' ') INTO locks
          FROM pg_locks
         WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND relation >= 16384;
        -- What this session has read and not yet reported counts too.
        SELECT string_agg(concat_ws(':', oid, relname, pg_relation_filenode(oid),
                 pg_stat_get_tuples_returned(oid) + pg_stat_get_xact_tuples_returned(oid)), ' ') INTO tables
          FROM pg_class
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'databasechangelog%';
        RAISE LOG 'lock look % % % % [%] [%]', changeset, extract(epoch FROM clock_timestamp()),
          (SELECT virtualtransaction FROM pg_locks WHERE pid = pg_backend_pid() LIMIT 1),
          coalesce(pg_current_xact_id_if_assigned()::text, '-'), coalesce(locks, ''), tables;
      END $$;
      CREATE FUNCTION lock_recorder.on_schema_change() RETURNS event_trigger LANGUAGE plpgsql AS $$
      DECLARE
        made text;
      BEGIN
        CALL lock_recorder.look();
        IF TG_EVENT = 'ddl_command_end' AND TG_TAG = 'CREATE PROCEDURE' THEN
          -- Those of the jar get looks too.
          FOR made IN
            SELECT regexp_replace(regexp_replace(regexp_replace(def, '(EXECUTE [^;]*LOCK TABLE[^;]*;)', 'CALL lock_recorder.look(); \\1 CALL lock_recorder.look();', 'g'),
                     '^(\\s*)(COMMIT;)', '\\1CALL lock_recorder.look(); \\2', 'ng'),
                     '(PROCEDURE \\S*gpra_begin_rollback.*?\\nBEGIN\\n)', '\\1CALL lock_recorder.look(changeset); ')
              FROM pg_event_trigger_ddl_commands() CROSS JOIN pg_get_functiondef(objid) AS def
             WHERE def ~ 'LOCK TABLE|COMMIT;|PROCEDURE \\S*gpra_begin_rollback' AND def !~ 'lock_recorder'
          LOOP
            EXECUTE made;
          END LOOP;
        END IF;
      END $$;
      CREATE EVENT TRIGGER lock_recorder_start ON ddl_command_start EXECUTE FUNCTION lock_recorder.on_schema_change();
      CREATE EVENT TRIGGER lock_recorder_end ON ddl_command_end EXECUTE FUNCTION lock_recorder.on_schema_change();
      CREATE FUNCTION lock_recorder.on_history() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        CALL lock_recorder.look(coalesce(NEW.id, OLD.id));
        RETURN NULL;
      END $$;
      CREATE TRIGGER lock_recorder AFTER INSERT OR DELETE ON databasechangelog FOR EACH ROW EXECUTE FUNCTION lock_recorder.on_history();
      """;

  /**
   * What a session did to a table that was there before it.
   *
   * @param mode the strongest lock, as {@code LOCK TABLE} writes it; null if it took none that an
   *     application could notice
   * @param scans whether it read as many rows as a scan of the whole table does
   * @param rewrites whether it wrote the table anew
   * @param scansUnderLock whether it did so while the lock kept the application from writing
   * @param held how long it had a lock that keeps the application from writing, at most, by
   *     transaction; zero if it had none
   */
  public record Use(
      String mode, boolean scans, boolean rewrites, boolean scansUnderLock, Duration held) {

    /** Whether the lock keeps the application from writing, or from reading too. */
    public boolean strong() {
      return mode != null && !mode.equals("SHARE UPDATE EXCLUSIVE");
    }
  }

  private record Table(String name, String file, long reads) {}

  /** Modes and tables by the tables' oids; a mode is its place in {@link #MODES}. */
  private record Look(
      String changeset,
      double at,
      String transaction,
      String xid,
      Map<String, Integer> modes,
      Map<String, Table> tables) {}

  private final OwnServer server;
  private final TestDatabase database;
  private final long rows;

  /**
   * In a database that has a history table, on a server that has {@code track_commit_timestamp}.
   *
   * @param rows as many as a table has that is worth a word when it is scanned
   */
  public LockRecorder(OwnServer server, TestDatabase database, long rows) {
    this.server = server;
    this.database = database.execute(INSTALL);
    this.rows = rows;
  }

  /** Copies the changelog to a directory, with looks in it. */
  public static void copyChangelog(Path target) {
    try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = target.resolve(file);
        Files.createDirectories(copy.getParent());
        Files.writeString(
            copy,
            Files.readString(file)
                .lines()
                .map(line -> line.strip().startsWith("--") ? line : withLooks(file, line))
                .collect(Collectors.joining("\n", "", "\n")));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String withLooks(Path file, String line) {
    if (UNSEEN.matcher(line).find() || line.contains("LOCK TABLE") && !LOCK.matcher(line).find()) {
      throw new IllegalStateException(
          "The lock recorder would not see what this locks, in " + file + ": " + line.strip());
    }
    return COMMIT
        .matcher(LOCK.matcher(line).replaceAll(match -> quoted(match.group() + " " + LOOK)))
        .replaceAll(match -> quoted(match.group(1) + LOOK + " " + match.group(2)));
  }

  private static String quoted(String replacement) {
    return Matcher.quoteReplacement(replacement);
  }

  /** What an update does, by changeset and table; a changeset ends with its row in the history. */
  public Map<String, SortedMap<String, Use>> update(Runnable update) {
    Map<String, SortedMap<String, Use>> uses = new LinkedHashMap<>();
    List<Look> looks = looks(update);
    int from = 0;
    for (int i = 0; i < looks.size(); i++) {
      if (!looks.get(i).changeset().equals("-")) {
        uses.put(looks.get(i).changeset(), uses(looks.subList(from, i + 1)));
        from = i;
      }
    }
    return uses;
  }

  /**
   * What a rollback does, by changeset and table; a changeset begins with its first statement. What
   * is looked at before anything is undone is {@link #BEFORE}.
   */
  public Map<String, SortedMap<String, Use>> rollback(Runnable rollback) {
    Map<String, SortedMap<String, Use>> uses = new LinkedHashMap<>();
    List<Look> looks = looks(rollback);
    int from = 0;
    String changeset = BEFORE;
    for (int i = 0; i < looks.size(); i++) {
      // (Its row in the history ends later.)
      boolean begins = !Set.of("-", changeset).contains(looks.get(i).changeset());
      if (begins || i == looks.size() - 1) {
        uses.put(changeset, uses(looks.subList(from, i + 1)));
        from = i;
      }
      changeset = begins ? looks.get(i).changeset() : changeset;
    }
    return uses;
  }

  /** All looks of a run and one at its end. */
  private List<Look> looks(Runnable run) {
    long before = lines().count();
    run.run();
    // A session reports what it has read when it ends.
    await(() -> database.value(OTHER_SESSIONS).equals("0"));
    // The log comes through one pipe, in order.
    database.execute("CALL lock_recorder.look('-')");
    String last = "lock recorder: " + UUID.randomUUID();
    database.execute("DO $$ BEGIN RAISE LOG '" + last + "'; END $$");
    await(() -> server.log("LOG").contains(last));
    return lines().skip(before).map(LockRecorder::parse).toList();
  }

  private Stream<String> lines() {
    return server.log("LOG").stream().filter(line -> line.startsWith("lock look "));
  }

  private SortedMap<String, Use> uses(List<Look> looks) {
    Collection<List<Look>> transactions =
        looks.stream().collect(Collectors.groupingBy(Look::transaction)).values();
    Map<String, Table> after = looks.get(looks.size() - 1).tables();
    SortedMap<String, Use> uses = new TreeMap<>();
    looks
        .get(0)
        .tables()
        .forEach(
            (oid, table) -> {
              int mode =
                  looks.stream()
                      .mapToInt(look -> look.modes().getOrDefault(oid, -1))
                      .max()
                      .orElse(-1);
              Table now = after.getOrDefault(oid, table);
              Use use =
                  new Use(
                      mode < 0 ? null : written(MODES.get(mode)),
                      now.reads() - table.reads() >= rows,
                      !now.file().equals(table.file()),
                      transactions.stream().anyMatch(some -> readUnderLock(some, oid) >= rows),
                      transactions.stream()
                          .map(some -> held(some, oid))
                          .max(Comparator.naturalOrder())
                          .orElse(Duration.ZERO));
              if (use.mode() != null || use.scans() || use.rewrites()) {
                uses.put(table.name(), use);
              }
            });
    return uses;
  }

  /** {@code ShareRowExclusiveLock} is {@code SHARE ROW EXCLUSIVE}. */
  private static String written(String mode) {
    return mode.replaceAll("Lock$", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ").toUpperCase();
  }

  private static boolean strong(Look look, String oid) {
    return look.modes().getOrDefault(oid, -1) >= MODES.indexOf("ShareLock");
  }

  /** From the last look without the lock to the transaction's end. */
  private Duration held(List<Look> looks, String oid) {
    Look before = looks.get(0);
    for (Look look : looks) {
      if (strong(look, oid)) {
        Look last = looks.get(looks.size() - 1);
        return Duration.ofNanos(
            (long) ((Math.max(last.at(), committed(last)) - before.at()) * 1e9));
      }
      before = look;
    }
    return Duration.ZERO;
  }

  /** When its transaction was committed, in seconds since 1970; 0 if it wrote nothing. */
  private double committed(Look look) {
    String at =
        look.xid().equals("-")
            ? "∅"
            : database.value(
                "SELECT extract(epoch FROM pg_xact_commit_timestamp('" + look.xid() + "'::xid))");
    return at.equals("∅") ? 0 : Double.parseDouble(at);
  }

  /**
   * How many rows a transaction read of a table while it had a strong lock on it. A schema change
   * is looked at before it has its lock, {@code LOCK TABLE} just after.
   */
  private static long readUnderLock(List<Look> looks, String oid) {
    long before = -1;
    long first = -1;
    long last = -1;
    for (Look look : looks) {
      Table table = look.tables().get(oid);
      if (table != null) {
        last = table.reads();
        if (first < 0 && strong(look, oid)) {
          first = before < 0 ? last : before;
        }
        before = last;
      }
    }
    return first < 0 ? 0 : last - first;
  }

  private static Look parse(String line) {
    Matcher look = LOOKED.matcher(line);
    if (!look.matches()) {
      throw new IllegalStateException(line);
    }
    Map<String, Integer> modes = new HashMap<>();
    for (String lock : look.group(5).split(" ")) {
      String[] values = lock.split(":");
      int mode = values.length < 2 ? -1 : MODES.indexOf(values[1]);
      if (mode >= 0) {
        modes.merge(values[0], mode, Math::max);
      }
    }
    Map<String, Table> tables = new HashMap<>();
    for (String table : look.group(6).split(" ")) {
      String[] values = table.split(":");
      tables.put(values[0], new Table(values[1], values[2], Long.parseLong(values[3])));
    }
    return new Look(
        look.group(1),
        Double.parseDouble(look.group(2)),
        look.group(3),
        look.group(4),
        modes,
        tables);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("A session does not end, or the log is not written");
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
