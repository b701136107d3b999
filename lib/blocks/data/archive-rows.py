"""Moves old rows to S3. A batch is one transaction: rows are locked, written to pending/, read back, deleted and entered in the ledger,
which decides what of pending/ goes to archive/ and what is thrown away. Killed anywhere, the next run goes on."""
import gzip
import hashlib
import json
import os
import time
import uuid
from datetime import date, datetime, timedelta, timezone

import boto3

data, s3, env = boto3.client('rds-data'), boto3.client('s3'), os.environ
TARGET = {'resourceArn': env['CLUSTER'], 'secretArn': env['SECRET']}
BUCKET, ROWS, LOCK = env['BUCKET'], int(env.get('ROWS', 20000)), 4021137
BYTES = 16_000_000  # of a batch, in memory
PIECE, PIECES = 15_000, 15  # characters a row, rows a call: the Data API answers 64 KB and 1 MiB at most


def sql(text, transaction=None, **values):
    more = {'transactionId': transaction} if transaction else {}
    given = [{'name': name, 'value': {'stringValue': value}} for name, value in values.items()]
    answer = data.execute_statement(sql=text, parameters=given, database=env['DATABASE'], **TARGET, **more)
    return [[next(iter(field.values())) for field in row] for row in answer.get('records', [])]


class Transaction:
    """Only one at a time, also after a run that was killed, whose transaction lives on for minutes."""

    def __enter__(self):
        for _ in range(30):
            self.id = data.begin_transaction(database=env['DATABASE'], **TARGET)['transactionId']
            if sql(f'SELECT pg_try_advisory_xact_lock({LOCK})', self.id)[0][0]:
                sql("SET LOCAL TimeZone = 'UTC'", self.id)
                return self.id
            data.rollback_transaction(transactionId=self.id, **TARGET)
            time.sleep(float(env.get('PAUSE', 10)))
        raise RuntimeError('another run holds the archive')

    def __exit__(self, failed, *_):
        (data.rollback_transaction if failed else data.commit_transaction)(transactionId=self.id, **TARGET)


def quoted(name):
    return '.'.join(f'"{part}"' for part in name.split('.'))


def check(rule):
    """The columns of the primary key, if the table can be archived."""
    table, by = rule['table'], rule['by']
    kind, key, others = sql(
        """SELECT coalesce((SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = t AND attname = :by), ''),
        coalesce((SELECT string_agg(quote_ident(attname), ', ') FROM pg_index JOIN pg_attribute ON attrelid = indrelid
          AND attnum = ANY (indkey) WHERE indrelid = t AND indisprimary), ''),
        coalesce((SELECT string_agg(DISTINCT conrelid::regclass::text, ', ') FROM pg_constraint
          WHERE confrelid = t AND contype = 'f'), '') FROM to_regclass(:name) t""",
        name=quoted(table),
        by=by,
    )[0]
    if kind not in ('date', 'timestamp with time zone', 'timestamp without time zone'):
        raise RuntimeError(f'{table}.{by} must be a date or timestamp, is {kind or "not there"}: archive by another column')
    if not key:
        raise RuntimeError(f'{table} has no primary key, by which its rows are deleted: give it one')
    if others:
        raise RuntimeError(f'{table} is referenced by {others}, whose rows need it: archive only what nothing refers to')
    return key


def verify(name, lines, digest):
    body = gzip.decompress(s3.get_object(Bucket=BUCKET, Key=name)['Body'].read())
    if body.count(b'\n') != lines or hashlib.sha256(body).hexdigest() != digest:
        raise RuntimeError(f'{name} is not what was written')


def batch(rule, key, since, held):
    """Archives the next rows of one day; the day to go on from, or nothing when there are no more. A day that others held in an earlier run
    too goes into `held`."""
    before = (datetime.now(timezone.utc) - timedelta(days=rule['days'])).date()
    table, by = quoted(rule['table']), quoted(rule['by'])
    # What has no date stays, and so does what lies before our era or is infinite.
    old = f"{by} >= '{since}' AND {by} < '{before}'"
    with Transaction() as tx:
        day = sql(f"SELECT coalesce(to_char(min({by}), 'YYYY-MM-DD'), '') FROM {table} WHERE {old}", tx)[0][0]
        if not day:
            return None
        # A json column may have line breaks between its tokens, and nowhere else.
        sql(
            f"""CREATE TEMP TABLE archived ON COMMIT DROP AS SELECT *, sum(octet_length(archived_line))
            OVER (ORDER BY {key} ROWS UNBOUNDED PRECEDING) - octet_length(archived_line) AS archived_before
            FROM (SELECT {key}, translate(row_to_json(archived_row)::text, chr(10) || chr(13), '  ') AS archived_line
            FROM {table} archived_row WHERE {old} AND {by} >= '{day}' AND {by} < date '{day}' + 1 ORDER BY {key} LIMIT {ROWS}
            FOR UPDATE SKIP LOCKED) locked""",
            tx,
        )
        sql(f'DELETE FROM archived WHERE archived_before > {BYTES}', tx)
        sql(
            f"""CREATE TEMP TABLE archived_body ON COMMIT DROP AS SELECT count(*) AS lines,
            coalesce(string_agg(archived_line || chr(10), '' ORDER BY {key}), '') AS body FROM archived""",
            tx,
        )
        about = "lines, encode(sha256(convert_to(body, 'UTF8')), 'hex'), length(body)"
        lines, digest, size = sql(f'SELECT {about} FROM archived_body', tx)[0]
        if not lines:
            # The next run has these rows.
            sql('CREATE TABLE IF NOT EXISTS data_archive.held (name text, day text, PRIMARY KEY (name, day))', tx)
            first = 'INSERT INTO data_archive.held VALUES (:name, :day) ON CONFLICT DO NOTHING RETURNING 1'
            if not sql(first, tx, name=rule['table'], day=day):
                held.append(day)
            return str(date.fromisoformat(day) + timedelta(days=1))
        text, step = '', PIECE * PIECES
        for start in range(0, size, step):
            end = min(start + step, size) - 1
            pieces = f"""SELECT substr(body, piece + 1, {PIECE}) FROM archived_body,
            generate_series({start}, {end}, {PIECE}) piece ORDER BY piece"""
            text += ''.join(piece for [piece] in sql(pieces, tx))
        name = f"{rule['table']}/day={day}/{uuid.uuid4().hex}.jsonl.gz"
        s3.put_object(Bucket=BUCKET, Key=f'pending/{name}', Body=gzip.compress(text.encode(), mtime=0))
        verify(f'pending/{name}', lines, digest)
        gone = f'WITH gone AS (DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM archived) RETURNING 1)'
        deleted = sql(f'{gone} SELECT count(*) FROM gone', tx)[0][0]
        if deleted != lines:
            raise RuntimeError(f"{rule['table']} lets {deleted} of {lines} rows go: look for a trigger or policy that keeps them")
        entry = f'INSERT INTO data_archive.batch (name, lines, digest, keep) VALUES (:name, {lines}, :digest, {rule["keep"]})'
        sql(entry, tx, name=name, digest=digest)
    print(json.dumps({'archived': name, 'rows': lines}))
    return since


def publish():
    """Puts in order what is pending, whoever left it there."""
    with Transaction() as tx:
        pending = s3.list_objects_v2(Bucket=BUCKET, Prefix='pending/').get('Contents', [])
        for name, lines, digest, keep in sql('SELECT name, lines, digest, keep FROM data_archive.batch WHERE NOT published', tx):
            source, lock = {'Bucket': BUCKET, 'Key': f'pending/{name}'}, {}
            if env.get('IMMUTABLE'):
                until = datetime.now(timezone.utc) + timedelta(days=keep)
                lock = {'ObjectLockMode': 'COMPLIANCE', 'ObjectLockRetainUntilDate': until}
            s3.copy_object(Bucket=BUCKET, Key=f'archive/{name}', CopySource=source, **lock)
            verify(f'archive/{name}', lines, digest)
            sql('UPDATE data_archive.batch SET published = true WHERE name = :name', tx, name=name)
    # Not before the commit, without which the ledger does not know what is published.
    for one in pending:
        s3.delete_object(Bucket=BUCKET, Key=one['Key'])


def handler(_event, context):
    faults = []
    with Transaction() as tx:
        sql('CREATE SCHEMA IF NOT EXISTS data_archive', tx)
        sql(
            """CREATE TABLE IF NOT EXISTS data_archive.batch (name text PRIMARY KEY, lines bigint NOT NULL, digest text NOT NULL,
            keep int NOT NULL, archived_at timestamptz NOT NULL DEFAULT now(), published boolean NOT NULL DEFAULT false)""",
            tx,
        )
    publish()
    for rule in json.loads(env['RULES']):
        try:
            key, since, held = check(rule), '0001-01-01', []
            while context.get_remaining_time_in_millis() > 120_000 and (since := batch(rule, key, since, held)):
                publish()
            if held:
                days = ', '.join(held)
                raise RuntimeError(f"{rule['table']} has rows of {days} that others hold as in an earlier run: end what holds them")
        except Exception as fault:  # The other tables have their turn all the same.
            faults.append(str(fault))
    if faults:
        raise RuntimeError('; '.join(faults))
