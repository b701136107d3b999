"""Holding the source still: no application, and nobody but a superuser who could log in."""
import os
import time

import steps
from servers import NAME, ident, some
from steps import Refusal, Transient, log, point, record, recorded, setting


def hold_file():
    return setting("HOLD_FILE", "/data/database-hold")


def moved_file():
    return setting("MOVED_FILE", "/data/database-moved")


def hold(here):
    """Stops the application and every write to the source, until `release` or for good."""
    if recorded("held") is None:
        roles = here.rows(f"""SELECT to_jsonb(rolname) FROM pg_roles
            WHERE rolcanlogin AND NOT rolsuper AND rolname <> '{NAME}' ORDER BY 1;""")
        record("held", roles=roles)
    steps.write_file(hold_file(), "The data is being moved: the application stays stopped (docs/moving.md).\n", 0o644)
    point("hold-file-written")
    steps.shell("APP_STOP", "systemctl stop 'web@*' worker")
    point("app-stopped")
    roles = recorded("held")["roles"]
    here.write("".join(f"ALTER ROLE {ident(role)} NOLOGIN;\n" for role in roles)
               + "SELECT format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()) \\gexec\n")
    point("source-fenced")
    for _ in range(60):
        # Also a superuser's session that began before: it would still write.
        left = here.rows(f"""SELECT to_jsonb(count(*) FILTER (WHERE pg_terminate_backend(pid))) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name <> '{NAME}';""")[0]
        prepared = here.rows("SELECT to_jsonb(gid) FROM pg_prepared_xacts WHERE database = current_database();")
        if prepared:
            raise Refusal(f"the prepared transactions {some(prepared)} are still open on the source: commit them or roll them back")
        if left == 0:
            log("the source is read-only and the application stopped")
            return
        time.sleep(0.5)
    raise Transient(f"{left} sessions on the source do not end: end them, then run the step again")


def release(here):
    """Opens the source again, as it was before `hold`."""
    held = recorded("held")
    # First: once anybody can write again, nothing counts as verified.
    steps.forget("dump", "restored", "verify", "verified")
    if held:
        here.write("SELECT format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()) \\gexec\n"
                   + "".join(f"ALTER ROLE {ident(role)} LOGIN;\n" for role in held["roles"]))
        point("source-opened")
    if held or os.path.exists(hold_file()):
        if os.path.exists(hold_file()):
            os.remove(hold_file())
        steps.shell("APP_START", "/usr/local/sbin/server release --force")
        log("the source serves again")
    # Last: killed before this, the next try starts the application, too.
    steps.forget("held")
