"""Starts Debian's pebble, a real ACME server for tests, and makes the machine trust it, as every machine trusts Let's Encrypt.

Pebble makes a new root at each start. Roots of earlier machines stay trusted: their certificates live on the data volume.
"""
import json
import os
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

ROOTS = Path('/rehearsal/cloud/roots')
BUNDLE = Path('/etc/ssl/certs/ca-certificates.crt')
CONFIG = Path('/run/pebble.json')

CONFIG.write_text(json.dumps({'pebble': {
    'listenAddress': '127.0.0.1:14000',
    'managementListenAddress': '127.0.0.1:15000',
    'certificate': '/etc/rehearsal/acme.crt',
    'privateKey': '/etc/rehearsal/acme.key',
    'httpPort': 80,
    'tlsPort': 443,
}}))
server = subprocess.Popen(['pebble', '-config', str(CONFIG)], env={**os.environ, 'PEBBLE_VA_NOSLEEP': '1', 'PEBBLE_WFE_NONCEREJECT': '0'})
while True:
    try:
        root = urllib.request.urlopen('https://localhost:15000/roots/0', context=ssl.create_default_context(), timeout=5).read()
        break
    except OSError:
        time.sleep(0.1)
ROOTS.mkdir(exist_ok=True)
(ROOTS / f'{int(time.time() * 1000)}.crt').write_bytes(root)
# A package may write the bundle anew, so it is looked at again and again.
ready = False
while server.poll() is None:
    bundle = BUNDLE.read_bytes()
    absent = [path.read_bytes() for path in sorted(ROOTS.glob('*.crt')) if path.read_bytes() not in bundle]
    if absent:
        with open(BUNDLE, 'ab') as file:
            file.write(b''.join(absent))
    if not ready:
        subprocess.run(['systemd-notify', '--ready'], check=True)
        ready = True
    time.sleep(1)
