"""A name server before the lab's that can be made to fail, to lie, or to be slow."""

from __future__ import annotations

import collections
import contextlib
import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable

LAB = ("127.0.0.1", 10053)
Address = tuple[str, int]

RCODES = {"formerr": 1, "servfail": 2, "nxdomain": 3, "notimp": 4, "refused": 5, "badvers": 16}
A, SOA, MX, TXT = 1, 6, 15, 16


class Question:
    """What a message asks: the labels of a name, and a type."""

    def __init__(self, message: bytes) -> None:
        labels, at = [], 12
        while length := message[at]:
            labels.append(message[at + 1:at + 1 + length].decode("latin-1"))
            at += 1 + length
        self.labels = labels
        self.name = ".".join(labels)
        self.type = struct.unpack("!H", message[at + 1:at + 3])[0]
        self.octets = message[12:at + 5]
        self.has_edns = message[10:12] != b"\0\0"

    @property
    def zone(self) -> str:
        """The name without labels such as _mta-sts, cut to two labels."""
        return ".".join(self.labels[-2:])


def denies_all(question: Question) -> str | None:
    """NXDOMAIN for all but the root."""
    return "nxdomain" if question.labels else None


def empties_all(question: Question) -> str | None:
    """NOERROR without records for all but the root and random top-level domains."""
    return "nodata" if len(question.labels) > 1 or question.name == "com" else None


def hijacks(question: Question) -> str | None:
    """An address for every name below a top-level domain that does not exist."""
    return "address" if len(question.labels) > 1 and question.type == A else None


def every_other_zone_gone(question: Question) -> str | None:
    """NXDOMAIN for half of the zones."""
    is_gone = hashlib.sha256(question.zone.encode()).digest()[0] % 2
    return "nxdomain" if len(question.labels) > 1 and is_gone else None


class NameServer:
    """Forwards questions to the lab's resolver, or does what its mode says.

    Modes: `forward`; `silent` answers nothing; `servfail` and `refused` answer so whatever is
    asked; `formerr`, `notimp` and `badvers` answer so what has an OPT record, and `drops_edns` not
    at all; `invents` answers every question for an address with one, as resolvers do that rewrite
    NXDOMAIN. A `lie` says of a question how it is answered: `nxdomain`, `nodata`, `address`; None
    for the truth. A `hijack` is a lie where the truth is NXDOMAIN. With `at_once` questions under
    way others get the RCODE of `when_full`. TCP: `forward`, `close` after each answer, `trickle`
    an octet at a time, `never` answers, `none`.
    """

    def __init__(
        self, mode: str = "forward", idle_seconds: float | None = None, *,
        lie: Callable[[Question], str | None] | None = None, at_once: int | None = None,
        when_full: str = "refused", delay: float = 0, tcp: str = "forward",
        truncates: Callable[[Question], bool] | None = None, pause: float = 0,
        has_default_buffer: bool = False,
    ) -> None:
        self.mode = mode
        # How long a TCP connection that brings no question is kept.
        self.idle_seconds = idle_seconds
        self.lie = lie
        self.at_once, self.when_full = at_once, when_full
        # How long an answer takes, and how long it takes to read a question, in seconds.
        self.delay, self.pause = delay, pause
        self.tcp = tcp
        # Which questions get an answer over UDP that is cut off.
        self.truncates = truncates
        self.has_default_buffer = has_default_buffer
        # Names, as octets of the question, and how often they fail before they are answered.
        self.failures: dict[bytes, int] = {}
        self.questions = self.under_way = self.refused = self.overruns = 0
        self.answered = 0
        # The domains of which an answer was too large for UDP.
        self.cut: set[str] = set()
        self._take_port()
        self.upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.upstream.connect(LAB)
        self.askers: dict[int, tuple[bytes, Address, Question]] = {}
        self.numbers = 0
        self.late: collections.deque[tuple[float, int, bytes]] = collections.deque()
        # TCP connections that are never answered.
        self.kept: list[socket.socket] = []
        for work in (self._receive, self._return, self._accept, self._send_late):
            threading.Thread(target=work, daemon=True).start()

    def _take_port(self) -> None:
        """One port of both protocols: answers that are too large for UDP come over TCP."""
        for _ in range(100):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            if not self.has_default_buffer:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self.socket.bind(("127.0.0.1", 0))
            self.port = self.socket.getsockname()[1]
            if self.tcp == "none":
                return
            try:
                self.listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
                return
            except OSError:
                # A connection of another process has the number.
                self.socket.close()
        raise OSError("no port is free for both protocols")

    @property
    def flag(self) -> str:
        """The server as the program takes it."""
        return f"127.0.0.1:{self.port}"

    def dropped(self) -> int:
        """How many datagrams the system had no room for in the server's socket."""
        with open("/proc/net/udp", encoding="ascii") as table:
            for line in list(table)[1:]:
                fields = line.split()
                if int(fields[1].split(":")[1], 16) == self.port:
                    return int(fields[-1])
        raise LookupError("no such socket")

    def _receive(self) -> None:
        while True:
            message, asker = self.socket.recvfrom(4096)
            if self.pause:
                time.sleep(self.pause)
            self.questions += 1
            self._take(message, asker)

    def _take(self, message: bytes, asker: Address) -> None:
        question = Question(message)
        octets = question.octets[:-4]
        if self.failures.get(octets, 0) > 0:
            self.failures[octets] -= 1
            self._answer(message, asker, question, RCODES["servfail"])
        elif self.mode == "silent" or (self.mode == "drops_edns" and question.has_edns):
            return
        elif self.mode in ("servfail", "refused") or (
                self.mode in ("formerr", "notimp", "badvers") and question.has_edns):
            self._answer(message, asker, question, RCODES[self.mode])
        elif self.mode == "invents" and question.type == A:
            self.socket.sendto(invention(message, question), asker)
        else:
            self._lie_or_forward(message, asker, question)

    def _lie_or_forward(self, message: bytes, asker: Address, question: Question) -> None:
        lie = self.lie(question) if self.lie else None
        if lie == "address":
            lie = None if self.lie is hijacks else lie
        if lie:
            self._answer_by(lie, message, asker, question)
            return
        if self.at_once is not None and self.under_way >= self.at_once:
            self.refused += 1
            self._answer(message, asker, question, RCODES[self.when_full])
            return
        self.under_way += 1
        self.numbers = (self.numbers + 1) & 0xFFFF
        self.askers[self.numbers] = (message, asker, question)
        self.upstream.send(struct.pack("!H", self.numbers) + message[2:])

    def _answer_by(
        self, lie: str, message: bytes, asker: Address, question: Question
    ) -> None:
        if lie == "address":
            self.socket.sendto(invention(message, question), asker)
        else:
            self._answer(message, asker, question, RCODES.get(lie, 0))

    def _answer(
        self, message: bytes, asker: Address, question: Question, rcode: int
    ) -> None:
        self.socket.sendto(failure(message, question, rcode), asker)

    def _return(self) -> None:
        while True:
            answer = self.upstream.recv(65535)
            number = struct.unpack("!H", answer[:2])[0]
            due = time.monotonic() + self.delay
            if self.delay:
                self.late.append((due, number, answer))
            else:
                self._pass_on(number, answer)

    def _send_late(self) -> None:
        while True:
            if not self.late or self.late[0][0] > time.monotonic():
                time.sleep(0.002)
                continue
            _, number, answer = self.late.popleft()
            self._pass_on(number, answer)

    def _pass_on(self, number: int, answer: bytes) -> None:
        self.under_way -= 1
        self.answered += 1
        message, asker, question = self.askers[number]
        if self.mode == "silent":
            return
        answer = message[:2] + answer[2:]
        if self.lie is hijacks and answer[3] & 15 == 3 and hijacks(question):
            answer = invention(message, question)
        if self.truncates and self.truncates(question):
            answer = failure(message, question, 0, cut=True)
        if answer[2] & 2:
            self.cut.add(".".join(label for label in question.labels if label[:1] != "_"))
        self.socket.sendto(answer, asker)

    def fail(self, name: str, times: int) -> None:
        """Answers the next questions for a name by SERVFAIL."""
        wire = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        self.failures[wire + b"\x00"] = times

    def _accept(self) -> None:
        while self.tcp != "none":
            client, _ = self.listener.accept()
            if self.mode not in ("forward", "formerr", "notimp", "badvers", "drops_edns"):
                client.close()
                continue
            client.settimeout(self.idle_seconds)
            if self.tcp in ("close", "trickle"):
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
                continue
            if self.tcp == "never":
                self.kept.append(client)
                continue
            server = socket.create_connection(LAB)
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Answers one question over TCP, or many an octet at a time."""
        with contextlib.suppress(OSError, struct.error), \
                socket.create_connection(LAB) as server, client:
            while True:
                server.sendall(read_message(client))
                answer = read_message(server)
                if self.tcp == "close":
                    client.sendall(answer)
                    return
                for octet in answer:
                    client.sendall(bytes([octet]))
                    time.sleep(0.05)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while octets := source.recv(65536):
                target.sendall(octets)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, target):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


def read_message(connection: socket.socket) -> bytes:
    """A message of a TCP connection, with its length in front."""
    octets = b""
    while len(octets) < 2 or len(octets) < 2 + struct.unpack("!H", octets[:2])[0]:
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        octets += more
    return octets


def failure(message: bytes, question: Question, rcode: int, cut: bool = False) -> bytes:
    """A response without records; a long RCODE takes an OPT record."""
    flags = 0x8180 | rcode & 15 | (0x0200 if cut else 0)
    extra = b"\0" + struct.pack("!HHIH", 41, 1232, (rcode >> 4) << 24, 0) if rcode > 15 else b""
    header = struct.pack("!HHHHH", flags, 1, 0, 0, 1 if extra else 0)
    return message[:2] + header + question.octets + extra


def invention(message: bytes, question: Question) -> bytes:
    """An address for whatever is asked."""
    answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([127, 66, 66, 66])
    header = struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    return message[:2] + header + question.octets + answer
