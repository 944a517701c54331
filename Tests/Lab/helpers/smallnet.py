"""A name server and SMTP servers of the test's own, which note all that reaches them."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

from dnslib import AAAA, CNAME, MX, QTYPE, RCODE, RR, SOA, TLSA, TXT, A, DNSRecord

from helpers.program import Record, read_records, run
from lab.peers import Reader, Writer, shake_hands

Zone = dict[str, list[tuple[str, Any]]]
Result = TypeVar("Result")


@dataclasses.dataclass
class Visit:
    """One connection that a server saw."""

    address: str
    opened: float
    closed: float | None = None
    peer: str = ""
    ehlo: str = ""


class SmallNet:
    """Runs on a thread of its own; `with` starts and ends it.

    `zone` has for each name a list of (type, value); what is not there does not exist. A name that
    begins with `*.` matches all below it. The value of a TLSA record is a tuple of its fields.
    """

    def __init__(self, zone: Zone, port: int = 20025) -> None:
        self.zone: Zone = {name.lower(): records for name, records in zone.items()}
        # What resolvers are tried by.
        self.zone[""] = [("SOA", None)]
        self.port = port
        self.questions: list[tuple[str, str]] = []
        self.asked_at: list[float] = []
        self.visits: list[Visit] = []
        self.greetings: dict[str, bytes] = {}
        self.contexts: dict[str, ssl.SSLContext | None] = {}
        self.servers: list[asyncio.Server] = []
        self.delay = 0.0
        # What an address does once TLS stands, in place of a reply: `close` or `wait`.
        self.after_tls: dict[str, str] = {}
        # What an address answers a verb, in place of what a good server says.
        self.replies: dict[tuple[str, str], bytes] = {}
        # The verb that an address never answers; `TLS` for the handshake.
        self.silent_after: dict[str, str] = {}
        # The names whose answers are validated, where only some are.
        self.secure: set[str] = set()
        # Called with the address and the number of connections so far, for each new one.
        self.on_visit: Callable[[str, int], object] = lambda address, count: None
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.udp.bind(("127.0.0.1", 0))
        self.run(self.loop.create_datagram_endpoint(lambda: _Answers(self), sock=self.udp))
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def _close(self) -> None:
        for server in self.servers:
            server.close()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """The result of a coroutine that runs on the net's thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    @property
    def name_server(self) -> str:
        """Where questions are answered."""
        return f"127.0.0.1:{self.udp.getsockname()[1]}"

    def flags(self) -> list[str]:
        """The options that point the program here."""
        return ["--name-servers", self.name_server, "--smtp-port", str(self.port),
                "--allow-special-use-addresses", "--ehlo-name", "scanner.test",
                "--contact", "https://scanner.test/", "--retry-delays", "none"]

    def smtp(
        self, address: str, context: ssl.SSLContext | None = None,
        greeting: bytes = b"220 mx.test ESMTP\r\n",
    ) -> None:
        """Listens at the address; STARTTLS is offered where there is a TLS context."""
        self.greetings[address] = greeting
        self.contexts[address] = context
        self.run(self._listen(address))

    async def _listen(self, address: str) -> None:
        async def serve(reader: Reader, writer: Writer) -> None:
            visit = Visit(address, time.monotonic(), peer=writer.get_extra_info("peername")[0])
            self.visits.append(visit)
            self.on_visit(address, len(self.visits))
            try:
                await self._converse(address, visit, reader, writer)
            except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
                pass
            finally:
                visit.closed = time.monotonic()
                writer.close()
        self.servers.append(
            await asyncio.start_server(serve, address, self.port, backlog=4096))

    async def _converse(
        self, address: str, visit: Visit, reader: Reader, writer: Writer
    ) -> None:
        await asyncio.sleep(self.delay)
        writer.write(self.greetings[address])
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb.decode() == self.silent_after.get(address):
                await reader.read()
                return
            if reply := self.replies.get((address, verb.decode())):
                writer.write(reply)
                if verb != b"STAR" or not reply.startswith(b"2"):
                    continue
            elif verb == b"EHLO":
                visit.ehlo = line[5:].strip().decode()
                offer = b"250 STARTTLS\r\n" if self.contexts[address] else b"250 HELP\r\n"
                writer.write(b"250-mx.test\r\n" + offer)
            elif verb == b"STAR":
                writer.write(b"220 go on\r\n")
            if verb == b"STAR":
                if self.silent_after.get(address) == "TLS":
                    await reader.read()
                    return
                context = self.contexts[address]
                assert context, "STARTTLS was not offered"
                if context.verify_mode == ssl.CERT_REQUIRED:
                    # No client has a certificate.
                    await shake_hands(reader, writer, context)
                    return
                await writer.start_tls(context)
                if after := self.after_tls.get(address):
                    await (reader.read() if after == "wait" else reader.readline())
                    return
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return

    def https(self, address: str, port: int, context: ssl.SSLContext, body: bytes) -> None:
        """Answers each request at the address with a policy."""
        async def serve(reader: Reader, writer: Writer) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                             b"Connection: close\r\nContent-Length: %d\r\n\r\n%b"
                             % (len(body), body))
                await writer.drain()
            except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        async def listen() -> None:
            self.servers.append(await asyncio.start_server(serve, address, port, ssl=context))
        self.run(listen())

    def asked(self) -> set[str]:
        """All names asked for."""
        return {name for name, _ in self.questions}

    def simultaneous(self, address: str) -> int:
        """The highest number of connections open at once at an address."""
        changes: list[tuple[float, int]] = []
        for visit in self.visits:
            if visit.address == address:
                changes += [(visit.opened, 1), (visit.closed or time.monotonic(), -1)]
        count = highest = 0
        for _, change in sorted(changes):
            count += change
            highest = max(highest, count)
        return highest


class _Answers(asyncio.DatagramProtocol):
    def __init__(self, net: SmallNet) -> None:
        self.net = net

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer: Any) -> None:
        question = DNSRecord.parse(data)
        name, kind = str(question.q.qname).rstrip(".").lower(), QTYPE[question.q.qtype]
        self.net.questions.append((name, kind))
        self.net.asked_at.append(time.monotonic())
        reply = question.reply()
        records = self._records(name)
        if records is None:
            reply.header.rcode = RCODE.NXDOMAIN
        # A resolver that validates shows it by the root; without names the question's bit stays.
        if self.net.secure:
            reply.header.ad = int(not name or name in self.net.secure)
        owner = question.q.qname
        # As a resolver does: the alias, then what stands at its end.
        for target in [value for type_, value in records or [] if type_ == "CNAME"]:
            reply.add_answer(RR(owner, QTYPE.CNAME, ttl=60, rdata=CNAME(target)))
            owner, records = target, self._records(target)
        makers: dict[str, Callable[[Any], Any]] = {
            "A": A, "AAAA": AAAA, "TXT": TXT, "SOA": lambda _: SOA(),
            "MX": lambda value: MX(*value) if isinstance(value, tuple) else MX(value, 10),
            "TLSA": lambda value: TLSA(*value)}
        for type_, value in records or []:
            if type_ == kind:
                reply.add_answer(RR(
                    owner, question.q.qtype, ttl=60, rdata=makers[kind](value)))
        self.transport.sendto(reply.pack(), peer)

    def _records(self, name: str) -> list[tuple[str, Any]] | None:
        if name in self.net.zone:
            return self.net.zone[name]
        while "." in name:
            name = name.split(".", 1)[1]
            if f"*.{name}" in self.net.zone:
                return self.net.zone[f"*.{name}"]
        return None


EC_P256 = ("EC", "ec_paramgen_curve:P-256")


def certificate(
    folder: Path, *names: str, kind: tuple[str, ...] = EC_P256
) -> ssl.SSLContext:
    """A TLS context with a self-signed certificate for the names, made by openssl.

    `kind` is the key's algorithm, followed by its parameters.
    """
    key, path = folder / f"{names[0]}.key", folder / f"{names[0]}.pem"
    parameters = [word for parameter in kind[1:] for word in ("-pkeyopt", parameter)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", kind[0], *parameters, "-nodes", "-keyout", key,
         "-out", path, "-days", "2", "-subj", f"/CN={names[0]}",
         "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)],
        check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key)
    return context


def scan(
    net: SmallNet, tmp_path: Path, names: Iterable[str], *options: object, folder: str = "out"
) -> dict[str, Record]:
    """Scans names with a SmallNet; the records by domain."""
    path = tmp_path / "list.txt"
    path.write_text("".join(f"{name}\n" for name in names))
    done = run("scan", path, "--output", tmp_path / folder, *net.flags(), *options)
    assert done.returncode == 0, done.stderr
    records = read_records(tmp_path / folder, "domains")
    return {record["domain"]: record for record in records}
