"""Brings the lab up and down."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from . import build, nginx, postfix, servers, supervisor, wide
from .source import Source
from .zoo import model as zoo

PACKAGE = Path(__file__).parent
ROOT = PACKAGE.parents[2]
# Another folder lets a lab of its own run in a network namespace of its own (see soak.workspace).
FOLDER = Path(os.environ.get("STSURVEY_LAB", ROOT / ".lab")).absolute()
STAMP = FOLDER / "stamp.json"
START_SECONDS = 180
TOOLS = ("nsd", "unbound", "nginx", "postfix", "postmap", "ldns-signzone", "dig")
AGE_MAX = 300 * 86400  # certificates and signatures are good for 400 days
SERVERS = {
    "nsd", "unbound", "nginx", "python3", "master", "smtpd", "qmgr", "tlsmgr", "postlogd", "anvil",
    "proxymap", "wide",
}
PROBES = {
    "https": (servers.POLICY_ADDRESSES[0], servers.HTTPS_PORT),
    "own mail hosts": (servers.POSTFIX_PLAIN_ADDRESS, servers.SMTP_PORT),
    "nginx mail": ("127.1.1.1", servers.SMTP_PORT),
    "peers": (servers.PEERS["stripped"][0], servers.SMTP_PORT),
}
ZOO_PROBES = {
    "zoo's name server": (servers.ZOO_RESOLVER_ADDRESS, servers.ZOO_RESOLVER_PORT),
    "zoo's peers": (servers.ZOO_LAST_ADDRESS, servers.HTTPS_PORT),
}
# What each of these needs; without Postfix nginx answers instead.
NEEDS = {
    "dns": ("nsd", "unbound"), "https": ("nginx",), "own mail hosts": ("postfix",),
    "nginx mail": ("nginx",), "peers": ("peers",), "zoo's name server": ("zoo-names",),
    "zoo's peers": ("zoo-peers",), "the way": ("wide", "unbound"),
}


class LabError(Exception):
    """What keeps the lab from coming up, in words for people."""


def _stamp(source: Source, seed: int, has_zoo: bool, is_wide: bool) -> dict[str, Any]:
    """What a built lab depends on."""
    code = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(PACKAGE.rglob("*.py"))))
    return {"list": source.stamp(), "seed": seed, "code": code.hexdigest(), "uid": os.getuid(),
            "folder": str(FOLDER), "postfix": postfix.is_possible(), "zoo": has_zoo,
            "wide": wide.stamp() if is_wide else None}


def _built() -> dict[str, Any]:
    try:
        built: dict[str, Any] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return built


def supervisor_pid() -> int | None:
    """The process that runs the lab; None where none does."""
    return supervisor.process(FOLDER)


def _resolves() -> bool:
    command = [
        "dig", f"@{servers.RESOLVER_ADDRESS}", "-p", str(servers.RESOLVER_PORT), "+adflag",
        "+time=1", "+tries=1", "ns.lab", "A"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return "NOERROR" in answer and " ad;" in answer


def _probes() -> dict[str, tuple[str, int]]:
    """Where each service answers."""
    built = _built()
    probes = PROBES | ZOO_PROBES if built.get("zoo") else PROBES
    return probes | {"the way": wide.PROBE} if built.get("wide") else probes


def missing() -> list[str]:
    """The services that do not answer."""
    absent = [name for name, where in _probes().items() if not supervisor.connects(*where)]
    return absent if _resolves() else ["dns", *absent]


def _log_tail() -> str:
    lines = []
    for file in sorted((FOLDER / "log").glob("*.log")):
        lines += [f"{file.name}: {line}" for line in file.read_text().splitlines()[-4:]]
    return "\n".join(lines)


def start() -> None:
    """Starts the servers of a built lab and waits until all answer."""
    if answering := [name for name, where in _probes().items() if supervisor.connects(*where)]:
        raise LabError(f"{', '.join(answering)}: something else has the port, another lab perhaps")
    if _built().get("wide") and (obstacle := wide.obstacle()):
        raise LabError(obstacle)
    (FOLDER / "stopped").unlink(missing_ok=True)
    supervisor.launch(FOLDER)
    deadline = time.monotonic() + START_SECONDS
    while absent := missing():
        if time.monotonic() > deadline:
            tail = _log_tail()
            down()
            raise LabError(f"no answer from: {', '.join(absent)}\n{tail}")
        time.sleep(0.1)


def _services() -> list[str]:
    """The names of the services of the built lab."""
    return [service["name"] for service in json.loads((FOLDER / "services.json").read_text())]


def _running() -> set[str]:
    try:
        return set(json.loads((FOLDER / "running.json").read_text()))
    except (OSError, ValueError):
        return set()


def _is_wanted(label: str, stopped: set[str]) -> bool:
    """Whether what has this label can answer although some services are stopped."""
    needs = set(NEEDS[label])
    if label == "own mail hosts" and "postfix" not in _services():
        needs = {"nginx"}
    return not needs & stopped


def switch(names: list[str], is_on: bool) -> None:
    """Starts or stops single servers of a lab that is up, and waits until that is done."""
    pid = supervisor_pid()
    if pid is None:
        raise LabError("the lab is not up")
    known = _services()
    if strange := [name for name in names if name not in known]:
        raise LabError(f"no server {', '.join(strange)}; there are {', '.join(known)}")
    before = set(supervisor.stopped_names(FOLDER))
    stopped = before - set(names) if is_on else before | set(names)
    (FOLDER / "stopped").write_text("".join(f"{name}\n" for name in sorted(stopped)))
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + START_SECONDS
    while _running() != set(known) - stopped or (
            is_on and any(_is_wanted(label, stopped) for label in missing())):
        if time.monotonic() > deadline:
            raise LabError(f"{', '.join(names)}: no change within {START_SECONDS} s\n{_log_tail()}")
        time.sleep(0.05)


def _require_passage() -> None:
    """Raises where a folder above the lab's keeps out the user that Postfix runs as."""
    if not postfix.is_possible():
        return
    for folder in FOLDER.parents:
        if folder.exists() and not folder.stat().st_mode & stat.S_IXOTH:
            raise LabError(
                f"Postfix cannot reach {FOLDER}: {folder} is closed to other users; name a folder "
                "that is not, such as by 'export STSURVEY_LAB=/var/tmp/stsurvey-lab', or open it "
                f"by 'chmod o+x {folder}'")


def up(source: Source, seed: int, has_zoo: bool = False, is_wide: bool = False) -> str:
    """Builds what is not built, starts what does not run; what was done, in a word."""
    _require_passage()
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    absent += [str(path) for path in nginx.MODULES if not path.exists()]
    if absent:
        raise LabError(f"no {', '.join(absent)} here: run scripts/setup --lab")
    built = _built()
    # A lab with the zoo serves those who want none as well.
    has_zoo = has_zoo or (built.get("zoo", False) and not is_wide)
    wanted = _stamp(source, seed, has_zoo, is_wide)
    is_fresh = time.time() - built.pop("built", 0) < AGE_MAX
    if built == wanted and is_fresh:
        if supervisor_pid() is not None and not missing():
            return "already up"
        down()
        start()
        return "started"
    down()
    if is_wide and (obstacle := wide.obstacle()):
        raise LabError(obstacle)
    build.build(source, seed, FOLDER, has_zoo, is_wide)
    STAMP.write_text(json.dumps({**wanted, "built": int(time.time())}) + "\n")
    start()
    return "built and started"


def _strays() -> list[int]:
    """Servers of this lab that outlived their supervisor: they run in its folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "comm").read_text().strip()
            if entry.name.isdigit() and command in SERVERS:
                where = (entry / "cwd").readlink()
                if where == FOLDER or FOLDER in where.parents:
                    found.append(int(entry.name))
        except OSError:
            continue
    return [process for process in found if supervisor.is_alive(process)]


def down() -> bool:
    """Stops all servers; whether there was something to stop."""
    family = supervisor.stop(FOLDER)
    for number in (signal.SIGTERM, signal.SIGKILL):
        left = sorted({*_strays(), *filter(supervisor.is_alive, family)})
        family += left
        supervisor.signal_all(left, number)
        if left := supervisor.wait_for_end(left, supervisor.GRACE_SECONDS):
            say(f"lab: does not end: {left}")
    (FOLDER / "supervisor.pid").unlink(missing_ok=True)
    return bool(family)


def flags(has_zoo: bool = False) -> str:
    """The options that point stsurvey at the lab, or at the zoo within it."""
    if _built().get("wide"):
        return wide.flags(FOLDER / "ca.pem")
    name_server = f"{servers.RESOLVER_ADDRESS}:{servers.RESOLVER_PORT}"
    times = "--connect-timeout 3 --dns-timeout 2 --retries 2 --retry-delays 1"
    if has_zoo:
        name_server = f"{servers.ZOO_RESOLVER_ADDRESS}:{servers.ZOO_RESOLVER_PORT}"
        times = (f"--connect-timeout {zoo.CONNECT} --reply-timeout {zoo.REPLY} --policy-timeout "
                 f"{zoo.POLICY} --dns-timeout {zoo.DNS} --retries {zoo.TRIES} --retry-delays 0.5")
    return " ".join([
        f"--name-servers {name_server}",
        f"--https-port {servers.HTTPS_PORT}", f"--smtp-port {servers.SMTP_PORT}",
        f"--ca-file {FOLDER}/ca.pem", "--allow-special-use-addresses",
        "--ehlo-name scanner.lab.test", "--contact https://lab.test/", times,
    ])


def say(text: str) -> None:
    """Prints a message for people, apart from output that is piped."""
    print(text, file=sys.stderr)
