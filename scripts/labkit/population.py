"""Draws what each domain of a list has, from the seed alone."""

from __future__ import annotations

import random
from itertools import accumulate

from . import fetches, policies, providers, servers
from .cases import CASES, HOSTS, Case, HostKind
from .model import Domain, Host, Policy, Record, World

# Names must leave room for `mta-sts.` and for a common name of 64 characters.
ADOPTER_LENGTH_MAX = 50
QUOTA_SHARE_MAX = 0.4
SIGNED_SHARE = 0.06
PROVIDER_CASE = CASES[0]
_SHARES = list(accumulate(case.share for case in CASES))


class Population:
    """Makes the domains of a world one by one."""

    def __init__(
        self, names: list[str], seed: int, tlsa: dict[str, list[str]], has_postfix: bool
    ) -> None:
        self.seed = seed
        self.has_postfix = has_postfix
        self.tlsa = tlsa
        self.names = list(dict.fromkeys(names))
        self.parents = {
            ".".join(labels[index:])
            for labels in (name.split(".") for name in self.names)
            for index in range(1, len(labels))
        }
        self.world = World(domains={}, hosts={}, infrastructure=providers.zone_records())
        self.provider_hosts: dict[str, list[Host]] = {}
        self.has_policy_provider: set[int] = set()
        for provider in providers.PROVIDERS:
            self._add_provider(provider)

    def make(self) -> World:
        """The world of all names."""
        quotas = self._quotas()
        for name in self.names:
            self.world.domains[name] = self._domain(name, quotas.get(name))
        return self.world

    # MARK: Which case a domain is

    def _is_parent(self, name: str) -> bool:
        return name in self.parents or "." not in name

    def _quotas(self) -> dict[str, Case]:
        """The domains that fill the quotas: those whose draw comes first."""
        candidates = [
            name for name in self.names
            if not self._is_parent(name) and len(name) <= ADOPTER_LENGTH_MAX
        ]
        order = random.Random(f"{self.seed}/quota")
        order.shuffle(candidates)
        wanted = [case for case in CASES for _ in range(case.quota)]
        if len(wanted) > len(candidates) * QUOTA_SHARE_MAX:
            order.shuffle(wanted)
        limit = int(len(candidates) * QUOTA_SHARE_MAX)
        return dict(zip(candidates, wanted[:limit], strict=False))

    def _draw(self, name: str, rng: random.Random) -> Case:
        case = rng.choices(CASES, cum_weights=_SHARES)[0]
        if self._is_parent(name):
            return PROVIDER_CASE
        is_plain = case.record == "absent" and "provider:" in "".join(case.hosts)
        return case if is_plain or len(name) <= ADOPTER_LENGTH_MAX else PROVIDER_CASE

    def _domain(self, name: str, quota: Case | None) -> Domain:
        rng = random.Random(f"{self.seed}/{name}")
        drawn = self._draw(name, rng)
        case = quota or drawn
        is_signed = rng.random() < SIGNED_SHARE if case.signed is None else case.signed
        # Names below a parent are delegated or held beside it: its data stands in the root zone.
        domain = Domain(name, case.name, is_signed or self._is_parent(name))
        self._add_mx(domain, case, rng)
        self._add_record(domain, case, rng)
        if domain.record_status not in ("absent", "unrelated", "servfail", "refused", "timeout"):
            self._add_policy(domain, case, rng)
        self._add_report(domain, case, rng)
        return domain

    # MARK: Mail

    def _add_provider(self, provider: providers.Provider) -> None:
        made = providers.hosts(provider)
        self.provider_hosts[provider.name] = made
        records = self.world.infrastructure
        if not provider.is_signed:
            records = self.world.unsigned.setdefault(provider.name, [])
        for host in made:
            self.world.hosts[host.name] = host
            records.append(Record(f"{host.name}.", "A", host.address or ""))
            for data in self.tlsa[host.tlsa] if host.tlsa else []:
                records.append(Record(f"_25._tcp.{host.name}.", "TLSA", data))

    def _provider_hosts(self, group: str, is_signed: bool, rng: random.Random) -> list[Host]:
        members = [
            provider for provider in providers.group(group)
            # Few customers of providers with DANE leave their own domain unsigned.
            if is_signed or group == "dane" or provider.group != "dane"
        ]
        chosen = rng.choices(members, [1 / n for n in range(1, len(members) + 1)])[0]
        return self.provider_hosts[chosen.name]

    def _add_mx(self, domain: Domain, case: Case, rng: random.Random) -> None:
        domain.mx_status = "servfail" if case.mx == "bogus" else case.mx
        if case.mx in ("servfail", "refused", "timeout"):
            domain.faults["@"] = case.mx
            if case.mx == "servfail":
                # Nothing of a zone that its server cannot load is there.
                domain.record_status = domain.tlsrpt_status = "servfail"
            return
        if case.mx == "nodata":
            domain.add("@", "TXT", '"here is no mail"')
        if case.mx in ("null_mx", "null_mx_plus"):
            domain.add("@", "MX", "0 .")
        for number, token in enumerate(case.hosts, start=1):
            if token.startswith("provider:"):
                self._use_provider(domain, token.partition(":")[2], rng)
            elif case.mx == "implicit":
                self._add_implicit(domain, HOSTS[token], rng)
            else:
                label = f"mx{number}" if len(case.hosts) > 1 else "mail"
                self._add_own_host(domain, label, number, HOSTS[token], rng)
        if case.mx == "bogus":
            first = domain.records[-2] if domain.records[-1].type != "MX" else domain.records[-1]
            domain.records.remove(first)
            domain.add(first.owner, "MX", first.data, tampered="10 forged.lab.")

    def _use_provider(self, domain: Domain, group: str, rng: random.Random) -> None:
        for index, host in enumerate(self._provider_hosts(group, domain.is_signed, rng), start=1):
            domain.mx.append((10 * index, host))
            domain.add("@", "MX", f"{10 * index} {host.name}.")

    def _add_implicit(self, domain: Domain, kind: HostKind, rng: random.Random) -> None:
        host = self._own_host(domain, domain.name, kind, rng)
        domain.mx.append((0, host))
        domain.add("@", "A", host.address or "")

    def _add_own_host(
        self, domain: Domain, label: str, number: int, kind: HostKind, rng: random.Random
    ) -> None:
        host = self._own_host(domain, kind.name or f"{label}.{domain.name}", kind, rng)
        domain.mx.append((10 * number, host))
        if kind.name:
            domain.add("@", "MX", f"{10 * number} {kind.name}.")
            return
        domain.add("@", "MX", f"{10 * number} {label}")
        owner = f"{label}-server" if kind.is_alias else label
        if kind.is_alias:
            domain.add(label, "CNAME", owner)
        if host.address:
            tampered = servers.BLACKHOLE_ADDRESS if kind.server == "bogus" else None
            domain.add(owner, "A", host.address, tampered)
        elif kind.server == "nodata":
            domain.add(owner, "TXT", '"no address"')
        self._add_tlsa(domain, label, kind)

    def _add_tlsa(self, domain: Domain, label: str, kind: HostKind) -> None:
        if kind.tlsa == "bogus":
            domain.add(f"_25._tcp.{label}", "TLSA", self.tlsa["ok"][0], self.tlsa["stale"][0])
        elif kind.tlsa:
            for data in self.tlsa[kind.tlsa]:
                domain.add(f"_25._tcp.{label}", "TLSA", data)

    def _own_host(
        self, domain: Domain, name: str, kind: HostKind, rng: random.Random
    ) -> Host:
        address = servers.address(kind.server, rng.randrange(1 << 16))
        if kind.server == "postfix" and not self.has_postfix:
            # nginx has one certificate an address.
            is_shared = kind.certificate == "default"
            address = servers.stand_in(0 if is_shared else len(self.world.hosts))
        host = Host(name, kind.server, kind.certificate, address, domain.is_signed, kind.tlsa)
        if kind.server != "junk":
            self.world.hosts[name] = host
        return host

    # MARK: MTA-STS and TLSRPT

    def _add_record(self, domain: Domain, case: Case, rng: random.Random) -> None:
        kind = case.record
        record_id = f"{rng.randrange(2019, 2027)}{rng.randrange(1, 13):02d}" \
            f"{rng.randrange(1, 29):02d}T{rng.randrange(10**6):06d}"
        if domain.mx_status == "timeout":
            domain.record_status = domain.tlsrpt_status = "timeout"
            return
        if domain.mx_status in ("servfail", "refused") and case.mx != "bogus":
            domain.record_status = domain.tlsrpt_status = case.mx
            return
        domain.record_status = policies.record_status(kind)
        if kind in ("servfail", "refused", "timeout"):
            domain.faults["_mta-sts"] = kind
        elif kind == "bogus":
            domain.add("_mta-sts", "TXT", f'"v=STSv1; id={record_id};"',
                       tampered='"v=STSv1; id=forged;"')
        elif kind == "alias":
            target = f"{domain.name}._mta-sts.mailharden.lab."
            domain.add("_mta-sts", "CNAME", target)
            self.world.infrastructure.append(
                Record(target, "TXT", f'"v=STSv1; id={record_id};"'))
        elif kind != "absent":
            for strings in policies.record_strings(kind, record_id):
                domain.add("_mta-sts", "TXT", " ".join(f'"{text}"' for text in strings))
        if domain.record_status == "ok":
            domain.record_id = record_id

    def _add_policy(self, domain: Domain, case: Case, rng: random.Random) -> None:
        hosts = [host.name for _, host in domain.mx if host.server != "junk"]
        patterns = policies.mx_patterns(case.patterns, domain.name, hosts)
        max_age = policies.draw_max_age(case.policy, rng.choice)
        kind = case.policy
        if kind == "ok" and rng.random() < 0.4:
            kind = "lf"
        status, body = policies.policy_body(kind, domain.name, case.mode, patterns, max_age)
        policy = Policy(
            f"mta-sts.{domain.name}", "ok", status, body, case.mode, max_age, patterns,
            certificate="ok")
        if kind == "html":
            policy.content_type = "text/html"
        domain.policy = policy
        drawn = rng.choice(servers.POLICY_ADDRESSES)
        address = fetches.apply(domain, policy, case.fetch, drawn)
        if address:
            self._host_policy(domain, policy, address, rng.random())

    def _host_policy(self, domain: Domain, policy: Policy, address: str, draw: float) -> None:
        """Gives the policy host its address, or makes it an alias at a provider."""
        is_special = address not in servers.POLICY_ADDRESSES
        if is_special or draw >= 0.53:
            domain.add("mta-sts", "A", address)
            return
        index = int(draw / 0.53 * len(providers.POLICY_PROVIDERS))
        target = providers.policy_target(index, domain.name)
        domain.add("mta-sts", "CNAME", f"{target}.")
        if "{" in providers.POLICY_PROVIDERS[index][1] or index not in self.has_policy_provider:
            self.has_policy_provider.add(index)
            self.world.infrastructure.append(
                Record(f"{target}.", "A", providers.policy_address(index)))

    def _add_report(self, domain: Domain, case: Case, rng: random.Random) -> None:
        if domain.tlsrpt_status != "absent":
            return
        share = 0.001 if case.record == "absent" else 0.6
        kind = case.tlsrpt or ("ok" if rng.random() < share else "absent")
        if kind == "absent" or domain.mx_status == "nxdomain":
            return
        domain.tlsrpt_status = policies.report_status(kind)
        if kind == "servfail":
            domain.faults["_smtp._tls"] = kind
            return
        for strings in policies.report_strings(kind, domain.name):
            domain.add("_smtp._tls", "TXT", " ".join(f'"{text}"' for text in strings))


def populate(
    names: list[str], seed: int, tlsa: dict[str, list[str]], has_postfix: bool
) -> World:
    """The world for a list of names: the same for the same list, seed and keys."""
    return Population(names, seed, tlsa, has_postfix).make()
