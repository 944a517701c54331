"""A name server, mail servers and policy hosts that send the worst octets they can."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab.peers import Reader, Serve, Writer

# Terminal escapes (7-bit, 8-bit and as UTF-8), JSON specials, NUL, DEL, a tab, a change of
# direction, and octets that are not UTF-8: lone, overlong, cut short, a surrogate.
NASTY = (b'\x1b[31mred \x1b]0;title\x07 \x9b31m \xc2\x9b31m "quoted" \\ \\u0041 {"a":[1]} '
         b"</script> "
         b"\x00 \x7f \t \xe2\x80\xae \xff \xfe \xc0\x80 \xe2\x82 \xed\xa0\x80 %s%n $(id) `id` '")
MEGABYTE = (NASTY * (1 + 2**20 // len(NASTY)))[:2**20]
GOOD_POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.%s\r\nmax_age: 86400\r\n"
A, CNAME, SOA, MX, TXT = 1, 5, 6, 15, 16
# A name as text, or as its labels where they have dots in them or are no text.
Name = str | tuple[bytes, ...]


def labels(name: Name) -> tuple[bytes, ...]:
    """The labels of a name."""
    return tuple(name.encode().split(b".")) if isinstance(name, str) else name


def wire(name: Name) -> bytes:
    """A name as a message has it."""
    return b"".join(bytes([len(label)]) + label for label in labels(name)) + b"\0"


def txt(text: bytes) -> bytes:
    """The data of a TXT record, in strings of 255 octets."""
    return b"".join(bytes([len(part)]) + part
                    for part in (text[at:at + 255] for at in range(0, len(text), 255)))


def mx(name: Name, preference: int = 10) -> bytes:
    """The data of an MX record."""
    return struct.pack("!H", preference) + wire(name)


class NameServer:
    """Answers from a table of records, each as its octets; over UDP only what is small."""

    def __init__(self) -> None:
        self.records: dict[tuple[tuple[bytes, ...], int], list[bytes]] = {}
        self.aliases: dict[tuple[bytes, ...], tuple[bytes, ...]] = {}

    def add(self, name: Name, kind: int, *data: bytes) -> None:
        """Adds records of a type."""
        self.records.setdefault((labels(name), kind), []).extend(data)

    def alias(self, name: Name, target: Name) -> None:
        """Makes a name an alias of another."""
        self.aliases[labels(name)] = labels(target)

    def answer(self, query: bytes, limit: int) -> bytes:
        """The response; without records, and with TC, where it is longer than the limit."""
        name, at = [], 12
        while query[at]:
            name.append(query[at + 1:at + 1 + query[at]])
            at += 1 + query[at]
        kind, = struct.unpack("!H", query[at + 1:at + 3])
        owner = tuple(label.lower() for label in name)
        answers, count = b"", 0
        while (owner, kind) not in self.records and owner in self.aliases:
            target = self.aliases[owner]
            head = struct.pack("!HHIH", CNAME, 1, 60, len(wire(target)))
            answers += wire(owner) + head + wire(target)
            count += 1
            owner = target
        for data in self.records.get((owner, kind), []):
            # The question's name is at octet 12.
            is_asked = count == 0 or owner == tuple(label.lower() for label in name)
            head = b"\xc0\x0c" if is_asked else wire(owner)
            answers += head + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
            count += 1
        is_known = any(key[0] == owner for key in self.records)
        is_cut = 12 + len(query) + len(answers) > limit
        if is_cut:
            answers, count = b"", 0
        flags = 0x8180 | (0x0200 if is_cut else 0) | (0 if is_known else 3)
        return query[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + query[12:at + 5] + answers

    async def serve_tcp(self, reader: Reader, writer: Writer) -> None:
        """Answers over TCP, until the client goes."""
        while head := await reader.read(2):
            size, = struct.unpack("!H", head)
            answer = self.answer(await reader.readexactly(size), 65535)
            writer.write(struct.pack("!H", len(answer)) + answer)
            await writer.drain()

    async def start(self, address: str) -> int:
        """Answers at an address; the port, which the system chooses."""
        server = await asyncio.start_server(self.serve_tcp, address, 0)
        port: int = server.sockets[0].getsockname()[1]
        outer = self

        class Datagrams(asyncio.DatagramProtocol):
            def connection_made(self, transport: Any) -> None:
                self.transport = transport

            def datagram_received(self, query: bytes, peer: Any) -> None:
                self.transport.sendto(outer.answer(query, 1232), peer)

        await asyncio.get_running_loop().create_datagram_endpoint(Datagrams, (address, port))
        return port


class Authority:
    """Signs certificates for any octets."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hostile CA")])
        self.root = self._sign(self.name, self.key, [x509.BasicConstraints(True, None)])

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey,
        extensions: list[x509.ExtensionType],
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=90)))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def context(
        self, folder: Path, names: Sequence[bytes], subject: bytes
    ) -> ssl.SSLContext:
        """A server's TLS context with a certificate for these octets."""
        key = ec.generate_private_key(ec.SECP256R1())
        # GeneralNames by hand: a sequence of [2] IA5String, whose octets nobody checks.
        body = b"".join(b"\x82" + der_length(name) + name for name in names)
        alternative = x509.UnrecognizedExtension(
            x509.ObjectIdentifier("2.5.29.17"), b"\x30" + der_length(body) + body)
        text = subject.decode("utf-8", "replace").replace("\0", "")
        unit = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, text[at:at + 60] or "x")
                for at in range(0, min(len(text), 12000), 60)]
        leaf = self._sign(x509.Name(unit), key, [alternative])
        path = folder / f"{len(list(folder.iterdir()))}.pem"
        path.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()) + leaf.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def der_length(body: bytes) -> bytes:
    """The length of what is up to 64 KiB, in DER."""
    size = len(body)
    return bytes([size]) if size < 128 else b"\x82" + struct.pack("!H", size)


def mail_server(
    greeting: bytes = b"220 peer\r\n", ehlo: bytes = b"250-peer\r\n250 STARTTLS\r\n",
    starttls: bytes = b"220 go\r\n", context: ssl.SSLContext | None = None,
) -> Serve:
    """A mail server that gives these replies."""
    async def serve(reader: Reader, writer: Writer) -> None:
        writer.write(greeting)
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"STAR":
                writer.write(starttls)
                if context:
                    await writer.start_tls(context)
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(ehlo)
            await writer.drain()
        writer.close()
    return serve


def policy_host(
    status: bytes = b"200 OK", headers: bytes = b"Content-Type: text/plain\r\n", body: bytes = b""
) -> Serve:
    """A policy host that gives this response."""
    async def serve(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 " + status + b"\r\n" + headers
                     + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
    return serve


def quiet(serve: Serve) -> Serve:
    """The same server, which a client that goes does not disturb."""
    async def run(reader: Reader, writer: Writer) -> None:
        try:
            await asyncio.wait_for(serve(reader, writer), 20)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, ValueError):
            writer.close()
    return run


class World:
    """All of it on loopback, in a thread of its own until closed."""

    def __init__(self, folder: Path) -> None:
        self.names = NameServer()
        self.authority = Authority()
        self.folder = folder
        self.domains: dict[str, str] = {}
        self.peers: list[tuple[int, Serve, Serve, ssl.SSLContext]] = []
        self.flags: list[object] = []
        (folder / "ca.pem").write_bytes(
            self.authority.root.public_bytes(serialization.Encoding.PEM))
        (folder / "keys").mkdir()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def context(self, *names: bytes, subject: bytes = b"x") -> ssl.SSLContext:
        """A TLS context with a certificate for these octets."""
        return self.authority.context(self.folder / "keys", names, subject)

    def domain(
        self, word: str, mail: Serve | None = None, policy: Serve | None = None,
        context: ssl.SSLContext | None = None, record: bytes = b"v=STSv1; id=1;",
    ) -> str:
        """A domain with one MX host and a policy host, and its own address for each."""
        name = f"{word}.test"
        number = len(self.peers) + 1
        addresses = [ipaddress.ip_address(f"127.77.{number}.{last}").packed for last in (1, 2)]
        self.names.add(name, MX, mx(f"mx.{name}"))
        self.names.add(f"mx.{name}", A, addresses[0])
        self.names.add(f"_mta-sts.{name}", TXT, txt(record))
        self.names.add(f"mta-sts.{name}", A, addresses[1])
        context = context or self.context(f"mta-sts.{name}".encode())
        body = GOOD_POLICY % name.encode()
        self.peers.append((number, mail or mail_server(context=self.context(f"mx.{name}".encode())),
                           policy or policy_host(body=body), context))
        self.domains[word] = name
        return name

    async def _start(self) -> tuple[int, list[int]]:
        dns = await self.names.start("127.77.0.1")
        ports = [0, 0]
        for number, mail, policy, context in self.peers:
            both: list[tuple[Serve, ssl.SSLContext | None]] = [(mail, None), (policy, context)]
            for last, (serve, secure) in enumerate(both):
                listener = socket.socket()
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                # What a server has sent is then nearly what its peer has taken.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 15)
                listener.bind((f"127.77.{number}.{last + 1}", ports[last]))
                server = await asyncio.start_server(
                    quiet(serve), sock=listener, ssl=secure, limit=2**22)
                ports[last] = server.sockets[0].getsockname()[1]
        return dns, ports

    def start(self) -> None:
        """Serves; `flags` are then the options that point the program here."""
        dns, (smtp, https) = asyncio.run_coroutine_threadsafe(self._start(), self.loop).result(30)
        self.flags = [
            "--name-servers", f"127.77.0.1:{dns}", "--smtp-port", smtp, "--https-port", https,
            "--ca-file", self.folder / "ca.pem", "--allow-special-use-addresses",
            "--ehlo-name", "scanner.test", "--contact", "https://scanner.test/",
            "--connect-timeout", "3"]
