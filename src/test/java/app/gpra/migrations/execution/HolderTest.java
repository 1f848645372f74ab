package app.gpra.migrations.execution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HolderTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'secret'",
        "SELECT 'it''s secret'",
        "SELECT 'it\\'s secret' || 'secret'",
        "SELECT 'a\\'",
        "SELECT 'C:\\' WHERE title = 'secret'",
        "SELECT 'C:\\\\' WHERE title = 'secret'",
        "SELECT '\\\\\\'secret'",
        "SELECT $$it's secret$$, 'secret'",
        "SELECT $a$secret $$ secret$a$",
        "SELECT 'cut off in the middle of a secret",
        "SELECT $a$cut off in the middle of a secret",
        "SELECT '",
        "SELECT 'several\nlines\nsecret', 1",
      })
  void showsNoLiteral(String query) {
    assertThat(Holder.firstLine(query)).startsWith("SELECT '…'").doesNotContain("secret");
  }

  @Test
  void showsTheFirstLineThatSaysSomething() {
    assertThat(Holder.firstLine("\n  UPDATE items\n SET title = 1")).isEqualTo("UPDATE items");
    assertThat(Holder.firstLine("SELECT " + "x".repeat(200))).hasSize(101).endsWith("x…");
    assertThat(Holder.firstLine("SELECT \u001b[31m1")).isEqualTo("SELECT ␛[31m1");
    assertThat(Holder.firstLine("SELECT\t1")).isEqualTo("SELECT 1");
    assertThat(Holder.firstLine(null)).isEmpty();
  }

  @Test
  void saysWhatIsNoSessionOfAUser() {
    assertThat(new Holder(0, null, null, null, null, null, null, null, false))
        .returns("a prepared transaction (SELECT * FROM pg_prepared_xacts)", Holder::sentence)
        .returns("end it with COMMIT PREPARED or ROLLBACK PREPARED", Holder::remedy);
    assertThat(
            new Holder(
                7,
                "t",
                null,
                "",
                "active",
                "2026-01-01 00:00:00+00",
                "autovacuum: VACUUM public.items",
                "autovacuum worker",
                false))
        .returns(
            "pid 7, an autovacuum worker since 2026-01-01 00:00:00+00, query: autovacuum: VACUUM public.items",
            Holder::sentence)
        .returns("let pid 7 finish, or SELECT pg_cancel_backend(7)", Holder::remedy);
  }
}
