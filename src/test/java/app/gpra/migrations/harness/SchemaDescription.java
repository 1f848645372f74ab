package app.gpra.migrations.harness;

import java.util.List;

/** A schema as text, read from PostgreSQL's catalogs with its own {@code pg_get_*def} functions. */
final class SchemaDescription {

  private static final String OURS =
      "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'";

  private static final String RELATION = OURS + " AND c.relname NOT LIKE 'databasechangelog%'";

  /** One query per kind of object; each row is one fact. The order of columns does not count. */
  private static final List<String> QUERIES =
      List.of(
          """
          SELECT format('schema %s owner %s acl %s', n.nspname, n.nspowner::regrole, n.nspacl)
            FROM pg_namespace n WHERE"""
              + " "
              + OURS,
          """
          SELECT format('relation %s kind %s persistence %s owner %s acl %s options %s rls %s force %s comment %s',
                   c.oid::regclass, c.relkind, c.relpersistence, c.relowner::regrole, c.relacl, c.reloptions,
                   c.relrowsecurity, c.relforcerowsecurity, obj_description(c.oid, 'pg_class'))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind NOT IN ('i', 'I') AND"""
              + " "
              + RELATION,
          """
          SELECT format('column %s.%s %s%s default %s identity "%s" generated "%s" collation %s acl %s options %s statistics %s comment %s',
                   c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
                   CASE WHEN a.attnotnull THEN ' not null' END, pg_get_expr(d.adbin, d.adrelid), a.attidentity,
                   a.attgenerated, a.attcollation::regcollation, a.attacl, a.attoptions, a.attstattarget,
                   col_description(c.oid, a.attnum))
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND"""
              + " "
              + RELATION,
          """
          SELECT format('constraint %s on %s: %s valid %s comment %s', k.conname, c.oid::regclass,
                   pg_get_constraintdef(k.oid), k.convalidated, obj_description(k.oid, 'pg_constraint'))
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE"""
              + " "
              + RELATION,
          """
          SELECT format('index %s valid %s ready %s comment %s', pg_get_indexdef(i.indexrelid), i.indisvalid,
                   i.indisready, obj_description(i.indexrelid, 'pg_class'))
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE"""
              + " "
              + RELATION,
          """
          SELECT format('trigger %s enabled %s comment %s', pg_get_triggerdef(t.oid), t.tgenabled,
                   obj_description(t.oid, 'pg_trigger'))
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE NOT t.tgisinternal AND"""
              + " "
              + RELATION,
          """
          SELECT format('constraint triggers of %s enabled %s: %s', c.oid::regclass, t.tgenabled, count(*))
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE t.tgisinternal AND"""
              + " "
              + RELATION
              + " GROUP BY c.oid, t.tgenabled",
          """
          SELECT format('function %s owner %s acl %s comment %s', pg_get_functiondef(p.oid), p.proowner::regrole,
                   p.proacl, obj_description(p.oid, 'pg_proc'))
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE p.prokind <> 'a' AND"""
              + " "
              + OURS,
          """
          SELECT format('policy %s on %s %s %s %s using %s check %s', p.polname, c.oid::regclass, p.polcmd,
                   p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
                   pg_get_expr(p.polwithcheck, p.polrelid))
            FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE"""
              + " "
              + RELATION,
          """
          SELECT format('sequence %s type %s start %s increment %s min %s max %s cache %s cycle %s', c.oid::regclass,
                   s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
            FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE"""
              + " "
              + RELATION,
          """
          SELECT format('view %s: %s', c.oid::regclass, pg_get_viewdef(c.oid))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('v', 'm') AND"""
              + " "
              + RELATION,
          """
          SELECT format('statistics %s', pg_get_statisticsobjdef(s.oid))
            FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE"""
              + " "
              + OURS,
          "SELECT format('publication %s all tables %s', pubname, puballtables) FROM pg_publication",
          "SELECT format('publication %s table %s', prpubid, prrelid::regclass) FROM pg_publication_rel",
          "SELECT format('extension %s %s', extname, extversion) FROM pg_extension");

  private SchemaDescription() {}

  static String of(TestDatabase database) {
    return String.join(
        "\n", QUERIES.stream().flatMap(query -> database.query(query).stream()).sorted().toList());
  }
}
