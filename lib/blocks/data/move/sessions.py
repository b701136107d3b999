"""Moves what Redis on the server holds (sessions above all) to Valkey, key by key, or drops it by explicit choice.

Speaks the Redis protocol itself: nothing has to be installed for it.
"""
import hashlib
import socket
import ssl
import time

import steps
from steps import Refusal, Transient, log, need, record, recorded, setting

BATCH = 200
SLOTS = 16384


class Reply(Exception):
    """An error that the server answered."""


class Connection:
    def __init__(self, host, port, user="", password="", tls=False):
        self.host, self.port = host, port
        try:
            raw = socket.create_connection((host, port), timeout=60)
            if tls:
                raw = ssl.create_default_context(cafile=setting("CACHE_CA", "") or None).wrap_socket(raw, server_hostname=host)
            self.socket, self.file = raw, raw.makefile("rb")
        except OSError as error:
            raise Transient(f"{host}:{port} does not answer ({error}): run the step again") from error
        if password:
            answer = self.ask([["AUTH", user, password] if user else ["AUTH", password]])[0]
            if isinstance(answer, Reply):
                raise Refusal(f"{host}:{port} did not let {user or 'default'} in ({answer}): check user and password")

    def ask(self, commands):
        """Sends commands together and returns the answers, errors among them."""
        try:
            self.socket.sendall(b"".join(map(encode, commands)))
            return [self.read() for _ in commands]
        except (OSError, ssl.SSLError) as error:
            raise Transient(f"the link to {self.host}:{self.port} broke ({error}): run the step again") from error

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise Transient(f"{self.host}:{self.port} closed the connection: run the step again")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return Reply(rest.decode("utf-8", "replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            if size < 0:
                return None
            data = self.file.read(size + 2)
            if len(data) != size + 2:
                raise Transient(f"{self.host}:{self.port} closed the connection: run the step again")
            return data[:-2]
        if kind == b"*":
            return [self.read() for _ in range(int(rest))] if int(rest) >= 0 else None
        raise Transient(f"{self.host}:{self.port} answered {line[:40]!r}, which is not Redis: check host, port and TLS")


def encode(command):
    parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def slot_of(key):
    """Hash slot of a key (Redis cluster specification): CRC-16/XMODEM of the part in braces, if there is one."""
    start = key.find(b"{")
    end = key.find(b"}", start + 1)
    if start >= 0 and end > start + 1:
        key = key[start + 1 : end]
    crc = 0
    for byte in key:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc % SLOTS


class Target:
    """One Valkey or a cluster of them."""

    def __init__(self):
        host, _, port = setting("CACHE_TARGET").rpartition(":")
        user, password = setting("CACHE_TARGET_USER", ""), setting("CACHE_TARGET_PASSWORD", "")
        if setting("CACHE_SECRET", ""):
            held = steps.secret(setting("CACHE_SECRET"))
            user, password = held["username"], held["password"]
        self.login = (user, password, setting("CACHE_TLS", "true") == "true")
        self.first = (host, int(port))
        self.open = {}
        self.owners = {}
        self.cluster = setting("CACHE_CLUSTER", "true") == "true"
        self.learn()

    def learn(self):
        if not self.cluster:
            return
        answer = self.at(self.first).ask([["CLUSTER", "SLOTS"]])[0]
        if isinstance(answer, Reply):
            raise Refusal(f"{self.first[0]} is no cluster ({answer}): set MOVE_CACHE_CLUSTER to false")
        for first, last, master, *_ in answer:
            # An empty name stands for the one that was asked.
            owner = (master[0].decode() if master[0] else self.first[0], master[1])
            for slot in range(first, last + 1):
                self.owners[slot] = owner

    def at(self, address):
        if address not in self.open:
            self.open[address] = Connection(*address, *self.login)
        return self.open[address]

    def ask(self, keyed):
        """Answers to (key, command) pairs, each asked where its key lives."""
        answers = [None] * len(keyed)
        left = list(range(len(keyed)))
        for _ in range(6):
            places = {}
            for index in left:
                places.setdefault(self.owners.get(slot_of(keyed[index][0]), self.first), []).append(index)
            left = []
            for place, indexes in places.items():
                for index, answer in zip(indexes, self.at(place).ask([keyed[index][1] for index in indexes])):
                    if isinstance(answer, Reply) and str(answer).startswith(("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "LOADING")):
                        left.append(index)
                    answers[index] = answer
            if not left:
                return answers
            time.sleep(1)
            self.learn()
        raise Transient(f"the cache has not settled ({answers[left[0]]}): run the step again")


def source():
    password = setting("CACHE_SOURCE_PASSWORD", "")
    path = setting("CACHE_SOURCE_PASSWORD_FILE", "")
    if path:
        with open(path, encoding="utf-8") as file:
            password = file.read().strip()
    host, _, port = setting("CACHE_SOURCE", "127.0.0.1:6379").rpartition(":")
    return Connection(host, int(port), "", password)


def keys_of(connection):
    cursor, seen = b"0", set()
    while True:
        answer = connection.ask([["SCAN", cursor, "COUNT", 1000]])[0]
        if isinstance(answer, Reply):
            raise Transient(f"the source could not be scanned ({answer}): run the step again")
        cursor, keys = answer
        fresh = [key for key in keys if key not in seen]
        seen.update(fresh)
        for start in range(0, len(fresh), BATCH):
            yield fresh[start : start + BATCH]
        if cursor == b"0":
            return


READ = {
    b"string": lambda key: ["GET", key],
    b"hash": lambda key: ["HGETALL", key],
    b"list": lambda key: ["LRANGE", key, 0, -1],
    b"set": lambda key: ["SMEMBERS", key],
    b"zset": lambda key: ["ZRANGE", key, 0, -1, "WITHSCORES"],
    b"stream": lambda key: ["XRANGE", key, "-", "+"],
}


def digest(kind, value):
    """Of what a key holds; sets and hashes have no order of their own."""
    if value is None:
        return None
    if kind == b"hash":
        value = sorted(zip(value[::2], value[1::2]))
    elif kind == b"set":
        value = sorted(value)
    return hashlib.sha256(repr((kind, value)).encode()).hexdigest()


def known(answers, what):
    for answer in answers:
        if isinstance(answer, Reply):
            raise Refusal(f"{what}: {answer}; see to that, then run sessions again, or choose MOVE_SESSIONS=drop")
    return answers


def move_all(here, there):
    moved = 0
    for keys in keys_of(here):
        dumps = known(here.ask([["DUMP", key] for key in keys]), "the source could not dump a key")
        left = known(here.ask([["PTTL", key] for key in keys]), "the source could not tell a key's time to live")
        # -2: expired meanwhile; -1: for ever.
        batch = [(key, data, ttl) for key, data, ttl in zip(keys, dumps, left) if data is not None and ttl != -2]
        known(
            there.ask([(key, ["RESTORE", key, max(ttl, 1) if ttl >= 0 else 0, data, "REPLACE"]) for key, data, ttl in batch]),
            "the target could not restore a key",
        )
        moved += len(batch)
        steps.point("sessions-batch")
    return moved


def compare_all(here, there):
    """Every key of the source again, by what it holds and how long for."""
    equal, wrong = 0, []
    for keys in keys_of(here):
        kinds = known(here.ask([["TYPE", key] for key in keys]), "the source could not tell a key's type")
        strange = [key for key, kind in zip(keys, kinds) if kind not in READ and kind != b"none"]
        if strange:
            raise Refusal(f"key {strange[0]!r} is of a module's type, which cannot be compared: remove it, or choose MOVE_SESSIONS=drop")
        pairs = [(key, kind) for key, kind in zip(keys, kinds) if kind != b"none"]
        reads = [READ[kind](key) for key, kind in pairs]
        ours = known(here.ask(reads), "the source could not be read")
        theirs = there.ask([(key, read) for (key, _), read in zip(pairs, reads)])
        lives = here.ask([["PTTL", key] for key, _ in pairs])
        others = there.ask([(key, ["PTTL", key]) for key, _ in pairs])
        for (key, kind), our, their, life, other in zip(pairs, ours, theirs, lives, others):
            expired = life == -2 or 0 <= life < 10000
            same = not isinstance(their, Reply) and digest(kind, our) == digest(kind, their)
            if same and ((life == -1) == (other == -1)) and (life < 0 or abs(life - other) < 10000):
                equal += 1
            elif not expired:
                wrong.append(key)
    if wrong:
        raise Refusal(f"{len(wrong)} keys differ after the move, such as {wrong[0]!r}: is something else writing to the target? run sessions again")
    return equal


def sessions():
    if recorded("open"):
        log("the application uses the target already: nothing is moved any more")
        return
    need("cut-over")
    choice = steps.choice("SESSIONS", "", "move", "drop")
    if choice == "drop":
        record("sessions", choice="drop")
        return
    here = source()
    for line in here.ask([["INFO", "keyspace"]])[0].decode().splitlines():
        if line.startswith("db") and not line.startswith("db0:"):
            raise Refusal(f"the source holds keys in {line.split(':')[0]}, and a cluster has database 0 only: move or drop those keys first")
    there = Target()
    moved = move_all(here, there)
    equal = compare_all(here, there)
    log(f"{moved} keys moved, {equal} compared and equal; those that expired on the way are neither")
    record("sessions", choice="move", keys=equal, moved=moved)


if __name__ == "__main__":
    steps.main({"sessions": sessions})
