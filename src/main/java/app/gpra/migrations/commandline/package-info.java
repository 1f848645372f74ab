/**
 * The runnable jar: Liquibase's own command line, with the words and the lines of a Maven goal.
 *
 * <p>Nothing else needs these classes, and only they need picocli.
 */
package app.gpra.migrations.commandline;
