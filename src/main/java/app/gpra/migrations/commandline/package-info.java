/**
 * The runnable jar: Liquibase's commands from a command line, with the words and the lines of a
 * Maven goal.
 */
package app.gpra.migrations.commandline;
