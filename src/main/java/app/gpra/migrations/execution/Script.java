package app.gpra.migrations.execution;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.executor.ExecutorService;
import liquibase.executor.LoggingExecutor;
import liquibase.util.StreamUtil;

/**
 * Writes a script in which each changeset is a paragraph. Liquibase's own has an empty line after
 * each statement.
 */
final class Script extends LoggingExecutor {

  private static final String JDBC = "jdbc";

  /**
   * Takes the place of the one that writes a command's script.
   *
   * @param command provides the writer
   * @param database for which it is
   */
  Script(CommandScope command, Database database) {
    super(
        executors().getExecutor(JDBC, database),
        new Paragraphs((Writer) command.getDependency(Writer.class)),
        database);
    executors().setExecutor(JDBC, database, this);
    executors().setExecutor(getName(), database, this);
  }

  private static ExecutorService executors() {
    return Scope.getCurrentScope().getSingleton(ExecutorService.class);
  }

  /** {@inheritDoc} After a statement, it begins a paragraph. A line of asterisks is left out. */
  @Override
  public void comment(String message) throws DatabaseException {
    if (message.matches("\\*+")) {
      return;
    }
    try {
      ((Paragraphs) getOutput()).begin();
    } catch (IOException e) {
      throw new DatabaseException(e);
    }
    super.comment(message);
  }

  private static final class Paragraphs extends FilterWriter {

    private boolean lineEnded;
    private boolean ended;

    Paragraphs(Writer output) {
      super(output);
    }

    void begin() throws IOException {
      if (ended) {
        out.write(StreamUtil.getLineSeparator());
        ended = false;
      }
    }

    /** {@inheritDoc} Without the second end of a line. */
    @Override
    public void write(String text, int offset, int length) throws IOException {
      boolean endsLine = text.equals(StreamUtil.getLineSeparator());
      if (endsLine && lineEnded) {
        ended = true;
      } else {
        super.write(text, offset, length);
      }
      lineEnded = endsLine;
    }
  }
}
