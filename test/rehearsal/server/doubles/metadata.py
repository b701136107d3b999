"""Double of the instance metadata service, version 2 only: 169.254.169.254 inside the guest."""
import ctypes
import json
import os
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

INSTANCE = json.loads(Path('/rehearsal/cloud/instance.json').read_text())
TOKEN = 'token-of-the-metadata-service'


class Handler(BaseHTTPRequestHandler):
    def answer(self, code, text=''):
        self.send_response(code)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        known = self.path == '/latest/api/token' and 'X-aws-ec2-metadata-token-ttl-seconds' in self.headers
        self.answer(*((200, TOKEN) if known else (400,)))

    def do_GET(self):
        if self.headers.get('X-aws-ec2-metadata-token') != TOKEN:
            return self.answer(401)
        value = INSTANCE.get(self.path.removeprefix('/latest/meta-data/'))
        self.answer(*((200, value) if value is not None else (404,)))

    def log_message(self, *_):
        pass


def ip(*words):
    subprocess.run(['ip', *words], check=True)


# The public address: on AWS the network leads it back to the machine.
ip('address', 'replace', f'{INSTANCE["public-ipv4"]}/32', 'dev', 'lo')
# In a network of its own, because the machine's nginx takes port 80 of every address.
namespace = subprocess.Popen(['unshare', '--net', 'sleep', 'infinity'])
while os.readlink(f'/proc/{namespace.pid}/ns/net') == os.readlink('/proc/self/ns/net'):
    time.sleep(0.01)
ip('link', 'add', 'metadata', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', str(namespace.pid))
ip('address', 'add', '169.254.169.1/24', 'dev', 'metadata')
ip('link', 'set', 'metadata', 'up')
with open(f'/proc/{namespace.pid}/ns/net') as there:
    ctypes.CDLL(None, use_errno=True).setns(there.fileno(), 0)
ip('link', 'set', 'lo', 'up')
ip('address', 'add', '169.254.169.254/24', 'dev', 'eth0')
ip('link', 'set', 'eth0', 'up')
ip('route', 'add', 'default', 'via', '169.254.169.1')
server = ThreadingHTTPServer(('169.254.169.254', 80), Handler)
subprocess.run(['systemd-notify', '--ready'], check=True)
server.serve_forever()
