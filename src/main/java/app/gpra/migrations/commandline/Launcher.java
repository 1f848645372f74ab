package app.gpra.migrations.commandline;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code java -jar gpra-migrations-….jar update}: starts the same once more, with flags for a JVM
 * that lives for seconds. They halve the CPU time of a run with nothing to do, and a jar cannot
 * name them. Who gives a JVM flags of their own gets no second one.
 *
 * <p>No lambdas: for one the JVM needs longer than for all that happens here.
 */
public final class Launcher {

  /** As in {@code .mvn/jvm.config}. The first is for a JVM that does not know the others. */
  private static final List<String> FLAGS =
      List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  /** By which the JVM takes flags that are not on its command line. */
  private static final List<String> ELSEWHERE =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** Tells the second JVM the process id of the first. */
  private static final String FIRST = "app.gpra.migrations.launcher";

  private Launcher() {}

  /**
   * Runs one command and ends the JVM: with 0 if all went well, and otherwise with 1.
   *
   * @param arguments Liquibase's command with its options, or a Maven goal's {@code -D…}
   * @throws InterruptedException never: nobody interrupts this thread
   */
  public static void main(String[] arguments) throws InterruptedException {
    Long first = Long.getLong(FIRST);
    if (first != null) {
      endWith(first);
    } else if (mayAdd()) {
      runOnceMore(arguments);
    }
    Main.main(arguments);
  }

  /** Whether nothing but properties came before {@code -jar}, as far as the system tells. */
  private static boolean mayAdd() {
    for (String name : ELSEWHERE) {
      if (System.getenv(name) != null) {
        return false;
      }
    }
    for (String argument : given()) {
      if (argument.equals("-jar")) {
        return true;
      }
      if (!argument.startsWith("-D")) {
        return false;
      }
    }
    return false;
  }

  private static String[] given() {
    return ProcessHandle.current().info().arguments().orElse(new String[0]);
  }

  /** Returns only where no second process can be started: then this one does the work. */
  private static void runOnceMore(String[] arguments) throws InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(FLAGS);
    command.add("-D" + FIRST + "=" + ProcessHandle.current().pid());
    for (String argument : given()) {
      if (argument.equals("-jar")) {
        break;
      }
      command.add(argument);
    }
    command.add("-jar");
    command.add(System.getProperty("java.class.path"));
    command.addAll(Arrays.asList(arguments));
    Process second;
    try {
      second = new ProcessBuilder(command).inheritIO().start();
    } catch (IOException e) {
      return;
    }
    Runtime.getRuntime().addShutdownHook(new End(second));
    System.exit(second.waitFor());
  }

  /** Where somebody ends the first JVM, the second ends before it, and says what it has done. */
  private static final class End extends Thread {

    private final Process second;

    End(Process second) {
      this.second = second;
    }

    @Override
    public void run() {
      second.destroy();
      try {
        second.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Where the first JVM is killed, nothing tells the second: it looks. */
  private static void endWith(long first) {
    ProcessHandle.of(first)
        .ifPresentOrElse(
            process -> process.onExit().thenRun(() -> Runtime.getRuntime().halt(1)),
            () -> Runtime.getRuntime().halt(1));
  }
}
