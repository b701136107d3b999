"""The pre-flight: everything that can be known before anything is changed, on either side."""
import re

import catalog
import steps
from copying import dump_folder
from servers import NAME, check_empty, check_marker, marks, mode, move_id, show, some, source, source_roles, target, version_of
from steps import Refusal, log, record, recorded, setting


def preflight():
    if recorded("cut-over"):
        return already("cut-over", "pre-flight is behind it")
    kind = mode()
    begun = recorded("copy-begun")
    if begun and begun["mode"] != kind:
        raise Refusal(f"this move began in mode {begun['mode']}, not {kind}: run roll-back first to change the mode")
    here, there = source(), target()
    versions = [version_of(here), version_of(there)]
    if versions[1] // 10000 < versions[0] // 10000:
        raise Refusal(
            f"the target runs PostgreSQL {show(versions[1])}, older than the source's {show(versions[0])}: "
            "move to the same major version or a later one"
        )
    if not here.one("(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"):
        raise Refusal("the source user is no superuser: run this on the server as the user postgres")
    check_other_databases(here)
    check_target_rights(here, there, kind, versions[1])
    warnings = check_locale(here, there)
    check_extensions(here, there)
    check_owners(here, there)
    found = marks(there)
    check_marker(found)
    if not found:
        dropped = check_empty(there)
        if dropped:
            warnings.append(f"{len(dropped)} things on the target will be dropped, as TARGET_CONTENTS says: {some(dropped)}")
    forced = here.rows(f"""SELECT to_jsonb(c.oid::regclass::text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relforcerowsecurity AND {catalog.own("pg_class", "c.oid")};""")
    if forced:
        raise Refusal(
            f"{some(forced)} force row security on their owner, so nobody but a superuser could fill them: "
            "run ALTER TABLE ... NO FORCE ROW LEVEL SECURITY for the time of the move"
        )
    size = here.one("pg_database_size(current_database())")
    if kind == "replicate":
        check_replicable(here)
    elif recorded("dump") is None:
        folder = dump_folder()
        free = steps.free_bytes(folder)
        if free < size + 64 * 1048576:
            raise Refusal(
                f"{folder} has {steps.megabytes(free)} free and the database is {steps.megabytes(size)}: "
                "make the volume larger, or set MOVE_DUMP_FOLDER to where there is room"
            )
    for text in warnings:
        log(f"note: {text}")
    move_id()
    record("preflight", mode=kind, source=versions[0], target=versions[1], bytes=size, notes=warnings)


def already(name, text):
    log(f"{name} was done at {recorded(name)['at']}: {text}")


def check_other_databases(here):
    left = setting("LEAVE_DATABASES", "").split(",")
    others = here.rows("""SELECT to_jsonb(datname) FROM pg_database
        WHERE NOT datistemplate AND datname NOT IN (current_database(), 'postgres') ORDER BY 1;""")
    others = [name for name in others if name not in left]
    if others:
        raise Refusal(
            f"the source also has the databases {some(others)}, which this does not move: "
            "move them by hand and name them in MOVE_LEAVE_DATABASES, separated by commas"
        )


def check_target_rights(here, there, kind, version):
    rights = there.rows("""SELECT to_jsonb(x) FROM (SELECT r.rolsuper AS super, r.rolcreaterole AS roles,
        pg_has_role(d.datdba, 'MEMBER') AS owner,
        coalesce((SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = 'rds_superuser'), false) AS rds,
        coalesce((SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = 'pg_create_subscription'), false) AS subscribe,
        current_user AS name, current_database() AS database,
        current_setting('max_logical_replication_workers')::int AS workers
        FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()) x;""")[0]
    if not rights["super"] and not rights["owner"]:
        raise Refusal(f"{rights['name']} does not own the database {rights['database']} on the target: connect as its owner")
    wanted = [role["name"] for role in source_roles(here)]
    existing = there.rows("SELECT to_jsonb(rolname) FROM pg_roles;")
    new = [name for name in wanted if name not in existing]
    if new and not (rights["super"] or rights["roles"]):
        raise Refusal(f"{rights['name']} may not create the roles {some(new)} on the target: give it CREATEROLE or create them by hand")
    if kind != "replicate":
        return
    if not (rights["super"] or rights["rds"] or (rights["subscribe"] and version >= 160000)):
        raise Refusal(
            f"{rights['name']} may not create a subscription on the target: make it a member of pg_create_subscription "
            "(rds_superuser on Aurora), or use mode dump"
        )
    if rights["workers"] < 2:
        raise Refusal(
            f"max_logical_replication_workers is {rights['workers']} on the target, a subscription needs 2 or more: raise it, or use mode dump"
        )


def check_locale(here, there):
    ask = """SELECT to_jsonb(x) FROM (SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype
        FROM pg_database WHERE datname = current_database()) x;"""
    ours, theirs = here.rows(ask)[0], there.rows(ask)[0]
    if ours["encoding"] != theirs["encoding"]:
        raise Refusal(
            f"the target stores text as {theirs['encoding']} and the source as {ours['encoding']}: "
            f"move into a database made with ENCODING '{ours['encoding']}'"
        )
    if ours["collate"] == theirs["collate"]:
        return []
    # The border of such a partition lies elsewhere under another order of letters.
    ranges = here.rows("""SELECT to_jsonb(partrelid::regclass::text) FROM pg_partitioned_table
        WHERE partstrat = 'r' AND 100 = ANY (partcollation::oid[]);""")
    if ranges:
        raise Refusal(
            f"{some(ranges)} are partitioned by ranges of text, and the target orders text by {theirs['collate']}, not {ours['collate']}: "
            "give the partition key a collation of its own, such as \"C\""
        )
    return [f"the target orders text by {theirs['collate']}, the source by {ours['collate']}: ORDER BY on text may answer in another order"]


def numbers(version):
    return [int(part) for part in re.findall(r"\d+", version)]


def check_extensions(here, there):
    offered = {row["name"]: row["version"] for row in there.rows(
        "SELECT jsonb_build_object('name', name, 'version', default_version) FROM pg_available_extensions;")}
    for row in here.rows("SELECT jsonb_build_object('name', extname, 'version', extversion) FROM pg_extension ORDER BY extname;"):
        name, version = row["name"], row["version"]
        if name not in offered:
            raise Refusal(f"the target does not offer the extension {name}: drop it on the source, or choose a target that has it")
        if numbers(offered[name]) < numbers(version):
            raise Refusal(
                f"the target offers version {offered[name]} of the extension {name} and the source has {version}: "
                "choose a target with that version or a later one"
            )


def check_owners(here, there):
    """A superuser of the source does not exist on the target, so nothing could be owned by it there."""
    existing = there.rows("SELECT to_jsonb(rolname) FROM pg_roles;")
    found = here.rows(catalog.SETTINGS + f"""SELECT jsonb_build_array(x.what, x.owner) FROM (
        SELECT 'SCHEMA ' || quote_ident(n.nspname) AS what, n.nspowner AS role, n.nspowner::regrole::text AS owner FROM pg_namespace n
        WHERE n.nspname <> 'public' AND {catalog.own("pg_namespace", "n.oid")}
        UNION ALL SELECT CASE c.relkind WHEN 'v' THEN 'VIEW ' WHEN 'm' THEN 'MATERIALIZED VIEW ' WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END
          || c.oid::regclass, c.relowner, c.relowner::regrole::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {catalog.own("pg_class", "c.oid")}
        UNION ALL SELECT 'ROUTINE ' || p.oid::regprocedure, p.proowner, p.proowner::regrole::text FROM pg_proc p
          JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind <> 'a' AND {catalog.own("pg_proc", "p.oid")}
        UNION ALL SELECT 'TYPE ' || t.oid::regtype, t.typowner, t.typowner::regrole::text FROM pg_type t
          JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND {catalog.own("pg_type", "t.oid")}
      ) x JOIN pg_roles r ON r.oid = x.role WHERE r.rolsuper ORDER BY 1;""")
    found = [(what, owner) for what, owner in found if owner not in existing]
    if found:
        what, owner = found[0]
        raise Refusal(
            f"{some([name for name, _ in found])} belong to the superuser {owner}, which the target cannot have: "
            f"give them to another role, such as ALTER {what} OWNER TO app"
        )


def check_replicable(here):
    level = here.one("current_setting('wal_level')")
    if level != "logical":
        raise Refusal(f"wal_level is {level} on the source, replication needs logical: set it and restart PostgreSQL, or use mode dump")
    tables = f"FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND {catalog.own('pg_class', 'c.oid')}"
    keyless = here.rows(f"""SELECT to_jsonb(c.oid::regclass::text) {tables} AND c.relpersistence = 'p' AND c.relreplident <> 'f'
        AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid
          AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END) ORDER BY 1;""")
    if keyless:
        raise Refusal(
            f"{some(keyless)} have neither primary key nor replica identity, so their updates cannot be replicated: add a primary key, or run "
            "ALTER TABLE ... REPLICA IDENTITY USING INDEX (a unique one) or REPLICA IDENTITY FULL, or use mode dump"
        )
    extra = here.rows("""SELECT to_jsonb(c.oid::regclass || ' of ' || e.extname) FROM pg_depend d
        JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'p')
        JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid WHERE d.deptype = 'e' ORDER BY 1;""")
    if extra:
        raise Refusal(
            f"extensions have tables of their own ({some(extra)}), which the extension fills on the target and replication would copy "
            "on top: use mode dump"
        )
    unlogged = here.rows(f"SELECT to_jsonb(c.oid::regclass::text) {tables} AND c.relpersistence = 'u' ORDER BY 1;")
    if unlogged:
        raise Refusal(f"{some(unlogged)} are unlogged and so not replicated: run ALTER TABLE ... SET LOGGED, or use mode dump")
    objects = here.one("SELECT count(*) FROM pg_largeobject_metadata")
    if objects:
        raise Refusal(f"the source has {objects} large objects, which are not replicated: use mode dump, or unlink them")
    always = here.rows(f"""SELECT to_jsonb(c.oid::regclass || '.' || t.tgname) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.tgenabled IN ('A', 'R') AND NOT t.tgisinternal
        AND {catalog.own("pg_class", "c.oid")};""")
    if always:
        raise Refusal(f"the triggers {some(always)} would fire a second time on the target: run ALTER TABLE ... ENABLE TRIGGER, or use mode dump")
    used = here.rows(f"""SELECT jsonb_build_object(
        'slots', current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots WHERE slot_name !~ '^({NAME}|pg_[0-9]+_sync)'),
        'senders', current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication WHERE application_name !~ '^({NAME}|pg_[0-9]+_sync)'));""")[0]
    for name, parameter in (("slots", "max_replication_slots"), ("senders", "max_wal_senders")):
        if used[name] < 4:
            raise Refusal(f"only {used[name]} replication {name} are free on the source, the copy takes up to 4: raise {parameter} and restart it")
    setting("SOURCE_FROM_TARGET")
