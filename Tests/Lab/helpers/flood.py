"""Servers that answer a policy's request, or a TLS client, with octets without end."""

from __future__ import annotations

import asyncio
import ssl
import struct

from lab.peers import Serve

# What a server sends at most, so that a client that reads all of it ends the test all the same.
FLOOD_LIMIT = 8 << 20


class Flood:
    """A server's octets, counted as they are taken off its hands."""

    def __init__(self) -> None:
        self.sent = 0
        self.connections = 0

    async def send(self, writer: asyncio.StreamWriter, octets: bytes) -> None:
        """Sends the octets again and again, until the peer goes or the limit is reached."""
        many = octets * max(1, 4096 // len(octets))
        while self.sent < FLOOD_LIMIT * self.connections:
            writer.write(many)
            await writer.drain()
            # A drain that need not wait would never let the loop see that the peer has gone.
            await asyncio.sleep(0)
            self.sent += len(many)

    def http1(self, head: bytes, octets: bytes) -> Serve:
        """An HTTP/1.1 server: a head, then octets without end."""
        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            self.connections += 1
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            await self.send(writer, octets)
        return serve

    def http2(self, octets: bytes, head: bytes | None = None) -> Serve:
        """An HTTP/2 server: its settings and the response's head, then frames without end."""
        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            self.connections += 1
            await reader.readexactly(24)
            writer.write(frame(4, 0, 0, b""))
            await reader.read(4096)
            # :status 200 and content-type text/plain of RFC 7541's static table.
            writer.write(head or frame(1, 4, 1, b"\x88\x0f\x10\x0atext/plain"))
            await self.send(writer, octets)
        return serve


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """A frame of RFC 9113 §4.1."""
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"

# What is sent after the head of the response, by name.
HTTP1 = {
    "chunk-extensions": (CHUNKED + b"1", b";a=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
    "chunks-of-one": (CHUNKED, b"1;extension=" + b"x" * 100 + b"\r\na\r\n"),
    "trailers": (CHUNKED + b"0\r\n", b"X-Trailer: " + b"y" * 60 + b"\r\n"),
    "interim": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "interim-headers": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"z" * 60 + b"\r\n"),
    "one-header": (b"HTTP/1.1 200 OK\r\nX: ", b"z" * 64),
    "head-of-nothing": (b"", b"\r\n"),
}
HTTP2 = {
    "empty-data": frame(0, 0, 1, b""),
    "padded-data": frame(0, 8, 1, b"\x20" + bytes(32)),
    "window-update": frame(8, 0, 0, b"\0\0\0\1"),
    "ping": frame(6, 0, 0, bytes(8)),
    "ping-ack": frame(6, 1, 0, bytes(8)),
    "settings": frame(4, 0, 0, b""),
    "priority": frame(2, 0, 1, b"\0\0\0\0\x10"),
    "unknown": frame(0xEE, 0, 1, bytes(16)),
    "continuation": frame(9, 0, 1, b"\0\1x\1y" * 8),
}


def http2_context(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same context, with HTTP/2 chosen where it is offered."""
    context.set_alpn_protocols(["h2"])
    return context
