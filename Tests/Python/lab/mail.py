"""Where the mail of a domain goes: MX records, hosts, their addresses and TLSA records."""

from __future__ import annotations

import random
from dataclasses import replace

from . import providers, servers
from .cases import HOSTS, Case, HostKind
from .mix import Mix
from .model import Domain, Host, Record, World

# How many own mail hosts share an address that nginx hands on.
OWN_HOSTS_PER_ADDRESS = 3


class Mail:
    """Gives domains their MX hosts."""

    def __init__(
        self, world: World, mix: Mix, tlsa: dict[str, list[str]], has_postfix: bool
    ) -> None:
        self.world = world
        self.mix = mix
        self.tlsa = tlsa
        self.has_postfix = has_postfix
        self.provider_hosts: dict[str, list[Host]] = {}
        self.own_hosts = 0
        for number, provider in enumerate(mix.providers, start=1):
            self._add_provider(provider, number)

    def add(self, domain: Domain, case: Case, rng: random.Random) -> None:
        """Adds what the case says of a domain's mail."""
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
            self._add_host(domain, case, number, token, rng)
        if case.mx == "bogus":
            first = domain.records[-2] if domain.records[-1].type != "MX" else domain.records[-1]
            domain.records.remove(first)
            domain.add(first.owner, "MX", first.data, tampered="10 forged.lab.")

    def _add_host(
        self, domain: Domain, case: Case, number: int, token: str, rng: random.Random
    ) -> None:
        kind, _, group = token.partition(":")
        if kind == "provider":
            self._use_provider(domain, group, rng)
        elif kind == "leads_to":
            self._use_alias(domain, group, rng)
        elif case.mx == "implicit":
            host = self._own_host(domain, case, domain.name, HOSTS[token], rng)
            domain.mx.append((0, host))
            domain.add("@", "A", host.address or "")
        else:
            label = f"mx{number}" if len(case.hosts) > 1 else "mail"
            self._add_own_host(domain, case, label, number, rng)

    # MARK: Providers

    def _add_provider(self, provider: providers.Provider, number: int) -> None:
        made = providers.hosts(provider, number)
        self.provider_hosts[provider.name] = made
        self.world.provider_hosts += made
        for host in made:
            self.world.hosts[host.name] = host
            self._add_provider_name(provider, host)

    def _add_provider_name(self, provider: providers.Provider, host: Host) -> None:
        records = self.world.infrastructure
        if not provider.is_signed:
            records = self.world.unsigned.setdefault(provider.name, [])
        records.append(Record(f"{host.name}.", "A", host.address or ""))
        for data in self.tlsa[host.tlsa] if host.tlsa else []:
            records.append(Record(f"_25._tcp.{host.name}.", "TLSA", data))

    def _hosts(self, domain: Domain, group: str, rng: random.Random) -> list[Host]:
        provider = self.mix.provider(group, domain.is_signed, rng)
        made = self.provider_hosts[provider.name]
        if not provider.customer:
            return made
        host = replace(rng.choice(made), name=provider.customer_name(domain.name))
        self._add_provider_name(provider, host)
        return [host]

    def _use_provider(self, domain: Domain, group: str, rng: random.Random) -> None:
        for index, host in enumerate(self._hosts(domain, group, rng), start=1):
            domain.mx.append((10 * index, host))
            domain.add("@", "MX", f"{10 * index} {host.name}.")

    def _use_alias(self, domain: Domain, group: str, rng: random.Random) -> None:
        """An MX name of the domain's own that is an alias of an unsigned provider's host."""
        real = self._hosts(domain, group, rng)[0]
        host = replace(real, name=f"mail.{domain.name}", certificate="foreign", shown=real.name)
        domain.mx.append((10, host))
        domain.add("@", "MX", "10 mail")
        domain.add("mail", "CNAME", f"{real.name}.")

    # MARK: Own hosts

    def _add_own_host(
        self, domain: Domain, case: Case, label: str, number: int, rng: random.Random
    ) -> None:
        kind = HOSTS[case.hosts[number - 1]]
        host = self._own_host(domain, case, kind.name or f"{label}.{domain.name}", kind, rng)
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
        self, domain: Domain, case: Case, name: str, kind: HostKind, rng: random.Random
    ) -> Host:
        address: str | None = self.mix.own_address(case, rng)
        if kind.server != "postfix":
            address = servers.address(kind.server, 0)
        elif not self.has_postfix or (self.mix.has_own_addresses and not case.is_hosted):
            address = self._stand_in(kind)
        host = Host(name, kind.server, kind.certificate, address, domain.is_signed, kind.tlsa)
        if kind.server != "junk":
            self.world.hosts[name] = host
        return host

    def _stand_in(self, kind: HostKind) -> str:
        """An address of nginx, which serves the host itself or hands it on to Postfix."""
        if self.mix.has_own_addresses and self.has_postfix:
            self.own_hosts += 1
            address = servers.stand_in(1 + self.own_hosts // OWN_HOSTS_PER_ADDRESS)
            self.world.forwarded.add(address)
            return address
        # nginx has one certificate an address.
        is_shared = kind.certificate == "default" and not self.mix.has_own_addresses
        return servers.stand_in(0 if is_shared else len(self.world.hosts))
