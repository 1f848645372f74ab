package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;

/**
 * What an operator reads, for a program: with {@code gpra.output=json} one object a line, on
 * standard output. docs/json.schema.json says what is in them.
 */
public final class Json {

  /** Read when first asked for: most runs need none. */
  private static final class Writer {
    static final Gson OF_LINES = new GsonBuilder().disableHtmlEscaping().create();
    static final Gson OF_DOCUMENTS =
        new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();
  }

  private record Text(String level, String text) {}

  private Json() {}

  /**
   * A line for the operator.
   *
   * @param level {@code info}, {@code warn} or {@code error}
   * @param text has no colours
   */
  static void text(String level, String text) {
    line("text", new Text(level, text));
  }

  /**
   * Something that has happened, where that is asked for.
   *
   * @param event what
   * @param value a record; its members are those of the line
   */
  static void line(String event, Object value) {
    if (!GpraProperties.isJson()) {
      return;
    }
    JsonObject line = new JsonObject();
    line.addProperty("event", event);
    Writer.OF_LINES
        .toJsonTree(value)
        .getAsJsonObject()
        .entrySet()
        .forEach(member -> line.add(member.getKey(), member.getValue()));
    synchronized (Json.class) {
      System.out.println(Writer.OF_LINES.toJson(line));
    }
  }

  /**
   * The same as a document.
   *
   * @param value a record, or a list of them
   * @return several lines
   */
  public static String document(Object value) {
    return Writer.OF_DOCUMENTS.toJson(value) + "\n";
  }
}
