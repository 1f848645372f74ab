/**
 * What happens while Liquibase works: one run at a time, checks before anything is done, patience
 * with locks, progress, and errors in one sentence.
 *
 * <p>The changelog does not need these classes. Without them, on a clone that was never compiled, a
 * run is plainer, not different.
 */
package app.gpra.migrations.execution;
