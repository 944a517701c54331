"""A name server before another: it puts the records of answers in another order, and delays some.

Everything else of an answer stays as it is: its header, the AD bit, time to live, OPT record.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from dataclasses import dataclass

Address = tuple[str, int]
# The fields of RDATA that precede a name which may be compressed, in octets (RFC 1035 §3.3).
NAME_AT = {2: 0, 5: 0, 12: 0, 15: 2}
DELAY_SECONDS = 0.25
TRY_SECONDS = 20


@dataclass(frozen=True)
class Answering:
    """How questions are answered.

    `order` numbers an order of the records, 0 for the server's own. `late` says which questions
    wait before they are passed on: `policies`, those for policy hosts and their records; `hosts`,
    all others but MX; or none.
    """

    order: int = 0
    late: str = ""


def _name(message: bytes, at: int) -> tuple[bytes, int]:
    """A name without compression, and where it ends."""
    octets, end = b"", 0
    for _ in range(200):
        length = message[at]
        if length >= 0xC0:
            end = end or at + 2
            at = struct.unpack_from("!H", message, at)[0] & 0x3FFF
        elif length == 0:
            return octets + b"\0", end or at + 1
        else:
            octets += message[at:at + 1 + length]
            at += 1 + length
    raise ValueError("a name that does not end")


def _data(message: bytes, kind: int, at: int, length: int) -> bytes:
    """RDATA without compression."""
    if kind not in NAME_AT:
        return message[at:at + length]
    before = NAME_AT[kind]
    return message[at:at + before] + _name(message, at + before)[0]


def _record(message: bytes, at: int) -> tuple[tuple[bytes, int], bytes, int]:
    """A record: what it belongs to, its octets without compression, and where it ends."""
    owner, at = _name(message, at)
    kind, class_, ttl, length = struct.unpack_from("!HHIH", message, at)
    at += 10
    data = _data(message, kind, at, length)
    octets = owner + struct.pack("!HHIH", kind, class_, ttl, len(data)) + data
    return (owner.lower(), kind), octets, at + length


def reordered(message: bytes, order: int) -> bytes:
    """A response whose RRsets are each in another order, the same one for each number.

    Other sections than the answer are dropped but for the OPT record, as what they say is not used.
    """
    counts = struct.unpack_from("!HHHH", message, 4)
    if order == 0 or counts[0] != 1 or counts[1] < 2:
        return message
    at = question_end = _name(message, 12)[1] + 4
    sets: dict[tuple[bytes, int], list[bytes]] = {}
    for _ in range(counts[1]):
        key, octets, at = _record(message, at)
        sets.setdefault(key, []).append(octets)
    additional = b""
    for _ in range(counts[2] + counts[3]):
        start = at
        (_, kind), _, at = _record(message, at)
        if kind == 41:
            additional += message[start:at]
    pick = random.Random(f"{order} {message[12:question_end]!r}")
    for records in sets.values():
        # Without what chance may leave as it was.
        records.sort()
        pick.shuffle(records)
    head = message[:6] + struct.pack("!HHH", counts[1], 0, 1 if additional else 0)
    answers = b"".join(octets for records in sets.values() for octets in records)
    return head + message[12:question_end] + answers + additional


def _labels(query: bytes) -> tuple[list[bytes], int]:
    """The labels of the question in lower case, and its type."""
    name, end = _name(query, 12)
    labels, at = [], 0
    while length := name[at]:
        labels.append(name[at + 1:at + 1 + length].lower())
        at += 1 + length
    return labels, struct.unpack_from("!H", query, end)[0]


def is_late(query: bytes, late: str) -> bool:
    """Whether a question waits."""
    labels, kind = _labels(query)
    if not late or not labels or kind == 15:
        return False
    is_policy = labels[0] in (b"_mta-sts", b"mta-sts")
    return is_policy == (late == "policies")


class Forwarder:
    """Runs on a thread of its own, on a free port or a given one; `with` starts and ends it."""

    def __init__(self, upstream: Address, answering: Answering, port: int = 0) -> None:
        self.upstream, self.answering, self.port = upstream, answering, port
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Forwarder:
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self.loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    @property
    def flag(self) -> str:
        """The server as the program takes it."""
        return f"127.0.0.1:{self.port}"

    async def _open(self) -> None:
        self.listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.listener.sockets[0].getsockname()[1]
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", self.port))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.back.setblocking(False)
        self.back.connect(self.upstream)
        self.askers: dict[int, tuple[bytes, Address]] = {}
        self.number = 0
        self.loop.add_reader(self.socket, self._receive)
        self.loop.add_reader(self.back, self._return)

    async def _close(self) -> None:
        self.loop.remove_reader(self.socket)
        self.loop.remove_reader(self.back)
        self.socket.close()
        self.back.close()
        self.listener.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _receive(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                query, asker = self.socket.recvfrom(4096)
                if is_late(query, self.answering.late):
                    self.loop.call_later(DELAY_SECONDS, self._pass_on, query, asker)
                else:
                    self._pass_on(query, asker)

    def _pass_on(self, query: bytes, asker: Address) -> None:
        self.number = (self.number + 1) & 0xFFFF
        self.askers[self.number] = (query[:2], asker)
        with contextlib.suppress(OSError):
            self.back.send(struct.pack("!H", self.number) + query[2:])

    def _return(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                answer = self.back.recv(65535)
                asked = self.askers.pop(struct.unpack_from("!H", answer)[0], None)
                if asked:
                    self.socket.sendto(self._ordered(asked[0] + answer[2:]), asked[1])

    def _ordered(self, answer: bytes) -> bytes:
        try:
            return reordered(answer, self.answering.order)
        except (IndexError, struct.error, ValueError):
            # What is broken is passed on as it is.
            return answer

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            self.tasks.discard(task)
            writer.close()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, here = await asyncio.open_connection(*self.upstream)
        try:
            while True:
                query = await _read(reader)
                if is_late(query, self.answering.late):
                    await asyncio.sleep(DELAY_SECONDS)
                here.write(struct.pack("!H", len(query)) + query)
                answer = self._ordered(await _read(there))
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        finally:
            here.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    """A message of a TCP connection."""
    return await reader.readexactly(struct.unpack("!H", await reader.readexactly(2))[0])
