"""The two PostgreSQL servers, and the mark by which this program knows on the target what it made itself."""
import json
import secrets

import catalog
import steps
from steps import Refusal, record, recorded, setting

NAME = "data_move"  # of the role, publication, subscription, slot and schema that this program makes


class Server:
    """One of the two PostgreSQL servers."""

    def __init__(self, side):
        self.side = side.lower()
        self.dsn = setting(side + "_DSN", "host=/var/run/postgresql dbname=app user=postgres" if side == "SOURCE" else None)
        self.os_user = setting("SOURCE_OS_USER", "") if side == "SOURCE" else ""
        self.env = {"PGAPPNAME": NAME, "PGCONNECT_TIMEOUT": "15"}
        password = setting(side + "_PASSWORD", "")
        held = setting(side + "_SECRET", "")
        if held:
            words = steps.secret(held)
            password, self.env["PGUSER"] = words["password"], words["username"]
        if password:
            self.env["PGPASSWORD"] = password

    def run(self, program, *arguments, text="", check=True):
        return steps.run([program, *arguments], text=text, env=self.env, user=self.os_user, check=check)

    def do(self, sql):
        """Runs statements and returns the lines they print."""
        done = self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-f", "-", text=sql)
        return [line for line in done.stdout.splitlines() if line]

    def rows(self, sql):
        return [json.loads(line) for line in self.do(sql)]

    def one(self, expression):
        return self.rows(f"SELECT to_jsonb(({expression}));")[0]

    def write(self, sql):
        """Statements that must also work where transactions are read-only by default."""
        return self.do("SET default_transaction_read_only = off;\n" + sql)


def source():
    return Server("SOURCE")


def target():
    return Server("TARGET")


def jobs():
    return int(setting("JOBS", "2"))


def mode():
    return steps.choice("MODE", "dump", "dump", "replicate")


def ident(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + str(text).replace("'", "''") + "'"


def some(names, most=5):
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def version_of(server):
    return server.one("current_setting('server_version_num')::int")


def show(number):
    return f"{number // 10000}.{number % 10000}"


def marks(there):
    if there.one(f"to_regclass('{NAME}.marker') IS NULL"):
        return {}
    return {key: value for key, value in there.rows(f"SELECT jsonb_build_array(key, value) FROM {NAME}.marker;")}


def mark_sql(**values):
    rows = ", ".join(f"({literal(key)}, {literal(value)})" for key, value in values.items())
    return f"INSERT INTO {NAME}.marker VALUES {rows} ON CONFLICT (key) DO UPDATE SET value = excluded.value;\n"


def move_id():
    found = recorded("move")
    return found["id"] if found else record("move", id=secrets.token_hex(8))["id"]


def check_marker(found):
    if found and found.get("move") != move_id():
        raise Refusal(
            f"the target was begun by another move ({found.get('move')}), whose records are not in {steps.STATE}: run roll-back where "
            f"they are, or empty the target by hand and drop its schema {NAME}"
        )
    if found.get("phase") == "open":
        raise Refusal("the target was opened to the application, so it is not written over: run roll-back if you want to go back")

FOREIGN = f"""
SELECT to_jsonb(x.what) FROM (
  SELECT CASE c.relkind WHEN 'r' THEN 'table ' WHEN 'p' THEN 'table ' WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view '
    WHEN 'S' THEN 'sequence ' ELSE 'relation ' END || c.oid::regclass AS what
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {catalog.own("pg_class", "c.oid")}
  UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE {catalog.own("pg_proc", "p.oid")}
  UNION ALL SELECT 'type ' || t.oid::regtype FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype IN ('e', 'd', 'r') AND {catalog.own("pg_type", "t.oid")}
  UNION ALL SELECT 'schema ' || n.nspname FROM pg_namespace n WHERE n.nspname <> 'public' AND {catalog.own("pg_namespace", "n.oid")}
  UNION ALL SELECT 'large object ' || m.oid FROM pg_largeobject_metadata m
) x ORDER BY x.what LIKE 'table %' DESC, x.what;
"""


def check_empty(there):
    """Refuses a target with anything in it that is not of an earlier try of ours."""
    found = there.rows(catalog.SETTINGS + FOREIGN)
    if not found or steps.choice("TARGET_CONTENTS", "refuse", "refuse", "drop") == "drop":
        return found
    full = []
    for what in found:
        if what.startswith("table ") and there.one(f"EXISTS (SELECT FROM {what[6:]})"):
            full.append(what + " with rows")
    raise Refusal(
        f"the target is not empty: it has {len(found)} things of its own ({some(full + [w for w in found if w + ' with rows' not in full])}): "
        "stop what made them, then move into an empty database, or say TARGET_CONTENTS=drop to throw all of it away"
    )


def source_roles(here):
    held = (recorded("held") or {}).get("roles", [])
    roles = here.rows(f"""SELECT to_jsonb(x) FROM (SELECT rolname AS name, rolcanlogin AS login, rolinherit AS inherit, rolconnlimit AS most,
        rolvaliduntil::text AS until FROM pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_' AND rolname <> '{NAME}' ORDER BY 1) x;""")
    for role in roles:
        role["login"] = role["login"] or role["name"] in held
    return roles


def memberships(server):
    return server.rows(f"""SELECT jsonb_build_array(a.rolname, b.rolname, bool_or(m.admin_option)) FROM pg_auth_members m
        JOIN pg_roles a ON a.oid = m.roleid JOIN pg_roles b ON b.oid = m.member
        WHERE NOT b.rolsuper AND NOT a.rolsuper AND b.rolname !~ '^pg_' AND '{NAME}' NOT IN (a.rolname, b.rolname) GROUP BY a.rolname, b.rolname;""")

SETTINGS_OF_ROLES = """SELECT jsonb_build_array(r.rolname, s.setdatabase <> 0, s.setconfig) FROM pg_db_role_setting s
    LEFT JOIN pg_roles r ON r.oid = s.setrole
    WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND coalesce(NOT r.rolsuper, s.setdatabase <> 0) ORDER BY 1;"""


def settings_of_roles(server):
    found = {}
    for role, here_only, values in server.rows(SETTINGS_OF_ROLES):
        for value in values:
            name, _, text = value.partition("=")
            if name != "default_transaction_read_only":
                found[f"{role or 'the database'} {name}" + (" in the database" if role and here_only else "")] = (role, here_only, name, text)
    return found


def subscribed(there):
    return there.one(f"EXISTS (SELECT FROM pg_subscription WHERE subname = '{NAME}')")
