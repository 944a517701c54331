"""A name server in front of unbound: it answers a few names by script and passes on the rest.

What unbound would not pass on (REFUSED, answers cut short, aliases in a circle) is made here. All
else goes through octet by octet, the AD bit included.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

from .. import servers
from ..peers import Serve

Script = dict[str, dict[str, Any]]
TYPES = {1: "A", 15: "MX", 16: "TXT", 28: "AAAA", 52: "TLSA"}
# A name not asked for so long is asked for the first time again.
FORGOTTEN_SECONDS = 4
PATIENCE = 20


def question(query: bytes) -> tuple[str, int]:
    """The key of a query in the script, and where its question ends."""
    labels, position = [], 12
    while length := query[position]:
        labels.append(query[position + 1: position + 1 + length].decode("latin-1").lower())
        position += 1 + length
    kind = struct.unpack_from("!H", query, position + 1)[0]
    return f"{'.'.join(labels)} {TYPES.get(kind, kind)}", position + 5


def _reply(query: bytes, end: int, flags: int, answers: list[bytes] | None = None) -> bytes:
    answers = answers or []
    head = query[:2] + struct.pack("!HHHHH", 0x8180 | flags, 1, len(answers), 0, 0)
    return head + query[12:end] + b"".join(answers)


def _aliases(query: bytes, end: int, action: dict[str, Any]) -> bytes:
    """CNAMEs from the name asked for, one to the next; the last to the first where they loop."""
    count = action["aliases"]
    names = [query[12: end - 4]] + [
        bytes([len(label)]) + label + b"\5alias\3zoo\3lab\0"
        for label in (b"n%d" % n for n in range(1, count + 1))]
    if action.get("loop"):
        names[-1] = names[0]
    answers = [
        owner + struct.pack("!HHIH", 5, 1, 60, len(target)) + target
        for owner, target in itertools.pairwise(names)]
    return _reply(query, end, 0, answers)


class Names:
    """The scripted names, and when each was asked for."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: dict[str, float] = {}

    def action(self, key: str) -> dict[str, Any] | None:
        """What to do about a question; None where it is to be passed on."""
        action = self.script.get(key)
        if action is None or "first" not in action:
            return action
        before, now = self.asked.get(key, 0.0), time.monotonic()
        self.asked[key] = now
        return action["first"] if now - before > FORGOTTEN_SECONDS else None

    def answer(self, query: bytes, is_tcp: bool) -> tuple[bool, bytes | None]:
        """Whether the question is answered here, and by what, if not by silence."""
        key, end = question(query)
        action = self.action(key)
        if action is None or (is_tcp and action.get("truncate") == "pass"):
            return False, None
        if "rcode" in action:
            return True, _reply(query, end, action["rcode"])
        if "aliases" in action:
            return True, _aliases(query, end, action)
        if "cut" in action:
            # One answer is announced, and none is there.
            return True, _reply(query, end, 0, [b""])
        if "truncate" in action and not is_tcp:
            return True, _reply(query, end, 0x0200)
        return True, None


def _datagrams() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    return made


def _taken(source: socket.socket, most: int) -> list[tuple[bytes, Any]]:
    taken: list[tuple[bytes, Any]] = []
    try:
        while len(taken) < most:
            taken.append(source.recvfrom(4096))
    except OSError:
        pass
    return taken


class Relay:
    """Passes datagrams between clients and unbound; ids are its own, because clients share it."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.waiting: dict[int, tuple[bytes, Any]] = {}
        self.next = 0
        self.front, self.back = _datagrams(), _datagrams()
        self.front.bind((servers.ZOO_RESOLVER_ADDRESS, servers.ZOO_RESOLVER_PORT))
        self.back.connect((servers.RESOLVER_ADDRESS, servers.RESOLVER_PORT))

    def pump(self) -> None:
        """Moves all that is there, a little from each side in turn: few fit into a socket."""
        is_busy = True
        while is_busy:
            answers, queries = _taken(self.back, 256), _taken(self.front, 16)
            for data, _ in answers:
                self._answered(data)
            for data, client in queries:
                self._asked(data, client)
            is_busy = bool(answers or queries)

    def _answered(self, data: bytes) -> None:
        if waiting := self.waiting.pop(struct.unpack_from("!H", data)[0], None):
            before, client = waiting
            self.front.sendto(before + data[2:], client)

    def _asked(self, data: bytes, client: Any) -> None:
        is_here, answer = self.names.answer(data, is_tcp=False)
        if is_here:
            if answer is not None:
                self.front.sendto(answer, client)
            return
        self.next = (self.next + 1) & 0xFFFF
        self.waiting[self.next] = (data[:2], client)
        self.back.send(struct.pack("!H", self.next) + data[2:])


async def _ask_by_tcp(query: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(
        servers.RESOLVER_ADDRESS, servers.RESOLVER_PORT)
    writer.write(struct.pack("!H", len(query)) + query)
    length = struct.unpack("!H", await reader.readexactly(2))[0]
    answer = await reader.readexactly(length)
    writer.close()
    return answer


async def _answer_by_tcp(names: Names, query: bytes, writer: asyncio.StreamWriter) -> None:
    is_here, answer = names.answer(query, is_tcp=True)
    try:
        if not is_here:
            answer = await asyncio.wait_for(_ask_by_tcp(query), PATIENCE)
        if answer is not None:
            writer.write(struct.pack("!H", len(answer)) + answer)
    except (TimeoutError, OSError, asyncio.IncompleteReadError):
        pass


def _tcp(names: Names) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # RFC 7766 §6.2.1.1: no query waits for the one before.
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                length = struct.unpack("!H", await reader.readexactly(2))[0]
                query = await reader.readexactly(length)
                task = asyncio.create_task(_answer_by_tcp(names, query, writer))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
    return serve


async def main(path: Path) -> None:
    """Serves until killed."""
    names = Names(json.loads(path.read_text()))
    relay = Relay(names)
    for side in (relay.front, relay.back):
        asyncio.get_running_loop().add_reader(side, relay.pump)
    where = servers.ZOO_RESOLVER_ADDRESS, servers.ZOO_RESOLVER_PORT
    await asyncio.start_server(_tcp(names), *where)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
