"""Writes down the command line of every process it sees, each once, until it is killed."""
import os
import time

seen = set()
# A process may become another program; after that many looks it is what it is.
LOOKS = 10
looks = {}
with open('/rehearsal/cloud/commands', 'a') as out:
    while True:
        for entry in os.scandir('/proc'):
            if not entry.name.isdigit() or looks.get(entry.name, 0) >= LOOKS:
                continue
            looks[entry.name] = looks.get(entry.name, 0) + 1
            try:
                with open(f'/proc/{entry.name}/cmdline', 'rb') as file:
                    line = file.read()
            except OSError:
                continue
            if line and line not in seen:
                seen.add(line)
                out.write(line.replace(b'\0', b' ').decode(errors='replace') + '\n')
                out.flush()
        time.sleep(0.02)
