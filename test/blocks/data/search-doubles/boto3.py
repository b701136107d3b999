"""A boto3 that asks a peer over HTTP: every call is one POST of its arguments, as JSON, to PEER/service/call."""
import json
import os
import urllib.error
import urllib.request


class Client:
    def __init__(self, service):
        self.service = service

    def __getattr__(self, call):
        def ask(**arguments):
            url = f"{os.environ['PEER']}/{self.service}/{call}"
            request = urllib.request.Request(url, json.dumps(arguments).encode(), {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                raise RuntimeError(f"{call}: {error.code} {error.read().decode()}") from None

        return ask


def client(service):
    return Client(service)
