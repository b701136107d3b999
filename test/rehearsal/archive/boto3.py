"""Doubles: the Data API in front of a real PostgreSQL, S3 as a folder. Dies, fails or damages at a call, as told."""
import base64
import ctypes
import datetime
import io
import json
import os
import re
import uuid

libpq = ctypes.CDLL('libpq.so.5')
for name in ('PQconnectdb', 'PQexec'):
    getattr(libpq, name).restype = ctypes.c_void_p
for name in ('PQerrorMessage', 'PQresultErrorMessage', 'PQgetvalue'):
    getattr(libpq, name).restype = ctypes.c_char_p
FOLDER, DSN = os.environ['DOUBLE_FOLDER'], os.environ['DOUBLE_DSN']
AT, WHEN, HOW = (os.environ.get(f'DOUBLE_{name}', '') for name in ('AT', 'WHEN', 'HOW'))
calls = 0


class Fault(Exception):
    pass


def call(work):
    """One call over the network, which may be the last of this process, or be lost on its way there or back."""

    def called(self, **values):
        global calls
        calls += 1
        with open(f'{FOLDER}/calls', 'a') as file:
            file.write(f'{work.__name__} {values.get("sql", values.get("Key", ""))[:60]!r}\n')
        here = str(calls) == AT
        if here and WHEN == 'before':
            stop()
        answer = work(self, **values)
        if here and WHEN == 'after':
            stop()
        return answer

    return called


def stop():
    if HOW == 'fail':
        raise Fault('the connection was lost')
    os._exit(9)


class Connection:
    def __init__(self):
        self.handle = ctypes.c_void_p(libpq.PQconnectdb(DSN.encode()))
        if libpq.PQstatus(self.handle) != 0:
            raise Fault(libpq.PQerrorMessage(self.handle).decode())

    def run(self, text):
        result = ctypes.c_void_p(libpq.PQexec(self.handle, text.encode()))
        status = libpq.PQresultStatus(result)
        if status not in (1, 2):
            raise Fault(f'{libpq.PQresultErrorMessage(result).decode().strip()} in {text[:200]}')
        records = [
            [self.field(result, row, column) for column in range(libpq.PQnfields(result))] for row in range(libpq.PQntuples(result))
        ]
        libpq.PQclear(result)
        # Aurora user guide, limitations of the Data API.
        if any(len(json.dumps(row, ensure_ascii=False).encode()) > 64 * 1024 for row in records):
            raise Fault('Database returned a row of more than 64 KB')
        if len(json.dumps(records, ensure_ascii=False).encode()) > 1024 * 1024:
            raise Fault('Database returned more than the allowed response size limit')
        return records

    def field(self, result, row, column):
        if libpq.PQgetisnull(result, row, column):
            return {'isNull': True}
        value = libpq.PQgetvalue(result, row, column).decode()
        kind = libpq.PQftype(result, column)
        if kind == 16:
            return {'booleanValue': value == 't'}
        return {'longValue': int(value)} if kind in (20, 21, 23) else {'stringValue': value}

    def close(self):
        libpq.PQfinish(self.handle)


class Data:
    def __init__(self):
        self.transactions = {}

    @call
    def begin_transaction(self, **_):
        name = uuid.uuid4().hex
        self.transactions[name] = Connection()
        self.transactions[name].run('BEGIN')
        return {'transactionId': name}

    @call
    def execute_statement(self, sql, parameters, transactionId=None, **_):
        for one in parameters:
            value = one['value']['stringValue'].replace("'", "''")
            sql = re.sub(rf'(?<![:\w]):{one["name"]}\b', lambda _: f"'{value}'", sql)
        connection = self.transactions[transactionId] if transactionId else Connection()
        try:
            return {'records': connection.run(sql)}
        finally:
            if not transactionId:
                connection.close()

    @call
    def commit_transaction(self, transactionId, **_):
        self.end(transactionId, 'COMMIT')

    @call
    def rollback_transaction(self, transactionId, **_):
        self.end(transactionId, 'ROLLBACK')

    def end(self, name, how):
        connection = self.transactions.pop(name)
        connection.run(how)
        connection.close()


class Bucket:
    def path(self, key):
        return os.path.join(FOLDER, 'bucket', base64.urlsafe_b64encode(key.encode()).decode())

    @call
    def put_object(self, Bucket, Key, Body):
        self.write(Key, Body[:-9] if HOW == 'damage' else Body)

    @call
    def get_object(self, Bucket, Key):
        with open(self.path(Key), 'rb') as file:
            return {'Body': io.BytesIO(file.read())}

    @call
    def copy_object(self, Bucket, Key, CopySource, **lock):
        with open(self.path(CopySource['Key']), 'rb') as file:
            self.write(Key, file.read())
        if lock:
            assert isinstance(lock['ObjectLockRetainUntilDate'], datetime.datetime)
            with open(f'{FOLDER}/locks', 'a') as file:
                file.write(f"{lock['ObjectLockMode']} {lock['ObjectLockRetainUntilDate'].date()}\n")

    @call
    def list_objects_v2(self, Bucket, Prefix):
        keys = sorted(base64.urlsafe_b64decode(name).decode() for name in os.listdir(f'{FOLDER}/bucket'))
        found = [{'Key': key} for key in keys if key.startswith(Prefix)][:1000]
        return {'Contents': found} if found else {}

    @call
    def delete_object(self, Bucket, Key):
        # The role may delete nothing else.
        assert Key.startswith('pending/')
        if os.path.exists(self.path(Key)):
            os.remove(self.path(Key))

    def write(self, key, body):
        with open(self.path(key) + '.part', 'wb') as file:
            file.write(body)
        os.replace(self.path(key) + '.part', self.path(key))


def client(name):
    return {'rds-data': Data, 's3': Bucket}[name]()
