/**
 * What an operator sees: where the database stands, what runs, how it ended, and what to type next,
 * on the screen and in a report.
 *
 * <p>Without these classes Liquibase says it in its own words.
 */
package app.gpra.migrations.report;
