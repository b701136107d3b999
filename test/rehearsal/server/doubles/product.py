"""The product of the rehearsal: small, but it uses the contract's database and cache for real. What it is like comes from its image."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

ENV = dict(os.environ)
BEHAVIOUR = ENV.pop('IMAGE_BEHAVIOUR')
IMAGE = ENV.pop('IMAGE_NAME')


def sql(statement):
    """One statement; psql reads the password from the environment, so no process shows it."""
    run = subprocess.run(
        ['psql', '-qXAtv', 'ON_ERROR_STOP=1', '-c', statement],
        env={'PATH': '/usr/bin:/bin', 'PGHOST': ENV['DATABASE_WRITER_HOST'], 'PGPORT': ENV['DATABASE_PORT'], 'PGUSER': ENV['DATABASE_USER'],
             'PGDATABASE': ENV['DATABASE_NAME'], 'PGPASSWORD': ENV['DATABASE_PASSWORD'], 'PGSSLMODE': ENV['DATABASE_SSL_MODE']},
        capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else f'ERROR {run.stderr.strip()}'


def redis(*words):
    with socket.create_connection((ENV['CACHE_HOST'], int(ENV['CACHE_PORT'])), 5) as connection:
        file = connection.makefile('rwb')
        for command in (['AUTH', ENV['CACHE_USER'], ENV['CACHE_PASSWORD']], words):
            file.write(b''.join([f'*{len(command)}\r\n'.encode(), *(f'${len(w.encode())}\r\n{w}\r\n'.encode() for w in command)]))
            file.flush()
            answer = file.readline().decode().strip()
            if answer.startswith('$') and answer != '$-1':
                answer = file.read(int(answer[1:]) + 2).decode().strip()
        return answer


UNDER_WAY = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        UNDER_WAY.add(self)
        try:
            self.answer()
        finally:
            UNDER_WAY.discard(self)

    def answer(self):
        url = urlparse(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        code, body = 200, ''
        if url.path == '/health':
            code = 500 if BEHAVIOUR == 'unhealthy' else 200
            body = IMAGE
        elif url.path == '/':
            body = IMAGE
        elif url.path == '/env':
            body = json.dumps(ENV)
        elif url.path == '/headers':
            body = json.dumps({name.lower(): value for name, value in self.headers.items()})
        elif url.path == '/big':
            body = 'the same line again\n' * 1000
        elif url.path == '/slow':
            time.sleep(float(query['seconds']))
            body = IMAGE
        elif url.path == '/sql':
            body = sql(query['q'])
        elif url.path == '/redis':
            body = redis(*query['q'].split(' '))
        else:
            code = 404
        data = body.encode()
        self.send_response(code)
        self.send_header('Content-Type', 'text/plain')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, text, *words):
        print(text % words, flush=True)


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if BEHAVIOUR == 'crash':
    sys.exit(1)
if ENV['PROCESS_TYPE'] == 'worker':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        print('worker at work', flush=True)
        time.sleep(5)
server = Server(('0.0.0.0', int(ENV['PORT'])), Handler)
# Like any product that is fit for rolling deploys: what is under way is answered, connections that wait for more are closed.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
server.socket.close()
while UNDER_WAY:
    time.sleep(0.05)
# The last answer's way out.
time.sleep(0.2)
os._exit(0)
