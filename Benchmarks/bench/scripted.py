"""scripted.py LIST FOLDER NAMESERVER HTTPS_PORT SMTP_PORT TRUSTED: what people script today.

massdns asks, curl fetches, smtplib shakes hands in threads, and Python joins what they wrote to
one NDJSON line a domain, compressed by zstd. It gives no verdict, and distinguishes errors from
absence no better than those tools do. A peer of `scripts/bench run pipeline`, run by any Python 3.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

THREADS = 50


def ask(kind: str, names: list[str], folder: Path, name_server: str) -> dict[str, list[str]]:
    """The records of a type that massdns finds, by name."""
    (folder / "resolvers").write_text(f"{name_server}\n")
    (folder / "names").write_text("".join(f"{name}\n" for name in names))
    answers = folder / "answers"
    subprocess.run(
        ["massdns", "-r", folder / "resolvers", "-t", kind, "-o", "J", "-s", "1000", "-q", "-w",
         answers, folder / "names"], check=True)
    found: dict[str, list[str]] = {}
    with answers.open() as lines:
        for line in lines:
            answer = json.loads(line)
            records = answer.get("data", {}).get("answers", [])
            data = [record["data"] for record in records if record["type"] == kind]
            if data:
                found[answer["name"].rstrip(".")] = data
    return found


def fetch(hosts: dict[str, str], folder: Path, port: str, trusted: str) -> dict[str, str]:
    """The bodies of policies, by policy host; curl asks those that have an address."""
    bodies = folder / "policies"
    bodies.mkdir()
    (folder / "curl").write_text("next\n".join(
        f'url = "https://{host}:{port}/.well-known/mta-sts.txt"\n'
        f'resolve = "{host}:{port}:{address}"\noutput = "{bodies}/{host}"\nfail\n'
        f'cacert = "{trusted}"\nsilent\nno-sessionid\n' for host, address in hosts.items()))
    subprocess.run(["curl", "--parallel", "--parallel-max", "100", "--parallel-immediate", "-K",
                    folder / "curl"], check=False)
    return {file.name: file.read_text() for file in bodies.iterdir()}


class Session(smtplib.SMTP):
    """A session with an address, at which the certificate must be valid for the host's name."""

    def __init__(self, host: str, address: str, port: int) -> None:
        self.address = address
        super().__init__(host, port, "scanner.lab.test", timeout=30)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self.address, port), timeout)


def probe(host: str, address: str, port: str, context: ssl.SSLContext) -> dict[str, Any]:
    """What an MX host shows by STARTTLS."""
    try:
        with Session(host, address, int(port)) as session:
            session.starttls(context=context)
            connection = session.sock
            assert isinstance(connection, ssl.SSLSocket)
            certificate = connection.getpeercert(binary_form=True) or b""
            return {"version": connection.version(), "cipher": (connection.cipher() or ("",))[0],
                    "sha256": hashlib.sha256(certificate).hexdigest()}
    except (OSError, smtplib.SMTPException) as error:
        return {"error": str(error)}


def probe_all(addresses: dict[str, str], port: str, trusted: str) -> dict[str, dict[str, Any]]:
    """All MX hosts, some at once."""
    context = ssl.create_default_context(cafile=trusted)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(
            lambda pair: probe(pair[0], pair[1], port, context), addresses.items())
        return dict(zip(addresses, found, strict=True))


def main(path: str, work: str, name_server: str, https: str, smtp: str, trusted: str) -> None:
    """Surveys a list and writes `records.ndjson.zst`; prints counts to compare with the truth."""
    names, folder = Path(path).read_text().split(), Path(work)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    mx = ask("MX", names, folder, name_server)
    texts = [ask("TXT", [f"{label}.{name}" for name in names], folder, name_server)
             for label in ("_mta-sts", "_smtp._tls")]
    hosts = sorted({data.split()[1].rstrip(".") for found in mx.values() for data in found})
    policy_hosts = [f"mta-sts.{name.removeprefix('_mta-sts.')}" for name in texts[0]]
    addresses = ask("A", hosts + policy_hosts, folder, name_server)
    first = {name: found[0] for name, found in addresses.items()}
    policies = fetch({h: first[h] for h in policy_hosts if h in first}, folder, https, trusted)
    probes = probe_all({h: first[h] for h in hosts if h in first}, smtp, trusted)
    with (folder / "records.ndjson").open("w") as file:
        for name in names:
            own = [data.split()[1].rstrip(".") for data in mx.get(name, [])]
            file.write(json.dumps({
                "domain": name, "mx": {host: probes.get(host) for host in own},
                "sts_record": texts[0].get(f"_mta-sts.{name}"),
                "tlsrpt": texts[1].get(f"_smtp._tls.{name}"),
                "policy": policies.get(f"mta-sts.{name}")}) + "\n")
    subprocess.run(["zstd", "-q", "-f", "-3", folder / "records.ndjson"], check=True)
    print(json.dumps({"mx": len(mx), "records": len(texts[0]), "policies": len(policies),
                      "shaken": sum("sha256" in found for found in probes.values())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
