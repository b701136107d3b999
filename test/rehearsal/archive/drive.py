"""Plays scenarios: each starts afresh and runs the program several times, in processes of their own, with what goes wrong in each."""
import ctypes, gzip, hashlib, io, json, os, re, shutil, sys, time, uuid  # noqa: E401, F401  so that a fork finds them loaded

FOLDER = os.environ['DOUBLE_FOLDER']
plan = json.load(sys.stdin)


def run(trouble):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.environ.update({f'DOUBLE_{name.upper()}': str(value) for name, value in trouble.items()})
        # The double reads what goes wrong when it is loaded.
        sys.modules.pop('boto3', None)
        try:
            import index

            index.handler({}, type('Context', (), {'get_remaining_time_in_millis': lambda self: 900_000})())
        except BaseException as fault:
            os.write(write, str(fault).encode()[:4000] or b'fault')
            os._exit(1)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, 'rb') as said:
        text = said.read().decode()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return 'died' if code == 9 else text


def state():
    import boto3

    connection = boto3.Connection()
    left = [row[0]['longValue'] for row in connection.run(plan['left'])]
    connection.close()
    bucket = boto3.Bucket()
    keys = {name: boto3.base64.urlsafe_b64decode(name).decode() for name in os.listdir(f'{FOLDER}/bucket')}
    archived = []
    for key in keys.values():
        if key.startswith('archive/'):
            with gzip.open(bucket.path(key)) as file:
                archived += [json.loads(line)['id'] for line in file]
    return {'left': left, 'archived': archived, 'pending': sum(key.startswith('pending/') for key in keys.values())}


def afresh():
    import boto3

    shutil.rmtree(f'{FOLDER}/bucket')
    os.mkdir(f'{FOLDER}/bucket')
    connection = boto3.Connection()
    connection.run(plan['start'])
    connection.close()


for scenario in plan['scenarios']:
    afresh()
    for trouble in scenario:
        # At once, or a process that is forked writes what this one has not yet written.
        print(json.dumps({'said': run(trouble), **state()}), flush=True)
