"""TLS client hellos as they come, read octet by octet (RFC 8446 §4.1.2)."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import struct
import threading
from typing import Self

GROUPS = {0x11EC: "X25519MLKEM768", 29: "X25519", 23: "P-256", 24: "P-384", 25: "P-521"}
SUPPORTED_GROUPS, SUPPORTED_VERSIONS, KEY_SHARE = 10, 43, 51
# More octets than this some servers never answer: the payload of a packet of Ethernet is 1,460.
OCTETS_MAX = 1_400


@dataclasses.dataclass
class Hello:
    """A client hello: its octets with the record's header, and what it offers."""

    octets: int
    groups: list[str]
    key_shares: list[str]

    @classmethod
    def parse(cls, record: bytes) -> Self:
        """Reads a record that holds a client hello."""
        # After the record's and the message's header: version and random.
        at = 5 + 4 + 2 + 32
        at += 1 + record[at]
        at += 2 + struct.unpack_from("!H", record, at)[0]
        at += 1 + record[at]
        end = at + 2 + struct.unpack_from("!H", record, at)[0]
        at += 2
        extensions = {}
        while at < end:
            kind, length = struct.unpack_from("!HH", record, at)
            extensions[kind] = record[at + 4:at + 4 + length]
            at += 4 + length
        groups = extensions[SUPPORTED_GROUPS][2:]
        return cls(
            len(record), [_group(number) for (number,) in struct.iter_unpack("!H", groups)],
            _shares(extensions[KEY_SHARE][2:]))


def _group(number: int) -> str:
    return GROUPS.get(number, hex(number))


def _shares(entries: bytes) -> list[str]:
    found, at = [], 0
    while at < len(entries):
        number, length = struct.unpack_from("!HH", entries, at)
        found.append(_group(number))
        at += 4 + length
    return found


def read_record(connection: socket.socket) -> bytes:
    """A whole TLS record."""
    octets = b""
    while len(octets) < 5 or len(octets) < 5 + struct.unpack_from("!H", octets, 3)[0]:
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        octets += more
    return octets


class HelloServer:
    """Notes the client hello of each connection, and never answers it or one that is too large.

    `upstream` is where the connections go whose hello is small enough; none for none.
    """

    def __init__(
        self, address: str, port: int, is_smtp: bool, upstream: tuple[str, int] | None = None
    ) -> None:
        self.is_smtp, self.upstream = is_smtp, upstream
        self.hellos: list[Hello] = []
        self.listener = socket.create_server((address, port))
        self.kept: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Closes all connections."""
        for open_socket in [self.listener, *self.kept]:
            # A thread that waits would keep it open.
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.kept.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.is_smtp:
                _speak(connection)
            record = read_record(connection)
            self.hellos.append(Hello.parse(record))
            if self.upstream and len(record) <= OCTETS_MAX:
                self._pass_on(connection, record, self.upstream)
        except OSError:
            connection.close()

    def _pass_on(
        self, connection: socket.socket, record: bytes, upstream: tuple[str, int]
    ) -> None:
        server = socket.create_connection(upstream)
        self.kept.append(server)
        server.sendall(record)
        threading.Thread(target=_pump, args=(server, connection), daemon=True).start()
        _pump(connection, server)


def _speak(connection: socket.socket) -> None:
    """The server's part of SMTP up to the handshake."""
    connection.sendall(b"220 mx.test ESMTP\r\n")
    for reply in (b"250-mx.test\r\n250 STARTTLS\r\n", b"220 go on\r\n"):
        line = b""
        while not line.endswith(b"\n"):
            octet = connection.recv(1)
            if not octet:
                raise OSError("closed")
            line += octet
        connection.sendall(reply)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while octets := source.recv(65536):
            target.sendall(octets)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
