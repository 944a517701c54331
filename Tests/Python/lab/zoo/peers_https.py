"""Policy hosts of the zoo that no real server can be made to be."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from ssl import SSLContext
from typing import Any, TypeAlias

from ..peers import ALERT, Reader, Serve, Writer
from .model import BODY
from .peers_smtp import HALF_HELLO, PATIENCE, ServeTLS, reset, silence

# How a connection ends.
End: TypeAlias = Callable[[Writer], Awaitable[None]]

UNRECOGNIZED_NAME = bytes([21, 3, 3, 0, 2, 2, 112])
# A server's hello of TLS 1.1 (RFC 4346 §7.4.1.3): random, no session, AES128-SHA, no compression.
OLD_HELLO = bytes([22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2]) + bytes(range(32)) + bytes([0, 0, 47, 0])
LARGEST = BODY + b"note: " + b"x" * (65536 - len(BODY) - 8) + b"\r\n"


def _response(
    body: bytes, *headers: str, status: str = "200 OK", version: str = "1.1",
    media: str | None = "text/plain", length: int | None = None,
) -> bytes:
    lines = [f"HTTP/{version} {status}", *headers]
    if media:
        lines.append(f"Content-Type: {media}")
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "".join(f"{line}\r\n" for line in [*lines, "Connection: close", ""]).encode() + body


def _whole(body: bytes, *headers: str, **other: Any) -> bytes:
    return _response(body, *headers, length=len(body), **other)


def _chunked(*chunks: bytes) -> bytes:
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return _response(coded, "Transfer-Encoding: chunked")


# MARK: Before and within the handshake: TCP is all these speak.


def _after_hello(answer: bytes, end: End) -> Serve:
    async def serve(reader: Reader, writer: Writer) -> None:
        await asyncio.wait_for(reader.read(4096), PATIENCE)
        writer.write(answer)
        await writer.drain()
        await end(writer)
    return serve


async def _close(_: Writer) -> None:
    await asyncio.sleep(0.2)


async def _reset(writer: Writer) -> None:
    reset(writer)


async def _stall(_: Writer) -> None:
    await silence()


async def _reset_at_once(_: Reader, writer: Writer) -> None:
    # Not before the client has seen that it is connected.
    await asyncio.sleep(0.2)
    reset(writer)


async def _stall_at_once(_: Reader, __: Writer) -> None:
    await silence()


RAW = {
    "tls-reset": _reset_at_once,
    "tls-closed": _after_hello(b"", _close),
    "tls-hello-reset": _after_hello(b"", _reset),
    "tls-half-hello": _after_hello(HALF_HELLO, _close),
    "tls-alert": _after_hello(ALERT, _close),
    "tls-unrecognized-name": _after_hello(UNRECOGNIZED_NAME, _close),
    "tls-old-hello": _after_hello(OLD_HELLO, _close),
    "tls-garbage": _after_hello(b"SSH-2.0-OpenSSH_9.2\r\n", _close),
    "stall-connect": _stall_at_once,
    "stall-handshake": _after_hello(HALF_HELLO, _stall),
}

# MARK: After the handshake.


def _answer(*parts: bytes, seconds: float = 0, end: End | None = None) -> Serve:
    """Answers a request by these octets, with pauses between; then closes, or as `end` does."""
    async def serve(reader: Reader, writer: Writer) -> None:
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(seconds)
        if end:
            await end(writer)
    return serve


def _forever(head: bytes, part: bytes, seconds: float = 0) -> Serve:
    async def serve(reader: Reader, writer: Writer) -> None:
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        writer.write(head)
        while not writer.is_closing():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(seconds)
    return serve


_GZIP = "Content-Encoding: gzip"
_CHUNKED = "Transfer-Encoding: chunked"

SECURE = {
    "tls-twelve": _answer(_whole(BODY)),
    "http-one": _answer(_whole(BODY)),
    "http-zero": _answer(_response(BODY, version="1.0")),
    "http-206": _answer(_whole(BODY[:20], status="206 Partial Content")),
    "http-304": _answer(_response(b"", status="304 Not Modified", media=None)),
    "http-404-policy": _answer(_whole(BODY, status="404 Not Found")),
    "http-reset": _answer(end=_reset),
    "http-empty": _answer(),
    "http-short": _answer(_response(BODY[:30], length=len(BODY))),
    "http-cut": _answer(_response(BODY), seconds=0.2, end=_reset),
    "http-garbage": _answer(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "http-chunked": _answer(_chunked(*(bytes([octet]) for octet in BODY), b"")),
    "http-bad-chunk": _answer(_response(b"zz\r\n" + BODY, _CHUNKED)),
    "http-half-chunks": _answer(_chunked(BODY[:30])),
    "http-big-header": _answer(_whole(BODY, "X-Note: " + "x" * 70000)),
    "http-endless-header": _forever(b"HTTP/1.1 200 OK\r\n", b"X-Note: and more\r\n" * 50),
    "http-gzip": _answer(_whole(gzip.compress(BODY), _GZIP)),
    "http-bad-gzip": _answer(_whole(BODY, _GZIP)),
    "http-no-coding": _answer(_whole(BODY, "Content-Encoding: x-none")),
    "http-bomb": _answer(_whole(gzip.compress(b"note: fine\r\n" * 900000), _GZIP)),
    "http-large": _answer(_whole(LARGEST + b"note: " + b"x" * 5000)),
    "http-endless": _forever(_response(b"", _CHUNKED), b"400\r\n" + b"x" * 1024 + b"\r\n"),
    "http-hints": _answer(b"HTTP/1.1 103 Early Hints\r\n\r\n", _whole(BODY)),
    "http-slow": _answer(_response(BODY[:30], length=len(BODY)), BODY[30:], seconds=1),
    "http-largest": _answer(_whole(LARGEST)),
    "http-octets": _answer(_whole(BODY, media="application/octet-stream")),
    "http-type-case": _answer(_whole(BODY, media="TEXT/PLAIN")),
    "http-charset": _answer(_whole(BODY, media="text/plain; charset=iso-8859-1")),
    "http-no-type": _answer(_whole(BODY, media=None)),
    "stall-request": _answer(end=_stall),
    "stall-header": _answer(b"HTTP/1.1 200 OK\r\nContent-Ty", end=_stall),
    "stall-body": _answer(_response(BODY[:30], length=len(BODY)), end=_stall),
    "drip": _forever(_response(b"", length=60000), b"x", 0.3),
}


def adapt(serve: Serve) -> ServeTLS:
    """A peer of this module as one that is given a context."""
    async def run(reader: Reader, writer: Writer, _: SSLContext | None) -> None:
        await serve(reader, writer)
    return run


KINDS = {kind: adapt(serve) for kind, serve in (RAW | SECURE).items()}
