package app.gpra.migrations.tenants;

/** A mistake that a policy, a table or a grant can have. */
enum Sabotage {
  USING_TRUE("ALTER POLICY tenant_isolation ON items USING (true)"),
  CHECK_TRUE("ALTER POLICY tenant_isolation ON items WITH CHECK (true)"),
  CHECK_TRUE_ON_A_CHILD("ALTER POLICY tenant_isolation ON active_routine WITH CHECK (true)"),
  NO_FORCE("ALTER TABLE routines NO FORCE ROW LEVEL SECURITY"),
  DISABLED_ON_ONE_TABLE("ALTER TABLE chord_charts DISABLE ROW LEVEL SECURITY"),
  OPEN_SELECT_POLICY("CREATE POLICY open ON subscriptions FOR SELECT USING (true)"),
  OPEN_INSERT_POLICY("CREATE POLICY open ON items FOR INSERT WITH CHECK (true)"),
  OPEN_UPDATE_POLICY("CREATE POLICY open ON items FOR UPDATE USING (true)"),
  OPEN_DELETE_POLICY("CREATE POLICY open ON chord_charts FOR DELETE USING (true)"),
  FOR_ONE_ROLE_ONLY("ALTER POLICY tenant_isolation ON items TO the_application"),
  CHILD_WITHOUT_ITEM_TEST(
      "ALTER POLICY tenant_isolation ON routine_items WITH CHECK (EXISTS (SELECT FROM routines r WHERE r.id = routine_id AND r.user_id = asking))"),
  CHILD_BY_ITEM_ONLY(
      "ALTER POLICY tenant_isolation ON routine_items USING (EXISTS (SELECT FROM items i WHERE i.id = routine_items.item_id AND i.user_id = asking))"
          + " WITH CHECK (EXISTS (SELECT FROM items i WHERE i.id = routine_items.item_id AND i.user_id = asking))"),
  CHILD_THAT_RELIES_ON_ITS_PARENT(
      "ALTER POLICY tenant_isolation ON routine_items USING (EXISTS (SELECT FROM routines r WHERE r.id = routine_id))"
          + " WITH CHECK (EXISTS (SELECT FROM routines r WHERE r.id = routine_id) AND EXISTS (SELECT FROM items i WHERE i.id = routine_items.item_id))"),
  CHILD_THAT_IS_NOBODYS(
      "ALTER POLICY tenant_isolation ON active_routine WITH CHECK (routine_id IS NULL OR EXISTS (SELECT FROM routines r WHERE r.id = routine_id AND r.user_id = asking))"),
  BARE_CAST(
      "ALTER POLICY tenant_isolation ON items USING (user_id = current_setting('app.current_user_id', true)::int)"),
  CAST_TO_INT(
      "ALTER POLICY tenant_isolation ON items USING (user_id ="
          + " (SELECT CASE WHEN s ~ '^[0-9]{1,10}$' THEN s::int END FROM (SELECT current_setting('app.current_user_id', true) AS s) AS setting))"),
  FIRST_DIGITS_COUNT(
      "ALTER POLICY tenant_isolation ON items USING (user_id = (SELECT substring(current_setting('app.current_user_id', true) FROM '[0-9]+')::bigint))"),
  NOBODY_IS_EVERYBODY(
      "ALTER POLICY tenant_isolation ON routines USING (user_id = coalesce(asking, user_id))"),
  LEAKPROOF_FUNCTION("ALTER FUNCTION leaky(text) LEAKPROOF"),
  SUPERUSERS_VIEW("ALTER VIEW owners_items OWNER TO CURRENT_USER"),
  SUPERUSERS_FUNCTION("ALTER FUNCTION owners_definer() OWNER TO CURRENT_USER"),
  GRANT_OF_THE_KEY("GRANT INSERT ON items TO the_application"),
  GRANT_OF_THE_OWNER_COLUMN("GRANT UPDATE ON routines TO the_application"),
  GRANT_TO_WRITE_SUBSCRIPTIONS("GRANT UPDATE ON subscriptions TO the_application"),
  GRANT_TO_DELETE_USERS("GRANT DELETE ON ab_user TO the_application"),
  GRANT_TO_TRUNCATE("GRANT TRUNCATE ON routine_items TO PUBLIC"),
  GRANT_OF_TEMPORARY_TABLES("GRANT TEMPORARY ON DATABASE the_database TO PUBLIC"),
  GRANT_OF_A_SEQUENCE("GRANT UPDATE ON SEQUENCE items_id_seq TO the_application");

  /** As the policies have it. */
  private static final String ASKING =
      "(SELECT CASE WHEN s ~ '^[0-9]{1,10}$' THEN s::bigint END FROM (SELECT current_setting('app.current_user_id', true) AS s) AS setting)";

  private final String sql;

  Sabotage(String sql) {
    this.sql = sql;
  }

  String sql(TwoTenants tenants) {
    return sql.replace("asking", ASKING)
        .replace("the_application", tenants.application().name())
        .replace("the_database", tenants.database().toString());
  }
}
