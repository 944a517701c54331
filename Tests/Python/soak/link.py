"""A long, lossy line between a scan and the lab, for kernels without netem.

The scan runs in a network namespace of its own, in which all of 127.0.0.0/8 is reached through a
TUN device; its packets are handed to another device in the lab's namespace later, or not at all,
and those that come back likewise.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from lab import python

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
# The scan's address: of the lab's half of 127.0.0.0/8 it is none.
ADDRESS, LAB_HALF = "127.200.0.1", "127.0.0.0/9"
PACKET_MOST = 4096
PATIENCE = 0.2


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _tun(name: str) -> int:
    """Makes a TUN device that may carry loopback addresses."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    for scope in ("all", name):
        Path(f"/proc/sys/net/ipv4/conf/{scope}/route_localnet").write_text("1")
        Path(f"/proc/sys/net/ipv4/conf/{scope}/rp_filter").write_text("0")
    _run("ip", "link", "set", name, "up")
    return device


class Link:
    """The line, with a share of packets lost and a delay in seconds each way."""

    def __init__(self, loss: float, delay: float, seed: int) -> None:
        self.loss = loss
        self.delay = delay
        self.rng = random.Random(seed)
        self.passed = self.lost = 0
        self.near = _tun("near")
        _run("ip", "route", "del", "local", "127.0.0.0/8", "dev", "lo", "table", "local")
        _run("ip", "route", "add", "local", LAB_HALF, "dev", "lo", "table", "local",
             "src", "127.0.0.1")
        _run("ip", "route", "add", f"{ADDRESS}/32", "dev", "near")
        self.ours, self.theirs = socket.socketpair()
        self.theirs.set_inheritable(True)
        threading.Thread(target=self._carry, daemon=True).start()

    @property
    def before(self) -> list[str]:
        """What goes before a command to run it beyond the line."""
        return ["unshare", "--net", *python.command("soak.link", self.theirs.fileno())]

    @property
    def inherited(self) -> tuple[int, ...]:
        """The descriptors that such a command needs."""
        return (self.theirs.fileno(),)

    def _carry(self) -> None:
        far = socket.recv_fds(self.ours, 1, 1)[1][0]
        self._pump(far)

    def _pump(self, far: int) -> None:
        across = {self.near: far, far: self.near}
        waiting: list[tuple[float, int, int, bytes]] = []
        while True:
            patience = max(0, waiting[0][0] - time.monotonic()) if waiting else PATIENCE
            ready, _, _ = select.select([*across], [], [], patience)
            now = time.monotonic()
            for device in ready:
                for packet in _packets(device):
                    if self.rng.random() < self.loss:
                        self.lost += 1
                        continue
                    self.passed += 1
                    heapq.heappush(
                        waiting, (now + self.delay, self.passed, across[device], packet))
            while waiting and waiting[0][0] <= now:
                _, _, device, packet = heapq.heappop(waiting)
                try:
                    os.write(device, packet)
                except OSError:
                    # The scan and its namespace have ended.
                    if device == far:
                        return


def _packets(device: int) -> list[bytes]:
    packets: list[bytes] = []
    try:
        while len(packets) < 256:
            packets.append(os.read(device, PACKET_MOST))
    except OSError:
        pass
    return packets


def beyond(descriptor: int, command: list[str]) -> None:
    """Puts this process, in a new network namespace, at the other end, and becomes the command."""
    _run("ip", "link", "set", "lo", "up")
    device = _tun("far")
    _run("ip", "address", "del", "127.0.0.1/8", "dev", "lo")
    _run("ip", "address", "add", f"{ADDRESS}/32", "dev", "far")
    _run("ip", "route", "add", "127.0.0.0/8", "dev", "far", "src", ADDRESS)
    with socket.socket(fileno=descriptor) as link:
        socket.send_fds(link, [b"."], [device])
    os.close(device)
    os.execvp(command[0], command)


if __name__ == "__main__":
    beyond(int(sys.argv[1]), sys.argv[2:])
