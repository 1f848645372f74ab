/** Where a run connects: DATABASE_URL, the embedded PostgreSQL, and the settings of a session. */
package app.gpra.migrations.connection;
