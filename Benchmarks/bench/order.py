"""What the order of a domain's questions costs upstream: all at once, or MX first.

  PYTHONPATH=Benchmarks:Tests/Python:scripts python3 -P -m bench.order FOLDER [--domains N]

Runs as root in a network namespace without a way to the Internet, against the hierarchy of
bench.recursion, through a resolver that starts empty for each order.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import struct
import time
from pathlib import Path

from lab import wide

from . import hierarchy
from .recursion import ADDRESS, SCAN_PORT, SEED, begin, end

MX, TXT = 15, 16
AT_ONCE, TRIES, SECONDS = 200, 5, 4
Question = tuple[str, int]
ORDERS = {"all at once": False, "MX first, then both TXT": True}


def _message(number: int, question: Question) -> bytes:
    name, kind = question
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    head = struct.pack("!HHHHHH", number, 0x100, 1, 0, 0, 0)
    return head + labels + struct.pack("!BHH", 0, kind, 1)


class Client(asyncio.DatagramProtocol):
    """Asks one resolver, each question again where no answer comes."""

    def __init__(self) -> None:
        self.open: dict[int, asyncio.Future[int]] = {}
        self.failed = self.number = 0
        self.transport: asyncio.DatagramTransport

    def datagram_received(self, data: bytes, addr: object) -> None:
        waiting = self.open.pop(struct.unpack_from("!H", data)[0], None)
        if waiting and not waiting.done():
            waiting.set_result(data[3] & 15)

    async def ask(self, question: Question) -> None:
        """Asks until there is an answer, or often enough."""
        for _ in range(TRIES):
            self.number = (self.number + 1) & 0xFFFF
            number = self.number
            self.open[number] = asyncio.get_running_loop().create_future()
            self.transport.sendto(_message(number, question))
            try:
                code = await asyncio.wait_for(self.open[number], SECONDS)
            except TimeoutError:
                self.open.pop(number, None)
                continue
            if code in (0, 3):
                return
        self.failed += 1


async def _ask_all(names: list[str], is_mx_first: bool) -> int:
    """Asks about all names, some at once; how many questions had no answer."""
    transport, client = await asyncio.get_running_loop().create_datagram_endpoint(
        Client, remote_addr=(ADDRESS, SCAN_PORT))
    client.transport = transport
    left = iter(names)

    async def work() -> None:
        for name in left:
            mx = client.ask((name, MX))
            texts = [client.ask((f"{label}.{name}", TXT)) for label in ("_mta-sts", "_smtp._tls")]
            if is_mx_first:
                await mx
                await asyncio.gather(*texts)
            else:
                await asyncio.gather(mx, *texts)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    transport.close()
    return client.failed


def main() -> None:
    """Asks in each order."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--domains", type=int, default=5_000, metavar="N")
    options = parser.parse_args()
    if obstacle := wide.obstacle():
        raise SystemExit(f"bench: {obstacle}")
    folder = options.folder.absolute()
    hierarchy.write(folder / "hierarchy", options.domains, SEED)
    names = (folder / "hierarchy/domains.txt").read_text().split()
    os.makedirs(folder / "work", exist_ok=True)
    print("| order | questions upstream a domain | unbound, µs a domain | without an answer |\n"
          "|---|---:|---:|---:|", flush=True)
    with hierarchy.Hierarchy(folder / "hierarchy", SEED) as servers:
        for title, is_mx_first in ORDERS.items():
            pid = begin(servers, folder / "work", [])
            try:
                before, began = servers.counters()["questions"], hierarchy.cpu_seconds(pid)
                failed = asyncio.run(_ask_all(names, is_mx_first))
                cpu = hierarchy.cpu_seconds(pid) - began
                time.sleep(1.5)
                upstream = servers.counters()["questions"] - before
            finally:
                end(folder / "work")
            print(f"| {title} | {upstream / len(names):.2f} | {1e6 * cpu / len(names):.0f} "
                  f"| {failed} |", flush=True)


if __name__ == "__main__":
    main()
