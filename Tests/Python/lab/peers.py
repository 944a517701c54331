"""SMTP and HTTPS servers that misbehave, each on an address of its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from . import servers

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
Serve: TypeAlias = Callable[[Reader, Writer], Awaitable[None]]
GREETING = b"220 peer.lab ESMTP\r\n"
PATIENCE = 60


async def _say(writer: Writer, text: bytes) -> None:
    writer.write(text)
    await writer.drain()


async def _hear(reader: Reader, verb: bytes) -> bool:
    """Waits for a command; False where the client has gone or said something else."""
    line = await asyncio.wait_for(reader.readline(), PATIENCE)
    return line[: len(verb)].upper() == verb


def _greeter(text: bytes) -> Serve:
    """Says one thing, takes one command and closes."""
    async def serve(reader: Reader, writer: Writer) -> None:
        await _say(writer, text)
        if text:
            await asyncio.wait_for(reader.readline(), PATIENCE)
            await _say(writer, b"221 bye\r\n")
    return serve


def _ehlo(reply: bytes, closes: bool = False) -> Serve:
    """Greets and answers every EHLO and HELO with one reply."""
    async def serve(reader: Reader, writer: Writer) -> None:
        await _say(writer, GREETING)
        while line := await asyncio.wait_for(reader.readline(), PATIENCE):
            if line[:4].upper() == b"QUIT":
                await _say(writer, b"221 bye\r\n")
                return
            await _say(writer, reply if line[:4].upper() in (b"EHLO", b"HELO") else b"502 no\r\n")
            if closes:
                return
    return serve


def _starttls(reply: bytes, after: bytes | None = None) -> Serve:
    """Offers STARTTLS and answers it with `reply`; then says `after`, or talks on where None."""
    async def serve(reader: Reader, writer: Writer) -> None:
        await _say(writer, GREETING)
        while line := await asyncio.wait_for(reader.readline(), PATIENCE):
            verb = line[:4].upper()
            if verb == b"QUIT":
                await _say(writer, b"221 bye\r\n")
                return
            if verb != b"STAR":
                await _say(writer, b"250-peer.lab\r\n250 STARTTLS\r\n")
                continue
            await _say(writer, reply)
            if after is None:
                continue
            if after:
                # The client's hello first, so that what follows answers it.
                await asyncio.wait_for(reader.read(4096), PATIENCE)
                await _say(writer, after)
                await asyncio.sleep(0.2)
            return
    return serve


async def _close_tls(reader: Reader, writer: Writer) -> None:
    """Agrees to TLS, takes the client's hello and closes."""
    await _say(writer, GREETING)
    await _hear(reader, b"EHLO")
    await _say(writer, b"250-peer.lab\r\n250 STARTTLS\r\n")
    if await _hear(reader, b"STARTTLS"):
        await _say(writer, b"220 go on\r\n")
        await asyncio.wait_for(reader.read(4096), PATIENCE)


async def _close_https(reader: Reader, writer: Writer) -> None:
    await asyncio.wait_for(reader.read(4096), PATIENCE)


async def shake_hands(reader: Reader, writer: Writer, context: ssl.SSLContext) -> None:
    """A server's handshake that sends the alert with which it fails: asyncio's own does not."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_side=True)
    while True:
        try:
            session.do_handshake()
            return
        except ssl.SSLWantReadError:
            await _say(writer, outgoing.read())
            incoming.write(await asyncio.wait_for(reader.read(16384), PATIENCE))
        except ssl.SSLError:
            await _say(writer, outgoing.read())
            return


# A fatal TLS alert, handshake_failure (RFC 8446 §6).
ALERT = bytes([21, 3, 3, 0, 2, 2, 40])

BEHAVIOURS = {
    "greeting_554": _greeter(b"554 5.7.1 no mail from here\r\n"),
    "greeting_421": _greeter(b"421 4.3.2 come back later\r\n"),
    "greeting_closed": _greeter(b""),
    "garbage": _greeter(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "ehlo_rejected": _ehlo(b"502 5.5.1 not implemented\r\n"),
    "ehlo_closed": _ehlo(b"", closes=True),
    "stripped": _ehlo(b"250-peer.lab\r\n250-SIZE 10485760\r\n250 XXXXXXXX\r\n"),
    "starttls_454": _starttls(b"454 4.7.0 TLS not available\r\n"),
    "starttls_554": _starttls(b"554 5.7.3 no\r\n"),
    "starttls_closed": _starttls(b"", b""),
    "tls_alert": _starttls(b"220 go on\r\n", ALERT),
    "tls_closed": _close_tls,
    "tls_protocol": _starttls(b"220 go on\r\n", b"250 no TLS spoken here\r\n"),
}


def _guarded(serve: Serve) -> Serve:
    async def run(reader: Reader, writer: Writer) -> None:
        try:
            await serve(reader, writer)
        except (TimeoutError, OSError, ssl.SSLError, ValueError):
            pass
        finally:
            writer.close()
    return run


def _blackhole(port: int) -> list[socket.socket]:
    """A listener that never accepts, its backlog full: the kernel drops all that comes."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((servers.BLACKHOLE_ADDRESS, port))
    listener.listen(0)
    fill = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((servers.BLACKHOLE_ADDRESS, port))
        fill.append(client)
    return [listener, *fill]


async def main() -> None:
    """Serves until killed."""
    held = [_blackhole(port) for port in (servers.SMTP_PORT, servers.HTTPS_PORT)]
    for kind, (address, _) in servers.PEERS.items():
        serve = _guarded(BEHAVIOURS[kind])
        await asyncio.start_server(serve, address, servers.SMTP_PORT)
    await asyncio.start_server(
        _guarded(_close_https), servers.CLOSING_POLICY_ADDRESS, servers.HTTPS_PORT)
    await asyncio.Event().wait()
    del held


if __name__ == "__main__":
    asyncio.run(main())
