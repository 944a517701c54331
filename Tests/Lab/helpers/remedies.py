"""Changes a domain of the lab as the steps of a remedy say, and in no other way.

Zone and policy are text that is edited. Servers are not: where a remedy has one set up, given a
certificate or put right, the zone leads to a good server of the test instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from helpers.chains import Member, authority, issue
from helpers.program import Record
from helpers.smallnet import SmallNet
from helpers.worker import LAB
from lab import servers
from lab.zoo.model import ZONE

QUOTED = re.compile(r'"([^"]*)"')
NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
# The keys and chains of the lab's policy hosts; all keys of the lab's hosts are the same.
CHAINS = LAB / "nginx/certificates"


class GoodServers:
    """Web and mail servers that do what they should, each on an address of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = authority("A public authority")
        self.issuer = authority("An intermediate one", self.root)
        key = serialization.load_pem_private_key(
            (CHAINS / f"mta-sts.mail.{ZONE}.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self.key = key
        self.net = SmallNet({}, servers.SMTP_PORT)
        self.certificates: dict[str, Member] = {}
        # What the mail servers show.
        self.shown: dict[str, Member] = {}
        self.mail: dict[str, str] = {}
        self.web: dict[str, str] = {}

    def certificate(self, name: str) -> Member:
        """The certificate that the authority has issued for a name."""
        if name not in self.certificates:
            self.certificates[name] = issue(name, self.issuer, names=[name])
        return self.certificates[name]

    def mail_server(self, host: str, has_new_certificate: bool) -> str:
        """The address of a mail server for a host, with a new key or that of the lab's hosts."""
        if host not in self.mail:
            self.mail[host] = f"127.10.{1 + len(self.mail) // 250}.{1 + len(self.mail) % 250}"
            certificate = self.certificate(host)
            if not has_new_certificate:
                certificate = issue(host, self.issuer, names=[host], key=self.key)
            self.shown[host] = certificate
            self.net.smtp(self.mail[host], certificate.context(self.folder, self.issuer))
        return self.mail[host]

    def web_server(self, host: str) -> str:
        """The address that a web server for a policy host will have."""
        self.web.setdefault(host, f"127.10.0.{1 + len(self.web)}")
        return self.web[host]

    def serve(self, host: str, policy: list[str]) -> None:
        """Serves the policy, if the host has a web server here."""
        if address := self.web.get(host):
            context = self.certificate(host).context(self.folder, self.issuer)
            body = "".join(f"{line}\r\n" for line in policy)
            self.net.https(address, servers.HTTPS_PORT, context, body.encode())

    def trust(self, file: str) -> str:
        """A file of authorities with those of another and this one's."""
        path = self.folder / "trusted.pem"
        path.write_bytes(Path(file).read_bytes() + self.root.pem)
        return str(path)


@dataclass
class Domain:
    """What an owner can change: the zone's lines, the lines of the policy, the servers."""

    name: str
    servers: GoodServers
    zone: list[str] = field(default_factory=list)
    policy: list[str] = field(default_factory=list)
    # Whether its name servers are to answer from now on.
    answers: bool = False
    # What the remedy at hand is about: its layer, the hosts, and the line found at fault.
    layer: str = ""
    hosts: list[str] = field(default_factory=list)
    line: str = ""
    others: str = ""

    @property
    def policy_host(self) -> str:
        """Where the policy is."""
        return f"mta-sts.{self.name}"

    def owner(self, name: str) -> str | None:
        """The name as this zone has it; None for one of another zone."""
        if name == self.name:
            return "@"
        return name.removesuffix(f".{self.name}") if name.endswith(f".{self.name}") else None

    def set(self, owner: str, kind: str, *data: str) -> None:
        """Gives a name these records of a type, and no others."""
        self.zone = [line for line in self.zone if not line.startswith(f"{owner} {kind} ")]
        self.zone += [f"{owner} {kind} {text}" for text in data]

    def texts(self, owner: str, kind: str) -> list[str]:
        """The data of the records of a type at a name."""
        start = f"{owner} {kind} "
        return [line.removeprefix(start) for line in self.zone if line.startswith(start)]

    def set_txt(self, owner: str, text: str) -> None:
        """Leaves one TXT record at a name, and no alias."""
        self.set(owner, "CNAME")
        self.set(owner, "TXT", f'"{text}"')

    def lead(self, name: str, address: str) -> None:
        """Gives a name of this zone one address, and no alias."""
        if (owner := self.owner(name)) is None:
            return
        for kind in ("CNAME", "AAAA"):
            self.set(owner, kind)
        self.set(owner, "A", address)

    def mx_hosts(self) -> list[str]:
        """The hosts of the MX records."""
        exchanges = [text.split()[1] for text in self.texts("@", "MX")]
        return [name[:-1] if name.endswith(".") else f"{name}.{self.name}" for name in exchanges]

    def replace_line(self, new: Iterable[str]) -> None:
        """Writes other lines in place of the one at fault."""
        at = next(index for index, line in enumerate(self.policy) if line == self.line)
        self.policy[at:at + 1] = new


Apply = Callable[[Domain, list[str], str], None]

# MARK: The policy


def _lines(change: Callable[[str], str | None]) -> Apply:
    """A change of each line of the policy; None removes it."""
    def apply(domain: Domain, _: list[str], __: str) -> None:
        changed = [change(line) for line in domain.policy]
        domain.policy = [line for line in changed if line is not None]
    return apply


def _in_place(change: Callable[[str], str | None]) -> Apply:
    """A change of the line that was found at fault."""
    def apply(domain: Domain, _: list[str], __: str) -> None:
        new = change(domain.line)
        domain.replace_line([] if new is None else [new])
    return apply


def _write_plainly(domain: Domain, _: list[str], __: str) -> None:
    domain.policy = [line.strip() for line in domain.policy if line.strip()]
    _serve(domain, [], "")


def _fill_empty_mx(domain: Domain, _: list[str], __: str) -> None:
    domain.line = next(line for line in domain.policy if line.strip() == "mx:")
    _mx_of_zone(domain, [], "")


def _mend_line(line: str) -> str | None:
    line = line.lstrip("\ufeff")
    line = line if ":" in line else line.replace("=", ":", 1)
    return line if ":" in line and not line.startswith("#") else None


def _set_mode(domain: Domain, quoted: list[str], _: str) -> None:
    domain.policy = [quoted[0] if line.startswith("mode:") else line for line in domain.policy]


def _mx_of_zone(domain: Domain, _: list[str], __: str) -> None:
    domain.replace_line([f"mx: {host}" for host in domain.mx_hosts()])


def _rewrite(domain: Domain, quoted: list[str], _: str) -> None:
    domain.replace_line(quoted[:1])


def _whole(domain: Domain, quoted: list[str], _: str) -> None:
    domain.policy = quoted


def _add(domain: Domain, quoted: list[str], _: str) -> None:
    domain.policy += quoted


def _add_one(domain: Domain, quoted: list[str], _: str) -> None:
    domain.policy.append(quoted[0])


def _allow_hosts(domain: Domain, quoted: list[str], step: str) -> None:
    others = re.search(r"a line of its own for each of (.*?)\. If", step)
    names = others[1].split(", ") if others else []
    domain.policy += [quoted[0], *(f"mx: {name}" for name in names)]


def _begin(domain: Domain, quoted: list[str], _: str) -> None:
    domain.policy.insert(0, quoted[0])


def _replace_pattern(domain: Domain, quoted: list[str], _: str) -> None:
    old, new = quoted
    at = next(index for index, line in enumerate(domain.policy) if line.lower() == old.lower())
    domain.policy[at] = new


def _name_hosts(domain: Domain, quoted: list[str], _: str) -> None:
    domain.replace_line([line for line in quoted if line not in domain.policy])


def _remove_line(domain: Domain, _: list[str], step: str) -> None:
    numbers = [int(number) for number in re.findall(r"\d+", step + " " + domain.others)]
    domain.policy = [line for number, line in enumerate(domain.policy, 1) if number not in numbers]


def _is_ascii(line: str) -> str | None:
    return line if line.isascii() and line.isprintable() else None


# MARK: TXT records


def _change_id(domain: Domain, quoted: list[str], _: str) -> None:
    domain.set_txt("_mta-sts", quoted[0])


def _write_record(domain: Domain, quoted: list[str], _: str) -> None:
    domain.set_txt("_mta-sts", quoted[-1])


def _write_first_text(domain: Domain, _: list[str], __: str) -> None:
    """A record in which nothing stands twice, and nothing before a semicolon."""
    for owner, text in (("_mta-sts", "v=STSv1; id=20990101;"),
                        ("_smtp._tls", f"v=TLSRPTv1; rua=mailto:tls-reports@{domain.name}")):
        if (domain.layer == "tlsrpt") == (owner == "_smtp._tls"):
            domain.set_txt(owner, text)


def _write_report_record(domain: Domain, quoted: list[str], _: str) -> None:
    domain.set_txt("_smtp._tls", quoted[0])


def _move_report_record(domain: Domain, _: list[str], __: str) -> None:
    found = domain.texts("_smtp-tlsrpt", "TXT")
    domain.set("_smtp-tlsrpt", "TXT")
    domain.set("_smtp._tls", "TXT", *found)


def _keep_one(domain: Domain, _: list[str], __: str) -> None:
    valid = [text for text in domain.texts("_mta-sts", "TXT")
             if re.search(r"id=[A-Za-z0-9]{1,32}; *\"", text)]
    domain.set("_mta-sts", "TXT", *valid[-1:])


# MARK: MX records


def _null_mx(domain: Domain, _: list[str], __: str) -> None:
    domain.set("@", "MX", "0 .")


def _drop_null_mx(domain: Domain, _: list[str], __: str) -> None:
    domain.set("@", "MX", *(text for text in domain.texts("@", "MX") if not text.endswith(" .")))


def _drop_mx(domain: Domain, names: Iterable[str]) -> None:
    kept = zip(domain.texts("@", "MX"), domain.mx_hosts(), strict=True)
    domain.set("@", "MX", *(text for text, host in kept if host not in names))


def _drop_odd_mx(domain: Domain, _: list[str], __: str) -> None:
    _drop_mx(domain, [host for host in domain.mx_hosts() if host and "lab" not in host])


def _mend_host_name(domain: Domain, _: list[str], __: str) -> None:
    _drop_mx(domain, [host for host in domain.hosts if domain.owner(host) is None])
    _mend_mail(domain, [], "")


# MARK: Servers


def _serve(domain: Domain, _: list[str], __: str) -> None:
    domain.lead(domain.policy_host, domain.servers.web_server(domain.policy_host))
    if not domain.policy:
        domain.policy = ["version: STSv1", "mode: enforce", "max_age: 2592000"]
        domain.policy += [f"mx: {host}" for host in domain.mx_hosts()]


def _begin_to_protect(domain: Domain, quoted: list[str], _: str) -> None:
    domain.policy = quoted
    _serve(domain, [], "")


def _mend_mail(domain: Domain, _: list[str], __: str) -> None:
    for host in domain.hosts:
        if domain.owner(host) is not None:
            domain.lead(host, domain.servers.mail_server(host, False))


def _certify(domain: Domain, _: list[str], __: str) -> None:
    """A new certificate, for the policy host or the mail hosts that were found at fault."""
    if domain.layer == "policy_fetch":
        return _serve(domain, [], "")
    for host in domain.hosts:
        if domain.owner(host) is not None:
            domain.lead(host, domain.servers.mail_server(host, True))
    return None


def _answer(domain: Domain, _: list[str], __: str) -> None:
    """Name servers answer: to that end the lab must have something to answer with."""
    domain.answers = True
    if domain.layer == "policy_fetch":
        _serve(domain, [], "")
    for host in domain.hosts if domain.layer == "smtp" else []:
        owner = domain.owner(host)
        if owner and not domain.texts(owner, "A"):
            _mend_mail(domain, [], "")


# MARK: TLSA records


def _tlsa_owner(domain: Domain, host: str) -> str:
    return "_25._tcp" + ("" if host == domain.name else f".{domain.owner(host)}")


def _set_tlsa(domain: Domain, quoted: list[str], step: str) -> None:
    if (place := re.search(r"_25\._tcp\.([a-z0-9_.-]+[a-z0-9])", step)) is None:
        return
    if domain.owner(place[1]) is not None:
        domain.set(_tlsa_owner(domain, place[1]), "TLSA", quoted[-1])


def _add_tlsa_of_new_key(domain: Domain, _: list[str], __: str) -> None:
    for host in domain.hosts:
        data = domain.servers.shown[host].tlsa(3)
        text = f"{data[0]} {data[1]} {data[2]} {data[3].hex()}"
        owner = _tlsa_owner(domain, host)
        domain.set(owner, "TLSA", *domain.texts(owner, "TLSA"), text)


def _drop_stronger_tlsa(domain: Domain, _: list[str], __: str) -> None:
    for host in domain.hosts:
        owner = _tlsa_owner(domain, host)
        kept = [text for text in domain.texts(owner, "TLSA") if text.split()[2] != "2"]
        domain.set(owner, "TLSA", *kept)


def _nothing(_: Domain, __: list[str], ___: str) -> None:
    """Another way to the same end, what another remedy does, or advice for later."""


# How the lab applies a step, by how it begins. HOST, POLICY and DOMAIN stand for the names.
STEPS: dict[str, Apply] = {
    # The policy.
    "Add the line \"mx: ": _allow_hosts,
    "Replace \"mx: ": _replace_pattern,
    "Write four kinds of lines": _whole,
    "Serve the policy there as plain text; many": _nothing,
    "Begin it with the line": _begin,
    "Write the line as": _rewrite,
    "Add the line \"mode": _add_one,
    "Add the line \"max_age": _add_one,
    "Add a line for each mail host": _add,
    "Write \"mode: enforce\"": _rewrite,
    "Write digits alone": _rewrite,
    "Write at most": _rewrite,
    "Name the mail hosts": _name_hosts,
    "Write the name of a mail host": _fill_empty_mx,
    "Write one key, a colon": _lines(_mend_line),
    "Write \"mode: testing\", or": _set_mode,
    "Write it without leading zeros": _lines(
        lambda line: re.sub(r"^(max_age: *)0+(?=\d)", r"\1", line)),
    # Policies are written with CRLF.
    "End all lines in the same way": _nothing,
    "End each line with CRLF or LF": _nothing,
    "Use \"*.\" only at the front": _mx_of_zone,
    "Afterwards change the id": _change_id,
    "Remove the dot": _in_place(lambda line: line.rstrip(".")),
    "Write \"*.\" in place": _in_place(lambda line: line.replace(": .", ": *.")),
    "Remove line ": _remove_line,
    "Remove empty lines": _lines(lambda line: line if line.strip() else None),
    "Raise max_age": _lines(lambda line: re.sub(r"(?i)^max_age:.*", "max_age: 604800", line)),
    "Save the file as UTF-8 or plain": _lines(_is_ascii),
    "Save the file as UTF-8 without": _lines(lambda line: line.lstrip("\ufeff")),
    "Write the policy as plainly": _write_plainly,
    # TXT records.
    "Write it as \"v=STSv1": _write_record,
    "Change it to letters and digits": _write_record,
    "Keep the one with the newest id": _keep_one,
    "Remove it: \"v=STSv1;\"": _write_first_text,
    "Remove it, because senders differ": _write_first_text,
    "Remove the second occurrence": _write_first_text,
    "Write one rua with all": _write_first_text,
    "Name a mailto: or https:": _write_first_text,
    "Write the TXT record at _smtp._tls": _write_report_record,
    "Keep one. It can name several": _write_report_record,
    "Move the record to _smtp._tls": _move_report_record,
    "To have mail protected, serve": _begin_to_protect,
    "Once the policy can be fetched, publish": _write_record,
    "Publish a TLSRPT record as well": _nothing,
    # MX records.
    "Write the full public name": _nothing,
    "If DOMAIN is to take mail, add": _nothing,
    "If DOMAIN is to take no mail": _null_mx,
    "If it is to take none, say so": _null_mx,
    "Write \"DOMAIN. IN MX 0 .\"": _null_mx,
    "Remove the record \"MX 0 .\"": _drop_null_mx,
    "Remove the record, or write the full": _drop_odd_mx,
    "Give the mail server a name": _drop_odd_mx,
    "Write the full name of the mail server": _drop_odd_mx,
    "Give HOST an address (A or AAAA), write": _mend_host_name,
    "Repair what fails at HOST": _nothing,
    # Name servers.
    "Check that every name server": _answer,
    "If other domains fail in the same way": _nothing,
    "Have all name servers of the zone of HOST": _answer,
    # The web server of the policy.
    "Give POLICY an address": _serve,
    "To give up MTA-STS instead": _nothing,
    "Run a web server with HTTPS": _serve,
    "Check that the address of POLICY": _serve,
    "Set up POLICY on the web server": _serve,
    "Enable TLS 1.2 and 1.3 on the web server": _serve,
    "Let the web server speak HTTPS": _serve,
    "Configure the web server to send the whole": _serve,
    "Serve the policy": _serve,
    "Serve only the policy": _serve,
    "Let everyone fetch": _serve,
    "Look into the log of the web server": _serve,
    "Have an ordinary web server": _serve,
    "Have https://POLICY": _serve,
    "Switch compression off": _serve,
    # Certificates.
    "Get a certificate": _certify,
    "Renew the certificate": _certify,
    "Install a certificate that is valid today": _certify,
    "Configure the mail server to send the whole": _certify,
    "Use a key of at least": _certify,
    "HOST has TLSA records as well": _add_tlsa_of_new_key,
    # Mail servers.
    "Run the mail server on port 25": _mend_mail,
    "Check that the addresses of HOST": _mend_mail,
    "Look into the log of the mail server": _mend_mail,
    "Enable STARTTLS": _mend_mail,
    "Switch off the inspection of SMTP": _mend_mail,
    "Have the mail server answer STARTTLS": _mend_mail,
    "Check certificate, key and protocol": _mend_mail,
    "Enable TLS 1.2 and 1.3 on the mail server": _mend_mail,
    "Set up TLS and the certificate in the same": _mend_mail,
    "Senders accept this. Correct": _mend_mail,
    # TLSA records.
    "If you changed the certificate, add the TLSA": _set_tlsa,
    "If you have changed to another issuer": _set_tlsa,
    "Replace that record at _25._tcp": _set_tlsa,
    "Change usage 3 to 2": _set_tlsa,
    "Install another certificate for HOST": _set_tlsa,
    "Configure the mail server to send the certificate of": _set_tlsa,
    "Publish records of usage 3": _set_tlsa,
    "Remove the records of matching type 2": _drop_stronger_tlsa,
    "At the next change of keys": _nothing,
    "Install the same key and certificate": _mend_mail,
}


def how(domain: Domain, step: str) -> Apply | None:
    """How the lab applies a step; None where it cannot."""
    text = step.replace(domain.policy_host, "POLICY")
    for name in [*domain.hosts, domain.name]:
        word = "DOMAIN" if name == domain.name else "HOST"
        text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", word, text)
    return next((apply for start, apply in STEPS.items() if text.startswith(start)), None)


def _look_at(domain: Domain, item: Record) -> None:
    """Notes what a finding is about."""
    domain.layer = item["code"].partition(".")[0]
    domain.others = item["others"] or ""
    names = NAME.findall(item["found"] + " " + domain.others)
    mail = domain.layer in ("smtp", "certificate", "dane", "mx")
    hosts = [name for name in dict.fromkeys(names) if name != domain.name]
    if domain.layer in ("mx", "smtp") and " localhost" in item["found"]:
        hosts.append("localhost")
    own = domain.mx_hosts() or [domain.name]
    domain.hosts = [name for name in [*hosts, domain.name] if name in own] if mail else []
    shown = QUOTED.findall(item["found"])
    domain.line = next((text for text in shown if text in domain.policy), "")


def can_apply(domain: Domain, item: Record) -> bool:
    """Whether the lab can do all that the remedy of a finding says."""
    _look_at(domain, item)
    return bool(item["steps"]) and all(how(domain, step) for step in item["steps"])


def follow(domain: Domain, item: Record) -> None:
    """Does what the remedy of a finding says, step by step."""
    _look_at(domain, item)
    for step in item["steps"]:
        apply = how(domain, step)
        assert apply, step
        apply(domain, QUOTED.findall(step), step)
