"""Calls the handler of a program with an event, as Lambda does."""
import importlib.util
import json
import sys
import time

program, handler, seconds = sys.argv[1:4]
spec = importlib.util.spec_from_file_location("index", program)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
END = time.monotonic() + float(seconds)


class Context:
    def get_remaining_time_in_millis(self):
        return int(1000 * (END - time.monotonic()))


answer = getattr(module, handler)(json.load(sys.stdin), Context())
print("ANSWER " + json.dumps(answer))
