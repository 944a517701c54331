"""The floor, and the programs that people use instead where they are found: how each is asked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import lists, measure, servers
from .load_lab import FOLDER, ROOT
from .results import SCRATCH, Contender

FLOOR = FOLDER / "floor"
VENV = ROOT / ".venv" / "bin"
DNS = f"{servers.DNS_ADDRESS}:{servers.DNS_PORT}"
TRUSTED = FOLDER / "trusted.pem"


def program() -> Path:
    """The program that is measured."""
    return Path(os.environ.get("STSURVEY", ROOT / ".build" / "release" / "stsurvey"))


def build_floor() -> None:
    """Builds the floor programs."""
    FLOOR.mkdir(parents=True, exist_ok=True)
    subprocess.run(["make", "-s", "-C", ROOT / "Benchmarks" / "floor", f"OUT={FLOOR}"], check=True)


def head(path: Path, count: int) -> Path:
    """The first lines of a list, as a list of its own."""
    short = path.with_name(f"{path.stem}-{count}{path.suffix}")
    with path.open() as source, short.open("w") as target:
        target.writelines(line for _, line in zip(range(count), source, strict=False))
    return short


def count(path: Path) -> int:
    """How many lines a list has."""
    with path.open() as file:
        return sum(1 for _ in file)


def _ends_well(work: Path, kind: str) -> Callable[[Path, measure.Cost], list[str]]:
    """Compares what a floor program says with what is true of the list."""
    expected = json.loads((work / "good.json").read_text())[kind]

    def check(_: Path, cost: measure.Cost) -> list[str]:
        good = cost.facts.get("good")
        return [] if good == expected else [f"floor: {good} good {kind}, not {expected}"]

    return check


def _floor(name: str, work: Path, kind: str, *arguments: str) -> Contender:
    """A bare C loop over the lines of a kind that a list has."""
    path = work / f"{kind}.txt"
    return Contender(
        f"floor: {name} in C", [*arguments, str(path)], count(path), check=_ends_well(work, kind))


def floor_dns(work: Path) -> Contender:
    """The C loop that asks the questions of a list."""
    return _floor("c-ares", work, "questions",
                  f"{FLOOR}/dns", servers.DNS_ADDRESS, str(servers.DNS_PORT), "500")


def floor_fetch(work: Path) -> Contender:
    """The C loop that fetches the policies of a list."""
    return _floor("libcurl", work, "fetches",
                  f"{FLOOR}/fetch", str(servers.HTTPS_PORT), str(TRUSTED), "100")


def floor_probe(work: Path) -> Contender:
    """The C loop that shakes hands with the MX hosts of a list."""
    return _floor("OpenSSL", work, "probes",
                  f"{FLOOR}/starttls", str(servers.SMTP_PORT), str(TRUSTED), "100")


def dns(work: Path) -> list[Contender]:
    """Who asks the questions of a list."""
    found = []
    if shutil.which("dnsperf"):
        found.append(Contender("dnsperf, a question", [
            "dnsperf", "-s", servers.DNS_ADDRESS, "-p", str(servers.DNS_PORT), "-d",
            f"{work}/dnsperf.txt", "-n", "1", "-c", "16", "-q", "500"],
            count(work / "questions.txt"), count=_number(r"Queries completed:\s+(\d+)")))
    names = work / "domains.txt"
    if shutil.which("massdns"):
        (SCRATCH / "resolvers.txt").write_text(f"{DNS}\n")
        found.append(Contender("massdns -t MX -o J, a question", [
            "massdns", "-r", f"{SCRATCH}/resolvers.txt", "-t", "MX", "-o", "J", "-s", "500", "-q",
            str(names)], count(names)))
    if shutil.which("zdns"):
        short = head(names, 20_000)
        found.append(Contender("zdns MX, a question", [
            "zdns", "MX", "--name-servers", DNS, "--input-file", str(short), "--retries", "0",
            "--threads", "100"], count(short)))
    return found


def _number(pattern: str) -> Callable[[str], int]:
    """Reads a number out of what a program wrote; 0 where there is none."""
    def read(text: str) -> int:
        found = re.search(pattern, text)
        return int(found[1]) if found else 0

    return read


def fetches(work: Path) -> list[Contender]:
    """Who fetches the policies of a list."""
    path = work / "fetches.txt"
    some = head(path, 1_000)
    few = head(path, 100)
    return [
        Contender("curl --parallel, one CA",
                  _curl(some, SCRATCH / "one.curl", FOLDER / "ca.pem"), count(some)),
        Contender("curl --parallel, system's CAs",
                  _curl(few, SCRATCH / "system.curl", TRUSTED), count(few)),
        Contender("openssl s_time -new, TLS alone", [
            "openssl", "s_time", "-connect", f"{lists.POLICY_ADDRESS}:{servers.HTTPS_PORT}",
            "-new", "-time", "3", "-CAfile", f"{FOLDER}/ca.pem"], 0,
            count=_number(r"(\d+) connections in \d+ real seconds")),
    ]


def _curl(path: Path, config: Path, trusted: Path) -> list[str]:
    lines = []
    for line in path.read_text().splitlines():
        host, address = line.split(" ")
        lines.append(
            f'url = "https://{host}:{servers.HTTPS_PORT}/.well-known/mta-sts.txt"\n'
            f'resolve = "{host}:{servers.HTTPS_PORT}:{address}"\noutput = "/dev/null"\n'
            f'cacert = "{trusted}"\nsilent\nno-sessionid\nnext\n')
    text = "".join(lines)
    config.write_text(text.removesuffix("next\n"))
    return ["curl", "--parallel", "--parallel-max", "100", "--parallel-immediate", "-K",
            str(config)]


def probes(work: Path) -> list[Contender]:
    """Who shakes hands with the MX hosts of a list."""
    pairs = [line.split(" ") for line in (work / "probes.txt").read_text().splitlines()]
    found = []
    if shutil.which("zgrab2"):
        (SCRATCH / "zgrab2.csv").write_text("".join(
            f"{address},{host}\n" for host, address in pairs))
        found.append(Contender("zgrab2 smtp --starttls", [
            "zgrab2", "smtp", "--starttls", "-s", "200", "-p", str(servers.SMTP_PORT),
            "-f", f"{SCRATCH}/zgrab2.csv"], len(pairs)))
    (SCRATCH / "clients.sh").write_text("".join(
        f"openssl s_client -starttls smtp -connect {address}:{servers.SMTP_PORT} -servername "
        f"{host} -verify_hostname {host} -CAfile {FOLDER}/ca.pem </dev/null >/dev/null 2>&1\n"
        for host, address in pairs[:30]))
    found.append(Contender(
        "openssl s_client, a process each", ["sh", f"{SCRATCH}/clients.sh"], 30))
    return found


def scripts(work: Path) -> list[Contender]:
    """What people script today for whole domains, its counts compared with the truth."""
    if not shutil.which("massdns"):
        return []
    good = json.loads((work / "good.json").read_text())
    with (work / "truth.ndjson").open() as file:
        truths = [json.loads(line) for line in file]
    expected = {"mx": sum(t["mx_status"] == "has_mx" for t in truths),
                "records": sum(t["sts_record_status"] == "ok" for t in truths),
                "policies": good["fetches"], "shaken": good["probes"]}

    def check(output: Path, _: measure.Cost) -> list[str]:
        found = json.loads(output.read_text())
        return [] if found == expected else [f"script: {found}, not {expected}"]

    script = Path(__file__).with_name("scripted.py")
    return [Contender("script of massdns, curl, smtplib, no verdict", [
        "/usr/bin/python3", "-P", str(script), f"{work}/domains.txt", f"{SCRATCH}/scripted", DNS,
        str(servers.HTTPS_PORT), str(servers.SMTP_PORT), f"{FOLDER}/ca.pem"], len(truths),
        check=check)]


def per_domain(work: Path) -> list[Contender]:
    """Who looks at whole domains one by one: it knows the usual ports only."""
    if os.getuid() != 0 or not (VENV / "checkdmarc").exists():
        return []
    short = head(work / "domains.txt", 100)
    return [Contender("checkdmarc, MX and MTA-STS", [
        f"{VENV}/checkdmarc", str(short), "-f", "json", "--output",
        f"{SCRATCH}/checkdmarc.json", "--nameserver", servers.DNS_ADDRESS], count(short))]


def versions() -> dict[str, str]:
    """The versions of what is found; massdns reports none."""
    asked = {
        "nsd": ["nsd", "-v"], "haproxy": ["haproxy", "-v"], "nginx": ["nginx", "-v"],
        "curl": ["curl", "--version"], "openssl": ["openssl", "version"],
        "dnsperf": ["dnsperf", "-h"], "jq": ["jq", "--version"],
        "zdns": ["zdns", "--version"],
        "zgrab2": ["zgrab2", "--version"], "swift": ["swift", "--version"],
        "libcares": ["pkg-config", "--modversion", "libcares"],
        "zstd": ["pkg-config", "--modversion", "libzstd"],
    }
    found = {}
    for name, argv in asked.items():
        if shutil.which(argv[0]):
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            lines = (done.stdout + done.stderr).strip().splitlines()
            found[name] = next((line for line in lines if any(map(str.isdigit, line))), "found")
    python = f"{VENV}/python"
    for name in ("duckdb", "pandas", "checkdmarc"):
        done = subprocess.run(
            [python, "-c", f"import importlib.metadata as m; print(m.version({name!r}))"],
            capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found[name] = done.stdout.strip()
    return found
