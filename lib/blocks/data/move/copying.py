"""Roles, schemas and extensions on the target, a dump of the source, and its restore."""
import json
import os
import re
import shutil
import time

import catalog
import steps
from holding import hold
from servers import (
    FOREIGN,
    NAME,
    check_empty,
    check_marker,
    ident,
    jobs,
    literal,
    mark_sql,
    marks,
    memberships,
    move_id,
    settings_of_roles,
    some,
    source_roles,
    subscribed,
)
from steps import Refusal, Transient, log, point, record, recorded, setting


def copy_roles(here, there):
    """Roles without passwords and without rights over the server; who owned or was granted something goes on doing so."""
    me = there.one("current_user")
    existing = there.rows("SELECT to_jsonb(rolname) FROM pg_roles;")
    made = []
    sql = ""
    for role in source_roles(here):
        name = ident(role["name"])
        if role["name"] not in existing:
            made.append(role["name"])
            until = f" VALID UNTIL {literal(role['until'])}" if role["until"] else ""
            sql += (f"CREATE ROLE {name} {'LOGIN' if role['login'] else 'NOLOGIN'} {'INHERIT' if role['inherit'] else 'NOINHERIT'} "
                    f"CONNECTION LIMIT {role['most']}{until};\n")
    before = json.loads(marks(there).get("roles", "[]"))
    there.do("BEGIN;\n" + mark_sql(roles=json.dumps(sorted(set(before + made)))) + sql + "COMMIT;\n")
    superuser = there.one("(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)")
    for role in source_roles(here):
        # Only a member may hand something over to a role.
        if role["name"] != me and not superuser and not there.one(
                # Whoever made a role on PostgreSQL 16 is a member of it that may neither use nor set it.
                f"pg_has_role(current_user, {literal(role['name'])}, 'USAGE')"):
            there.do(f"GRANT {ident(role['name'])} TO CURRENT_USER;\n")
    for name, member, admin in memberships(here):
        there.do(f"GRANT {ident(name)} TO {ident(member)}{' WITH ADMIN OPTION' if admin else ''};\n")
    for role, here_only, name, text in settings_of_roles(here).values():
        value = text if "," in text and name == "search_path" else literal(text)
        whom = f"ROLE {ident(role)}" + (" IN DATABASE " + ident(there.one("current_database()")) if here_only else "") if role else (
            "DATABASE " + ident(there.one("current_database()")))
        there.do(f"ALTER {whom} SET {name} = {value};\n")


def begin(there):
    """Claims the target, which nobody else may have filled."""
    found = marks(there)
    check_marker(found)
    if not found:
        dropped = check_empty(there)
        there.do(f"BEGIN; CREATE SCHEMA IF NOT EXISTS {NAME}; CREATE TABLE {NAME}.marker (key text PRIMARY KEY, value text);\n"
                 + mark_sql(move=move_id(), phase="copying",
                            extensions=json.dumps(there.rows("SELECT to_jsonb(extname) FROM pg_extension;"))) + "COMMIT;\n")
        if dropped:
            log(f"the target's {len(dropped)} things are dropped, as TARGET_CONTENTS says")
            steps.forget("schema", "restored")


def end_own_sessions(there):
    """A server goes on with the statement of a client that was killed."""
    for _ in range(120):
        if there.rows(f"""SELECT to_jsonb(count(*) FILTER (WHERE pg_terminate_backend(pid))) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND application_name = '{NAME}' AND pid <> pg_backend_pid();""")[0] == 0:
            return
        time.sleep(0.5)
    raise Transient("sessions of an earlier try do not end on the target: run the step again")


def drop_subscription(there):
    if subscribed(there):
        # Without its slot, so that it goes also when the source does not answer.
        there.do(f"ALTER SUBSCRIPTION {NAME} DISABLE;\n")
        there.do(f"ALTER SUBSCRIPTION {NAME} SET (slot_name = NONE);\n")
        there.do(f"DROP SUBSCRIPTION {NAME};\n")

WIPE = f"""
SET client_min_messages = warning;
SELECT lo_unlink(oid) IS NULL FROM pg_largeobject_metadata WHERE false;
DO $wipe$
DECLARE item record;
BEGIN
  PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
  FOR item IN SELECT n.nspname FROM pg_namespace n WHERE n.nspname <> 'public' AND {catalog.own("pg_namespace", "n.oid")} LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', item.nspname);
  END LOOP;
  FOR item IN SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {catalog.own("pg_class", "c.oid")} LOOP
    CONTINUE WHEN to_regclass(item.name) IS NULL;
    EXECUTE format('DROP %s IF EXISTS %s CASCADE',
      CASE item.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, item.name);
  END LOOP;
  FOR item IN SELECT 'ROUTINE' AS kind, p.oid::regprocedure::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = 'public' AND {catalog.own("pg_proc", "p.oid")}
    UNION ALL SELECT 'SEQUENCE', c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind = 'S' AND {catalog.own("pg_class", "c.oid")}
    UNION ALL SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, t.oid::regtype::text FROM pg_type t
      JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
      WHERE n.nspname = 'public' AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND {catalog.own("pg_type", "t.oid")}
    UNION ALL SELECT 'COLLATION', format('%I.%I', n.nspname, o.collname) FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace
      WHERE n.nspname = 'public' AND {catalog.own("pg_collation", "o.oid")}
    UNION ALL SELECT 'TEXT SEARCH CONFIGURATION', format('%I.%I', n.nspname, o.cfgname) FROM pg_ts_config o
      JOIN pg_namespace n ON n.oid = o.cfgnamespace WHERE n.nspname = 'public' AND {catalog.own("pg_ts_config", "o.oid")}
    ORDER BY name LOOP -- sorted, so that every name is read before the first of them goes
    BEGIN
      EXECUTE format('DROP %s IF EXISTS %s CASCADE', item.kind, item.name);
    EXCEPTION WHEN undefined_object OR undefined_function OR undefined_table THEN NULL; -- went with another one
    END;
  END LOOP;
  FOR item IN SELECT e.extname FROM pg_extension e
    WHERE NOT (SELECT value::jsonb FROM {NAME}.marker WHERE key = 'extensions') ? e.extname LOOP
    EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', item.extname);
  END LOOP;
END $wipe$;
"""


def wipe(there):
    """Empties the target of what this move brought there."""
    found = marks(there)
    if found.get("move") != move_id() or found.get("phase") == "open":
        raise Refusal("the target is not, or no longer, this move's to empty: look at its schema data_move")
    end_own_sessions(there)
    drop_subscription(there)
    there.do(WIPE)
    left = there.rows(catalog.SETTINGS + FOREIGN)
    if left:
        raise Refusal(f"{some(left)} could not be dropped from the target: drop them by hand, then run the step again")


def dump_folder():
    return setting("DUMP_FOLDER", os.path.join(steps.STATE, "dump"))


def dump(here, folder, *options):
    """A dump as a folder, whole or not at all."""
    part = folder + ".part"
    for old in (part, folder):
        shutil.rmtree(old, ignore_errors=True)
    os.makedirs(part, mode=0o700)
    if here.os_user and os.geteuid() == 0:
        shutil.chown(part, here.os_user)
    here.run("pg_dump", "-d", here.dsn, "-Fd", "-f", part, "--no-tablespaces", "--no-publications", "--no-subscriptions", *options)
    point("dumped")
    run_sync = steps.run(["sync", "-f", part], check=False)
    if run_sync.returncode != 0:
        raise Transient(f"the dump could not be written to the disk ({run_sync.stderr.strip()}): run the step again")
    os.rename(part, folder)

ATTACH = "INDEX ATTACH "
KEYS = ("CONSTRAINT ", "INDEX ")


def contents_list(there, folder, keep):
    """Writes the part of the dump's table of contents that `keep` wants, and returns the file's name."""
    kept = []
    for line in there.run("pg_restore", "--list", folder).stdout.splitlines():
        entry = re.match(r"\d+; \d+ \d+ (.*)", line)
        if entry and not entry[1].startswith(("SCHEMA - ", "EXTENSION - ", "COMMENT - EXTENSION ", "COMMENT - SCHEMA public")) and keep(entry[1]):
            kept.append(line)
    path = os.path.join(steps.STATE, "restore.list")
    steps.write_file(path, "\n".join(kept) + "\n")
    return path


def restore(there, folder, section, keep=lambda entry: True, *options):
    there.run("pg_restore", "-d", there.dsn, "--exit-on-error", "--section", section, "-L", contents_list(there, folder, keep), *options, folder)
    point("restored-" + section)


def restore_keys(there, folder):
    """Keys and indexes. Those of partitions are attached one after the other: of two that are attached at once, PostgreSQL may leave the
    index above them invalid for good (16.13 in 2 of 360 restores by two connections; none of 598 this way)."""
    restore(there, folder, "post-data", lambda entry: entry.startswith(KEYS) and not entry.startswith(ATTACH), "--jobs", str(jobs()))
    restore(there, folder, "post-data", lambda entry: entry.startswith(ATTACH))
    point("attached")


def prepare(here, there):
    """Roles, schemas and extensions, and the rights that their future owners need while things are handed over to them."""
    copy_roles(here, there)
    schemas = here.rows(catalog.SETTINGS + f"""SELECT jsonb_build_array(n.nspname, r.rolname) FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
        WHERE {catalog.own("pg_namespace", "n.oid")};""")
    for name, owner in schemas:
        if name != "public":
            there.do(f"CREATE SCHEMA {ident(name)} AUTHORIZATION {ident(owner)};\n")
        elif owner != "pg_database_owner":
            there.do(f"ALTER SCHEMA public OWNER TO {ident(owner) if owner in there.rows('SELECT to_jsonb(rolname) FROM pg_roles;') else 'CURRENT_USER'};\n")
    for name, schema in here.rows("""SELECT jsonb_build_array(extname, nspname) FROM pg_extension e
            JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname <> 'plpgsql' ORDER BY e.oid;"""):
        there.do(f"SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS {ident(name)} WITH SCHEMA {ident(schema)};\n")
    for schema, role in lent(here):
        there.do(f"GRANT CREATE ON SCHEMA {ident(schema)} TO {ident(role)};\n")


def lent(here):
    """Rights on a schema that an owner of something in it has no other way."""
    return here.rows(catalog.SETTINGS + f"""SELECT DISTINCT jsonb_build_array(n.nspname, r.rolname) FROM (
        SELECT relnamespace AS schema, relowner AS role FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
        UNION SELECT pronamespace, proowner FROM pg_proc UNION SELECT typnamespace, typowner FROM pg_type
        UNION SELECT stxnamespace, stxowner FROM pg_statistic_ext) o
        JOIN pg_namespace n ON n.oid = o.schema JOIN pg_roles r ON r.oid = o.role
        WHERE {catalog.own("pg_namespace", "n.oid")} AND NOT r.rolsuper AND o.role <> n.nspowner
        AND NOT EXISTS (SELECT FROM aclexplode(n.nspacl) a WHERE a.grantee = o.role AND a.privilege_type = 'CREATE');""")


def return_lent(here, there):
    roles = there.rows("SELECT to_jsonb(rolname) FROM pg_roles;")
    schemas = there.rows("SELECT to_jsonb(nspname) FROM pg_namespace;")
    for schema, role in lent(here):
        if schema in schemas and role in roles:
            there.do(f"REVOKE CREATE ON SCHEMA {ident(schema)} FROM {ident(role)};\n")


def copy_by_dump(here, there):
    hold(here)
    folder = dump_folder()
    if recorded("dump") is None:
        dump(here, folder, "--jobs", str(jobs()))
        record("dump", folder=folder)
    if recorded("restored") is None:
        wipe(there)
        point("wiped")
        prepare(here, there)
        point("prepared")
        restore(there, folder, "pre-data")
        restore(there, folder, "data", lambda entry: True, "--jobs", str(jobs()))
        restore_keys(there, folder)
        restore(there, folder, "post-data", lambda entry: not entry.startswith(KEYS), "--jobs", str(jobs()))
        return_lent(here, there)
        there.do("ANALYZE;\n")
        record("restored")
    record("copy", mode="dump")
    shutil.rmtree(folder, ignore_errors=True)
