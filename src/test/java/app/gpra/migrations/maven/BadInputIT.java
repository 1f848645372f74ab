package app.gpra.migrations.maven;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static app.gpra.migrations.maven.BadInput.run;
import static app.gpra.migrations.maven.BadInput.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.OwnServer;
import app.gpra.migrations.harness.PrimaryAndStandby;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be wrong before and while a migration runs: one sentence each, and nothing changed. */
@Tag("thorough")
@Tag("nightly")
class BadInputIT {

  /** In the gate, each so many-th is tried, in this JVM; in full all, by Maven. */
  private static final String ENFORCE = "-Dliquibase.labelFilter=enforce";

  private static final String QUIET = "-Dgpra.owner.quiet=0ms";
  private static final int EVERY =
      Integer.getInteger("bad.every", ReliabilityReport.full() ? 1 : 8);

  private static final boolean MAVEN = ReliabilityReport.full();

  private static final Pattern STACK_TRACE =
      Pattern.compile("(?m)^\\s+at [\\w.$/<>]+ ?\\(|^Caused by: ");

  private static final String UP = "Then run mvn liquibase:status.";
  private static final String CORRECT = "Correct it, then run the same command again.";

  @TempDir static Path project;

  private static TestRole role;
  private static final Map<BadInput, String> TOLD = new LinkedHashMap<>();

  private static Stream<BadInput> connections() {
    return Stream.of(
        update("no address anywhere")
            .withoutUrl()
            .says(
                "No database is named. Do one of these: set DATABASE_URL=postgresql://… in the environment"),
        update("an empty address").url("").says("No database is named."),
        update("another system's address")
            .url("mysql://u:p@h/gpra")
            .says(
                "DATABASE_URL begins with mysql://, which is not PostgreSQL: expected postgresql://"),
        update("a file's address")
            .url("sqlite:///gpra.db")
            .says("DATABASE_URL begins with sqlite://, which is not PostgreSQL"),
        update("an address without its scheme")
            .url("{server}/{db}")
            .says("DATABASE_URL is malformed: it does not begin with postgresql://"),
        update("an address with spaces in it")
            .url("postgresql://u@my host/gpra")
            .says("DATABASE_URL is malformed: a host's name has characters that no host has"),
        update("a port that is no number")
            .url("postgresql://u@127.0.0.1:54x2/gpra")
            .says("DATABASE_URL is malformed: the port is not a number from 1 to 65535"),
        update("a port that is too high")
            .url("postgresql://u@127.0.0.1:70000/gpra")
            .says("DATABASE_URL is malformed: the port is not a number from 1 to 65535"),
        update("a port where nothing listens")
            .url("postgresql://u@127.0.0.1:1/gpra")
            .says(
                "Nothing accepts connections at server 127.0.0.1:1, database gpra: start the server, or correct host and port in DATABASE_URL. "
                    + UP),
        update("a host that nobody knows")
            .url("postgresql://u@database.invalid/gpra")
            .says(
                "The host of server database.invalid:5432, database gpra is not known: correct it in DATABASE_URL. "
                    + UP),
        update("a Unix socket")
            .url("postgresql:///gpra?host=/var/run/postgresql")
            .says(
                "DATABASE_URL is malformed: it names a Unix-domain socket, and Java connects over TCP: use localhost"),
        update("a wrong password")
            .url("postgresql://{role}:not@{server}/{db}")
            .says(
                "The password of user \"{role}\" is wrong or missing (server {server}, database {db}). Correct DATABASE_URL or the server. "
                    + UP),
        update("no password")
            .url("postgresql://{role}@{server}/{db}")
            .says("User \"{role}\" needs a password (server {server}, database {db})."),
        update("no such role")
            .url("postgresql://nobody:p@{server}/{db}")
            .says(
                "The password of user \"nobody\" is wrong or missing (server {server}, database {db})."),
        update("no such database")
            .url("postgresql://{role}:{password}@{server}/{db}_not")
            .says("There is no database \"{db}_not\" (server {server}, database {db}_not)."),
        update("no database's name")
            .url("postgresql://{role}:{password}@{server}")
            .says("There is no database \"{role}\""),
        update("no privilege to connect")
            .given(
                "DO $$ BEGIN EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database()); END $$")
            .url("postgresql://{role}:{password}@{server}/{db}")
            .says(
                "User \"{role}\" may not connect to that database (server {server}, database {db})."),
        update("a database that lets nobody in")
            .given("ALTER DATABASE {db} CONNECTION LIMIT 0")
            .url("postgresql://{role}:{password}@{server}/{db}")
            .says(
                "The server has no connection left for this user and database (server {server}, database {db})."),
        update("an unknown parameter")
            .url("postgresql://u@{server}/{db}?sslmod=require")
            .says(
                "DATABASE_URL has the query parameter sslmod, which neither libpq nor pgjdbc knows. Correct DATABASE_URL, then run mvn liquibase:status."),
        update("a parameter that pgjdbc would ignore")
            .url("postgresql://u@{server}/{db}?service=x")
            .says(
                "DATABASE_URL has the query parameter service, which libpq knows and pgjdbc does not: leave it out."),
        update("a parameter without value")
            .url("postgresql://u@{server}/{db}?sslmode")
            .says("DATABASE_URL is malformed: the parameter sslmode has no value"),
        update("encryption that the server cannot do")
            .url("postgresql://{role}:{password}@{server}/{db}?sslmode=require")
            .says(
                "Connecting failed with SQLSTATE 08004: The server does not support SSL. (server {server}, database {db}). Correct DATABASE_URL or the server. Then run mvn liquibase:status."),
        update("an unknown sslmode")
            .url("postgresql://{role}:{password}@{server}/{db}?sslmode=maybe")
            .says(
                "Connecting failed with SQLSTATE 08001: Invalid sslmode value: maybe (server {server}, database {db})."),
        update("a certificate that is not there")
            .url(
                "postgresql://{role}:{password}@{server}/{db}?sslmode=verify-full&sslrootcert=/nowhere.pem")
            .says(
                "Connecting failed with SQLSTATE 08004: The server does not support SSL. (server"),
        update("a timeout that is no number")
            .url("postgresql://u@{server}/{db}?connect_timeout=soon")
            .says(
                "DATABASE_URL is malformed: the parameter connect_timeout has a value that it does not allow"),
        update("an unknown kind of server")
            .url("postgresql://u@{server}/{db}?target_session_attrs=reading")
            .says(
                "DATABASE_URL is malformed: the parameter target_session_attrs has a value that it does not allow"),
        update("a standby wanted, a primary there")
            .url("postgresql://{role}:{password}@{server}/{db}?target_session_attrs=standby")
            .says(
                "Connecting failed with SQLSTATE 08001: Could not find a server with specified targetServerType: secondary (server {server}, database {db})."),
        update("an unknown server setting")
            .url("postgresql://{role}:{password}@{server}/{db}?options=-c%20nonsense%3D1")
            .says(
                "The server is too old (the oldest supported is PostgreSQL 14), or does not know a setting in options (server {server}, database {db})."),
        update("malformed options")
            .url("postgresql://{role}:{password}@{server}/{db}?options=nonsense")
            .says(
                "Connecting failed with SQLSTATE 42601: FATAL: invalid command-line argument for server process: nonsense (server {server}, database {db})."),
        update("a schema that is not there")
            .url("postgresql://{role}:{password}@{server}/{db}?currentSchema=nope")
            .says(
                "{role} can use no schema of the search_path (nope): there is none, or the privilege USAGE is missing. Nothing was done. Name the application's schema in the url, ?currentSchema=..., or GRANT USAGE, CREATE ON SCHEMA ... TO {role}, then run the same command again."),
        update("a percent sign that encodes nothing")
            .url("postgresql://{role}:p%w@{server}/{db}")
            .says(
                "DATABASE_URL is malformed: the password has a % that is not followed by two hexadecimal digits (a % itself is %25)"),
        update("a slash in the password")
            .url("postgresql://{role}:p/w@{server}/{db}")
            .says(
                "DATABASE_URL is malformed: user or password hold a /, ? or # that is not percent-encoded"),
        update("a .env with a line that is none")
            .env("DATABASE_URL\n")
            .says(
                "Line 1 of {project}/.env is malformed: write NAME=value, then run mvn liquibase:status."),
        update("a .env with export")
            .env("A=1\nexport DATABASE_URL=postgresql://u@h/gpra\n")
            .says("Line 2 of {project}/.env is malformed: write DATABASE_URL=value without export"),
        update("a .env with an open quote")
            .env("DATABASE_URL=\"postgresql://u@h/gpra\n")
            .says("Line 1 of {project}/.env is malformed"),
        update("a .env with another system's address")
            .env("DATABASE_URL=oracle://u@h/gpra\n")
            .says("DATABASE_URL begins with oracle://"),
        update("a .env that is no text")
            .env("A=\u00ff\n".getBytes(StandardCharsets.ISO_8859_1))
            .says("{project}/.env cannot be read, it is not UTF-8 text"),
        update("Liquibase's own url, of another system", "-Dliquibase.url=jdbc:mysql://h/gpra")
            .mavenOnly()
            .says("Cannot find database driver: com.mysql.jdbc.Driver"),
        update(
                "Liquibase's own url, of no server",
                "-Dliquibase.url=jdbc:postgresql://127.0.0.1:1/gpra",
                "-Dliquibase.username=u")
            .mavenOnly()
            .says("Connection to 127.0.0.1:1 refused"),
        update(
                "Liquibase's own url, a wrong password",
                "-Dliquibase.url=jdbc:postgresql://{server}/{db}",
                "-Dliquibase.username={role}",
                "-Dliquibase.password=not")
            .mavenOnly()
            .says("password authentication failed for user"),
        update(
                "Liquibase's own url, no user",
                "-Dliquibase.url=jdbc:postgresql://{server}/{db}?user=nobody&password=p")
            .mavenOnly()
            .says("nobody"));
  }

  private static Stream<BadInput> properties() {
    return Stream.of(
        update("an unknown property", "-Dgpra.admin.user=x")
            .says(
                "Unknown property -Dgpra.admin.user. Known are gpra.admin.username, gpra.app.role, gpra.batch.pause,"),
        update("a property in the wrong case", "-Dgpra.Lock.timeout=1s")
            .says("Unknown property -Dgpra.Lock.timeout."),
        update("a lock timeout that is no time", "-Dgpra.lock.timeout=soon")
            .says(
                "-Dgpra.lock.timeout=soon is not valid: expected a time from 1ms to 999ms, such as 50ms: a longer one could block the application. "
                    + CORRECT),
        update("a lock timeout that is too long", "-Dgpra.lock.timeout=2s")
            .says("-Dgpra.lock.timeout=2s is not valid: expected a time from 1ms to 999ms"),
        update("no lock timeout", "-Dgpra.lock.timeout=0")
            .says("-Dgpra.lock.timeout=0 is not valid"),
        update("a lock timeout longer than the server's deadlock_timeout")
            .asRole()
            .given("ALTER ROLE {role} IN DATABASE {db} SET deadlock_timeout = '40ms'")
            .says(
                "gpra.lock.timeout is 50 ms and has to be shorter than this server's deadlock_timeout, 40 ms, or the application could be the one that fails: run the same command again with -Dgpra.lock.timeout=20ms."),
        update("a negative wait", "-Dgpra.wait.limit=-1s")
            .says(
                "-Dgpra.wait.limit=-1s is not valid: expected a time such as 0s, 30s or 10min. "
                    + CORRECT),
        update("a wait that is too long to count", "-Dgpra.wait.limit=9999999999s")
            .says("-Dgpra.wait.limit=9999999999s is not valid"),
        update("batches of no time", "-Dgpra.batch.time=0s")
            .says(
                "-Dgpra.batch.time=0s is not valid: expected a time such as 100ms, 5s or 10min. "
                    + CORRECT),
        update("a pause in words", "-Dgpra.batch.pause=one second")
            .says(
                "-Dgpra.batch.pause=one second is not valid: expected a time such as 0ms, 100ms or 5s. "
                    + CORRECT),
        update("a lag without unit", "-Dgpra.replica.lag=10")
            .says(
                "-Dgpra.replica.lag=10 is not valid: expected a time such as 100ms, 5s or 10min. "
                    + CORRECT),
        update("a size in words", "-Dgpra.wal.pending=lots")
            .says(
                "-Dgpra.wal.pending=lots is not valid: expected a size such as 64kB, 256MB or 1GB. "
                    + CORRECT),
        update("a size without unit", "-Dgpra.wal.pending=64")
            .says("-Dgpra.wal.pending=64 is not valid"),
        run(
                "a yes that is no true",
                "liquibase:rollback",
                "-Dliquibase.rollbackTag=001",
                "-Dgpra.rollback.discard=yes")
            .migrated()
            .says("-Dgpra.rollback.discard=yes is not valid: expected true or false. " + CORRECT),
        update("an admin without name", "-Dgpra.admin.username=")
            .says(
                "-Dgpra.admin.username= is not valid: expected the name of a user of the application"),
        update(
                "an admin's name that would end a quotation",
                "-Dgpra.admin.username=x$gpra_value$; DROP TABLE items")
            .says(
                "is not valid: expected the name of a user of the application, without \"${\" and \"$gpra_\". "
                    + CORRECT),
        update(
                "an admin's name that another property would end",
                "-Dgpra.admin.username=admin$${gpra.app.role}gpra_value$")
            .says(
                "-Dgpra.admin.username=admin$${gpra.app.role}gpra_value$ is not valid: expected the name of a user of the application, without"),
        update("a history's name that would end", "-Dliquibase.databaseChangelogTableName=x\"y")
            .says(
                "-Dliquibase.databaseChangelogTableName=x\"y is not valid: expected a name without \", \\, ${, $gpra_ and control characters. "
                    + CORRECT));
  }

  private static Stream<BadInput> arguments() {
    return Stream.of(
        update("a tag that does not exist", "-Dliquibase.toTag=999")
            .says(
                "-Dliquibase.toTag=999 names no migration of this changelog. Known tags: %s. %s"
                    .formatted(String.join(", ", Changelog.tags()), CORRECT)),
        update("a tag without its zeros", "-Dliquibase.toTag=1")
            .says("-Dliquibase.toTag=1 names no migration of this changelog."),
        run(
                "a preview to a tag that does not exist",
                "liquibase:updateSQL",
                "-Dliquibase.toTag=999")
            .says("-Dliquibase.toTag=999 names no migration of this changelog."),
        run(
                "marking as applied to a tag that does not exist",
                "liquibase:changelogSyncToTag",
                "-Dliquibase.toTag=999")
            .mavenOnly()
            .says("-Dliquibase.toTag=999 names no migration of this changelog."),
        update("a negative number of changesets", "-Dliquibase.changesToApply=-1")
            .says(
                "-Dliquibase.changesToApply=-1 is not valid: expected a number from 1, Liquibase would have applied every changeset. Correct it, then run the same command again."),
        update("no changesets", "-Dliquibase.changesToApply=0")
            .says("-Dliquibase.changesToApply=0 is not valid: expected a number from 1"),
        update("a number of changesets in words", "-Dliquibase.changesToApply=two")
            .mavenOnly()
            .says("Cannot convert 'two' to int"),
        update("a changelog that is not there", "-Dliquibase.changeLogFile=changelog/master.yaml")
            .mavenOnly()
            .says("changelog/master.yaml does not exist"),
        update("a label filter that is no expression", "-Dliquibase.labelFilter=((")
            .says(
                "-Dliquibase.labelFilter=(( is no expression such as enforce or !enforce. Correct it, then run the same command again."),
        update("a label that no changeset has", "-Dliquibase.labelFilter=enfroce")
            .says(
                "-Dliquibase.labelFilter: no changeset of this changelog has the label enfroce. It has enforce. Nothing was done. "
                    + CORRECT),
        update("a label given as a context", "-Dliquibase.contexts=enforce")
            .mavenOnly()
            .says(
                "-Dliquibase.contexts: no changeset of this changelog has the context enforce. It has none. (Its labels are enforce: -Dliquibase.labelFilter.) Nothing was done. "
                    + CORRECT),
        update("a property in another case", "-Dliquibase.totag=001")
            .mavenOnly()
            .says("Unknown property -Dliquibase.totag: -Dliquibase.toTag is meant. " + CORRECT),
        run(
                "a property without one of its letters",
                "liquibase:rollback",
                "-Dliquibase.rollbackCount=1",
                "-Dliquibase.rolbackTag=001")
            .migrated()
            .mavenOnly()
            .says(
                "Unknown property -Dliquibase.rolbackTag: -Dliquibase.rollbackTag is meant. "
                    + CORRECT),
        run("everything dropped", "liquibase:dropAll")
            .migrated()
            .says(
                "Nothing was dropped. To go back, use mvn liquibase:rollback; leave dropFirst out of an update. To lose it all, add -Dgpra.drop.all={db} to the same command."),
        run("everything dropped, elsewhere", "liquibase:dropAll", "-Dgpra.drop.all=other")
            .migrated()
            .says("Nothing was dropped."),
        update("everything dropped first", "-Dliquibase.dropFirst=true")
            .migrated()
            .mavenOnly()
            .says("Nothing was dropped."),
        run(
                "back to a tag that does not exist",
                "liquibase:rollback",
                "-Dliquibase.rollbackTag=999")
            .migrated()
            .says(
                "This database has no tag 999 to go back to: it has 000, 001, 002. Nothing was undone. mvn liquibase:history shows what is applied; then run the same command again with a tag that is there."),
        run(
                "back to a tag, nothing applied yet",
                "liquibase:rollback",
                "-Dliquibase.rollbackTag=001")
            .says("This database has no tag 001 to go back to: it has none. Nothing was undone."),
        run(
                "a preview of the way back to a tag that does not exist",
                "liquibase:rollbackSQL",
                "-Dliquibase.rollbackTag=999")
            .migrated()
            .says(
                "This database has no tag 999 to go back to: it has 000, 001, 002. Nothing was undone. mvn liquibase:history shows what is applied; then run the same command again with a tag that is there."),
        update("somebody else may make functions in the application's schema")
            .given("GRANT CREATE ON SCHEMA public TO gpra_app")
            .says(
                "Nothing was done. gpra_app may CREATE in the schema public, where what they make runs with the rights of ")
            .curedBy("REVOKE CREATE ON SCHEMA public FROM gpra_app"),
        run(
                "back, while somebody else may make functions in the application's schema",
                "liquibase:rollback",
                "-Dliquibase.rollbackTag=000")
            .migrated()
            .given("GRANT CREATE ON SCHEMA public TO gpra_app")
            .says("REVOKE CREATE ON SCHEMA public FROM gpra_app, as "),
        update("a name of a trusted role that is none", "-Dgpra.trusted.roles=o'brien")
            .says(
                "-Dgpra.trusted.roles=o'brien is not valid: expected names of roles such as alice,bob"),
        run("back, not said how far", "liquibase:rollback")
            .migrated()
            .mavenOnly()
            .says(
                "One of the rollback options must be specified, please specify one of rollbackTag, rollbackCount or rollbackDate"),
        run("back to an empty tag", "liquibase:rollback", "-Dliquibase.rollbackTag=")
            .migrated()
            .mavenOnly()
            .says("Invalid argument 'tag': missing required argument"),
        run("back by a negative number", "liquibase:rollback", "-Dliquibase.rollbackCount=-1")
            .migrated()
            .mavenOnly()
            .says("One of the rollback options must be specified"),
        run("back by no changeset", "liquibase:rollback", "-Dliquibase.rollbackCount=0")
            .migrated()
            .mavenOnly()
            .says("A rollback count of 0 is meaningless, please select a value greater than 0"),
        run("back by a number in words", "liquibase:rollback", "-Dliquibase.rollbackCount=two")
            .migrated()
            .mavenOnly()
            .says("Cannot convert 'two' to int"),
        run("back to a date in words", "liquibase:rollback", "-Dliquibase.rollbackDate=yesterday")
            .migrated()
            .mavenOnly()
            .says("Unknown date format to parse: yesterday."),
        run("a goal of Alembic's", "liquibase:downgrade")
            .mavenOnly()
            .says("Could not find goal 'downgrade' in plugin org.liquibase:liquibase-maven-plugin"),
        run("a goal of Liquibase's command line", "liquibase:rollbackCount")
            .mavenOnly()
            .says("Could not find goal 'rollbackCount' in plugin"),
        run("a tag without name", "liquibase:tag")
            .migrated()
            .mavenOnly()
            .says(
                "The parameters 'tag' for goal org.liquibase:liquibase-maven-plugin:5.0.4:tag are missing or invalid"),
        run(
                "an output file in no directory",
                "liquibase:updateSQL",
                "-Dliquibase.migrationSqlOutputFile=/dev/null/x.sql")
            .mavenOnly()
            .says(
                "-Dliquibase.migrationSqlOutputFile=/dev/null/x.sql cannot be written: /dev/null is no directory. Correct it, then run the same command again."),
        update("a default schema that is not there", "-Dliquibase.defaultSchemaName=app")
            .mavenOnly()
            .says(
                "The schema app, which liquibase.defaultSchemaName names, is not there, or this role has no USAGE on it. Nothing was done. Create it, or correct that setting, then run the same command again."));
  }

  private static Stream<BadInput> databases() {
    return Stream.of(
        update("a database without Flask-AppBuilder")
            .withoutTables()
            .reaches("000")
            .says(
                "There is no table ab_user, ab_role, ab_user_role: start the application once or run \"flask fab create-admin\", then run update again"),
        update("one of its tables missing")
            .given("DROP TABLE ab_user_role")
            .reaches("000")
            .says("The table ab_user_role is not there"),
        update("no admin")
            .given(
                "DELETE FROM ab_user_role; UPDATE ab_user SET username = 'chief' WHERE username = 'admin'")
            .reaches("001")
            .says(
                "There is no user \"admin\", and no active user has the role Admin. Run \"flask fab create-admin\", or name the admin: mvn liquibase:update -Dgpra.admin.username=..."),
        update("two admins")
            .given(
                "UPDATE ab_user SET username = 'chief' WHERE username = 'admin'; INSERT INTO ab_user_role SELECT 99, u.id, r.id FROM ab_user u, ab_role r WHERE u.username = 'student1' AND r.name = 'Admin'")
            .reaches("001")
            .says(
                "There is no user \"admin\", and several active users have the role Admin: chief, student1. Name one: mvn liquibase:update -Dgpra.admin.username=..."),
        update("admins whose names forge a line and clear the terminal")
            .given(
                "UPDATE ab_user SET username = E'x\\n[INFO] BUILD SUCCESS\\x1b[2J' WHERE username = 'admin'; INSERT INTO ab_user_role SELECT 99, u.id, r.id FROM ab_user u, ab_role r WHERE u.username = 'student1' AND r.name = 'Admin'")
            .reaches("001")
            .says(
                "There is no user \"admin\", and several active users have the role Admin: student1, x␊[INFO] BUILD SUCCESS␛[2J. Name one: mvn liquibase:update -Dgpra.admin.username=..."),
        update("an admin that is none of two", "-Dgpra.admin.username=boss")
            .given(
                "INSERT INTO ab_user_role SELECT 99, u.id, r.id FROM ab_user u, ab_role r WHERE u.username = 'student1' AND r.name = 'Admin'")
            .reaches("001")
            .says(
                "There is no user \"boss\", and several active users have the role Admin: admin, student1."),
        update("a user called admin who is none")
            .given(
                "UPDATE ab_user SET username = 'chief' WHERE username = 'admin'; UPDATE ab_user SET username = 'admin' WHERE username = 'student1'")
            .reaches("001")
            .says(
                "The user \"admin\" is not an active user with the role Admin, and one active user has the role Admin: chief. Name one: mvn liquibase:update -Dgpra.admin.username=chief or -Dgpra.admin.username=admin"),
        update("an admin that is not active")
            .given("UPDATE ab_user SET active = false, username = 'chief' WHERE username = 'admin'")
            .reaches("001")
            .says("There is no user \"admin\", and no active user has the role Admin."),
        update("a column of another type")
            .given("ALTER TABLE items ADD COLUMN user_id bigint")
            .says(
                "This update finds objects that are there but different: items.user_id is bigint, expected integer. Nothing was changed. Correct it, or rename or repair what is different, then run the same command again."),
        update("a column of letters")
            .given("ALTER TABLE chord_charts ADD COLUMN user_id varchar(50)")
            .says(
                "chord_charts.user_id is character varying(50), expected integer. Nothing was changed."),
        update("a column with a default")
            .given("ALTER TABLE routines ADD COLUMN user_id integer NOT NULL DEFAULT 7")
            .says(
                "routines.user_id is integer not null default 7, expected integer. Nothing was changed."),
        update("a tracking column of another length")
            .given("ALTER TABLE items ADD COLUMN created_via varchar(20) NOT NULL DEFAULT 'manual'")
            .says(
                "items.created_via is character varying(20) not null default manual, expected character varying(50) not null default manual. Nothing was changed."),
        update("owners that are no users")
            .given(
                "ALTER TABLE items ADD COLUMN user_id integer; UPDATE items SET user_id = 99999 WHERE id = 1")
            .reaches("part")
            .curedBy(
                "ALTER TABLE items DISABLE TRIGGER USER; UPDATE items SET user_id = NULL; ALTER TABLE items ENABLE TRIGGER USER")
            .says(
                "Rows of items hold what fk_items_user_id does not allow: user_id = 99999 in 1 row(s). Find them all with SELECT * FROM items AS t WHERE "),
        update("values that a check will refuse")
            .given(
                "ALTER TABLE chord_charts ADD COLUMN generation_method varchar(50); UPDATE chord_charts SET generation_method = 'magic' WHERE chord_id = 1")
            .reaches("part")
            .curedBy("UPDATE chord_charts SET generation_method = 'manual'")
            .says(
                "Rows of chord_charts hold what ck_chord_charts_generation_method does not allow: generation_method = magic in 1 row(s). Find them all with "),
        update("a foreign key that does not cascade")
            .given("ALTER TABLE items ADD COLUMN user_id integer REFERENCES ab_user")
            .says(
                "expected FOREIGN KEY (user_id) REFERENCES ab_user(id) ON DELETE CASCADE. Nothing was changed."),
        update("a table of the same name")
            .given("CREATE TABLE subscriptions (id int PRIMARY KEY, user_id int NOT NULL)")
            .says("the table subscriptions has no column tier (character varying(50))"),
        update("a view of the same name")
            .given("CREATE VIEW subscriptions AS SELECT 1 AS id")
            .says("subscriptions is a view, expected an ordinary table"),
        update("an index of the same name")
            .given("CREATE INDEX idx_items_user_id ON items (title)")
            .says(
                "the index idx_items_user_id is \"CREATE INDEX idx_items_user_id ON public.items USING btree (title)\", expected (user_id) on items. Nothing was changed."),
        update("a constraint of the same name")
            .given("ALTER TABLE items ADD CONSTRAINT fk_items_user_id CHECK (id > 0)")
            .says(
                "fk_items_user_id on items is \"CHECK ((id > 0))\", expected FOREIGN KEY (user_id) REFERENCES ab_user(id) ON DELETE CASCADE. Nothing was changed."),
        update("a table missing")
            .given("DROP TABLE chord_charts")
            .says(
                "This update cannot run: the table chord_charts is not there. Nothing was changed."),
        update("a table that is a view")
            .given(
                "ALTER TABLE routines RENAME TO routines_old; CREATE VIEW routines AS SELECT * FROM routines_old")
            .says("routines is a view, expected an ordinary table"),
        update("a table without primary key")
            .given(
                "ALTER TABLE routine_items DROP CONSTRAINT routine_items_item_id_fkey; ALTER TABLE items DROP CONSTRAINT items_pkey")
            .says(
                "items has no primary key of one integer column, by which rows are told apart: add one, or do it in sql of its author's (plain.<its id>). Nothing was changed."),
        update("two schemas with the tables")
            .given(
                "CREATE SCHEMA app; CREATE TABLE app.items (id int); CREATE TABLE app.routines (id int); CREATE TABLE app.chord_charts (id int)")
            .url("{jdbc}&currentSchema=public,app")
            .says("This update cannot run: the search_path has chord_charts twice, in "),
        update("the tables in another schema than the first")
            .given("CREATE SCHEMA app")
            .url("{jdbc}&currentSchema=app,public")
            .says(
                "The table items is in the schema public, but the search_path app,public begins with app. Nothing was done. Name the application's schema in the url: ?currentSchema=public"),
        update("a history that is a view")
            .given(
                "CREATE VIEW databasechangelog AS SELECT '' AS id, 1 AS orderexecuted WHERE false")
            .says(
                "databasechangelog is there, and is not Liquibase's history table. Rename it, then run the same command again."),
        update("a history without its columns")
            .given("CREATE TABLE databasechangelog (id text, orderexecuted int)")
            .says(
                "databasechangelog is there, and is not Liquibase's history table. Rename it, then run the same command again."),
        update("a changeset that is not what was applied")
            .migrated()
            .given(
                "UPDATE databasechangelog SET md5sum = '9:00000000000000000000000000000000' WHERE id = '001-items-user-id'")
            .says(
                "changelog/001-add-multi-tenant-schema.yaml::001-items-user-id::gpra was: 9:00000000000000000000000000000000 but is now: 9:"),
        update("a rule that undoes each assignment")
            .given(
                "CREATE RULE never AS ON UPDATE TO items DO INSTEAD NOTHING; ALTER TABLE items ADD COLUMN user_id integer")
            .curedBy("DROP RULE never ON items")
            .says(
                "the rule never on items would do something else besides when a row gets its user_id: DROP RULE never ON items. Nothing was changed."),
        update("an event trigger that refuses")
            .given(
                "CREATE FUNCTION never() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'No DDL in office hours'; END $$; CREATE EVENT TRIGGER never ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION never()")
            .reaches("part")
            .curedBy("DROP EVENT TRIGGER never")
            .says("No DDL in office hours"),
        update("row-level security that hides rows")
            .asRole()
            .given("ALTER TABLE items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
            .says(
                "This update cannot run: row-level security keeps {role} from seeing every row of items: ALTER TABLE items NO FORCE ROW LEVEL SECURITY. Nothing was changed."),
        run("back over a view on our column", "liquibase:rollback", "-Dliquibase.rollbackTag=000")
            .migrated()
            .given("CREATE VIEW owners AS SELECT user_id FROM items")
            .says(
                "This rollback drops what others have built on: rule _RETURN on view owners. Nothing was undone. Drop that first, then run the same command again."),
        run("back over what users made", "liquibase:rollback", "-Dliquibase.rollbackTag=000")
            .migrated()
            .given("UPDATE items SET created_via = 'import' WHERE id = 1")
            .says(
                "This rollback would destroy what was made since: items.created_via of 1 row(s). Nothing was undone. To go on and lose it, add -Dgpra.rollback.discard=true to the same command; to keep it, stay where you are."),
        run(
                "back to no owner where one is required",
                "liquibase:rollback",
                "-Dliquibase.rollbackTag=001")
            .migrated()
            .given("ALTER TABLE items ALTER COLUMN user_id SET NOT NULL")
            .says("This rollback drops what others have built on: the NOT NULL of items.user_id."),
        run("back under a later changeset", "liquibase:rollback", "-Dliquibase.rollbackTag=001")
            .migrated()
            .given(
                "INSERT INTO databasechangelog SELECT '003-x', author, 'changelog/003-x.yaml', dateexecuted, orderexecuted + 1, exectype, md5sum, description, comments, NULL, liquibase, contexts, labels, deployment_id FROM databasechangelog WHERE id = '002-tag'")
            .says(
                "Cannot undo 002-tag: later changesets are still applied and this command leaves them out: 003-x. Nothing was undone. Go back through all of them: add -Dliquibase.labelFilter=enforce to the same command. If that is there already: check out the version that made them."));
  }

  private static Stream<BadInput> tenants() {
    return Stream.of(
        update("a tag that its label leaves out", "-Dliquibase.toTag=003")
            .says(
                "-Dliquibase.toTag=003 is not reached with the label filter !enforce, which leaves out 003-require-owner.yaml. Add -Dliquibase.labelFilter=enforce to the same command."),
        update("a time to watch that is none", ENFORCE, "-Dgpra.owner.quiet=soon")
            .says(
                "-Dgpra.owner.quiet=soon is not valid: expected a time up to 59s, such as 0ms or 10s. "
                    + CORRECT),
        update("an application's role without a name", ENFORCE, "-Dgpra.app.role= ")
            .says("-Dgpra.app.role=  is not valid: expected the name of a role of the server"),
        update("an application's role that is not there", ENFORCE, QUIET, "-Dgpra.app.role=nobody")
            .reaches("003")
            .says(
                "004 cannot run: there is no role \"nobody\": name the application's, -Dgpra.app.role=.... Nothing was changed."),
        update("an application that row-level security does not bind", ENFORCE, QUIET)
            .reaches("003")
            .says(
                "004 cannot run: row-level security does not bind {user}, which is a superuser: use another role for the application and name it, -Dgpra.app.role=.... Nothing was changed."),
        update("links across users", ENFORCE, QUIET, "-Dgpra.app.role=gpra_app")
            .given(
                "ALTER TABLE items ADD COLUMN user_id integer; UPDATE items SET user_id = 4 WHERE id = 1")
            .reaches("003")
            .says(
                "004 cannot run: 1 row(s) of routine_items have a routine and an item of different users: SELECT l.*, r.user_id, i.user_id FROM routine_items l JOIN"),
        update("a table of users that another owns", ENFORCE, QUIET, "-Dgpra.app.role=gpra_app")
            .asRole()
            .given("ALTER TABLE routine_items OWNER TO {role}")
            .reaches("003")
            .says(
                "004 cannot run: {role} does not own the table active_routine: ALTER TABLE active_routine OWNER TO {role}. Nothing was changed."));
  }

  private static Stream<BadInput> privileges() {
    return Stream.of(
        update("may not create in the schema")
            .asRole()
            .given("REVOKE CREATE ON SCHEMA public FROM {role}")
            .says(
                "{role} may not CREATE in the schema public. GRANT USAGE, CREATE ON SCHEMA public TO {role}, then run the same command again."),
        update("may not use the schema")
            .asRole()
            .given("REVOKE USAGE ON SCHEMA public FROM {role}, PUBLIC")
            .says(
                "{role} can use no schema of the search_path (\"$user\", public): there is none, or the privilege USAGE is missing."),
        update("may not create in the database")
            .asRole()
            .given("REVOKE CREATE ON DATABASE {db} FROM {role}")
            .says(
                "This update cannot run: {role} may not CREATE in the database {db}, for the schema that remembers which rows were filled. Nothing was changed. Correct it, or rename"),
        update("does not own items")
            .asRole()
            .given("ALTER TABLE items OWNER TO CURRENT_USER")
            .says("This update cannot run: {role} does not own the table items."),
        update("does not own routines")
            .asRole()
            .given("ALTER TABLE routines OWNER TO CURRENT_USER")
            .says("This update cannot run: {role} does not own the table routines."),
        update("does not own chord_charts")
            .asRole()
            .given("ALTER TABLE chord_charts OWNER TO CURRENT_USER")
            .says("This update cannot run: {role} does not own the table chord_charts."),
        update("may not read ab_user")
            .asRole()
            .given("REVOKE SELECT ON ab_user FROM {role}")
            .says("This update cannot run: {role} may not SELECT ab_user."),
        update("may not refer to ab_user")
            .asRole()
            .given("REVOKE REFERENCES ON ab_user FROM {role}")
            .says("This update cannot run: {role} may not REFERENCES ab_user."),
        update("may not read ab_role")
            .asRole()
            .given("REVOKE SELECT ON ab_role FROM {role}")
            .reaches("000")
            .says("001 cannot run: {role} may not SELECT ab_role."),
        update("may not read ab_user_role")
            .asRole()
            .given("REVOKE SELECT ON ab_user_role FROM {role}")
            .reaches("000")
            .says("001 cannot run: {role} may not SELECT ab_user_role."),
        update("a history of somebody else's")
            .asRole()
            .given(
                "CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL, dateexecuted timestamp NOT NULL, orderexecuted int NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35), description varchar(255), comments varchar(255), tag varchar(255), liquibase varchar(20), contexts varchar(255), labels varchar(255), deployment_id varchar(10))")
            .says(
                "{role} may not use Liquibase's history. GRANT SELECT, INSERT, UPDATE, DELETE ON databasechangelog TO {role}, then run the same command again."),
        update("a memory of somebody else's")
            .asRole()
            .given("CREATE SCHEMA gpra_admin_assignment")
            .says(
                "This update cannot run: {role} may not CREATE in the schema gpra_admin_assignment."),
        run(
                "back, not the owner of items any more",
                "liquibase:rollback",
                "-Dliquibase.rollbackTag=000")
            .asRole()
            .migrated()
            .given("ALTER TABLE items OWNER TO CURRENT_USER")
            .says(
                "{role} does not own items. Nothing was undone. Make it the owner (ALTER TABLE ... OWNER TO {role}), then run the same command again."),
        run(
                "back, not the owner of subscriptions any more",
                "liquibase:rollback",
                "-Dliquibase.rollbackTag=000")
            .asRole()
            .migrated()
            .given("ALTER TABLE subscriptions OWNER TO CURRENT_USER")
            .says("{role} does not own subscriptions. Nothing was undone."));
  }

  private static Stream<BadInput> servers() {
    return Stream.of(
        update("transactions that are read-only")
            .given("ALTER DATABASE {db} SET default_transaction_read_only = on")
            .says(
                "Transactions of {user} in the database {db} are read-only (default_transaction_read_only = on). Let this role write: ALTER ROLE {user} IN DATABASE {db} SET default_transaction_read_only = off, then run the same command again."),
        update("a role whose transactions are read-only")
            .asRole()
            .given("ALTER ROLE {role} IN DATABASE {db} SET default_transaction_read_only = on")
            .says(
                "Transactions of {role} in the database {db} are read-only (default_transaction_read_only = on). Let this role write: ALTER ROLE {role} IN DATABASE {db} SET default_transaction_read_only = off, then run the same command again."),
        run("back, read-only", "liquibase:rollback", "-Dliquibase.rollbackTag=000")
            .migrated()
            .given("ALTER DATABASE {db} SET default_transaction_read_only = on")
            .says(
                "Transactions of {user} in the database {db} are read-only (default_transaction_read_only = on). Let this role write: ALTER ROLE {user} IN DATABASE {db} SET default_transaction_read_only = off, then run the same command again."),
        run("status, read-only", "liquibase:status")
            .given("ALTER DATABASE {db} SET default_transaction_read_only = on")
            .says(
                "Transactions of {user} in the database {db} are read-only (default_transaction_read_only = on). Let this role write: ALTER ROLE {user} IN DATABASE {db} SET default_transaction_read_only = off, then run the same command again."),
        update("a statement_timeout that is too short")
            .given(
                "CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(10); END $$; CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION slow()")
            .url("{jdbc}&options=-c%20statement_timeout=2s")
            .reaches("part")
            .curedBy("DROP EVENT TRIGGER slow")
            .says("canceling statement due to statement timeout (SQLSTATE 57014) in: ALTER TABLE"),
        update("a session that somebody ends")
            .given(
                "CREATE FUNCTION end_it() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END $$; CREATE EVENT TRIGGER end_it ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION end_it()")
            .reaches("part")
            .curedBy("DROP EVENT TRIGGER end_it")
            .says("terminating connection due to administrator command (SQLSTATE 57P01)"),
        update("temporary files that are too large")
            .asRole()
            .given(
                "INSERT INTO items (title) SELECT 'x' FROM generate_series(1, 200000); ALTER ROLE {role} IN DATABASE {db} SET temp_file_limit = '64kB'; ALTER ROLE {role} IN DATABASE {db} SET maintenance_work_mem = '1MB'")
            .reaches("part")
            .curedBy("ALTER ROLE {role} IN DATABASE {db} RESET ALL")
            .says(
                "temporary file size exceeds \"temp_file_limit\" (64kB) (SQLSTATE 53400) in: CREATE INDEX CONCURRENTLY gpra_building_idx_items_user_id ON items (user_id)"));
  }

  static List<BadInput> selected() {
    List<BadInput> all =
        Stream.of(
                connections(),
                properties(),
                arguments(),
                databases(),
                tenants(),
                privileges(),
                servers())
            .flatMap(cases -> cases)
            .toList();
    List<BadInput> some = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (i % EVERY == 0 && (MAVEN || !all.get(i).mavenOnly)) {
        some.add(all.get(i));
      }
    }
    return some;
  }

  @BeforeAll
  static void copyProject() {
    MavenRun.copyProject(project, true);
    role = TestRole.create("pw");
  }

  @AfterAll
  static void tell() {
    role.close();
    long goOn = TOLD.keySet().stream().filter(input -> input.reaches != null).count();
    ReliabilityReport.tell(
        "bad input",
        """
        %d cases, %s. Each ended with another exit code than 0, said its sentence once and showed no stack trace. %d changed
        nothing. %d stopped after what was finished, and left the same as a run up to there; where the cause then was taken
        away, the same command went on to the end.

        <details>
        <summary>All of them</summary>

        | what is wrong | what the operator reads |
        |---|---|
        %s

        </details>
        """
            .formatted(
                TOLD.size(),
                ReliabilityReport.full() ? "by Maven" : "in one JVM",
                TOLD.size() - goOn,
                goOn,
                TOLD.keySet().stream().map(BadInput::row).collect(Collectors.joining("\n"))));
  }

  @ParameterizedTest
  @MethodSource("selected")
  void isToldInOneSentenceAndChangesNothing(BadInput input) throws Exception {
    try (TestDatabase database = prepared(input)) {
      State expected;
      if (input.reaches == null) {
        expected = State.of(database);
      } else {
        try (TestDatabase other = database.copy()) {
          goOn(input, other);
          expected = State.of(other);
        }
      }

      String output = output(input, database);

      assertTold(input, database, output);
      if (input.cure != null) {
        database.execute(in(database, input.cure));
        sameUser(input, database).update();
      }
      State actual = State.of(database);
      assertSame("The schema", expected.schema(), actual.schema());
      assertSame("The data", expected.data(), actual.data());
      assertThat(actual.applied()).isEqualTo(expected.applied());
    }
  }

  private static void assertTold(BadInput input, TestDatabase database, String output) {
    TOLD.put(input, output);
    String sentence = in(database, input.sentence);
    assertThat(StringUtils.countMatches(errors(output), sentence))
        .as("times that the operator is told \"%s\" in:\n%s", sentence, output)
        .isOne();
    assertThat(StringUtils.countMatches(output, sentence)).as(output).isLessThan(3);
    assertThat(STACK_TRACE.matcher(output).find()).as(output).isFalse();
  }

  private record State(String schema, String data, List<String> applied) {
    static State of(TestDatabase database) {
      return new State(database.schema(), database.dataButTimes(), database.applied());
    }
  }

  /** What only reads goes on working there. */
  @Test
  void isAStandbyWhereOnlyTheAddressIsWrong() throws Exception {
    try (PrimaryAndStandby servers = PrimaryAndStandby.start()) {
      TestDatabase primary = TestDatabase.legacyOn(servers.primary());
      TestDatabase standby = primary.on(servers.standby());
      servers.awaitStandby();
      String sentence =
          "The server is a standby (pg_is_in_recovery()), and nothing can be written there. Name the primary, or all servers with target_session_attrs=read-write, in the address, then run the same command again.";
      BadInput update = update("a standby").says(sentence);
      BadInput back =
          run("back, on a standby", "liquibase:rollback", "-Dliquibase.rollbackTag=000")
              .says(sentence);

      assertTold(update, standby, output(update, standby));
      assertThat(new LiquibaseRun(standby).updateSql()).contains("fk_items_user_id");
      new LiquibaseRun(primary).update();
      servers.awaitStandby();
      assertTold(back, standby, output(back, standby));
      assertThat(new LiquibaseRun(standby).status()).contains("is up to date");
      new LiquibaseRun(standby).update();
    }
  }

  /**
   * A limit on the size of a file is a full disk to the server, and needs neither root nor a file
   * system of its own.
   */
  @Test
  void isAFullDiskThatTheRunGoesOnFrom() throws Exception {
    try (OwnServer server = OwnServer.start(Map.of())) {
      TestDatabase database = TestDatabase.legacyOn(server.server());
      database.execute(
          "CREATE PUBLICATION changes FOR TABLE chord_charts; ALTER TABLE chord_charts ALTER COLUMN chord_data SET STORAGE PLAIN;"
              + "INSERT INTO chord_charts (item_id, title, chord_data) SELECT i, 'x', to_json(repeat('x', 7000)) FROM generate_series(1, 1400) AS i");
      String pid =
          database.value("SELECT pg_read_file('postmaster.pid')").lines().findFirst().orElseThrow();
      // Larger than a WAL segment and smaller than the table, each of whose rows is written anew.
      Assumptions.assumeTrue(limitFiles(pid, "18000000"), "no prlimit here");
      BadInput input = update("a full disk").says("could not extend file \"base/");

      String output = output(input, database);

      assertTold(input, database, output);
      assertThat(output).contains("Check free disk space", "then run the same command again");
      limitFiles(pid, "unlimited");
      new LiquibaseRun(database).update();
      assertThat(
              database.value("SELECT count(*) = 1421 AND count(user_id) = 1421 FROM chord_charts"))
          .isEqualTo("t");
    }
  }

  /** The soft limit, for the sessions to come; whether that was possible. */
  private static boolean limitFiles(String pid, String bytes) throws Exception {
    try {
      return new ProcessBuilder("prlimit", "--pid", pid, "--fsize=" + bytes + ":").start().waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static TestDatabase prepared(BadInput input) {
    TestDatabase database = input.withoutTables ? TestDatabase.empty() : TestDatabase.legacy();
    if (!input.withoutTables && (input.asRole || String.valueOf(input.url).contains("{role}"))) {
      // Elsewhere it would be a stranger.
      role.grantLeastPrivileges(database);
    }
    if (input.migrated) {
      sameUser(input, database).update();
    }
    return database.execute(in(database, input.sql));
  }

  /** What the run may do before it finds out, and what it does once the cause is gone. */
  private static void goOn(BadInput input, TestDatabase expected) {
    LiquibaseRun run = sameUser(input, expected);
    if (input.asRole && (input.cure != null || input.command.contains(ENFORCE))) {
      // A copy of a database has none of its privileges.
      role.grantLeastPrivileges(expected);
    }
    if (input.cure != null) {
      expected.execute(in(expected, input.cure));
      run.update();
    } else {
      run.updateTo(input.reaches);
    }
  }

  private static LiquibaseRun sameUser(BadInput input, TestDatabase database) {
    LiquibaseRun run = new LiquibaseRun(database);
    if (input.command.contains(ENFORCE)) {
      run.enforce();
    }
    return input.asRole ? run.as(role) : run;
  }

  /** What the operator sees. */
  private static String output(BadInput input, TestDatabase database) throws IOException {
    Path envFile = project.resolve(".env");
    Files.deleteIfExists(envFile);
    String url = input.url == null ? database.jdbcUrl() : in(database, input.url);
    List<String> command = input.command.stream().map(word -> in(database, word)).toList();
    if (input.envFile != null) {
      Files.write(envFile, input.envFile);
    }
    if (MAVEN) {
      MavenRun run =
          MavenRun.run(project, input.withoutUrl ? null : url, command.toArray(String[]::new));
      assertThat(run.exitCode()).as(run.output()).isNotZero();
      return run.output();
    }
    if (!input.withoutUrl) {
      Files.writeString(envFile, "DATABASE_URL='" + url + "'\n");
    }
    Throwable failure =
        catchThrowable(() -> new LiquibaseRun(database).addressIn(project).run(command));
    assertThat(failure).isInstanceOf(LiquibaseRun.LiquibaseFailure.class);
    return failure.getMessage();
  }

  /** Of Maven's output what it reports as errors. */
  private static String errors(String output) {
    return MAVEN
        ? output
            .lines()
            .filter(line -> line.startsWith("[ERROR]"))
            .map(line -> line.substring("[ERROR]".length()).strip())
            .collect(Collectors.joining("\n"))
        : output;
  }

  private static String in(TestDatabase database, String text) {
    return BadInput.in(database, role, project, text);
  }
}
