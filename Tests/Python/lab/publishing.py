"""What a domain publishes beside its mail hosts: MTA-STS record and policy, TLSRPT."""

from __future__ import annotations

import random

from . import fetches, policies, providers, servers
from .cases import Case
from .mix import Mix
from .model import Domain, Policy, Record, World
from .providers import PolicyProvider


class Publishing:
    """Gives domains their records and policies."""

    def __init__(self, world: World, mix: Mix) -> None:
        self.world = world
        self.mix = mix
        # Names at providers that all customers share and that are there already.
        self.shared: set[str] = set()
        world.policy_addresses = {
            *servers.POLICY_ADDRESSES, *map(providers.policy_address, range(
                len(mix.policy_providers)))}

    def add_record(self, domain: Domain, case: Case, rng: random.Random) -> None:
        """Adds the MTA-STS record."""
        kind = case.record
        record_id = f"{rng.randrange(2019, 2027)}{rng.randrange(1, 13):02d}" \
            f"{rng.randrange(1, 29):02d}T{rng.randrange(10**6):06d}"
        if domain.mx_status == "timeout":
            domain.record_status = domain.tlsrpt_status = "timeout"
            return
        if domain.mx_status in ("servfail", "refused") and case.mx != "bogus":
            domain.record_status = domain.tlsrpt_status = case.mx
            return
        domain.record_status, domain.record_kind = policies.record_status(kind), kind
        if kind in ("servfail", "refused", "timeout"):
            domain.faults["_mta-sts"] = kind
        elif kind == "bogus":
            domain.add("_mta-sts", "TXT", f'"v=STSv1; id={record_id};"',
                       tampered='"v=STSv1; id=forged;"')
        elif kind in ("alias", "alias_gone"):
            record_id = self._add_record_alias(domain, case, record_id)
        elif kind != "absent":
            for strings in policies.record_strings(kind, record_id):
                domain.add("_mta-sts", "TXT", " ".join(f'"{text}"' for text in strings))
        if domain.record_status == "ok":
            domain.record_id = record_id

    def _add_record_alias(self, domain: Domain, case: Case, record_id: str) -> str:
        """Makes the record an alias of a provider's; gives the id that is read there."""
        provider = self.mix.record_provider(case)
        target = provider.record_target(domain.name)
        domain.record_operator = provider.operator
        domain.add("_mta-sts", "CNAME", f"{target}.")
        if case.record == "alias_gone":
            return record_id
        if target == provider.record_form:
            # What all customers share has one id.
            record_id = policies.SHARED_ID
        self._add_at_provider(
            target, "TXT", f'"v=STSv1; id={record_id};"', target == provider.record_form)
        return record_id

    def _add_at_provider(self, name: str, kind: str, data: str, is_shared: bool) -> None:
        if name + kind in self.shared:
            return
        if is_shared:
            self.shared.add(name + kind)
        above = (name.split(".", n)[n] for n in range(1, name.count(".") + 1))
        zone = next((zone for zone in above if zone in self.world.unsigned), None)
        records = self.world.unsigned[zone] if zone else self.world.infrastructure
        records.append(Record(f"{name}.", kind, data))

    def add_policy(self, domain: Domain, case: Case, rng: random.Random) -> None:
        """Adds the policy, and its host."""
        hosts = [host.name for _, host in domain.mx if host.server != "junk"]
        patterns = policies.mx_patterns(case.patterns, domain.name, hosts)
        max_age = policies.draw_max_age(case.policy, rng.choice)
        kind = case.policy
        if kind == "ok" and rng.random() < 0.4:
            kind = "lf"
        status, body = policies.policy_body(kind, domain.name, case.mode, patterns, max_age)
        policy = Policy(
            f"mta-sts.{domain.name}", "ok", status, body, case.mode, max_age, patterns,
            certificate="ok", kind=kind)
        if kind == "html":
            policy.content_type = "text/html"
        domain.policy = policy
        drawn = self.mix.policy_address(case, rng)
        address = fetches.apply(domain, policy, case.fetch, drawn)
        is_special = address != drawn
        provider = self.mix.policy_provider(case, rng.random() if address else 1, is_special)
        if provider and (address or case.fetch == "gone"):
            self._add_alias(domain, policy, provider, address if is_special else None)
        elif address:
            domain.add("mta-sts", "A", address)
            policy.address = address
            if not is_special:
                self.world.policy_addresses.add(address)

    def _add_alias(
        self, domain: Domain, policy: Policy, provider: PolicyProvider, special: str | None
    ) -> None:
        """Makes the policy host an alias at a provider, where it may be gone."""
        target = provider.target(domain.name)
        domain.add("mta-sts", "CNAME", f"{target}.")
        policy.operator = provider.operator
        if policy.fetch == "dns_nxdomain":
            return
        usual = providers.policy_address(self.mix.policy_providers.index(provider))
        policy.address = special or usual
        self._add_at_provider(target, "A", policy.address, not provider.has_own_names)

    def add_report(self, domain: Domain, case: Case, rng: random.Random) -> None:
        """Adds the TLSRPT record."""
        if domain.tlsrpt_status != "absent":
            return
        share = self.mix.report_share(case)
        kind = case.tlsrpt or ("ok" if rng.random() < share else "absent")
        if kind == "absent" or domain.mx_status == "nxdomain":
            return
        domain.tlsrpt_status, domain.tlsrpt_kind = policies.report_status(kind), kind
        if kind == "servfail":
            domain.faults["_smtp._tls"] = kind
            return
        for strings in policies.report_strings(kind, domain.name):
            domain.add("_smtp._tls", "TXT", " ".join(f'"{text}"' for text in strings))
