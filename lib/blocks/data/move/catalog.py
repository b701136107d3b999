"""What a database consists of, as lines that are equal on PostgreSQL 15 and 16, and what its tables hold, as sums."""
from concurrent.futures import ThreadPoolExecutor

# What belongs to the product: not PostgreSQL's own, not an extension's, not this program's.
_OURS = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'data_move')"
_MEMBER = "EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{0}'::regclass AND d.objid = {1} AND d.deptype = 'e')"


def own(catalog, oid):
    member = _MEMBER.format(catalog, oid)
    if catalog == "pg_proc":
        # A range's constructors are part of it, and belong to the server's first superuser whoever made it.
        member = member.replace("d.deptype = 'e'", "d.deptype IN ('e', 'i')")
    return f"{_OURS} AND NOT {member}"


# Of a column's options those that ALTER TABLE can set: PostgreSQL 15.20 keeps a version of its own (pg_attver) among them, which no
# dump carries.
_OPTIONS = "(SELECT string_agg(o, ',' ORDER BY o) FROM unnest(a.attoptions) o WHERE o ~ '^n_distinct')"

# Text of values and of definitions must not depend on settings of role, database or server.
SETTINGS = """
SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
SET extra_float_digits = 1; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET xmloption = 'content';
SET row_security = off; SET default_transaction_isolation = 'repeatable read'; SET quote_all_identifiers = off;
"""

TABLES = f"""
SELECT to_jsonb(x) FROM (
  SELECT c.oid::int8 AS oid, format('%I.%I', n.nspname, c.relname) AS name,
    (SELECT coalesce(jsonb_agg(quote_ident(a.attname) ORDER BY a.attname), '[]') FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND {own("pg_class", "c.oid")} ORDER BY 2) x;
"""


def sum_of(table):
    """Rows and checksum of one table: md5 of each row's text, added up, so that the order of rows does not matter."""
    columns = ", ".join(table["columns"])
    row = f"md5(ROW({columns})::text)" if columns else "md5('')"
    name = table["name"].replace("'", "''")
    return f"""
SELECT jsonb_build_object('table', '{name}', 'rows', count(*), 'checksum',
  coalesce(sum(('x' || left(h, 16))::bit(64)::int8), 0) || ':' || coalesce(sum(('x' || right(h, 16))::bit(64)::int8), 0))
FROM (SELECT {row} AS h FROM ONLY {table["name"]} offset 0) s;
"""


def _acl(column, kind, owner):
    return f"""(SELECT coalesce(string_agg(concat(CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, '=', privilege_type,
      CASE WHEN is_grantable THEN '*' END), ',' ORDER BY grantee::regrole::text, privilege_type), '')
    FROM aclexplode(coalesce({column}, acldefault('{kind}', {owner}))) WHERE grantee <> {owner})"""


def _text(*parts):
    return "concat_ws(' ', " + ", ".join(parts) + ")"


# One row for each thing: its kind, its name, and what must be the same on both sides.
STRUCTURE = [
    ("schema", f"""SELECT n.nspname, {_text("'owner'", "n.nspowner::regrole", "'privileges'", _acl("n.nspacl", "n", "n.nspowner"))}
      FROM pg_namespace n WHERE {own("pg_namespace", "n.oid")}"""),
    ("relation", f"""SELECT c.oid::regclass::text, {_text("c.relkind", "'persistence'", "c.relpersistence", "'owner'", "c.relowner::regrole",
        "'row security'", "c.relrowsecurity", "c.relforcerowsecurity", "'options'", "c.reloptions",
        "'replica identity'", "c.relreplident", "'partition by'", "pg_get_partkeydef(c.oid)",
        "'bound'", "pg_get_expr(c.relpartbound, c.oid)", "'populated'", "c.relispopulated", "'comment'", "obj_description(c.oid, 'pg_class')",
        "'parents'", "(SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid)",
        "'privileges'", _acl("c.relacl", "r", "c.relowner"))}
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND {own("pg_class", "c.oid")}"""),
    ("column", f"""SELECT c.oid::regclass || '.' || quote_ident(a.attname), {_text("format_type(a.atttypid, a.atttypmod)",
        "'not null'", "a.attnotnull", "'identity'", "a.attidentity", "'generated'", "a.attgenerated",
        "'default'", "pg_get_expr(e.adbin, e.adrelid)", "'storage'", "a.attstorage", "a.attcompression",
        "'collation'", "(SELECT o.collname FROM pg_collation o WHERE o.oid = a.attcollation)", "'options'", _OPTIONS,
        "'statistics'", "nullif(a.attstattarget, -1)", "'comment'", "col_description(c.oid, a.attnum)",
        "'privileges'", "(SELECT string_agg(grantee::regrole || '=' || privilege_type, ',' ORDER BY 1) FROM aclexplode(a.attacl))")}
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND {own("pg_class", "c.oid")}"""),
    ("constraint", f"""SELECT coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text) || '.' || quote_ident(k.conname),
        {_text("pg_get_constraintdef(k.oid)", "'validated'", "k.convalidated")}
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE k.contype NOT IN ('t', 'n') AND {own("pg_constraint", "k.oid")}
        AND NOT {_MEMBER.format("pg_class", "k.conrelid")} AND NOT {_MEMBER.format("pg_type", "k.contypid")}"""),
    ("index", f"""SELECT i.indexrelid::regclass::text, {_text("pg_get_indexdef(i.indexrelid)", "'valid'", "i.indisvalid", "'replica identity'",
        "i.indisreplident", "'clustered'", "i.indisclustered")}
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind <> 't' AND {own("pg_class", "c.oid")}"""),
    ("sequence", f"""SELECT c.oid::regclass::text, {_text("'owner'", "c.relowner::regrole", "s.seqtypid::regtype", "'start'", "s.seqstart", "'step'",
        "s.seqincrement", "'from'", "s.seqmin", "'to'", "s.seqmax", "'cache'", "s.seqcache", "'cycle'", "s.seqcycle", "'of'",
        "(SELECT concat(d.refobjid::regclass, '.', d.refobjsubid, d.deptype) FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass)",
        "'privileges'", _acl("c.relacl", "s", "c.relowner"))}
      FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {own("pg_class", "c.oid")}"""),
    ("view", f"""SELECT c.oid::regclass::text, pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('v', 'm') AND {own("pg_class", "c.oid")}"""),
    ("rule", f"""SELECT c.oid::regclass || '.' || quote_ident(r.rulename), {_text("pg_get_ruledef(r.oid)", "r.ev_enabled")}
      FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE r.rulename <> '_RETURN' AND {own("pg_class", "c.oid")}"""),
    ("function", f"""SELECT p.oid::regprocedure::text, {_text("'kind'", "p.prokind", "'owner'", "p.proowner::regrole", "'comment'",
        "obj_description(p.oid, 'pg_proc')", "'body'", "md5(CASE p.prokind WHEN 'a' THEN pg_get_function_arguments(p.oid) ELSE pg_get_functiondef(p.oid) END)",
        "'privileges'", _acl("p.proacl", "f", "p.proowner"))}
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {own("pg_proc", "p.oid")}"""),
    ("trigger", f"""SELECT c.oid::regclass || '.' || quote_ident(t.tgname), {_text("pg_get_triggerdef(t.oid)", "t.tgenabled")}
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT t.tgisinternal AND {own("pg_class", "c.oid")}"""),
    ("policy", f"""SELECT c.oid::regclass || '.' || quote_ident(o.polname), {_text("o.polcmd", "o.polpermissive",
        "(SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ',' ORDER BY r::regrole::text) FROM unnest(o.polroles) r)",
        "pg_get_expr(o.polqual, o.polrelid)", "'check'", "pg_get_expr(o.polwithcheck, o.polrelid)")}
      FROM pg_policy o JOIN pg_class c ON c.oid = o.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {own("pg_class", "c.oid")}"""),
    ("type", f"""SELECT t.oid::regtype::text, {_text("t.typtype", "'owner'", "t.typowner::regrole", "'of'",
        "CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END", "'not null'", "t.typnotnull", "'default'", "t.typdefault",
        "(SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)",
        "(SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid)", "'privileges'", _acl("t.typacl", "T", "t.typowner"))}
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
      WHERE t.typtype IN ('e', 'd', 'r', 'c') AND (t.typtype <> 'c' OR c.relkind = 'c') AND {own("pg_type", "t.oid")}"""),
    ("statistics", f"""SELECT quote_ident(n.nspname) || '.' || quote_ident(s.stxname), {_text("pg_get_statisticsobjdef(s.oid)", "s.stxowner::regrole")}
      FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {own("pg_statistic_ext", "s.oid")}"""),
    ("extension", """SELECT e.extname, concat('in ', e.extnamespace::regnamespace) FROM pg_extension e WHERE e.extname <> 'plpgsql'"""),
    ("large object", """SELECT m.oid::text, concat(md5(lo_get(m.oid)), ' owner ', m.lomowner::regrole) FROM pg_largeobject_metadata m"""),
    ("other", " UNION ALL ".join(
        f"SELECT pg_describe_object('{catalog}'::regclass, o.oid, 0), '' FROM {catalog} o WHERE o.oid >= 16384 AND NOT "
        + _MEMBER.format(catalog, "o.oid")
        for catalog in (
            "pg_operator", "pg_cast", "pg_collation", "pg_conversion", "pg_ts_config", "pg_ts_dict", "pg_ts_parser", "pg_ts_template",
            "pg_opclass", "pg_opfamily", "pg_language", "pg_foreign_server", "pg_event_trigger", "pg_transform",
        ))),
]  # fmt: skip

# What a later version prints otherwise although it means the same, and so is printed by the target a second time (views:
# PostgreSQL 16 names the table of a column less often than 15).
REPRINTED = "view"


def structure_sql(kind, query):
    return f"SELECT jsonb_build_array('{kind}', a::text, b::text) FROM ({query}) s(a, b) ORDER BY 1;\n"


SEQUENCES = f"""
SELECT to_jsonb(c.oid::regclass::text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND {own("pg_class", "c.oid")} ORDER BY 1;
"""


def structure(server):
    """Everything but rows: a dictionary of (kind, name) to what it is."""
    sql = SETTINGS + "".join(structure_sql(kind, query) for kind, query in STRUCTURE)
    return {(kind, name): definition for kind, name, definition in server.rows(sql)}


def sequences(server):
    """Last value of every sequence, and whether it was given out."""
    sql = SETTINGS
    for name in server.rows(SETTINGS + SEQUENCES):
        text = name.replace("'", "''")
        sql += f"SELECT jsonb_build_array('{text}', last_value, is_called) FROM {name};\n"
    return {name: [last, called] for name, last, called in server.rows(sql)}


def contents(server, jobs):
    """Rows and checksum of every table that holds rows itself."""
    tables = server.rows(SETTINGS + TABLES)
    with ThreadPoolExecutor(jobs) as pool:
        # Several to a connection: most tables are small.
        parts = [tables[start::jobs] for start in range(jobs)]
        found = pool.map(lambda part: server.rows(SETTINGS + "".join(sum_of(table) for table in part)) if part else [], parts)
    return {row["table"]: [row["rows"], row["checksum"]] for part in found for row in part}


def reprinted(server, definition):
    """A view's definition as this server prints it."""
    sql = SETTINGS + f"""
BEGIN;
CREATE VIEW data_move.reprinted AS {definition.rstrip().rstrip(";")};
SELECT to_jsonb(pg_get_viewdef('data_move.reprinted'::regclass));
ROLLBACK;
"""
    return server.rows(sql)[0]


def structural_differences(source, target):
    """Sentences on what differs, without tables' contents."""
    left, right = structure(source), structure(target)
    found = []
    for key in sorted(left.keys() | right.keys()):
        kind, name = key
        if key not in right:
            found.append(f"{kind} {name} is missing on the target")
        elif key not in left:
            found.append(f"{kind} {name} is on the target only")
        elif left[key] != right[key]:
            if kind == REPRINTED and reprinted(target, left[key]) == right[key]:
                continue
            found.append(f"{kind} {name} is '{left[key]}' on the source and '{right[key]}' on the target")
    return found


def differences(kind, source, target):
    """Sentences on what differs between two dictionaries of values."""
    found = []
    for name in sorted(source.keys() | target.keys()):
        here, there = source.get(name), target.get(name)
        if here != there:
            found.append(f"{kind} {name} has {here or 'nothing'} on the source and {there or 'nothing'} on the target")
    return found
