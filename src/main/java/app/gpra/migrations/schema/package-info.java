/**
 * The schema as it should be, as the changelog makes it, and as a database has it: compares them,
 * and writes the migration that leads from one to the other.
 */
package app.gpra.migrations.schema;
