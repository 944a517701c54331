"""What the servers see of a scan, from the packets that reach them: who was looked up, connected to
and greeted in TLS, and when."""

from __future__ import annotations

import signal
import struct
import subprocess
import time
from collections import defaultdict
from pathlib import Path

from lab import servers

# SYNs to mail hosts, their TLS client hellos, and questions to the resolver; what one server of the
# lab hands on to another is none of them.
FILTER = (
    f"(udp dst port {servers.RESOLVER_PORT}) or (tcp dst port {servers.SMTP_PORT} and "
    f"not src host {servers.HANDING_ON_ADDRESS} and "
    "((tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn) or (tcp[(tcp[12] >> 4) << 2] = 22)))")
SETTLE_SECONDS = 2
ADDRESS_TYPES = {1, 28}
Times = dict[str, list[float]]


class Capture:
    """A tcpdump on loopback."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # -Z: it would give up the rights that it needs for the file.
        self.process = subprocess.Popen(
            ["tcpdump", "-i", "lo", "-n", "-U", "-B", "65536", "-Z", "root", "-w", str(path),
             FILTER],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 10
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)

    def end(self) -> tuple[Seen, int]:
        """What was seen, and how many packets were lost."""
        time.sleep(SETTLE_SECONDS)
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=60)
        lost = [int(line.split()[0]) for line in errors.splitlines() if "dropped by kernel" in line]
        return Seen(self.path), lost[0] if lost else -1


class Seen:
    """When each address was connected to, each name greeted in TLS, each name looked up."""

    def __init__(self, path: Path) -> None:
        self.connected: Times = defaultdict(list)
        self.greeted: Times = defaultdict(list)
        self.looked_up: Times = defaultdict(list)
        with path.open("rb") as file:
            _, _, _, _, _, _, link = struct.unpack("<IHHiIII", file.read(24))
            assert link == 1, f"link type {link} of loopback is not Ethernet's"
            while len(head := file.read(16)) == 16:
                seconds, micro, length, _ = struct.unpack("<IIII", head)
                packet = file.read(length)
                # EtherType of IPv4; all of the lab is.
                if packet[12:14] == b"\x08\0":
                    self._take(packet[14:], seconds + micro / 1e6)

    def _take(self, packet: bytes, moment: float) -> None:
        inner = packet[(packet[0] & 15) * 4: struct.unpack_from("!H", packet, 2)[0]]
        if packet[9] == 17:
            name, kind = _question(inner[8:])
            if kind in ADDRESS_TYPES:
                self.looked_up[name].append(moment)
        elif inner[13] & 2:
            self.connected[".".join(map(str, packet[16:20]))].append(moment)
        elif server := _server_name(inner[(inner[12] >> 4) * 4:]):
            self.greeted[server].append(moment)


def _question(message: bytes) -> tuple[str, int]:
    labels, position = [], 12
    while length := message[position]:
        labels.append(message[position + 1: position + 1 + length].decode("latin-1").lower())
        position += 1 + length
    return ".".join(labels), struct.unpack_from("!H", message, position + 1)[0]


def _server_name(record: bytes) -> str | None:
    """The name in a TLS client hello (RFC 8446 §4.1.2, RFC 6066 §3)."""
    if len(record) < 50 or record[5] != 1:
        return None
    position = 43
    position += 1 + record[position]
    position += 2 + struct.unpack_from("!H", record, position)[0]
    position += 1 + record[position]
    end = position + 2 + struct.unpack_from("!H", record, position)[0]
    position += 2
    while position + 4 <= min(end, len(record)):
        kind, length = struct.unpack_from("!HH", record, position)
        if kind == 0:
            return record[position + 9: position + 4 + length].decode("latin-1").lower()
        position += 4 + length
    return None
