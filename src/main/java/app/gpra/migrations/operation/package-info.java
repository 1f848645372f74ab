/**
 * What an ordinary change becomes so that nobody notices it: SQL generators for PostgreSQL, and the
 * procedures that their SQL calls. Knows nothing of any application.
 */
package app.gpra.migrations.operation;
