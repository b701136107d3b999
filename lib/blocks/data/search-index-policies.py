"""Makes index templates, index-state policies and roles of a search domain what the event says, and touches nothing that is so."""
import base64
import hashlib
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3

SECRETS = boto3.client("secretsmanager")
TRIES = 5
PAUSE = float(os.environ.get("PAUSE", "1"))
WAIT = float(os.environ.get("WAIT", "10"))
ISM = "_plugins/_ism/"
SECURITY = "_plugins/_security/api/"


class Again(Exception):
    """Worth another try, which looks first what has become of this one: it may have been done although nobody said so."""

    def __init__(self, why, written):
        super().__init__(why)
        self.written = written


class Refused(Exception):
    """The domain does not let us in."""


def handler(event, context):
    secret = json.loads(SECRETS.get_secret_value(SecretId=os.environ["CREDENTIALS"])["SecretString"])
    word = base64.b64encode(f"{secret['username']}:{secret['password']}".encode()).decode()
    ask = lambda *what: send(word, *what)
    steps = [(f"defaults {n}", defaults, n, b) for n, b in event.get("defaults", {}).items()]
    steps += [(f"template {n}", template, n, b) for n, b in event.get("templates", {}).items()]
    steps += [(f"policy {n}", policy, n, b) for n, b in event.get("policies", {}).items()]
    steps += [(f"indexes of {n}", attach, n, p) for n, p in event.get("attach", {}).items()]
    steps += [(f"role {n}", role, n, b) for n, b in event.get("roles", {}).items()]
    steps += [(f"members of {n}", members, n, m) for n, m in event.get("members", {}).items()]
    steps += [("settings", settings, "", event["settings"])] if event.get("settings") else []
    changed, faults = [], []
    for label, step, name, wanted in steps:
        if context.get_remaining_time_in_millis() < 4000 * WAIT:
            faults.append(f"{label}: no time left")
            continue
        try:
            if settle(lambda: step(ask, name, wanted)):
                changed.append(label)
        except Refused as error:
            faults.append(f"{label}: {error}")
            break
        except Exception as error:  # told at the end; the others go on
            faults.append(f"{label}: {error}")
    print(json.dumps({"changed": changed, "faults": faults}))
    if faults:
        raise RuntimeError(f"{len(faults)} of {len(steps)} not done: " + "; ".join(faults))
    return {"changed": changed}


def settle(step):
    """One step, until it is done: every try reads before it writes, so an answer that was lost does no harm."""
    written = False
    for number in range(TRIES):
        try:
            return step() or written
        except Again as error:
            last, written = error, written or error.written
            time.sleep(PAUSE * 2**number)
    raise RuntimeError(last)


def send(word, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Basic " + word, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{os.environ['ENDPOINT']}/{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read(300).decode(errors="replace")
        if error.code == 404 and method == "GET":
            return None
        # A full or read-only domain blocks writes of indexes with 403, too; roles and members it still takes.
        if error.code == 401 or error.code == 403 and "cluster_block" not in text:
            raise Refused(f"{error.code} {text}")
        if error.code in (409, 429) or error.code >= 500:
            raise Again(f"{error.code} {text}", error.code >= 500 and method != "GET")
        raise RuntimeError(f"{error.code} {text}")
    except (OSError, ValueError) as error:  # no answer, or half of one
        raise Again(repr(error), method != "GET")


def digest(wanted):
    """The domain answers with defaults filled in; by this we know again what we wrote."""
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


def mark(wanted):
    return "made by the product, " + digest(wanted)[:16]


def version(wanted):
    return int(digest(wanted)[:7], 16)


def defaults(ask, name, wanted):
    """A template of the older kind: it yields to each of the newer kind, and to those of its own kind with a higher order."""
    found = ask("GET", "_template/" + name)
    if found and found[name].get("version") == version(wanted):
        return False
    ask("PUT", "_template/" + name, {**wanted, "version": version(wanted)})
    return True


def template(ask, name, wanted):
    found = ask("GET", "_index_template/" + name)
    if found and found["index_templates"][0]["index_template"].get("version") == version(wanted):
        return False
    ask("PUT", "_index_template/" + name, {**wanted, "version": version(wanted)})
    return True


def policy(ask, name, wanted):
    found = ask("GET", f"{ISM}policies/{name}")
    if found and found["policy"].get("description") == mark(wanted):
        return False
    # Nobody's change in between is overwritten: the domain answers 409, and the next try reads again.
    unchanged = f"?if_seq_no={found['_seq_no']}&if_primary_term={found['_primary_term']}" if found else ""
    ask("PUT", f"{ISM}policies/{name}{unchanged}", {"policy": {**wanted, "description": mark(wanted)}})
    return True


def attach(ask, name, pattern):
    """Indexes that are older than their policy; those that have one keep it."""
    found = ask("GET", f"{ISM}explain/{urllib.parse.quote(pattern)}") or {}
    key = "index.plugins.index_state_management.policy_id"
    free = sorted(index for index, state in found.items() if isinstance(state, dict) and state.get(key) is None)
    for index in free:
        answer = ask("POST", f"{ISM}add/{urllib.parse.quote(index)}", {"policy_id": name})
        if answer.get("failures"):
            raise Again(json.dumps(answer["failed_indices"])[:300], False)
    return bool(free)


def role(ask, name, wanted):
    found = ask("GET", f"{SECURITY}roles/{name}")
    if found and found[name].get("description") == mark(wanted):
        return False
    ask("PUT", f"{SECURITY}roles/{name}", {**wanted, "description": mark(wanted)})
    return True


def members(ask, name, wanted):
    found = ask("GET", f"{SECURITY}rolesmapping/{name}")
    if found and found[name].get("backend_roles") == wanted:
        return False
    ask("PUT", f"{SECURITY}rolesmapping/{name}", {"backend_roles": wanted})
    return True


def settings(ask, _name, wanted):
    """For indexes older than the templates; what an index says itself stays."""
    ask("PUT", "%2A%2C-.%2A/_settings?preserve_existing=true&allow_no_indices=true", wanted)
    return False
