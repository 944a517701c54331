"""starter.py FILE COMMAND…: runs a command and writes what it cost to a file, as JSON."""

import json
import os
import sys
import time

began = time.monotonic()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    json.dump({
        "cpu_seconds": usage.ru_utime + usage.ru_stime, "wall_seconds": time.monotonic() - began,
        "peak_kib": usage.ru_maxrss, "returncode": os.waitstatus_to_exitcode(status)}, file)
