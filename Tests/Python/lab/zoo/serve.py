"""Runs the scripted peers of the zoo, each on an address of its own."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path

from .. import servers
from ..peers import Reader, Serve, Writer
from . import peers_https, peers_smtp
from .peers_smtp import ServeTLS


def _context(kind: str, pem: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if kind == "weak-key":
        context.set_ciphers("DEFAULT:@SECLEVEL=1")
    context.load_cert_chain(pem)
    if kind == "tls-twelve":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _guarded(serve: ServeTLS, context: ssl.SSLContext | None) -> Serve:
    async def run(reader: Reader, writer: Writer) -> None:
        try:
            await serve(reader, writer, context)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()
    return run


async def main(folder: Path) -> None:
    """Serves until killed."""
    for peer in json.loads((folder / "peers.json").read_text()):
        kind = peer["kind"]
        context = _context(kind, peer["pem"]) if peer["pem"] else None
        if peer["port"] == servers.SMTP_PORT:
            serve, outer = peers_smtp.KINDS[kind], None
        else:
            serve = peers_https.KINDS[kind]
            outer = context if kind in peers_https.SECURE else None
        await asyncio.start_server(
            _guarded(serve, context), peer["address"], peer["port"], ssl=outer, backlog=64)
    await asyncio.start_server(
        _guarded(peers_https.KINDS["tls-reset"], None), servers.ZOO_LAST_ADDRESS,
        servers.HTTPS_PORT)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
