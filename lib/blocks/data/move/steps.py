"""What every step of a move has in common: settings, records on the disk, refusals, retries, and running programs.

Exit codes: 0 done, 2 refused (somebody has to do something first), 3 transient (run the step again), 1 a fault of these scripts.
"""
import ctypes
import datetime
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

STATE = os.environ.get("MOVE_STATE", "/data/move")
LOG = os.environ.get("MOVE_LOG", "")


class Refusal(Exception):
    """Somebody has to do something first."""


class Transient(Exception):
    """May work when it is tried again."""


def setting(name, default=None):
    value = os.environ.get("MOVE_" + name, "")
    if value:
        return value
    if default is None:
        raise Refusal(f"MOVE_{name} is not set: set it as docs/moving.md says")
    return default


def choice(name, default, *allowed):
    value = setting(name, default)
    if value not in allowed:
        raise Refusal(f"MOVE_{name} must be one of {', '.join(allowed)}, got '{value}': set it to one of them")
    return value


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def log(text):
    line = f"{now()} {text}"
    print(line, flush=True)
    if LOG:
        try:
            with open(LOG, "a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError:
            pass  # a full disk must not stop what makes room on it


def point(name):
    """A place where a rehearsal kills this program, without a chance to clean up (MOVE_KILL_AT=NAME)."""
    if os.environ.get("MOVE_KILL_AT") == name:
        log(f"killed at {name}, as MOVE_KILL_AT asks")
        os.kill(os.getpid(), signal.SIGKILL)


# Records: a step has one when it is done, and the next step asks for it.


def path_of(name):
    return os.path.join(STATE, name + ".json")


def recorded(name):
    try:
        with open(path_of(name), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def write_file(path, text, mode=0o600):
    """Whole or not at all, also when the power fails."""
    directory = os.path.dirname(path)
    new = path + ".new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    sync_directory(directory)


def sync_directory(directory):
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def record(name, **values):
    values["at"] = now()
    write_file(path_of(name), json.dumps(values, indent=1, sort_keys=True) + "\n")
    point(name + "-recorded")
    return values


def forget(*names):
    for name in names:
        if os.path.exists(path_of(name)):
            os.remove(path_of(name))
    sync_directory(STATE)


def need(*names):
    for name in names:
        if recorded(name) is None:
            raise Refusal(f"step {name} has no record in {STATE}: run {name} first")


# Programs.

_libc = ctypes.CDLL(None)


def _die_with_parent():
    # A pg_restore that outlived its step would write beside that of the next try.
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def run(command, text="", env=None, user="", check=True):
    """Runs a program and returns what it printed; `user` is the one that the database knows by peer authentication."""
    options = {"user": user, "group": user, "extra_groups": []} if user and os.geteuid() == 0 else {}
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **(env or {})},
        cwd="/",
        preexec_fn=_die_with_parent,
        check=False,
        **options,
    )
    if check and done.returncode != 0:
        fail(os.path.basename(command[0]), done)
    return done


LINK = (
    "could not connect",
    "connection to server",
    "server closed the connection",
    "could not receive data",
    "could not send data",
    "connection reset",
    "terminating connection",
    "could not translate host name",
    "the database system is",
    "ssl syscall error",
    "deadlock detected",
    "canceling statement due to lock timeout",
)


def fail(program, done):
    """Tells a broken link and a full disk from what somebody has to repair."""
    lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
    said = " / ".join(lines[:4]) or f"exit code {done.returncode}"
    low = done.stderr.lower()
    if "no space left" in low or "disk full" in low or "could not extend file" in low:
        raise Transient(f"{program} found no space left on a disk ({said}): make room, then run the step again")
    if "password authentication failed" in low or "no pg_hba.conf entry" in low:
        raise Refusal(f"{program} was not let in ({said}): check the role, its password and pg_hba.conf")
    if any(text in low for text in LINK) or (program == "psql" and done.returncode == 2) or done.returncode < 0:
        raise Transient(f"{program} lost its server ({said}): run the step again when it answers")
    raise Refusal(f"{program} failed ({said}): repair that, then run the step again")


def secret(name):
    """A JSON secret of Secrets Manager."""
    answer = run(
        [setting("AWS", "aws"), "secretsmanager", "get-secret-value", "--secret-id", name]
        + ["--query", "SecretString", "--output", "text"],
        check=False,
    )
    if answer.returncode != 0:
        raise Transient(f"the secret {name} could not be read ({answer.stderr.strip()}): run the step again")
    return json.loads(answer.stdout)


def shell(name, default):
    """Runs a command of the settings, such as the one that stops the application."""
    command = setting(name, default)
    answer = run(["/bin/sh", "-c", command], check=False)
    if answer.returncode != 0:
        raise Transient(f"'{command}' failed ({(answer.stderr or answer.stdout).strip()}): run the step again")


def free_bytes(path):
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return shutil.disk_usage(path).free


def megabytes(count):
    return f"{count // 1048576} MB"


def main(steps, on_failure=None):
    """Runs the step named on the command line, again while its failure is transient, one process at a time."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in steps:
        print(f"usage: {os.path.basename(sys.argv[0])} {'|'.join(steps)}", file=sys.stderr)
        sys.exit(2)
    os.umask(0o077)
    # Others may pass, so that pg_dump under another user reaches its own folder.
    os.makedirs(STATE, mode=0o711, exist_ok=True)
    os.chmod(STATE, 0o711)
    lock = open(os.path.join(STATE, "lock"), "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"another step holds {STATE}/lock: wait for it to end, then run {name} again", file=sys.stderr)
        sys.exit(3)
    sys.exit(attempts(name, steps[name], on_failure))


def attempts(name, step, on_failure):
    tries = int(setting("RETRIES", "10"))
    for attempt in range(tries + 1):
        code, said = 1, ""
        try:
            log(f"{name} begins")
            step()
            log(f"{name} is done")
            return 0
        except Refusal as refusal:
            code, said = 2, f"REFUSED: {refusal}"
        except Transient as failure:
            code, said = 3, f"TRY AGAIN: {failure}"
        except OSError as error:
            code, said = 3, f"TRY AGAIN: {error}: make room or repair that, then run {name} again"
        except Exception as fault:  # The source is opened again after a fault of ours, too.
            log(traceback.format_exc())
            code, said = 1, f"FAULT: {type(fault).__name__} in {name}, its story is in the log: nothing is lost, please report it"
        log(said)
        print(said, file=sys.stderr, flush=True)
        if code != 3 or attempt == tries:
            break
        time.sleep(float(setting("RETRY_SECONDS", "15")))
    if on_failure:
        try:
            on_failure(name)
        except Exception as error:
            log(f"and afterwards: {type(error).__name__}: {error}")
    return code
