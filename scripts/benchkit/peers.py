"""The programs that people use instead, where they are found, and how each is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import lab, lists, servers
from .lab import FOLDER, ROOT

FLOOR = FOLDER / "floor"
VENV = ROOT / ".venv" / "bin"
DNS = f"{servers.DNS_ADDRESS}:{servers.DNS_PORT}"


@dataclass(frozen=True)
class Contender:
    """A command that does so many operations; `check` tells what it got wrong."""

    name: str
    argv: list[str]
    operations: int
    output: Path | None = None
    check: Callable[[], list[str]] | None = None


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


def dns(work: Path, scratch: Path) -> list[Contender]:
    """Who asks the questions of a list."""
    questions = count(work / "questions.txt")
    found = [Contender(
        "floor: c-ares in C", [f"{FLOOR}/dns", servers.DNS_ADDRESS, str(servers.DNS_PORT), "500",
                               f"{work}/questions.txt"], questions)]
    if shutil.which("dnsperf"):
        found.append(Contender("dnsperf", [
            "dnsperf", "-s", servers.DNS_ADDRESS, "-p", str(servers.DNS_PORT), "-d",
            f"{work}/dnsperf.txt", "-n", "1", "-c", "16", "-q", "500"], questions))
    names = work / "domains.txt"
    if shutil.which("massdns"):
        (scratch / "resolvers.txt").write_text(f"{DNS}\n")
        found.append(Contender("massdns -t MX -o J", [
            "massdns", "-r", f"{scratch}/resolvers.txt", "-t", "MX", "-o", "J", "-s", "500", "-q",
            str(names)], count(names), scratch / "massdns.ndjson"))
    if shutil.which("zdns"):
        short = head(names, 20_000)
        found.append(Contender("zdns MX", [
            "zdns", "MX", "--name-servers", DNS, "--input-file", str(short), "--retries", "0",
            "--threads", "100"], count(short), scratch / "zdns.ndjson"))
    return found


def fetches(work: Path, scratch: Path) -> list[Contender]:
    """Who fetches the policies of a list."""
    path = work / "fetches.txt"
    total = count(path)
    found = [Contender(
        "floor: libcurl in C", [f"{FLOOR}/fetch", str(servers.HTTPS_PORT),
                                f"{FOLDER}/trusted.pem", "100", str(path)], total)]
    found.append(Contender(
        "curl --parallel, one CA", _curl(path, scratch / "one.curl", FOLDER / "ca.pem"), total))
    short = head(path, 100)
    found.append(Contender(
        "curl --parallel, system's CAs",
        _curl(short, scratch / "system.curl", FOLDER / "trusted.pem"), count(short)))
    found.append(Contender("openssl s_time -new, TLS alone", [
        "openssl", "s_time", "-connect", f"{lists.POLICY_ADDRESS}:{servers.HTTPS_PORT}", "-new",
        "-time", "3", "-CAfile", f"{FOLDER}/ca.pem"], 0))
    return found


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


def probes(work: Path, scratch: Path) -> list[Contender]:
    """Who shakes hands with the MX hosts of a list."""
    path = work / "probes.txt"
    found = [Contender(
        "floor: OpenSSL in C", [f"{FLOOR}/starttls", str(servers.SMTP_PORT),
                                f"{FOLDER}/trusted.pem", "100", str(path)], count(path))]
    if shutil.which("zgrab2"):
        (scratch / "zgrab2.csv").write_text("".join(
            f"{address},{host}\n" for host, address in _pairs(path)))
        found.append(Contender("zgrab2 smtp --starttls", [
            "zgrab2", "smtp", "--starttls", "-s", "200", "-p", str(servers.SMTP_PORT),
            "-f", f"{scratch}/zgrab2.csv"], count(path), scratch / "zgrab2.ndjson"))
    (scratch / "clients.sh").write_text("".join(
        f"openssl s_client -starttls smtp -connect {address}:{servers.SMTP_PORT} -servername "
        f"{host} -verify_hostname {host} -CAfile {FOLDER}/ca.pem </dev/null >/dev/null 2>&1\n"
        for host, address in list(_pairs(path))[:30]))
    found.append(Contender(
        "openssl s_client, a process each", ["sh", f"{scratch}/clients.sh"], 30))
    return found


def _pairs(path: Path) -> list[tuple[str, str]]:
    return [tuple(line.split(" ")) for line in path.read_text().splitlines()]


def per_domain(work: Path, scratch: Path) -> list[Contender]:
    """Who looks at whole domains one by one: it knows the usual ports only."""
    if os.getuid() != 0 or not (VENV / "checkdmarc").exists():
        return []
    short = head(work / "domains.txt", 100)
    return [Contender("checkdmarc, MX and MTA-STS", [
        f"{VENV}/checkdmarc", str(short), "-f", "json", "--output",
        f"{scratch}/checkdmarc.json", "--nameserver", servers.DNS_ADDRESS], count(short))]


def readers(records: Path, count_of_records: int) -> list[Contender]:
    """Who counts the verdicts of records that are there."""
    files = " ".join(str(file) for file in sorted(records.glob("domains-*.ndjson.zst")))
    query = ("SELECT verdict, count(*) FROM read_ndjson('" + str(records) +
             "/domains-*.ndjson.zst', columns={verdict: 'VARCHAR'}) GROUP BY 1")
    found = [Contender("zstdcat | jq", [
        "sh", "-c", f"zstdcat {files} | jq -r .verdict | sort | uniq -c"], count_of_records)]
    if (VENV / "python").exists():
        found.append(Contender("DuckDB", [
            f"{VENV}/python", "-c",
            f"import duckdb; c=duckdb.connect(); c.execute('SET threads=1'); "
            f"print(c.execute({query!r}).fetchall())"], count_of_records))
    return found


def versions() -> dict[str, str]:
    """The versions of what is found."""
    asked = {
        "nsd": ["nsd", "-v"], "haproxy": ["haproxy", "-v"], "nginx": ["nginx", "-v"],
        "curl": ["curl", "--version"], "openssl": ["openssl", "version"],
        "dnsperf": ["dnsperf", "-h"], "jq": ["jq", "--version"],
        "massdns": ["massdns", "--help"], "zdns": ["zdns", "--version"],
        "zgrab2": ["zgrab2", "--version"], "swift": ["swift", "--version"],
        "libcares": ["pkg-config", "--modversion", "libcares"],
        "zstd": ["pkg-config", "--modversion", "libzstd"],
    }
    found = {}
    for name, argv in asked.items():
        if shutil.which(argv[0]):
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            lines = (done.stdout + done.stderr).strip().splitlines()
            found[name] = lines[0] if lines else "found"
    return found


def program() -> Path:
    """The program that is measured."""
    return Path(os.environ.get("STSURVEY", lab.ROOT / ".build" / "release" / "stsurvey"))
