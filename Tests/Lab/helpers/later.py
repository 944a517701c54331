"""The lab some time later: the same servers, but records and policies have changed.

A second nsd and a second unbound serve a copy of the lab's DNS in which zones are rewritten, the
signed ones too; bodies of policies are replaced in the lab's own folder, and put back at the end.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from helpers.program import Record
from helpers.worker import LAB
from lab import nsd
from lab.zones import APEX, TTL, RootZone

# What becomes of a policy's text, and of a zone's lines; None removes them.
Change = Callable[[str], str | None]
Rewrite = Callable[[list[str]], list[str] | None]

POLICIES = LAB / "nginx/policies"
POLICY_LOG = LAB / "nginx/policies.log"
# The ports of the first, and those of the second.
PORTS = {"10054": "10064", "10053": "10063"}
RESOLVER = "127.0.0.1:10063"
SECONDS = 20
# What a zone has that the lab's servers cannot load.
OTHERWISE = ["@ MX 10 mx.mail.zoo.lab."]


@contextlib.contextmanager
def fetched_policies() -> Iterator[list[str]]:
    """The policy hosts that were asked for policies meanwhile, once for each request."""
    hosts: list[str] = []
    start = POLICY_LOG.stat().st_size
    yield hosts
    with POLICY_LOG.open() as log:
        log.seek(start)
        hosts += [line.split()[0] for line in log]


class Later:
    """What changes: rewrite zones and policies, then enter it, and scan with its flags."""

    def __init__(self, folder: Path, flags: list[str]) -> None:
        self.dns = folder / "dns"
        shutil.copytree(LAB / "dns", self.dns, ignore=shutil.ignore_patterns("nsd-xfr-*", "*.pid"))
        for name in ("nsd.conf", "unbound.conf"):
            text = (self.dns / name).read_text().replace(str(LAB / "dns"), str(self.dns))
            for old, new in PORTS.items():
                text = text.replace(f"@{old}", f"@{new}")
            (self.dns / name).write_text(text)
        at = flags.index("--name-servers")
        self.flags = [*flags[:at + 1], RESOLVER, *flags[at + 2:]]
        self.changes: dict[Path, Change] = {}
        self.bodies: dict[Path, bytes] = {}
        self.signed: dict[str, Rewrite] = {}
        self.processes: list[subprocess.Popen[bytes]] = []

    def has_zone(self, domain: str) -> bool:
        """Whether the domain is one of those that `rewrite` takes: unsigned, and not broken."""
        return self._zone(domain) is not None

    def is_signed(self, domain: str) -> bool:
        """Whether the domain is one of those that `rewrite_signed` takes."""
        own = self._own_lines(self._root_lines(), domain)
        # An unsigned one is delegated.
        return any(not line.startswith("@ NS ") for line, _ in own)

    def rewrite(self, domain: str, change: Rewrite) -> None:
        """Lets the zone's lines be what `change` makes of them; None: its server fails."""
        path = self._zone(domain)
        assert path, domain
        lines = change((self.dns / path).read_text().splitlines())
        new = f"zones/later-{domain}"
        if lines is not None:
            (self.dns / new).write_text("\n".join(lines) + "\n")
        conf = self.dns / "nsd.conf"
        conf.write_text(conf.read_text().replace(
            f'name: "{domain}."\n  zonefile: "{path}"', f'name: "{domain}."\n  zonefile: "{new}"'))

    def rewrite_signed(self, domain: str, change: Rewrite) -> None:
        """The same of a signed domain.

        All signed domains are signed again, with a new key and without the lab's forgeries.
        """
        self.signed[domain] = change

    def lines(self, domain: str) -> list[str]:
        """The zone's lines before any change; those of one without a zone are an MX record."""
        if path := self._zone(domain):
            return (self.dns / path).read_text().splitlines()
        if self.is_signed(domain):
            return [line for line, _ in self._own_lines(self._root_lines(), domain)]
        return [f"$TTL {TTL}", f"@ SOA {APEX}", "@ NS ns.lab.", *OTHERWISE]

    def mend_name_servers(self, domain: str) -> None:
        """Lets the servers of the domain, and of what is below it, answer."""
        name = rf"(?:\S+\.)?{re.escape(domain)}\."
        unbound, conf = self.dns / "unbound.conf", self.dns / "nsd.conf"
        unbound.write_text(re.sub(
            rf'  local-zone: "{name}" \w+\n', "", unbound.read_text()))
        missing = re.escape(nsd.zone("NAME", "zones/missing")).replace("NAME", name)
        conf.write_text(re.sub(rf"{missing}\n", "", conf.read_text()))
        if not self.has_zone(domain) and not self.is_signed(domain):
            file = f"zones/later-{domain}"
            (self.dns / file).write_text("\n".join(self.lines(domain)) + "\n")
            with conf.open("a") as out:
                print(nsd.zone(f"{domain}.", file), file=out)

    def set_record(self, domain: str, record: str | None) -> None:
        """Gives the domain another record, or none."""
        def change(lines: list[str]) -> list[str]:
            kept = [line for line in lines if not line.startswith("_mta-sts ")]
            return kept + ([f'_mta-sts TXT "{record}"'] if record else [])
        self.rewrite(domain, change)

    def set_policy(self, domain: str, change: Change) -> None:
        """Lets the body of the policy be what `change` makes of its text; None: there is none."""
        self.changes[POLICIES / f"mta-sts.{domain}.txt"] = change

    def _zone(self, domain: str) -> str | None:
        text = (self.dns / "nsd.conf").read_text()
        _, _, rest = text.partition(f'name: "{domain}."\n  zonefile: "')
        path = rest.partition('"')[0]
        return path if path and (self.dns / path).is_file() else None

    def _root_lines(self) -> list[str]:
        return (self.dns / "root.zone").read_text().splitlines()

    def _own_lines(self, lines: list[str], domain: str) -> list[tuple[str, str]]:
        """A signed domain's lines as its own zone would have them, and as they are."""
        own = re.compile(rf"(?:(\S+)\.)?{re.escape(domain)}\. {TTL} IN (.*)")
        found = ((line, own.fullmatch(line)) for line in lines)
        return [(f"{match[1] or '@'} {match[2]}", line) for line, match in found if match]

    def _sign(self) -> None:
        root = RootZone()
        root.lines = self._root_lines()
        for domain, change in self.signed.items():
            own = self._own_lines(root.lines, domain)
            removed = {line for _, line in own}
            root.lines = [line for line in root.lines if line not in removed]
            for line in change([line for line, _ in own]) or []:
                owner, kind, data = line.split(" ", 2)
                root.add(f"{domain}." if owner == "@" else f"{owner}.{domain}.", kind, data)
        root.sign(self.dns)

    def __enter__(self) -> Later:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        if self.signed:
            self._sign()
        for path, change in self.changes.items():
            self.bodies[path] = path.read_bytes()
            new = change(self.bodies[path].decode(errors="replace"))
            if new is None:
                path.unlink()
            else:
                path.write_text(new, newline="")
        for server in ("nsd", "unbound"):
            with (self.dns / f"{server}.log").open("wb") as log:
                self.processes.append(subprocess.Popen(
                    [f"/usr/sbin/{server}", "-d", "-c", self.dns / f"{server}.conf"],
                    stdout=log, stderr=log))
        self._wait()

    def _wait(self) -> None:
        address, _, port = RESOLVER.partition(":")
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            answer = subprocess.run(
                ["dig", f"@{address}", "-p", port, "+time=1", "+tries=1", "ns.lab", "A"],
                capture_output=True, text=True, check=False).stdout
            if "NOERROR" in answer:
                return
            time.sleep(0.1)
        raise AssertionError("no answer from the second resolver")

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS)
            process.kill()
            process.wait()
        for path, body in self.bodies.items():
            path.write_bytes(body)


def replaced(old: str, new: str) -> Change:
    """A change of text, which must be there."""
    def change(text: str) -> str:
        assert old in text, text
        return text.replace(old, new)
    return change


def other_mail_hosts(lines: list[str]) -> list[str]:
    """The zone with its mail at another provider."""
    assert not any("fjordpost" in line for line in lines)
    kept = [line for line in lines if " MX " not in line]
    return [*kept, "@ MX 10 mx1.fjordpost.lab.", "@ MX 20 mx2.fjordpost.lab."]


def mail_at(host: str) -> Rewrite:
    """The zone with its mail at one host."""
    def change(lines: list[str]) -> list[str]:
        return [*(line for line in lines if " MX " not in line), f"@ MX 10 {host}."]
    return change


def other_policy_host(lines: list[str]) -> list[str]:
    """The zone with its policy at another provider."""
    kept = [line for line in lines if not line.startswith("mta-sts ")]
    return [*kept, "mta-sts CNAME mta-sts.tutapost.lab."]


def change_all(later: Later, truth: list[Record]) -> dict[str, str]:
    """Changes a domain in each way; the domains by what was done."""
    left: dict[str, list[str]] = {}
    for line in truth:
        if line["domain"] and later.has_zone(line["domain"]):
            left.setdefault(line["case"], []).append(line["domain"])

    # Policies remembered for a day or longer: no test takes as long.
    ages = {line["domain"]: line["sts_max_age"] for line in truth}

    def take(case: str) -> str:
        names = left[case]
        return names.pop(next(n for n, name in enumerate(names) if ages[name] != 0))

    done = {
        "record_removed": take("sts_enforce"), "policy_removed": take("sts_enforce"),
        "id_only": take("sts_enforce"), "to_testing": take("sts_enforce"),
        "shorter": take("sts_enforce"), "mail_moved": take("sts_enforce"),
        "policy_moved": take("sts_enforce"), "id_broken": take("sts_enforce"),
        "servers_fail": take("sts_enforce"), "to_enforce": take("sts_testing"),
        "to_none": take("sts_testing"), "record_only": take("provider"),
        "none_removed": take("sts_none"), "mended": take("pattern_typo_enforce"),
        "reports_added": take("provider"), "certificate_bad": take("provider"),
    }
    expired = next(host["host"] for line in truth for host in line["mx"]
                   if host["certificate_status"] == "expired")
    later.set_record(done["record_removed"], None)
    later.set_policy(done["policy_removed"], lambda _: None)
    later.set_record(done["id_only"], "v=STSv1; id=later;")
    later.set_policy(done["to_testing"], replaced("enforce", "testing"))
    later.set_record(done["shorter"], "v=STSv1; id=later;")
    later.set_policy(done["shorter"], lambda body: body.replace(
        f"max_age: {ages[done['shorter']]}", "max_age: 3600"))
    later.rewrite(done["mail_moved"], other_mail_hosts)
    later.rewrite(done["policy_moved"], other_policy_host)
    later.set_record(done["id_broken"], "v=STSv1; id=2026-11-24;")
    later.rewrite(done["servers_fail"], lambda _: None)
    for name, mode in (("to_enforce", "enforce"), ("to_none", "none")):
        later.set_record(done[name], "v=STSv1; id=later;")
        later.set_policy(done[name], replaced("testing", mode))
    later.set_record(done["record_only"], "v=STSv1; id=first;")
    later.set_record(done["none_removed"], None)
    later.set_record(done["mended"], "v=STSv1; id=later;")
    later.set_policy(done["mended"], replaced("mx: x", "mx: "))
    # Of domains without a record, too.
    later.rewrite(done["reports_added"], lambda lines: [
        *lines, '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:reports@example.lab"'])
    later.rewrite(done["certificate_bad"], mail_at(expired))
    return done
