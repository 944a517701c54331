"""SMTP servers of the zoo that no real server can be made to be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from ssl import CERT_REQUIRED, SSLContext
from typing import Any, TypeAlias

from ..peers import Reader, Writer, shake_hands

# A peer that is given the context of its certificate, if it has one.
ServeTLS: TypeAlias = Callable[[Reader, Writer, SSLContext | None], Awaitable[None]]
GREETING = b"220 peer.zoo.lab ESMTP\r\n"
OFFER = b"250-peer.zoo.lab\r\n250-SIZE 10485760\r\n250 STARTTLS\r\n"
PATIENCE = 60
# The first octets of a server's hello, of which the rest never comes.
HALF_HELLO = bytes([22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3]) + bytes(range(20))


async def silence() -> None:
    """Says nothing for longer than any client waits."""
    await asyncio.sleep(PATIENCE)


def reset(writer: Writer) -> None:
    """Ends a connection by a reset."""
    writer.transport.abort()


async def _line(reader: Reader) -> bytes:
    return await asyncio.wait_for(reader.readline(), PATIENCE)


async def _drip(writer: Writer, parts: Iterable[bytes], seconds: float) -> None:
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(seconds)


def _forever(part: bytes) -> Iterator[bytes]:
    while True:
        yield part


async def _converse(
    reader: Reader, writer: Writer, context: SSLContext | None, *, greeting: bytes = GREETING,
    offer: bytes = OFFER, go: bytes = b"220 go on\r\n", quits: bool = True,
) -> None:
    """A good session, in which some reply is another."""
    writer.write(greeting)
    while line := await _line(reader):
        verb = line[:4].upper()
        if verb == b"QUIT":
            await (_drip(writer, [b"221 bye\r\n"], 0) if quits else silence())
            return
        if verb == b"STAR":
            # Nothing is awaited between: the client's hello must find TLS.
            writer.write(go)
            if context and go.startswith(b"2"):
                await writer.start_tls(context)
        else:
            writer.write(offer if verb == b"EHLO" else b"502 no\r\n")


def _talk(**other: Any) -> ServeTLS:
    async def serve(reader: Reader, writer: Writer, context: SSLContext | None) -> None:
        await _converse(reader, writer, context, **other)
    return serve


def _greet(parts: list[bytes], seconds: float = 0) -> ServeTLS:
    async def serve(reader: Reader, writer: Writer, _: SSLContext | None) -> None:
        await _drip(writer, parts, seconds)
        await _line(reader)
    return serve


def _endless(before: bytes, part: bytes, seconds: float = 0) -> ServeTLS:
    """Says `part` without end, after an EHLO where something was said before."""
    async def serve(reader: Reader, writer: Writer, _: SSLContext | None) -> None:
        if before:
            writer.write(before)
            await _line(reader)
        await _drip(writer, _forever(part), seconds)
    return serve


def _silent_after(*replies: bytes, end: bytes = b"") -> ServeTLS:
    """Answers so many times, then says `end` and no more."""
    async def serve(reader: Reader, writer: Writer, _: SSLContext | None) -> None:
        for reply in replies:
            writer.write(reply)
            await _line(reader)
        writer.write(end)
        await silence()
    return serve


async def _reset_at_once(_: Reader, writer: Writer, __: SSLContext | None) -> None:
    # Not before the client has seen that it is connected.
    await asyncio.sleep(0.2)
    reset(writer)


async def _greet_late(reader: Reader, writer: Writer, context: SSLContext | None) -> None:
    await asyncio.sleep(1)
    await _converse(reader, writer, context)


async def _after_tls(reader: Reader, writer: Writer, context: SSLContext | None) -> bytes:
    writer.write(GREETING)
    await _line(reader)
    writer.write(OFFER)
    await _line(reader)
    writer.write(b"220 go on\r\n")
    assert context, "this kind of peer has a certificate"
    await writer.start_tls(context)
    return await _line(reader)


async def _tls_then_silent(reader: Reader, writer: Writer, context: SSLContext | None) -> None:
    await _after_tls(reader, writer, context)
    await silence()


async def _tls_then_closed(reader: Reader, writer: Writer, context: SSLContext | None) -> None:
    await _after_tls(reader, writer, context)


async def _wants_certificate(
    reader: Reader, writer: Writer, context: SSLContext | None
) -> None:
    assert context, "this kind of peer has a certificate"
    context.verify_mode = CERT_REQUIRED
    for reply in (GREETING, OFFER):
        writer.write(reply)
        await _line(reader)
    writer.write(b"220 go on\r\n")
    await shake_hands(reader, writer, context)


async def _half_hello(reader: Reader, writer: Writer, _: SSLContext | None) -> None:
    for reply in (GREETING, OFFER, b"220 go on\r\n"):
        writer.write(reply)
        # The third line is the client's hello.
        await asyncio.wait_for(reader.read(4096), PATIENCE)
    writer.write(HALF_HELLO)
    await silence()


KINDS = {
    "greeting-450": _greet([b"450-not\r\n450-at this\r\n450 time\r\n"]),
    "greeting-reset": _reset_at_once,
    "greeting-silent": _silent_after(),
    "greeting-drip": _greet([bytes([octet]) for octet in GREETING], 0.7),
    "greeting-tarpit": _endless(b"", b"220-please wait\r\n", 0.7),
    "greeting-endless": _endless(b"", b"220-please wait\r\n"),
    "greeting-long-line": _endless(b"", b"220 " + b"x" * 1000),
    "greeting-http": _greet([b"HTTP/1.1 400 Bad Request\r\n\r\n"]),
    "greeting-250": _talk(greeting=b"250 hello\r\n"),
    "greeting-lines": _talk(greeting=b"220-welcome\r\n220-to\r\n220 peer.zoo.lab ESMTP\r\n"),
    "greeting-slow": _greet_late,
    "ehlo-silent": _silent_after(GREETING),
    "ehlo-drip": _endless(GREETING, b"250-PLEASE-WAIT\r\n", 0.7),
    "ehlo-garbage": _talk(offer=b"welcome, stranger\r\n"),
    "ehlo-421": _talk(offer=b"421 4.7.0 Too many connections, try later\r\n"),
    "ehlo-554": _talk(offer=b"554 5.7.1 not you\r\n"),
    "ehlo-lower-case": _talk(offer=b"250-peer.zoo.lab\r\n250 starttls\r\n"),
    "starttls-silent": _silent_after(GREETING, OFFER),
    "starttls-garbage": _talk(go=b"certainly\r\n"),
    "starttls-250": _talk(go=b"250 go on\r\n"),
    "starttls-injected": _talk(go=b"220 go on\r\n250 injected\r\n"),
    "tls-silent": _silent_after(GREETING, OFFER, end=b"220 go on\r\n"),
    "tls-half-hello": _half_hello,
    "tls-then-silent": _tls_then_silent,
    "tls-then-closed": _tls_then_closed,
    "tls-client-certificate": _wants_certificate,
    "requiretls": _talk(offer=b"250-peer.zoo.lab\r\n250-STARTTLS\r\n250 REQUIRETLS\r\n"),
    "reply-mixed-codes": _talk(offer=b"220-peer.zoo.lab\r\n250 STARTTLS\r\n"),
    "reply-long-line": _talk(greeting=b"220 " + b"x" * 5000 + b"\r\n"),
    "reply-null": _talk(greeting=b"220 peer\0.zoo.lab\r\n"),
    "reply-bare-line-feed": _talk(greeting=b"220 peer.zoo.lab\n"),
    "reply-ehlo-code": _talk(offer=b"252-peer.zoo.lab\r\n252 STARTTLS\r\n"),
    "reply-lines": _talk(offer=b"250-STARTTLS\r\n" * 151 + b"250 HELP\r\n"),
    "quit-silent": _talk(quits=False),
    "weak-key": _talk(),
}
