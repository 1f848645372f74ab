package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Properties;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

class DatabaseUrlTest {

  @Nested
  class Address {

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        textBlock =
            """
            postgresql://u:s3cret@db.example.com/app          | jdbc:postgresql://db.example.com:5432/app
            postgres://u:s3cret@h:6543/app                    | jdbc:postgresql://h:6543/app
            postgresql+psycopg2://u:s3cret@h/app              | jdbc:postgresql://h:5432/app
            postgresql+asyncpg://u:s3cret@h/app               | jdbc:postgresql://h:5432/app
            postgresql://u@[::1]:6543/app                     | jdbc:postgresql://[::1]:6543/app
            postgresql://u@[::1]/app                          | jdbc:postgresql://[::1]:5432/app
            postgresql://u@h1:5432,h2:5433/app                | jdbc:postgresql://h1:5432,h2:5433/app
            postgresql://u@h1,h2/app                          | jdbc:postgresql://h1:5432,h2:5432/app
            postgresql://u@/app                               | jdbc:postgresql://localhost:5432/app
            postgresql:///app                                 | jdbc:postgresql://localhost:5432/app
            postgresql://u@/app?host=h&port=6543              | jdbc:postgresql://h:6543/app
            postgresql://u@/app?port=6543&host=h | jdbc:postgresql://h:6543/app
            postgresql://u@h:5432/app?port=6543 | jdbc:postgresql://h:6543/app
            postgresql://u@/app?host=h1:1&host=h2:2 | jdbc:postgresql://h1:1,h2:2/app
            postgresql://u@/app?host=h1,h2&port=1,2 | jdbc:postgresql://h1:1,h2:2/app
            postgresql://u@h?dbname=app                       | jdbc:postgresql://h:5432/app
            postgresql://u@h                                  | jdbc:postgresql://h:5432/u
            postgresql://u@h/                                 | jdbc:postgresql://h:5432/u
            jdbc:postgresql://h:5432/app?user=u&password=pw   | jdbc:postgresql://h:5432/app
            jdbc:postgresql:app?user=u                        | jdbc:postgresql://localhost:5432/app
            jdbc:postgresql:/?user=u                          | jdbc:postgresql://localhost:5432/u
            """)
    void isReadFromWhatTheApplicationAndLibpqWrite(String url, String expected) {
      assertThat(DatabaseUrl.parse(url).jdbcUrl()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"my%20app", "a%2Fb", "a%3Fb", "a%2Bb", "a%25b", "%C3%A9t%C3%A9", "a+b"})
    void hasTheDatabaseThatPgjdbcReadsTheSame(String encoded) {
      DatabaseUrl url = DatabaseUrl.parse("postgresql://u@h/" + encoded);

      Properties read = Driver.parseURL(url.jdbcUrl(), new Properties());

      assertThat(read).containsEntry("PGDBNAME", url.database()).doesNotContainKey("password");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "postgresql://u@%2Fvar%2Frun%2Fpostgresql/app",
          "postgresql://u@/app?host=/var/run"
        })
    void isNoUnixSocket(String url) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DatabaseUrl.parse(url))
          .withMessageContainingAll("socket", "TCP");
    }
  }

  @Nested
  class Credentials {

    @Test
    void areDecodedAndStayOutOfTheUrl() {
      DatabaseUrl url = DatabaseUrl.parse("postgresql://o%27brien:p%40ss%2Fw%23%3F%25+:x@h/app");

      assertThat(url.properties())
          .containsEntry("user", "o'brien")
          .containsEntry("password", "p@ss/w#?%+:x");
      assertThat(url.jdbcUrl()).isEqualTo("jdbc:postgresql://h:5432/app");
      assertThat(url.toString()).doesNotContain("brien", "ss");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql://u@h/app", "postgresql://u:@h/app"})
    void mayLackThePassword(String url) {
      assertThat(DatabaseUrl.parse(url).properties()).doesNotContainKey("password");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "postgresql://u@h/app?password=s3cret&sslpassword=k3y",
          "jdbc:postgresql://h/app?user=u&password=s3cret&sslpassword=k3y"
        })
    void leaveTheQueryForTheProperties(String text) {
      DatabaseUrl url = DatabaseUrl.parse(text);

      assertThat(url.properties())
          .containsEntry("user", "u")
          .containsEntry("password", "s3cret")
          .containsEntry("sslpassword", "k3y");
      assertThat(url.jdbcUrl() + url).doesNotContain("s3cret", "k3y", "?");
    }
  }

  @Nested
  class Parameters {

    @ParameterizedTest
    @CsvSource({
      "sslmode=verify-full, sslmode, verify-full",
      "sslrootcert=/etc/ca.pem, sslrootcert, /etc/ca.pem",
      "connect_timeout=5, connectTimeout, 5",
      "application_name=x%20y, ApplicationName, x y",
      "options=-c%20search_path%3Dapp, options, -c search_path=app",
      "target_session_attrs=any, targetServerType, any",
      "target_session_attrs=read-write, targetServerType, primary",
      "target_session_attrs=primary, targetServerType, primary",
      "target_session_attrs=read-only, targetServerType, secondary",
      "target_session_attrs=standby, targetServerType, secondary",
      "target_session_attrs=prefer-standby, targetServerType, preferSecondary",
      "keepalives=1, tcpKeepAlive, true",
      "channel_binding=require, channelBinding, require",
      "gssencmode=disable, gssEncMode, disable",
      "krbsrvname=pg, kerberosServerName, pg",
      "load_balance_hosts=random, loadBalanceHosts, true",
      "load_balance_hosts=disable, loadBalanceHosts, false",
      "sslnegotiation=direct, sslNegotiation, direct",
      "currentSchema=app, currentSchema, app",
      "sslrootcert=system, sslmode, verify-full",
      "sslrootcert=system, sslfactory, org.postgresql.ssl.DefaultJavaSSLFactory"
    })
    void getPgjdbcsNames(String query, String name, String value) {
      assertThat(DatabaseUrl.parse("postgresql://u@h/app?" + query).properties())
          .containsEntry(name, value);
    }

    @Test
    void areNamedIfUnknown() {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DatabaseUrl.parse("postgresql://u:s3cret@h/app?sslmod=require"))
          .withMessageContaining("sslmod,")
          .withMessageContaining("mvn liquibase:status");
    }

    @ParameterizedTest
    @ValueSource(strings = {"service=prod", "passfile=/x", "hostaddr=1.2.3.4", "require_auth=none"})
    void areRefusedWherePgjdbcWouldIgnoreThem(String query) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DatabaseUrl.parse("postgresql://u:s3cret@h/app?" + query))
          .withMessageContainingAll(query.substring(0, query.indexOf('=')), "leave it out");
    }

    @Test
    void areIgnoredWhereTheyDoNotMatter() {
      assertThat(
              DatabaseUrl.parse("postgresql://u@h/app?keepalives_idle=30&client_encoding=utf8")
                  .properties())
          .containsOnlyKeys("user");
    }

    @ParameterizedTest
    @ValueSource(strings = {"target_session_attrs=reading", "connect_timeout=soon"})
    void areRefusedWithAValueThatIsNotTheirs(String query) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DatabaseUrl.parse("postgresql://u:s3cret@h/app?" + query))
          .withMessageContaining(query.substring(0, query.indexOf('=')));
    }
  }

  @Nested
  class Malformed {

    @Test
    void namesTheSchemeOfAnotherSystem() {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DatabaseUrl.parse("mysql://u:s3cret@h/app"))
          .withMessageContainingAll("mysql", "postgresql://");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "u:s3cret@h/app",
          "s3cret",
          "mysql://u:s3cret@h/app",
          "postgresql:u:s3cret@h/app",
          "postgresql://u:s3cret/x@h/app",
          "postgresql://u:x?s3cret@h/app",
          "postgresql://u:1?s3cret=1@h/app",
          "postgresql://u:1/s3cret@h/app",
          "postgresql://u:s3cret",
          "postgresql://u:s3cret%@h/app",
          "postgresql://u:s3cret%zz@h/app",
          "postgresql://u:s3cret%ff@h/app",
          "postgresql://u:s3cret%00@h/app",
          "postgresql://u:s3cret@h:port/app",
          "postgresql://u:s3cret@h:0/app",
          "postgresql://u:s3cret@h:65536/app",
          "postgresql://u:s3cret@h:-1/app",
          "postgresql://u:s3cret@::1/app",
          "postgresql://u:s3cret@h h/app",
          "postgresql://u:s3cret@h/app?bogus=1",
          "postgresql://u:s3cret@h/app?sslmode",
          "postgresql://u@h/app?password=s3cret&bogus=1",
          "postgresql://u:p@s3cret/s3cret@h/app",
          "postgresql://u:p@s3cret?s3cret=1@h/app",
          "jdbc:postgresql://h/app?user=u&password=1&s3cret",
          "jdbc:postgresql://h/app?user=u&password=1&s3cret=2",
          "postgresql://u@h/app?password=s3cret%"
        })
    void neverQuotesAPassword(String url) {
      Throwable thrown = catchThrowable(() -> DatabaseUrl.parse(url));

      assertThat(thrown).isInstanceOf(IllegalArgumentException.class).hasNoCause();
      assertThat(thrown.getMessage()).doesNotContain("s3cret");
      assertThat(thrown).hasMessageStartingWith("DATABASE_URL");
    }
  }
}
