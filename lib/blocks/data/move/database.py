"""Moves the database of the server to another PostgreSQL, step by step: docs/moving.md is the page for people.

Every step may be killed at any point and run again. The source serves until the cut-over, and keeps every row after it.
"""
import hashlib
import json
import os
import shutil

import catalog
import steps
from copying import begin, copy_by_dump, drop_subscription, dump_folder, return_lent, wipe
from holding import hold, hold_file, moved_file, release
from preflight import already, preflight
from replication import close_source_to_replication, copy_by_replication, refresh_views, slot, subscribe_from_here, wait_for
from servers import (
    NAME,
    check_marker,
    ident,
    jobs,
    literal,
    mark_sql,
    marks,
    memberships,
    mode,
    move_id,
    settings_of_roles,
    source,
    source_roles,
    subscribed,
    target,
)
from steps import Refusal, Transient, log, need, point, record, recorded, setting

BEFORE_CUT_OVER = ("preflight", "copy", "verify", "cut-over")


def after_failure(step):
    """What stopped before the cut-over must not keep the product down."""
    if step not in BEFORE_CUT_OVER or recorded("cut-over") or not (recorded("held") or os.path.exists(hold_file())):
        return
    log("the cut-over was not reached, so the source is opened again")
    here = source()
    begun = recorded("copy-begun")
    try:
        stale = begun and begun["mode"] == "dump" or not subscribed(target())
    except (Refusal, Transient) as away:
        # The product does not wait for a target that is away; a subscription that is gone refuses the next cut-over.
        log(f"the target was not asked ({away})")
        stale = False
    if stale:
        # What was copied is no longer all there is.
        steps.forget("copy", "schema")
    release(here)


def copy():
    if recorded("copy"):
        return already("copy", "run verify next, or roll-back to copy again")
    need("preflight")
    kind = mode()
    if recorded("preflight")["mode"] != kind:
        raise Refusal(f"the pre-flight was for mode {recorded('preflight')['mode']}, not {kind}: run preflight with MOVE_MODE={kind} first")
    if recorded("copy-begun") is None:
        record("copy-begun", mode=kind)
    here, there = source(), target()
    begin(there)
    if kind == "dump":
        copy_by_dump(here, there)
    else:
        copy_by_replication(here, there)


def verify():
    if recorded("cut-over"):
        return already("cut-over", "it verified everything")
    if recorded("verify") and recorded("verified") and recorded("held"):
        # Replication may be gone by now, and nothing can have changed since.
        return already("verified", "everything was equal at rest, and the source is still held")
    need("copy")
    here, there = source(), target()
    if recorded("copy")["mode"] == "dump":
        verify_exactly(here, there)
        record("verify", exact=True)
        return
    refuse_differences(catalog.structural_differences(here, there) + other_differences(here, there, False))
    slot(here)
    wait_for(here, there, here.one("pg_current_wal_lsn()"), int(setting("DRAIN_SECONDS", "600")))
    tables = [catalog.contents(server, jobs()) for server in (here, there)]
    moving = [name for name in tables[0] if tables[0][name] != tables[1].get(name)]
    log(f"{len(tables[0])} tables, {len(tables[0]) - len(moving)} equal while writes go on; cut-over compares all of them at rest")
    record("verify", exact=False, tables=len(tables[0]), changing=moving)


def other_differences(here, there, with_sequences):
    """What is not in the catalog of things: roles, their memberships and settings, and where sequences stand."""
    found = []
    names = {role["name"]: [role["login"], role["inherit"], role["most"], role["until"]] for role in source_roles(here)}
    theirs = {role["name"]: [role["login"], role["inherit"], role["most"], role["until"]] for role in source_roles(there)}
    me = there.one("current_user")
    found += catalog.differences("role", {n: v for n, v in names.items() if n != me}, {n: theirs.get(n) for n in names if n != me})
    granted = [f"{name} to {member}" for name, member, _ in memberships(here)]
    granted_there = [f"{name} to {member}" for name, member, _ in memberships(there)]
    found += [f"the grant of role {grant} is missing on the target" for grant in granted if grant not in granted_there]
    ours, others = settings_of_roles(here), settings_of_roles(there)
    found += [f"the setting of {name} is missing on the target" for name in ours if others.get(name, ("",))[-1] != ours[name][-1]]
    if with_sequences:
        found += catalog.differences("sequence", catalog.sequences(here), catalog.sequences(there))
    return found


def refuse_differences(found):
    for text in found[:50]:
        log(f"difference: {text}")
    if found:
        raise Refusal(
            f"{len(found)} things differ between source and target, the first: {found[0]}: nothing was cut over; "
            "see to the cause, then run roll-back and begin again"
        )


def verify_exactly(here, there):
    """Compares everything while nothing can change, and writes down what was found."""
    began = steps.now()
    if recorded("held") is None:
        raise Refusal("the source is not held, so no comparison could be exact: run copy again")
    hold(here)
    refuse_differences(catalog.structural_differences(here, there) + other_differences(here, there, True))
    ours, theirs = catalog.contents(here, jobs()), catalog.contents(there, jobs())
    refuse_differences(catalog.differences("table", ours, theirs))
    rows = sum(count for count, _ in ours.values())
    log(f"{len(ours)} tables with {rows} rows are equal, and everything around them")
    record(
        "verified", began=began, tables=ours, rows=rows, sequences=catalog.sequences(here), things=len(catalog.structure(here)),
        lsn=here.one("pg_current_wal_lsn()"), held=recorded("held")["at"], mode=recorded("copy")["mode"],
        source=here.one("version()"), target=there.one("version()"),
        extensions=there.rows("SELECT jsonb_build_array(extname, extversion) FROM pg_extension ORDER BY extname;"),
    )  # fmt: skip


def cut_over():
    if recorded("cut-over"):
        return already("cut-over", "run the sessions next, then open")
    need("copy", "verify")
    here, there = source(), target()
    if marks(there).get("phase") == "open":
        raise Refusal("the target is open although the cut-over has no record: look at its schema data_move")
    if recorded("copy")["mode"] == "replicate" and recorded("verified") is None:
        drain(here, there)
    elif recorded("verified") is None or recorded("verified")["held"] != (recorded("held") or {}).get("at"):
        raise Refusal("the source was opened since it was verified: run copy and verify again")
    hold(here)
    if recorded("copy")["mode"] == "replicate":
        drop_subscription(there)
        point("subscription-dropped")
        close_source_to_replication(here)
    record("cut-over", lsn=recorded("verified")["lsn"])


def drain(here, there):
    if not subscribed(there):
        raise Refusal("the subscription on the target is gone: run roll-back and begin again")
    # What can be found out while the application still runs is found out before it is stopped.
    refuse_differences(catalog.structural_differences(here, there) + other_differences(here, there, False))
    subscribe_from_here(there)
    wait_for(here, there, here.one("pg_current_wal_lsn()"), int(setting("DRAIN_SECONDS", "600")))
    point("before-hold")
    hold(here)
    lsn = here.write("SELECT pg_logical_emit_message(true, 'data_move', 'nothing is written after this');")[0]
    lsn = here.one("pg_current_wal_insert_lsn()") or lsn
    wait_for(here, there, lsn, int(setting("DRAIN_SECONDS", "600")))
    point("drained")
    log(f"the target has everything up to {lsn}")
    there.do("".join(f"SELECT setval({literal(name)}, {last}, {'true' if called else 'false'});\n"
                     for name, (last, called) in catalog.sequences(here).items()))
    refresh_views(here, there)
    point("sequences-set")
    verify_exactly(here, there)


def open_target():
    """The application runs on the target from here on: what it writes is no longer on the source."""
    if recorded("open"):
        return already("open", "the application uses the target")
    need("cut-over", "sessions")
    there = target()
    there.do(mark_sql(phase="open"))
    point("marked-open")
    words = json.loads(setting("MOVED_SETTINGS", "{}"))
    words["sessions"] = recorded("sessions")["choice"]
    steps.write_file(moved_file(), json.dumps(words, indent=1, sort_keys=True) + "\n", 0o644)
    point("moved-file-written")
    if os.path.exists(hold_file()):
        os.remove(hold_file())
    steps.shell("APP_START", "/usr/local/sbin/server release --force")
    record("open")


def write_record():
    need("cut-over", "sessions", "open")
    verified, moved = recorded("verified"), recorded("sessions")
    summary = {
        "move": move_id(), "mode": verified["mode"], "tables": len(verified["tables"]), "rows": verified["rows"], "things": verified["things"],
        "checksum": checksum(verified), "lsn": verified["lsn"], "sourceVersion": verified["source"].split(",")[0][:60],
        "targetVersion": verified["target"].split(",")[0][:60], "verified": verified["at"], "cutOver": recorded("cut-over")["at"],
        "opened": recorded("open")["at"], "sessions": {key: moved[key] for key in ("choice", "keys") if key in moved},
    }  # fmt: skip
    if recorded("record") is None:
        record("record", summary=summary, verified=verified, sessions=moved)
    summary = recorded("record")["summary"]
    name = setting("RECORD_PARAMETER", "")
    if name:
        aws("could not be written", "ssm", "put-parameter", "--name", name, "--type", "String", "--overwrite", "--value", json.dumps(summary))
    log(f"recorded: {json.dumps(summary)}")


def checksum(verified):
    text = "".join(f"{name} {rows} {total}\n" for name, (rows, total) in sorted(verified["tables"].items()))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def aws(what, *arguments):
    answer = steps.run([setting("AWS", "aws"), *arguments], check=False)
    if answer.returncode != 0 and "ParameterNotFound" not in answer.stderr:
        raise Transient(f"the record {setting('RECORD_PARAMETER')} {what} ({answer.stderr.strip()}): run the step again")


def roll_back():
    here = source()
    if recorded("held") and not recorded("cut-over") and not recorded("open"):
        # Whatever becomes of the target, the product serves first.
        release(here)
    there = target()
    found = marks(there)
    if found and found.get("move") != move_id():
        check_marker(found)
    opened = recorded("open") or found.get("phase") == "open"
    if opened:
        fence_target_and_compare(there)
    if setting("RECORD_PARAMETER", "") and recorded("record"):
        aws("could not be removed", "ssm", "delete-parameter", "--name", setting("RECORD_PARAMETER"))
    if opened:
        if os.path.exists(moved_file()):
            os.remove(moved_file())
        there.write(mark_sql(phase="rolled back"))
        open_target_again(there)
    steps.forget("record", "open", "cut-over", "sessions")
    point("roll-back-begun")
    if found:
        drop_subscription(there)
    close_source_to_replication(here)
    release(here)
    point("source-released")
    if found:
        wipe(there)
        return_lent(here, there)
        roles = json.loads(found.get("roles", "[]"))
        there.do(reset_settings(here, there, roles))
        there_now = there.rows("SELECT to_jsonb(rolname) FROM pg_roles;")
        # A grant on what stays, such as the schema public, holds a role.
        dropped = "".join(f"DROP OWNED BY {ident(role)};\nDROP ROLE {ident(role)};\n" for role in roles if role in there_now)
        there.do(f"BEGIN;\n{dropped}DROP SCHEMA {NAME} CASCADE;\nCOMMIT;\n")
    for folder in (dump_folder(), dump_folder() + ".part", os.path.join(steps.STATE, "schema")):
        shutil.rmtree(folder, ignore_errors=True)
    steps.forget("preflight", "copy-begun", "schema", "copy", "move")
    log("the source serves, and the target is as empty as it was")


def reset_settings(here, there, roles):
    """Takes back what copy set for the database, and for roles that were there before it."""
    database = ident(there.one("current_database()"))
    sql = ""
    for role, here_only, name, _ in settings_of_roles(here).values():
        if role not in roles:
            whom = f"ROLE {ident(role)}" + (f" IN DATABASE {database}" if here_only else "") if role else f"DATABASE {database}"
            sql += f"ALTER {whom} RESET {ident(name)};\n"
    return sql


def open_target_again(there):
    there.write("SELECT format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()) \\gexec\n")


def fence_target_and_compare(there):
    """Going back would lose what was written since: that is found out exactly, with the target held still."""
    verified = recorded("verified") or (recorded("record") or {}).get("verified")
    if verified is None:
        raise Refusal("the target is open and there is no record of what it held: going back could lose rows, so nothing was changed")
    steps.write_file(hold_file(), "The data is being moved back: the application stays stopped (docs/moving.md).\n", 0o644)
    steps.shell("APP_STOP", "systemctl stop 'web@*' worker")
    there.write("SELECT format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()) \\gexec\n"
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND backend_type = 'client backend';\n")
    found = catalog.differences("table", verified["tables"], catalog.contents(there, jobs()))
    if found:
        open_target_again(there)
        os.remove(hold_file())
        steps.shell("APP_START", "/usr/local/sbin/server release --force")
        raise Refusal(
            f"{len(found)} tables of the target were written to since the cut-over (the first: {found[0].replace('source', 'record')}), and going back "
            "would lose that: repair forward on the target, or copy those rows to the source by hand, which still has everything up to the cut-over"
        )

STEPS = {
    "preflight": preflight,
    "copy": copy,
    "verify": verify,
    "cut-over": cut_over,
    "open": open_target,
    "record": write_record,
    "roll-back": roll_back,
}


if __name__ == "__main__":
    steps.main(STEPS, after_failure)
