"""Who takes a domain's mail and who serves its policy, by how the lab was made.

Only for lists whose domains are registered right below a public suffix, so that no list of suffixes
is needed. The rules are those of datasets/providers.md.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from . import servers, truth
from .model import Domain, Host, Operator, World

# Up to so many domains an address is their own (datasets/providers.md).
FEW = 5
SELF, NONE = Operator("(self)", "self"), Operator("(none)", "none")


def _is_named(host: Host) -> bool:
    """Whether a host has a registrable domain: addresses and single labels have none."""
    return "." in host.name and not host.name[-1].isdigit()


def _address(host: Host) -> str | None:
    """The address that a lookup gives; none where it fails."""
    return None if servers.status(host).startswith("dns_") else host.address


class Operators:
    """Attributes the domains of a world."""

    def __init__(self, world: World) -> None:
        # The registrable domains that have hosts at an address: of own hosts those of the list.
        at: dict[str, set[str]] = {}
        for domain in world.domains.values():
            for host in truth.listed(domain):
                address = _address(host)
                if address and _is_named(host):
                    provider = host.operator if host.shown is None else None
                    owner = f"/{provider.name}" if provider else domain.name
                    at.setdefault(address, set()).add(owner)
        self.shared = {address for address, owners in at.items() if len(owners) > FEW}

    def mail(self, domain: Domain) -> Operator:
        """By the first host that has a name."""
        for _, host in sorted(domain.mx, key=lambda item: (item[0], item[1].name)):
            if not _is_named(host):
                continue
            if host.operator:
                return host.operator
            if (address := _address(host)) and address in self.shared:
                return Operator(address, "address")
            return SELF
        return NONE

    def policy(self, domain: Domain) -> Operator | None:
        """By the aliases of policy host and record, then by the address; None without either."""
        policy = domain.policy
        if policy is None:
            return domain.record_operator
        by_alias = policy.operator or domain.record_operator
        if by_alias or policy.address is None:
            return by_alias or NONE
        return Operator(policy.address, "address")

    def expected(self, domain: Domain) -> dict[str, Any]:
        """What the truth of a domain says beside its record's keys."""
        policy = self.policy(domain)
        return {
            "mx_operator": asdict(self.mail(domain)),
            "policy_operator": asdict(policy) if policy else None,
        }
