/**
 * What happens while Liquibase works: one run at a time, checks before anything is done, patience
 * with locks, progress, and errors in one sentence.
 *
 * <p>run is plainer, not different.
 */
package app.gpra.migrations.execution;
