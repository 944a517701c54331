"""What each of several workers has for itself: a network namespace, and a lab in a folder.

The lab has fixed addresses and ports, so that two labs at once need networks of their own.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# pytest-xdist names its workers gw0, gw1, …; without it there is none.
NAME = os.environ.get("PYTEST_XDIST_WORKER")
_SHARED = os.environ.get("STSURVEY_LAB", str(ROOT / ".lab"))
LAB = Path(f"{_SHARED}-{NAME}" if NAME else _SHARED)
# unshare(2): a network namespace for the calling thread and the processes it starts.
CLONE_NEWNET = 0x40000000


def enter_own_network() -> None:
    """Moves a worker into a network namespace with nothing but loopback; root alone may."""
    if NAME:
        # scripts/lab reads it, and so does whatever the tests start.
        os.environ["STSURVEY_LAB"] = str(LAB)
        library = ctypes.CDLL(None, use_errno=True)
        if library.unshare(CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, f"no network namespace for {NAME}: {os.strerror(number)}")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
