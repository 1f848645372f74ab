package app.gpra.migrations.connection;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Embedded servers for their owner alone: their programs are in a folder that nobody else may
 * enter, and they ask for a password. Left to itself the library unpacks into a folder below {@code
 * java.io.tmpdir} that everybody may write to, and lets everybody on the machine in as superuser,
 * who may run programs.
 */
public final class PrivatePostgres {

  /** The only user of a new server, a superuser. */
  public static final String USER = "postgres";

  /**
   * How a client of pgjdbc's proves that it knows the password. It is never sent: whoever takes the
   * port before the server has it may ask for it in clear text.
   */
  public static final String AUTHENTICATION = "scram-sha-256";

  private static final String PROGRAMS = "programs";

  /** The library's, see {@code EmbeddedPostgres.getWorkingDirectory}. */
  private static final String LIBRARY_FOLDER = "ot.epg.working-dir";

  private static final int PASSWORD_BYTES = 20;

  /** Begins the message where a directory of data cannot be served. */
  static final String OTHER_VERSION = "The data was initialized by PostgreSQL version ";

  private static final int FIRST_PORT = 15_000;

  private static final int PORTS = 15_000;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final SecureRandom RANDOM = new SecureRandom();

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  /** A line of pg_hba.conf that asks for nothing. */
  private static final Pattern TRUST =
      Pattern.compile("(?m)^([ \\t]*(?:local|host\\w*)[ \\t].*[ \\t])trust\\b");

  private PrivatePostgres() {}

  /**
   * Makes a folder that only its owner may enter, or an existing one such a folder. Where files
   * have no POSIX permissions, on Windows, it has those of the folder that it is in.
   *
   * @param folder may be missing, with the folders that it is in
   * @return the same folder
   * @throws IllegalStateException with one sentence if it belongs to another user, or others may
   *     have put programs into it
   * @throws IOException if it cannot be made
   */
  public static Path folder(Path folder) throws IOException {
    if (!POSIX) {
      return Files.createDirectories(folder);
    }
    try {
      Files.createDirectories(folder.toAbsolutePath().getParent());
      return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException e) {
      return close(folder);
    }
  }

  /** As 1.0.0 made it, for example. */
  private static Path close(Path folder) throws IOException {
    if (!Files.getPosixFilePermissions(folder).equals(OWNER_ONLY)) {
      try {
        Files.setPosixFilePermissions(folder, OWNER_ONLY);
      } catch (FileSystemException e) {
        throw others(folder);
      }
      if (Files.exists(programs(folder))) {
        throw new IllegalStateException(
            "Others could put programs into %s: delete it, then run the same command again."
                .formatted(folder));
      }
    }
    // Root may do all this in anybody's.
    Path mine = Files.createTempFile(folder, "owner", null);
    try {
      if (!Files.getOwner(mine).equals(Files.getOwner(folder))) {
        throw others(folder);
      }
    } finally {
      Files.delete(mine);
    }
    return folder;
  }

  private static IllegalStateException others(Path folder) {
    return new IllegalStateException(
        "%s belongs to another user: delete it, then run the same command again."
            .formatted(folder));
  }

  /**
   * Makes up a password.
   *
   * @return one that nobody guesses, and that needs no quotes anywhere
   */
  public static String newPassword() {
    byte[] random = new byte[PASSWORD_BYTES];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /**
   * A server on loopback whose user {@link #USER} has a password. A directory of data that was made
   * without one gets it.
   *
   * @param folder what {@link #folder} returned; the programs are unpacked there, once
   * @param password what {@link #newPassword} returned, then or when the data was made
   * @return to be given a directory and settings; not the customizer, and no other folder
   * @throws IOException if the folder cannot be written to
   */
  public static EmbeddedPostgres.Builder builder(Path folder, String password) throws IOException {
    return builder(folder, password, DefaultPostgresBinaryResolver.INSTANCE);
  }

  /**
   * The same with programs of another version.
   *
   * @param folder what {@link #folder} returned
   * @param password what {@link #newPassword} returned
   * @param binaries where the programs come from
   * @return the same
   * @throws IOException if the folder cannot be written to
   */
  public static EmbeddedPostgres.Builder builder(
      Path folder, String password, PgBinaryResolver binaries) throws IOException {
    Path programs = programs(folder);
    ProgramsOf of = new ProgramsOf(programs, binaries);
    // Only its owner may read it. An argument everybody may.
    Path secret = Files.createTempFile(folder.toAbsolutePath(), "password", null);
    Files.writeString(secret, password);
    // Its second use is not to be set otherwise: old directories of data are looked for there.
    System.setProperty(LIBRARY_FOLDER, programs.toString());
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(programs.toFile())
        .setPgBinaryResolver(of)
        .setPort(freePort())
        // After a crash it recovers first. (Ten seconds were too few where all else was busy.)
        .setPGStartupWait(PATIENCE)
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "")
        // They are passed to initdb; this comes after the library's own "trust", and so wins.
        .setLocaleConfig("auth", AUTHENTICATION)
        .setLocaleConfig("pwfile", secret.toString())
        .setConnectConfig("password", password)
        .setConnectConfig("requireAuth", AUTHENTICATION)
        .setDataDirectoryCustomizer(data -> beforeStart(of, secret, data, password));
  }

  /**
   * The library remembers by this where it has unpacked: for each folder another. It asks before it
   * unpacks, and names the folder inside for what it gets.
   */
  private record ProgramsOf(Path folder, PgBinaryResolver binaries) implements PgBinaryResolver {
    private static final Map<ProgramsOf, String> VERSIONS = new ConcurrentHashMap<>();

    @Override
    public InputStream getPgBinary(String system, String architecture) throws IOException {
      byte[] archive;
      try (InputStream stream = binaries.getPgBinary(system, architecture)) {
        archive = stream.readAllBytes();
        VERSIONS.put(
            this,
            "PG-" + HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(archive)));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
      return new ByteArrayInputStream(archive);
    }

    /** The server of this version: another version's may be there too. */
    Path postgres() throws IOException {
      Path version = folder.resolve(VERSIONS.getOrDefault(this, "")).resolve("bin/postgres");
      if (!Files.exists(version)) {
        throw new IOException("There is no PostgreSQL in " + folder);
      }
      return version;
    }
  }

  /**
   * Below those that systems give to clients: between here and the server's start, seconds later,
   * one of them would take it.
   */
  private static int freePort() throws IOException {
    while (true) {
      int port = FIRST_PORT + RANDOM.nextInt(PORTS);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (BindException e) {
        // Somebody's: another.
      }
    }
  }

  /** Where the programs are unpacked. */
  static Path programs(Path folder) {
    return folder.toAbsolutePath().resolve(PROGRAMS);
  }

  /** Whether the server on a directory of data would let in who knows no password. */
  static boolean trusts(Path data) throws IOException {
    Path rules = rules(data);
    return Files.exists(rules) && TRUST.matcher(Files.readString(rules)).find();
  }

  private static void beforeStart(
      ProgramsOf programs, Path secret, File directory, String password) {
    Path data = directory.toPath();
    try {
      Files.delete(secret);
      if (POSIX) {
        // The library has just opened it to everybody.
        Files.setPosixFilePermissions(programs.folder(), OWNER_ONLY);
      }
      refuseOtherVersion(programs, data);
      if (trusts(data)) {
        setPassword(programs, data, password);
        Path rules = Files.createTempFile(data, "pg_hba", null);
        Files.writeString(
            rules, TRUST.matcher(Files.readString(rules(data))).replaceAll("$1" + AUTHENTICATION));
        Files.move(rules, rules(data), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path rules(Path data) {
    return data.resolve("pg_hba.conf");
  }

  /** The library would wait until its patience is over, and not say why. */
  private static void refuseOtherVersion(ProgramsOf programs, Path data) throws IOException {
    String made = Files.readString(data.resolve("PG_VERSION")).strip();
    Process process = new ProcessBuilder(programs.postgres().toString(), "--version").start();
    try (var output = process.inputReader()) {
      String version = String.valueOf(output.readLine());
      if (!version.contains("(PostgreSQL) " + made + ".")) {
        throw new IllegalStateException(OTHER_VERSION + made + ", and this is " + version);
      }
    }
  }

  /** Without a server that somebody could connect to meanwhile. */
  private static void setPassword(ProgramsOf programs, Path data, String password)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (LinuxUtils.isUnshareAvailable()) {
      // PostgreSQL refuses to run as root; the library does the same.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(List.of(programs.postgres().toString(), "--single", "-D", data.toString()));
    command.addAll(List.of("-c", "exit_on_error=on", "-c", "log_min_error_statement=panic"));
    command.add(USER);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var input = process.outputWriter()) {
      input.write("ALTER ROLE " + USER + " PASSWORD '" + password + "'\n");
    } catch (IOException e) {
      // It has ended already, and says why.
    }
    try (var output = process.inputReader()) {
      String said = output.lines().collect(Collectors.joining(" "));
      if (process.waitFor() != 0) {
        throw new IOException("The server could not be given a password: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while the server was given a password", e);
    }
  }
}
