"""Builds the load lab, and brings it up and down."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sys
import time
from itertools import chain
from pathlib import Path
from typing import Any

from lab import certificates, nginx, nsd, supervisor, zones
from lab.certificates import Authority

from . import lists, servers, universe

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".bench"
STAMP = FOLDER / "stamp.json"
TOOLS = ("nsd", "haproxy", "nginx", "taskset")
SERVER_CORE, CLIENT_CORE = 0, (os.cpu_count() or 1) - 1
START_SECONDS = 300
SYSTEM_TRUST = Path("/etc/ssl/certs/ca-certificates.crt")
# Domains of the lists for one kind of operation each.
PLAIN_COUNT, POLICY_COUNT, BESIDE_COUNT = 100_000, 5_000, 50_000


class LabError(Exception):
    """What keeps the load lab from coming up, in words for people."""


def _stamp(count: int) -> dict[str, Any]:
    modules = (universe, lists, servers, sys.modules[__name__], nsd, nginx, certificates, zones)
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in modules)
    return {"domains": count, "code": hashlib.sha256(code).hexdigest(), "folder": str(FOLDER),
            "uid": os.getuid()}


def _write_lists(everything: list[universe.Domain], sizes: list[int]) -> None:
    """The universe in each size, and a list for each kind of operation."""
    folder = FOLDER / "lists"
    for size in sizes:
        lists.write(folder / f"all-{size}", everything[:size], probes=True)
    plain = [d for d in everything if d.provider and not d.policy and not d.has_tlsrpt]
    lists.write(folder / "plain", plain[:PLAIN_COUNT], probes=False)
    with_policy = [d for d in everything if d.policy]
    lists.write(folder / "policies", with_policy[:POLICY_COUNT], probes=False)
    lists.write(folder / "hosts", universe.census(), probes=True)
    lists.write(folder / "without-mx", universe.without_mx(BESIDE_COUNT), probes=False)
    lists.write(folder / "absent", universe.absent(BESIDE_COUNT), probes=False)


def build(count: int, sizes: list[int]) -> None:
    """Writes everything below the folder, which is emptied first."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    authority, providers = Authority(), universe.providers()
    everything = list(universe.domains(count))
    _write_lists(everything, sizes)
    authority.write_trust_store(FOLDER / "ca.pem")
    system = SYSTEM_TRUST.read_bytes() if SYSTEM_TRUST.exists() else b""
    (FOLDER / "trusted.pem").write_bytes(system + (FOLDER / "ca.pem").read_bytes())
    with_policy = [d for d in everything if d.policy]
    services = {
        "nsd": servers.write_dns(
            FOLDER / "dns", chain(everything, universe.census(),
                                  universe.without_mx(BESIDE_COUNT)), providers),
        "haproxy": servers.write_policies(FOLDER / "policies", with_policy, authority),
        "nginx": servers.write_mail(FOLDER / "mail", providers, authority),
    }
    pin = ["taskset", "-c", str(SERVER_CORE)]
    (FOLDER / "services.json").write_text(
        json.dumps([{"name": n, "argv": pin + argv} for n, argv in services.items()], indent=1))
    (FOLDER / "hosts.ndjson").write_text("".join(
        json.dumps({"host": p.host(n), "quality": p.quality}) + "\n"
        for p in providers for n in range(universe.HOSTS_EACH)))


def _answers_dns() -> bool:
    # The root's SOA, id 1, and no recursion wanted.
    question = bytes.fromhex("000100000001000000000000" "00" "0006" "0001")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        try:
            client.sendto(question, (servers.DNS_ADDRESS, servers.DNS_PORT))
            answer = client.recv(1500)
        except OSError:
            return False
    return len(answer) > 12 and answer[3] & 15 == 0


def built_size() -> int | None:
    """How many domains the universe has that is built; None where none is."""
    return json.loads(STAMP.read_text())["domains"] if STAMP.exists() else None


def missing() -> list[str]:
    """The servers that do not answer."""
    last = universe.Provider(universe.PROVIDERS - 1, "ok", False)
    found = {
        "nsd": _answers_dns(),
        "haproxy": supervisor.connects(lists.POLICY_ADDRESS, servers.HTTPS_PORT),
        "nginx": supervisor.connects(last.address(universe.HOSTS_EACH - 1), servers.SMTP_PORT),
    }
    return [name for name, is_there in found.items() if not is_there]


def up(count: int, sizes: list[int]) -> str:
    """Builds what is not built, starts what does not run; what was done, in a word."""
    if absent := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise LabError(f"no {', '.join(absent)} here: run scripts/setup --lab --bench")
    wanted = _stamp(count) | {"sizes": sizes}
    built = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    if built == wanted and supervisor.process(FOLDER) is not None and not missing():
        return "already up"
    down()
    if built != wanted:
        build(count, sizes)
        STAMP.write_text(json.dumps(wanted) + "\n")
    _start()
    return "started" if built == wanted else "built and started"


def _start() -> None:
    supervisor.launch(FOLDER)
    deadline = time.monotonic() + START_SECONDS
    while absent := missing():
        if time.monotonic() > deadline:
            down()
            raise LabError(f"no answer from {', '.join(absent)}; see {FOLDER}/log")
        time.sleep(0.2)


def down() -> bool:
    """Stops all servers; whether there was something to stop."""
    return bool(supervisor.stop(FOLDER))


def flags() -> list[str]:
    """The options that point stsurvey at the load lab, the system's trust store loaded."""
    return [
        "--name-servers", f"{servers.DNS_ADDRESS}:{servers.DNS_PORT}",
        "--https-port", str(servers.HTTPS_PORT), "--smtp-port", str(servers.SMTP_PORT),
        "--ca-file", str(FOLDER / "trusted.pem"), "--allow-special-use-addresses",
        "--ehlo-name", "scanner.lab.test", "--contact", "https://lab.test/", "--quiet",
        # A refused connection is the lab's last word.
        "--retry-delays", "none",
    ]
