package app.gpra.migrations.report;

import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Map;

/** What is shown as one page that needs nothing else: no script, no style from elsewhere. */
public final class Html {

  /** Beside this class. Whatever it shows is escaped: a name may come from anybody. */
  private static final String TEMPLATE = "app/gpra/migrations/report/report.html";

  private Html() {}

  static String of(RunReport report) throws IOException {
    return of(TEMPLATE, "report", report);
  }

  /**
   * Another page.
   *
   * @param template its name on the class path; whatever it shows is escaped
   * @param name what the template calls the model
   * @param model what it shows
   * @return the page
   * @throws IOException if it cannot be written
   */
  public static String of(String template, String name, Object model) throws IOException {
    StringWriter page = new StringWriter();
    new PebbleEngine.Builder()
        .loader(new ClasspathLoader(Html.class.getClassLoader()))
        .strictVariables(true)
        .build()
        .getTemplate(template)
        .evaluate(page, Map.of(name, model), Locale.ENGLISH);
    return page.toString();
  }
}
