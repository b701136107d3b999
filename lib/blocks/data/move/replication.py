"""Following the source while it serves: publication, subscription, and waiting for them."""
import os
import re
import secrets
import time

import catalog
import steps
from copying import KEYS, contents_list, dump, prepare, restore, restore_keys, return_lent, wipe
from servers import NAME, ident, jobs, literal, mark_sql, marks, subscribed, version_of
from steps import Refusal, Transient, log, point, record, recorded, setting


def drop_slots(here):
    for _ in range(60):
        left = here.rows(f"""SELECT jsonb_build_array(slot_name, active_pid) FROM pg_replication_slots
            WHERE database = current_database() AND slot_name ~ '^({NAME}$|pg_[0-9]+_sync_)';""")
        if not left:
            return
        for slot, pid in left:
            if pid:
                here.write(f"SELECT pg_terminate_backend({pid});")
            else:
                here.write(f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{slot}' AND NOT active;")
        time.sleep(0.5)
    raise Transient(f"the replication slots {left} do not let go: run the step again")


HBA_BEGIN, HBA_END = "# data_move begin", "# data_move end"


def write_hba(here, line):
    """Sets or removes our line in pg_hba.conf; the first line that fits decides, so ours comes first."""
    if not setting("HBA_CIDR", ""):
        return
    path = here.one("current_setting('hba_file')")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    kept = re.sub(f"{HBA_BEGIN}\n.*?{HBA_END}\n", "", text, flags=re.DOTALL)
    new = (f"{HBA_BEGIN}\n{line}\n{HBA_END}\n" if line else "") + kept
    if new != text:
        steps.write_file(path, new, 0o640)
    # Each time, and as the data belongs: killed in between, the file would be root's, and PostgreSQL could not start from it.
    facts = os.stat(here.one("current_setting('data_directory')"))
    os.chown(path, facts.st_uid, facts.st_gid)
    here.do("SELECT pg_reload_conf();")


def password():
    path = os.path.join(steps.STATE, "replication-password")
    if not os.path.exists(path):
        steps.write_file(path, secrets.token_hex(24))
    with open(path, encoding="utf-8") as file:
        return file.read()


def open_source_for_replication(here):
    database = here.one("current_database()")
    write_hba(here, f"hostssl {ident(database)} {NAME} {setting('HBA_CIDR', '')} scram-sha-256")
    here.write(f"""SET log_min_error_statement = panic; SET log_statement = 'none'; SET log_min_duration_statement = -1;
        SELECT 'CREATE ROLE {NAME}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{NAME}') \\gexec
        SET password_encryption = 'scram-sha-256';
        ALTER ROLE {NAME} LOGIN REPLICATION BYPASSRLS PASSWORD '{password()}';
        GRANT pg_read_all_data TO {NAME};
        SELECT 'CREATE PUBLICATION {NAME} FOR ALL TABLES' WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = '{NAME}') \\gexec
        """)
    # A target that stays away must not fill the disk on which the product runs: the slot is given up first.
    if here.one("current_setting('max_slot_wal_keep_size')") == "-1":
        most = max(steps.free_bytes(here.one("current_setting('data_directory')")) // 2 // 1048576, 64)
        here.do(f"ALTER SYSTEM SET max_slot_wal_keep_size = '{most}MB';\nSELECT pg_reload_conf();")
        record("wal-kept", megabytes=most)


def close_source_to_replication(here):
    drop_slots(here)
    here.write(f"DROP PUBLICATION IF EXISTS {NAME};\n")
    if here.one(f"EXISTS (SELECT FROM pg_roles WHERE rolname = '{NAME}')"):
        here.write(f"REVOKE pg_read_all_data FROM {NAME}; DROP ROLE {NAME};\n")
    write_hba(here, "")
    if recorded("wal-kept"):
        here.do("ALTER SYSTEM RESET max_slot_wal_keep_size;\nSELECT pg_reload_conf();")
        steps.forget("wal-kept")


def copy_by_replication(here, there):
    open_source_for_replication(here)
    point("source-prepared")
    folder = os.path.join(steps.STATE, "schema")
    if recorded("schema") is None:
        wipe(there)
        drop_slots(here)
        dump(here, folder, "--schema-only")
        prepare(here, there)
        point("prepared")
        restore(there, folder, "pre-data")
        # Before the rows, although that is slower: without its key a row that changes meanwhile could not be found.
        restore_keys(there, folder)
        record("schema", folder=folder)
    if not subscribed(there):
        drop_slots(here)
        # A try whose subscription came to nothing may have left rows.
        tables = [table["name"] for table in there.rows(catalog.SETTINGS + catalog.TABLES)]
        if tables:
            there.do(f"TRUNCATE {', '.join(tables)};\n")
        point("subscribing")
        # A table's copy ends with a note here, and only then without its slot there. By default the note is not flushed, and a target that
        # crashes in between looks for the slot for ever (PostgreSQL, CREATE SUBSCRIPTION, synchronous_commit).
        subscribe(there, f"""CREATE SUBSCRIPTION {NAME} CONNECTION %s PUBLICATION {NAME} WITH (slot_name = '{NAME}', synchronous_commit = 'on');""")
    else:
        subscribe_from_here(there)
    point("subscribed")
    wait_for_copy(here, there)
    # From here on nothing is lost by a crash either way, and catching up is quicker without a flush for each transaction.
    there.do(f"ALTER SUBSCRIPTION {NAME} SET (synchronous_commit = 'off');\n")
    if marks(there).get("rest") != "done":
        add_rest(there, recorded("schema")["folder"])
    return_lent(here, there)
    refresh_views(here, there)
    wait_for(here, there, here.one("pg_current_wal_lsn()"), int(setting("CATCH_UP_SECONDS", "86400")))
    record("copy", mode="replicate")


def subscribe(there, statement):
    """Runs a statement with the password in it, which no log of the target shall keep."""
    words = f"{setting('SOURCE_FROM_TARGET')} user={NAME} password={password()} application_name={NAME} connect_timeout=15"
    there.do("""DO $$ BEGIN
      PERFORM set_config('log_statement', 'none', false), set_config('log_min_duration_statement', '-1', false),
        set_config('log_min_error_statement', 'panic', false);
    EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
    """ + statement % literal(words))


def subscribe_from_here(there):
    """A machine that took the place of another has another address."""
    subscribe(there, f"ALTER SUBSCRIPTION {NAME} CONNECTION %s;")


def add_rest(there, folder):
    """Foreign keys, triggers, policies and the like, all in one transaction together with the note that they are there."""
    listed = contents_list(there, folder, lambda entry: not entry.startswith(KEYS))
    script = there.run("pg_restore", "--section", "post-data", "-L", listed, "-f", "-", folder).stdout
    there.do("BEGIN;\n" + script + mark_sql(rest="done") + "COMMIT;\n")
    point("rest-added")


def refresh_views(here, there):
    """Materialized views are no tables: neither a schema's dump nor replication brings what they hold."""
    for name in here.rows(catalog.SETTINGS + f"""SELECT to_jsonb(c.oid::regclass::text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'm' AND c.relispopulated AND {catalog.own("pg_class", "c.oid")} ORDER BY c.oid;"""):
        there.do(f"REFRESH MATERIALIZED VIEW {name};\n")


def slot(here):
    found = here.rows(f"""SELECT to_jsonb(x) FROM (SELECT wal_status, active, confirmed_flush_lsn::text AS flushed,
        pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::int8 AS behind FROM pg_replication_slots WHERE slot_name = '{NAME}') x;""")
    if not found or found[0]["wal_status"] == "lost":
        raise Refusal(
            "the replication slot is gone: the target stayed away for longer than the source's disk could wait for it: run roll-back, "
            "see to the link between them, and begin again"
        )
    return found[0]


def errors(there):
    if version_of(there) < 150000:
        return 0
    return there.one(f"(SELECT coalesce(sum(apply_error_count + sync_error_count), 0) FROM pg_stat_subscription_stats WHERE subname = '{NAME}')")


def patiently(condition, seconds, text):
    """Waits for a condition; a link that breaks meanwhile is waited for too."""
    began, told, said = time.monotonic(), 0.0, ""
    while True:
        try:
            said = condition()
            if said is None:
                return
        except Transient as failure:
            said = str(failure)
        waited = time.monotonic() - began
        if waited > seconds:
            raise Transient(f"{text} took more than {seconds} s ({said}): run the step again, it goes on where it is")
        if waited - told > 30:
            told = waited
            log(said)
        time.sleep(0.5)


def wait_for_copy(here, there):
    began = errors(there)

    def left():
        slot(here)
        open_tables = there.one("(SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r')")
        if not open_tables:
            return None
        failed = errors(there) - began
        if failed > int(setting("ERRORS_ALLOWED", "200")):
            raise Refusal(
                f"the subscription failed {failed} times with {open_tables} tables still to copy: read the target's log for the reason, "
                "repair it and run copy again, or run roll-back"
            )
        return f"{open_tables} tables are not copied yet"

    patiently(left, int(setting("CATCH_UP_SECONDS", "86400")), "the first copy")


def wait_for(here, there, lsn, seconds):
    """Until the target has everything up to this place in the source's log."""
    began = errors(there)

    def behind():
        found = slot(here)
        if here.one(f"{literal(found['flushed'])}::pg_lsn >= {literal(lsn)}::pg_lsn"):
            return None
        failed = errors(there) - began
        if failed > int(setting("ERRORS_ALLOWED", "200")):
            raise Refusal(
                f"the target failed {failed} times to apply what the source wrote: read the target's log for the reason (a table that was "
                "made or changed on the source after the copy began must be made or changed on the target too), or run roll-back"
            )
        return f"the target is {found['behind']} bytes behind the source"

    patiently(behind, seconds, f"catching up to {lsn}")
