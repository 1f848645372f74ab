/**
 * What happens while Liquibase works: one run at a time, checks before anything is done, patience
 * with locks, progress, and errors in one sentence.
 */
package app.gpra.migrations.execution;
