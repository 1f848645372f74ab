package app.gpra.migrations.report;

import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Map;

/** A report as one page that needs nothing else: no script, no style from elsewhere. */
final class Html {

  /** Beside this class. Whatever it shows is escaped: a name may come from anybody. */
  private static final String TEMPLATE = "app/gpra/migrations/report/report.html";

  private Html() {}

  static String of(RunReport report) throws IOException {
    StringWriter page = new StringWriter();
    new PebbleEngine.Builder()
        .loader(new ClasspathLoader(Html.class.getClassLoader()))
        .strictVariables(true)
        .build()
        .getTemplate(TEMPLATE)
        .evaluate(page, Map.of("report", report), Locale.ENGLISH);
    return page.toString();
  }
}
