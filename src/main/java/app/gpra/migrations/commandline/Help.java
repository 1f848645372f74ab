package app.gpra.migrations.commandline;

import java.io.PrintStream;
import java.util.Objects;
import liquibase.Scope;
import liquibase.command.CommandArgumentDefinition;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandFactory;
import liquibase.util.StringUtil;

/** What there is to type: Liquibase's commands and their options, as it describes them. */
final class Help {

  private Help() {}

  static void commands(PrintStream out) {
    out.println("A command, then its options; -Dname=value as with Maven is understood too:");
    for (CommandDefinition command :
        Scope.getCurrentScope().getSingleton(CommandFactory.class).getCommands(false)) {
      // (What has no description is a step of others.)
      if (!command.getHidden()
          && command.getName().length == 1
          && command.getShortDescription() != null) {
        line(out, command.getName()[0], command.getShortDescription());
      }
    }
    out.println("<command> --help lists its options.");
  }

  static void options(CommandDefinition command, PrintStream out) {
    out.println(Objects.toString(command.getShortDescription(), ""));
    for (CommandArgumentDefinition<?> argument : command.getArguments().values()) {
      if (!argument.getHidden()) {
        line(
            out,
            "--" + argument.getName(),
            (argument.isRequired() ? "(required) " : "")
                + Objects.toString(argument.getDescription(), ""));
      }
    }
    line(out, "--outputFile", "A file for what it would print: SQL, a list");
    line(out, "--logLevel", "Also show Liquibase's own log: INFO, FINE");
  }

  private static void line(PrintStream out, String name, String description) {
    out.printf(
        "  %-32s %s%n",
        StringUtil.toKabobCase(name),
        Objects.toString(description, "").replaceAll("\\s+", " ").strip());
  }
}
