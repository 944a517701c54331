"""The name server and the SMTP server that scans are measured against."""

from __future__ import annotations

import asyncio
import resource
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from lab import python

SMTP_PORT, DNS_PORT = 20025, 20053


def raise_descriptor_limit() -> None:
    """Lets this process and those that it starts open as many files as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _session(
    log: TextIO, context: ssl.SSLContext, reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    address = writer.get_extra_info("sockname")[0]
    opened = time.monotonic()
    try:
        writer.write(b"220 mx.test ESMTP\r\n")
        while line := await asyncio.wait_for(reader.readline(), 60):
            verb = line[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-mx.test\r\n250 STARTTLS\r\n")
            elif verb == b"STAR":
                writer.write(b"220 go on\r\n")
                await writer.start_tls(context)
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
    except (OSError, ssl.SSLError, TimeoutError, ValueError):
        pass
    log.write(f"{address} {opened:.4f} {time.monotonic():.4f}\n")
    writer.close()


async def serve(folder: Path) -> None:
    """Answers SMTP at every address of 127/8 until killed; a line of the log for each session."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
    with open(folder / "sessions.log", "a", buffering=1) as log:
        await asyncio.start_server(
            lambda reader, writer: _session(log, context, reader, writer), "0.0.0.0", SMTP_PORT,
            backlog=4096)
        await asyncio.Event().wait()


def _certificate(folder: Path) -> None:
    names = [f"*.cloud{number}.test" for number in range(2)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", folder / "tls.key", "-out", folder / "tls.pem", "-days", "2",
         "-subj", "/CN=mail", "-addext",
         "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)],
        check=True, capture_output=True)


class Net:
    """nsd with a zone, and the SMTP server; `with` starts and ends them."""

    def __init__(self, folder: Path, zone: list[str]):
        self.folder = folder
        _certificate(folder)
        (folder / "root.zone").write_text("\n".join(
            ["$TTL 300", ". SOA ns.test. host.test. 1 3600 600 86400 60", ". NS ns.test.",
             "ns.test. A 127.0.0.1", *zone, ""]))
        (folder / "nsd.conf").write_text(f"""server:
  ip-address: 127.0.0.1@{DNS_PORT}
  username: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  database: ""
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  rrl-ratelimit: 0
  minimal-responses: yes
  receive-buffer-size: 4194304
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root.zone"
""")

    def __enter__(self) -> Net:
        with open(self.folder / "nsd.log", "w") as log:
            self.processes = [
                subprocess.Popen(["nsd", "-d", "-c", self.folder / "nsd.conf"], stderr=log),
                subprocess.Popen(python.command("gentle.servers", self.folder)),
            ]
        for _ in range(600):
            answer = subprocess.run(
                ["dig", "@127.0.0.1", "-p", str(DNS_PORT), "+time=1", "+tries=1", "ns.test", "A"],
                capture_output=True, text=True, check=False).stdout
            if "NOERROR" in answer:
                return self
            time.sleep(0.1)
        raise SystemExit("gentle-check: nsd does not answer")

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def sessions(self) -> list[tuple[str, float, float]]:
        """What the SMTP server has logged: address, begin, end."""
        lines = (self.folder / "sessions.log").read_text().splitlines()
        return [(address, float(opened), float(closed))
                for address, opened, closed in map(str.split, lines)]


if __name__ == "__main__":
    raise_descriptor_limit()
    asyncio.run(serve(Path(sys.argv[1])))
