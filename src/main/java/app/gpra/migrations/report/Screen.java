package app.gpra.migrations.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import app.gpra.migrations.GpraProperties;
import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import liquibase.Scope;
import liquibase.logging.Logger;
import liquibase.ui.ConsoleUIService;
import liquibase.ui.UIService;

/**
 * Where lines for the operator go: to the log of the Maven goal that runs, which is kept free of
 * Liquibase's own lines, and elsewhere to the user interface that an application gave to Liquibase.
 * With {@code -X} nothing is kept away.
 */
public final class Screen {

  /** The Maven plugin's. Its classes are not on this class path. */
  private static final String MAVEN_UI = "org.liquibase.maven.plugins.MavenUi";

  /** What it says around every goal. */
  private static final Pattern FRAME =
      Pattern.compile(
          "|-+|Set default schema name to .*|Parsing Liquibase Properties File .*|Executing on Database: .*"
              + "|Creating database changelog table .*|Reading from .*|Command execution complete|Logging exception\\."
              + "|Successfully (acquired|released) change log lock|Using deploymentId: .*|ERROR: Exception .*");

  /** What Maven says again, when the goal has failed. */
  private static final Pattern ERROR_TO_COME =
      Pattern.compile("(?s)ChangeSet .* encountered an exception\\..*");

  /** What comes of a session that has ended, each with a stack trace. */
  private static final Set<String> CONSEQUENCES =
      Set.of("Problem querying database version", "Failed to close open connection to database.");

  /**
   * Controls, line breaks, what turns the direction of writing, what is not seen, and what this
   * Java does not know.
   */
  private static final String NOT_PRINTABLE = "[\\p{C}\\p{Zl}\\p{Zp}]";

  private static final Pattern IN_TEXT = Pattern.compile(NOT_PRINTABLE);

  /** The same in a line that may have the colours of {@link #in}. */
  private static final Pattern IN_COLOURED_LINE =
      Pattern.compile("(?!\033\\[(?:0|1|31|32|33)m)" + NOT_PRINTABLE);

  /** Of Unicode's pictures of the controls, such as U+240A and U+241B, the first. */
  private static final char FIRST_PICTURE = '\u2400';

  private static final String REPLACEMENT = "\uFFFD";

  /** Of a line in a file, and of a terminal that does not say. */
  private static final int WIDE = 120;

  private static final int NARROW = 80;

  /** What Maven writes in front of each line. */
  private static final int PREFIX = "[INFO] ".length();

  private static final String INDENT = "    ";

  private static final Pattern COLOUR = Pattern.compile("\033\\[\\d+m");

  /** Whether this thread says something for the operator. */
  private static final ThreadLocal<Boolean> OURS = ThreadLocal.withInitial(() -> false);

  /** What {@link #status} shows; null if it shows nothing. */
  private static String statusLine;

  private final Consumer<String> lines;
  private final boolean colour;

  /** Of a terminal that somebody looks at as it changes; 0 where nobody does. */
  private final int columns;

  /**
   * A screen for lines, with colours or without.
   *
   * @param columns of a terminal that somebody looks at as it changes; 0 where nobody does
   */
  Screen(Consumer<String> lines, boolean colour, int columns) {
    this.lines = lines;
    this.colour = colour;
    this.columns = columns;
  }

  /** Colours, by their number in ANSI's sequences. */
  enum Colour {
    BOLD(1),
    RED(31),
    GREEN(32),
    YELLOW(33);

    private final int number;

    Colour(int number) {
      this.number = number;
    }
  }

  /** The terminal's, asked once. */
  private static final class Size {
    static final int COLUMNS = columns();

    /** As {@code stty size} says it: its rows, then its columns. */
    private static int columns() {
      try {
        Process stty =
            new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
        String[] size = new String(stty.getInputStream().readAllBytes(), UTF_8).strip().split(" ");
        int columns = stty.waitFor() == 0 && size.length == 2 ? Integer.parseInt(size[1]) : 0;
        return columns > PREFIX + INDENT.length() ? columns : NARROW;
      } catch (IOException | NumberFormatException e) {
        return NARROW;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return NARROW;
      }
    }
  }

  /** Keeps what is not meant for the operator away from the log of a Maven goal. */
  static final class Filter implements InvocationHandler {
    private final Object log;
    private boolean quiet;

    /** For a log of Maven's; null where it only decides. */
    Filter(Object log) {
      this.log = log;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      if (arguments != null && hides(method.getName(), arguments[0])) {
        return null;
      }
      boolean shown = arguments != null && !method.getName().equals("debug");
      String line = shown ? endStatus() : null;
      try {
        return method.invoke(log, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      } finally {
        if (line != null) {
          draw(line);
        }
      }
    }

    boolean hides(String level, Object message) {
      return !OURS.get() && drops(level, message);
    }

    private synchronized boolean drops(String level, Object message) {
      String text = String.valueOf(message);
      return switch (level) {
        case "info" -> quiet || FRAME.matcher(text).matches();
        case "warn" -> quiet && CONSEQUENCES.contains(text);
        case "error" ->
            quiet && (CONSEQUENCES.contains(text) || ERROR_TO_COME.matcher(text).matches());
        default -> false;
      };
    }

    synchronized void beQuiet() {
      quiet = true;
    }

    /** Not with {@code -q}. */
    boolean shows() {
      try {
        return log == null || (boolean) log.getClass().getMethod("isInfoEnabled").invoke(log);
      } catch (ReflectiveOperationException e) {
        return false;
      }
    }
  }

  /** {@return the one of the command that runs in this thread} */
  public static Screen current() {
    UIService ui = Scope.getCurrentScope().getUI();
    Filter filter = filter();
    // Nobody has asked for lines where the interface is the one that Liquibase brings along.
    boolean silent = ui.getClass() == ConsoleUIService.class;
    if (!silent && GpraProperties.isJson()) {
      return new Screen(line -> Json.text("info", line), false, 0);
    }
    return new Screen(
        silent ? line -> {} : ui::sendMessage,
        isCommand(ui)
            && colour(System.getProperty("style.color", "auto"), System.getenv("NO_COLOR")),
        filter != null && filter.shows() && onTerminal() ? Size.COLUMNS : 0);
  }

  /** The same for what went wrong, which is shown with {@code -q} too. */
  Screen ofErrors() {
    Filter filter = isMaven() && !GpraProperties.isJson() ? filter() : null;
    return filter == null || filter.shows()
        ? this
        : new Screen(line -> System.out.println("[ERROR] " + line), colour, 0);
  }

  /** The same, whose lines nobody sees. */
  Screen unseen() {
    return new Screen(line -> {}, colour, columns);
  }

  /**
   * {@return whether it is a terminal that somebody looks at as it changes: not with {@code -q}}
   */
  public boolean isWatched() {
    return columns > 0;
  }

  /** {@return whether somebody typed a command, and may end it by Ctrl-C} */
  static boolean isCommand() {
    return isCommand(Scope.getCurrentScope().getUI());
  }

  private static boolean isCommand(UIService ui) {
    return isMaven(ui) || ui instanceof Terminal;
  }

  /** {@return whether it is the log of a Maven goal} */
  static boolean isMaven() {
    return isMaven(Scope.getCurrentScope().getUI());
  }

  /**
   * Begins to keep Liquibase's frame away; where that is not possible, it stays.
   *
   * @param url what the goal connects to
   */
  public static void attend(String url) {
    Invocation.connectsTo(url);
    attend();
  }

  /** The same where nobody knows the url. */
  public static void attend() {
    filter();
  }

  /** Keeps away all that Liquibase itself says in this goal: somebody says it better. */
  public static void beQuiet() {
    Filter filter = filter();
    if (filter != null) {
      filter.beQuiet();
    }
  }

  /** Returns null outside Maven, with {@code -X}, and with a plugin that is built differently. */
  private static Filter filter() {
    UIService ui = Scope.getCurrentScope().getUI();
    if (ui instanceof Terminal terminal) {
      return terminal.filter();
    }
    if (!isMaven(ui)) {
      return null;
    }
    try {
      Object mavenLog = field(ui.getClass(), "log").get(ui);
      Field field = field(mavenLog.getClass(), "actualLog");
      Object log = field.get(mavenLog);
      if (Proxy.isProxyClass(log.getClass())
          && Proxy.getInvocationHandler(log) instanceof Filter filter) {
        return filter;
      }
      if ((boolean) field.getType().getMethod("isDebugEnabled").invoke(log)) {
        return null;
      }
      Filter filter = new Filter(log);
      field.set(
          mavenLog,
          Proxy.newProxyInstance(
              field.getType().getClassLoader(), new Class<?>[] {field.getType()}, filter));
      return filter;
    } catch (ReflectiveOperationException | RuntimeException e) {
      Scope.getCurrentScope().getLog(Screen.class).fine("Liquibase's own lines stay", e);
      return null;
    }
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private static boolean isMaven(UIService ui) {
    return ui.getClass().getName().equals(MAVEN_UI);
  }

  /**
   * Whether lines are coloured.
   *
   * @param style Maven's {@code style.color}: always, never or auto
   * @param noColor the environment's NO_COLOR; null where it is not set
   * @see <a href="https://no-color.org">no-color.org</a>
   */
  static boolean colour(String style, String noColor) {
    return switch (style) {
      case "always", "yes", "force" -> true;
      case "never", "no", "none" -> false;
      default -> (noColor == null || noColor.isEmpty()) && onTerminal();
    };
  }

  /** {@return whether somebody looks at it as it changes: not with {@code -B}} */
  public static boolean onTerminal() {
    Console console = System.console();
    if (console == null || "dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      // Since Java 22 there is a console without a terminal too.
      if (!(boolean) Console.class.getMethod("isTerminal").invoke(console)) {
        return false;
      }
    } catch (ReflectiveOperationException e) {
      // Before, there was none.
    }
    try {
      return (boolean)
          Class.forName("org.fusesource.jansi.Ansi").getMethod("isEnabled").invoke(null);
    } catch (ReflectiveOperationException e) {
      // Not Maven 3.
      return true;
    }
  }

  /**
   * Takes out what a terminal, a log or a report would obey. Whatever comes from a database and is
   * shown to somebody passes here: who may write into a database, be it only their own name, is not
   * to write the operator's lines.
   *
   * @param text somebody else's; null stays null
   * @return one line: a control is its picture ({@code ␊}, {@code ␛}), the rest of Unicode's
   *     category C, and its separators of lines and paragraphs, are {@code �}
   */
  public static String printable(String text) {
    return text == null ? null : replaced(IN_TEXT, text);
  }

  private static String replaced(Pattern what, String text) {
    return what.matcher(text).replaceAll(found -> picture(found.group().codePointAt(0)));
  }

  private static String picture(int character) {
    return character < ' ' ? String.valueOf((char) (FIRST_PICTURE + character)) : REPLACEMENT;
  }

  /**
   * Shows a line; on a terminal as several where it is longer than that.
   *
   * @param line a line break in it becomes {@code ␊}
   */
  public void say(String line) {
    String shown = replaced(colour ? IN_COLOURED_LINE : IN_TEXT, Invocation.worded(line));
    pass(() -> broken(shown).forEach(lines));
  }

  /** At spaces, but not inside of a command, which somebody may copy. */
  private List<String> broken(String line) {
    if (columns == 0) {
      return List.of(line);
    }
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    int command = Invocation.command(line);
    List<String> words =
        new ArrayList<>(List.of(line.substring(0, command).split("(?<=\\S)(?= )")));
    if (command < line.length()) {
      words.add(line.substring(command));
    }
    for (String word : words) {
      if (length(part) + length(word) > columns - PREFIX && length(part) > INDENT.length()) {
        parts.add(part.toString());
        part = new StringBuilder(INDENT).append(word.strip());
      } else {
        part.append(word);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  private static int length(CharSequence text) {
    return COLOUR.matcher(text).replaceAll("").length();
  }

  /**
   * Cuts what does not fit into one line.
   *
   * @param text without colours
   * @param taken how many columns of it others take
   */
  String fitting(String text, int taken) {
    int room = Math.max(1, (columns == 0 ? WIDE : columns) - PREFIX - taken);
    return text.length() > room ? text.substring(0, room - 1).strip() + "…" : text;
  }

  /**
   * Shows a line through Liquibase's log, which an application may collect; on a terminal as
   * several.
   *
   * @param log of the class that says it
   * @param line a line break in it becomes {@code ␊}
   */
  public void log(Logger log, String line) {
    String shown = printable(line);
    pass(() -> broken(shown).forEach(log::info));
  }

  private static void pass(Runnable saying) {
    String line = endStatus();
    boolean before = OURS.get();
    OURS.set(true);
    try {
      saying.run();
    } finally {
      OURS.set(before);
      if (line != null) {
        draw(line);
      }
    }
  }

  /** {@return whether this thread says something for the operator} */
  static boolean saysSomething() {
    return OURS.get();
  }

  /** The text in a colour, where there are any. */
  String in(Colour one, String text) {
    return colour ? "\033[" + one.number + "m" + text + "\033[0m" : text;
  }

  /**
   * Shows how far it is, on a terminal, until the next line.
   *
   * @param done how much of it is done
   * @param total how much that will be
   * @param what is being done
   */
  public void status(long done, long total, String what) {
    if (!isWatched()) {
      return;
    }
    String line = bar(done, total) + " " + printable(what);
    endStatus();
    draw(line.substring(0, Math.min(columns - 1, line.length())));
  }

  private static synchronized void draw(String line) {
    statusLine = line;
    System.out.print(line);
    System.out.flush();
  }

  private static String bar(long done, long total) {
    int cells = 20;
    int full = total <= 0 ? cells : (int) Math.min(cells, done * cells / total);
    return "[%s%s]".formatted("#".repeat(full), " ".repeat(cells - full));
  }

  /**
   * Takes away what {@link #status} has shown.
   *
   * @return what that was; null if it was nothing
   */
  public static synchronized String endStatus() {
    String line = statusLine;
    if (line != null) {
      statusLine = null;
      // Not by a control sequence: Maven may take these out.
      System.out.print("\r" + " ".repeat(line.length()) + "\r");
      System.out.flush();
    }
    return line;
  }
}
