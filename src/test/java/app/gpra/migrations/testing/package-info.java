/** What the tests stand on: servers, databases, runs of Liquibase and Maven, and assertions. */
package app.gpra.migrations.testing;
