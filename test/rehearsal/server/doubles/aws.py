"""Double of the AWS CLI: answers the few calls the server makes, from the files of /rehearsal/cloud, and writes down each of them.

It refuses what it does not know, so that a new call in a script is a failed rehearsal and not a silent success.
"""
import fcntl
import json
import os
import sys
import time
from pathlib import Path

CLOUD = Path('/rehearsal/cloud')
INSTANCE = json.loads((CLOUD / 'instance.json').read_text())


def fail(message, code=254):
    print(f'\n{message}', file=sys.stderr)
    note('refused', message)
    sys.exit(code)


def note(kind, value):
    with open(CLOUD / 'calls.jsonl', 'a') as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.write(json.dumps({'time': time.time(), 'instance': INSTANCE['instance-id'], kind: value}) + '\n')


def load(name):
    return json.loads((CLOUD / name).read_text())


def store(name, value):
    partial = CLOUD / f'{name}.{os.getpid()}'
    partial.write_text(json.dumps(value, indent=1))
    partial.rename(CLOUD / name)


def shorthand(text):
    """The CLI's shorthand syntax: A=b,C=[d,e],F={G=h}."""
    position = 0

    def value(stops):
        nonlocal position
        if text[position] == '[':
            position += 1
            found = []
            while text[position] != ']':
                found.append(value(',]'))
                if text[position] == ',':
                    position += 1
            position += 1
            return found
        if text[position] == '{':
            position += 1
            found = pairs('}')
            position += 1
            return found
        start = position
        while position < len(text) and text[position] not in stops:
            position += 1
        return text[start:position]

    def pairs(end):
        nonlocal position
        found = {}
        while position < len(text) and text[position] != end:
            equals = text.index('=', position)
            key = text[position:equals]
            position = equals + 1
            found[key] = value(',' + end)
            if position < len(text) and text[position] == ',':
                position += 1
        return found

    return pairs('\0')


def parse(words):
    """Options as a dictionary of lists of values, and what stands without an option."""
    options, bare, name = {}, [], None
    for word in words:
        if word.startswith('--'):
            name, _, rest = word[2:].partition('=')
            options[name] = [rest] if rest else []
        elif name is not None and name not in FLAGS:
            options[name].append(word)
        else:
            bare.append(word)
    return options, bare


FLAGS = {'with-decryption', 'allow-reassociation', 'overwrite', 'only-show-errors', 'quiet', 'no-progress', 'recursive', 'no-cli-pager'}


def show(answer, options):
    query = options.get('query', [None])[0]
    if query:
        import jmespath

        answer = jmespath.search(query, answer)
    if options.get('output', [os.environ.get('AWS_DEFAULT_OUTPUT', 'json')])[0] == 'json':
        print(json.dumps(answer, indent=4))
    elif isinstance(answer, list):
        rows = answer if answer and isinstance(answer[0], list) else [answer]
        for row in rows:
            print('\t'.join('None' if field is None else str(field) for field in row))
    elif isinstance(answer, dict):
        print('\t'.join(str(field) for field in answer.values()))
    else:
        print(answer)


def s3_path(url):
    bucket, _, key = url.removeprefix('s3://').partition('/')
    folder = CLOUD / 'buckets' / bucket
    if not folder.is_dir():
        fail(f'fatal error: An error occurred (NoSuchBucket) when calling the operation: {bucket}', 1)
    return folder, key


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%S+00:00', time.gmtime(seconds))


def entry(folder, path):
    return {'Key': str(path.relative_to(folder)), 'Size': path.stat().st_size, 'LastModified': stamp(path.stat().st_mtime)}


def files(folder):
    return sorted(path for path in folder.rglob('*') if path.is_file() and '.part.' not in path.name)


def s3(operation, options, bare):
    if operation == 'cp':
        source, target = bare
        if target.startswith('s3://'):
            folder, key = s3_path(target)
            if key.endswith('/'):
                key += os.path.basename(source)
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f'{path.name}.part.{os.getpid()}')
            with open(partial, 'wb') as out, (sys.stdin.buffer if source == '-' else open(source, 'rb')) as data:
                while block := data.read(1 << 20):
                    out.write(block)
            # A multipart upload that does not end leaves no object.
            partial.rename(path)
        else:
            folder, key = s3_path(source)
            if not (folder / key).is_file():
                fail('fatal error: An error occurred (404) when calling the HeadObject operation: Key does not exist', 1)
            with open(folder / key, 'rb') as data, (sys.stdout.buffer if target == '-' else open(target, 'wb')) as out:
                while block := data.read(1 << 20):
                    out.write(block)
    elif operation == 'ls':
        folder, prefix = s3_path(bare[0])
        found = [path for path in files(folder) if str(path.relative_to(folder)).startswith(prefix)]
        for path in found:
            when = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(path.stat().st_mtime))
            name = str(path.relative_to(folder)) if 'recursive' in options else str(path.relative_to(folder))[prefix.rfind('/') + 1 :]
            print(f'{when} {path.stat().st_size:10d} {name}')
        if not found:
            sys.exit(1)
    else:
        fail(f'the double knows no aws s3 {operation}')


def s3api(operation, options):
    folder, _ = s3_path(options['bucket'][0])
    if operation == 'head-object':
        path = folder / options['key'][0]
        if not path.is_file():
            fail('An error occurred (404) when calling the HeadObject operation: Not Found')
        show({'ContentLength': path.stat().st_size, 'LastModified': stamp(path.stat().st_mtime)}, options)
    elif operation == 'list-objects-v2':
        prefix = options.get('prefix', [''])[0]
        found = [entry(folder, path) for path in files(folder) if str(path.relative_to(folder)).startswith(prefix)]
        show({'Contents': found, 'KeyCount': len(found)} if found else {'KeyCount': 0}, options)
    elif operation == 'put-object':
        path = folder / options['key'][0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Path(options['body'][0]).read_bytes() if 'body' in options else b'')
    else:
        fail(f'the double knows no aws s3api {operation}')


def attach(options):
    volume = load('volume.json')
    if options['volume-id'] != [volume['id']]:
        fail('An error occurred (InvalidVolume.NotFound) when calling the AttachVolume operation')
    holder = volume.get('attachedTo')
    if holder and holder != INSTANCE['instance-id'] and holder in volume['running']:
        fail(f'An error occurred (VolumeInUse) when calling the AttachVolume operation: {volume["id"]} is already attached')
    store('volume.json', {**volume, 'attachedTo': INSTANCE['instance-id']})
    link_volume()


def link_volume():
    """What udev does when the volume is there: also at each start of a machine that holds it."""
    volume = load('volume.json')
    if volume.get('attachedTo') != INSTANCE['instance-id']:
        return
    link = Path(f'/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume["id"].replace("-", "")}')
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(volume['device'])


def main(words):
    while words and words[0] in ('--region', '--output'):
        os.environ['AWS_DEFAULT_OUTPUT'] = words[1] if words[0] == '--output' else os.environ.get('AWS_DEFAULT_OUTPUT', 'json')
        words = words[2:]
    if words == ['rehearsal', 'link-volume']:
        return link_volume()
    service, operation, *rest = words
    call = f'{service} {operation}'
    options, bare = parse(rest)
    note('call', words)
    fault = load('faults.json').get(call)
    if fault:
        if call == 's3 cp' and bare[0] == '-':
            sys.stdin.buffer.read()
        fail(fault, 1)
    if call == 'ec2 attach-volume':
        attach(options)
    elif call == 'ec2 associate-address':
        if options['instance-id'] != [INSTANCE['instance-id']]:
            fail('An error occurred (InvalidInstanceID.NotFound) when calling the AssociateAddress operation')
        show({'AssociationId': 'eipassoc-0123456789abcdef0'}, options)
    elif call == 'ssm get-document':
        documents = load('documents.json')
        name = options['name'][0]
        if name not in documents:
            fail(f'An error occurred (InvalidDocument) when calling the GetDocument operation: {name}')
        show({'Name': name, **documents[name]}, options)
    elif call == 'ssm get-parameter':
        parameters = load('parameters.json')
        name = options['name'][0]
        if name not in parameters:
            fail('An error occurred (ParameterNotFound) when calling the GetParameter operation: ')
        show({'Parameter': {'Name': name, 'Value': parameters[name]}}, options)
    elif call == 'ssm put-parameter':
        parameters = load('parameters.json')
        name = options['name'][0]
        if name in parameters and 'overwrite' not in options:
            fail('An error occurred (ParameterAlreadyExists) when calling the PutParameter operation')
        parameters[name] = options['value'][0]
        store('parameters.json', parameters)
        show({'Version': 2, 'Tier': 'Standard'}, options)
    elif call == 'secretsmanager get-secret-value':
        secrets = load('secrets.json')
        name = options['secret-id'][0]
        if name not in secrets:
            fail('An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation')
        show({'ARN': name, 'SecretString': json.dumps(secrets[name])}, options)
    elif call == 'cloudwatch put-metric-data':
        data = options.get('metric-data')
        if data is None:
            data = [','.join(f'{key}={options[name][0]}' for name, key in
                             [('metric-name', 'MetricName'), ('value', 'Value'), ('unit', 'Unit')] if name in options)]
        data = json.loads(data[0]) if data[0].startswith(('[', '{')) else [shorthand(text) for text in data]
        for metric in data if isinstance(data, list) else [data]:
            note('metric', {'Namespace': options['namespace'][0], **metric})
    elif call == 'cloudformation signal-resource':
        if not load('volume.json').get('deploying', True):
            fail('An error occurred (ValidationError) when calling the SignalResource operation')
    elif call == 'ecr get-login-password':
        print('password-of-the-registry')
    elif service == 's3':
        s3(operation, options, bare)
    elif service == 's3api':
        s3api(operation, options)
    else:
        fail(f'the double knows no aws {call}', 252)


main(sys.argv[1:])
