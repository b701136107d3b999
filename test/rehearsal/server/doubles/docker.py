"""Double of Docker: a container is a process in a network of its own behind the bridge, with the environment of its --env-file only.

Files and processes are those of the machine: --read-only, --user, --init, --memory and their like are accepted and not enforced. It
refuses what it does not know.
"""
import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

CLOUD = Path('/rehearsal/cloud')
IMAGES = Path('/var/lib/docker-double')
RUNNING = Path('/run/docker-double')
BRIDGE = 'docker0'
VALUED = {'name', 'log-driver', 'log-opt', 'env-file', 'env', 'publish', 'user', 'tmpfs', 'network', 'memory', 'cpus', 'label', 'time',
          'format', 'filter', 'username', 'password-stdin', 'cap-drop', 'security-opt', 'stop-timeout', 'pids-limit', 'pull', 'restart',
          'add-host', 'health-cmd', 'mount', 'volume', 'signal', 'ulimit', 'oom-score-adj', 'memory-swap', 'memory-reservation'}
BARE = {'rm', 'init', 'read-only', 'quiet', 'all', 'force', 'detach', 'password-stdin', 'no-trunc'}
SHORT = {'-d': '--detach', '-f': '--force', '-q': '--quiet', '-a': '--all', '-e': '--env', '-p': '--publish', '-u': '--username', '-t': '--time'}


def fail(message, code=1):
    print(f'docker: {message}', file=sys.stderr)
    sys.exit(code)


def run(*words):
    subprocess.run(words, check=True)


def parse(words, command):
    """Options (each a list), then the rest: after the image everything belongs to the container."""
    options, rest = {}, []
    words = list(words)
    while words:
        word = words.pop(0)
        word = SHORT.get(word, word)
        if not word.startswith('--'):
            rest.append(word)
            if command == 'run':
                return options, rest + words
            continue
        name, equals, value = word[2:].partition('=')
        if name in BARE:
            options[name] = [True]
        elif name in VALUED:
            options.setdefault(name, []).append(value if equals else words.pop(0))
        else:
            fail(f'unknown flag: --{name}', 125)
    return options, rest


def slot(image):
    return IMAGES / image.replace('/', '+')


def pull(image, quiet):
    images = json.loads((CLOUD / 'images.json').read_text())
    if image not in images:
        fail(f'Error response from daemon: manifest for {image} not found: manifest unknown')
    IMAGES.mkdir(parents=True, exist_ok=True)
    slot(image).write_text(images[image])
    print(image if quiet else f'Status: Downloaded newer image for {image}')


def daemon():
    shutil.rmtree(RUNNING, ignore_errors=True)
    RUNNING.mkdir(parents=True)
    config = Path('/etc/docker/daemon.json')
    address = (json.loads(config.read_text()) if config.exists() else {}).get('bip', '172.17.0.1/16')
    subprocess.run(['ip', 'link', 'add', BRIDGE, 'type', 'bridge'], stderr=subprocess.DEVNULL)
    run('ip', 'address', 'replace', address, 'dev', BRIDGE)
    run('ip', 'link', 'set', BRIDGE, 'up')
    Path('/proc/sys/net/ipv4/ip_forward').write_text('1\n')


def bridge():
    shown = json.loads(subprocess.run(['ip', '-json', '-4', 'address', 'show', BRIDGE], capture_output=True, text=True).stdout or '[]')
    if not shown or not RUNNING.is_dir():
        fail('Cannot connect to the Docker daemon. Is the docker daemon running?')
    info = shown[0]['addr_info'][0]
    return ipaddress.ip_interface(f'{info["local"]}/{info["prefixlen"]}')


def forward(listener, target):
    """What docker-proxy does."""
    def pipe(source, sink):
        try:
            while block := source.recv(65536):
                sink.sendall(block)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve(client):
        try:
            upstream = socket.create_connection(target, 5)
        except OSError:
            return client.close()
        # That was the patience for the connection: a kept one may be silent for long.
        upstream.settimeout(None)
        back = threading.Thread(target=pipe, args=(upstream, client), daemon=True)
        back.start()
        pipe(client, upstream)
        back.join()
        client.close()
        upstream.close()

    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


def containers():
    found = {}
    for path in RUNNING.glob('*.json'):
        state = json.loads(path.read_text())
        if Path(f'/proc/{state["pid"]}').exists():
            found[path.stem] = state
        else:
            path.unlink(missing_ok=True)
    return found


def start(words):
    options, (image, *command) = parse(words, 'run')
    if command:
        fail('the double starts images as they are')
    home = bridge()
    name = options['name'][0]
    if name in containers():
        fail(f'Conflict. The container name "/{name}" is already in use', 125)
    if not slot(image).exists():
        pull(image, True)
    environment = {'PATH': '/usr/bin:/bin', 'IMAGE_BEHAVIOUR': slot(image).read_text(), 'IMAGE_NAME': image}
    for file in options.get('env-file', []):
        for line in Path(file).read_text().splitlines():
            key, equals, value = line.partition('=')
            if equals and not line.startswith('#'):
                environment[key] = value
    for pair in options.get('env', []):
        key, _, value = pair.partition('=')
        environment[key] = value
    listeners = []
    for published in options.get('publish', []):
        host, port, inner = published.split(':')
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, int(port)))
        except OSError as error:
            fail(f'driver failed programming external connectivity: {published}: {error}', 125)
        listeners.append((listener, int(inner)))
    if options.get('detach'):
        # The parent leaves once the container runs.
        if os.fork():
            for _ in range(100):
                if name in containers():
                    print(name)
                    return 0
                time.sleep(0.05)
            fail(f'{name} did not start', 125)
        os.setsid()
    child = subprocess.Popen(
        ['unshare', '--net', '--', '/bin/sh', '-c', 'read -r _ && exec python3 /rehearsal/doubles/product.py </dev/null'],
        stdin=subprocess.PIPE, env=environment, start_new_session=True)
    taken = {state['address'] for state in containers().values()}
    address = next(str(host) for host in home.network.hosts() if host != home.ip and str(host) not in taken)
    (RUNNING / f'{name}.json').write_text(
        json.dumps({'pid': child.pid, 'image': image, 'address': address, 'started': time.time(), 'publish': options.get('publish', [])}))
    veth = f'veth{child.pid % 1000000}'
    for _ in range(100):
        if os.readlink(f'/proc/{child.pid}/ns/net') != os.readlink('/proc/self/ns/net'):
            break
        time.sleep(0.01)
    run('ip', 'link', 'add', veth, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', str(child.pid))
    run('ip', 'link', 'set', veth, 'master', BRIDGE, 'up')
    inside = ('nsenter', '--target', str(child.pid), '--net', 'ip')
    run(*inside, 'link', 'set', 'lo', 'up')
    run(*inside, 'address', 'add', f'{address}/{home.network.prefixlen}', 'dev', 'eth0')
    run(*inside, 'link', 'set', 'eth0', 'up')
    run(*inside, 'route', 'add', 'default', 'via', str(home.ip))
    for listener, inner in listeners:
        listener.listen(128)
        threading.Thread(target=forward, args=(listener, (address, inner)), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: child.send_signal(signal.SIGTERM))
    child.stdin.write(b'\n')
    child.stdin.close()
    code = child.wait()
    (RUNNING / f'{name}.json').unlink(missing_ok=True)
    # A proxied answer may still be on its way.
    time.sleep(0.1)
    sys.stdout.flush()
    os._exit(code if code >= 0 else 128 - code)


def stop(name, seconds):
    state = containers().get(name)
    if state is None:
        fail(f'Error: No such container: {name}')
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5)):
        try:
            os.kill(state['pid'], number)
        except ProcessLookupError:
            pass
        end = time.time() + patience
        while time.time() < end:
            if name not in containers():
                print(name)
                return
            time.sleep(0.05)


def main(command, *words):
    if command == 'daemon':
        return daemon()
    if command == 'run':
        return start(words)
    if command == 'image':
        command, words = f'image {words[0]}', words[1:]
    options, rest = parse(words, command)
    if command == 'login':
        if not sys.stdin.read().strip():
            fail('Error: password is empty')
    elif command == 'pull':
        pull(rest[0], 'quiet' in options)
    elif command == 'image inspect':
        if not slot(rest[0]).exists():
            fail(f'Error: No such image: {rest[0]}')
        print(json.dumps([{'RepoTags': [rest[0]]}]))
    elif command == 'image prune':
        used = {slot(state['image']).name for state in containers().values()}
        for path in IMAGES.iterdir():
            if path.name not in used:
                path.unlink()
    elif command == 'stop':
        bridge()
        stop(rest[0], int(options.get('time', ['10'])[0]))
    elif command == 'rm':
        bridge()
        if rest[0] in containers():
            stop(rest[0], 0)
        elif 'force' not in options:
            fail(f'Error: No such container: {rest[0]}')
    elif command == 'ps':
        for name, state in containers().items():
            print(options['format'][0].replace('{{.Names}}', name).replace('{{.Image}}', state['image']))
    elif command == 'inspect':
        state = containers().get(rest[0])
        if state is None:
            fail(f'Error: No such object: {rest[0]}')
        form = options.get('format', [''])[0]
        answers = {'{{.State.Running}}': 'true', '{{.State.Status}}': 'running', '{{.Config.Image}}': state['image'],
                   '{{.NetworkSettings.IPAddress}}': state['address'], '{{.State.Pid}}': str(state['pid'])}
        if form not in answers:
            fail(f'the double knows no docker inspect --format {form}')
        print(answers[form])
    else:
        fail(f'the double knows no docker {command}')
    return 0


sys.exit(main(*sys.argv[1:]))
