"""What domains are drawn from: cases with their shares, and providers with theirs."""

from __future__ import annotations

import random
from itertools import accumulate

from . import servers
from .cases import CASES, Case
from .providers import POLICY_PROVIDERS, PROVIDERS, PolicyProvider, Provider

_SHARES = list(accumulate(case.share for case in CASES))


class Mix:
    """The lab's own mix: few large providers, and every case there is also in a short list."""

    providers: tuple[Provider, ...] = PROVIDERS
    policy_providers: tuple[PolicyProvider, ...] = POLICY_PROVIDERS
    # Whether own mail hosts have addresses of their own, which nginx hands on to Postfix.
    has_own_addresses = False

    def case(self, name: str, rng: random.Random) -> Case:
        """The case of a domain."""
        del name
        return rng.choices(CASES, cum_weights=_SHARES)[0]

    def provider(self, group: str, is_signed: bool, rng: random.Random) -> Provider:
        """A provider of a group; `any` is all."""
        members = [
            provider for provider in self.providers if group in ("any", provider.group)
            # Few customers of providers with DANE leave their own domain unsigned.
            and (is_signed or group == "dane" or provider.group != "dane")
        ]
        return rng.choices(members, [1 / n for n in range(1, len(members) + 1)])[0]

    def policy_address(self, case: Case, rng: random.Random) -> str:
        """Where a domain serves its policy itself."""
        del case
        return rng.choice(servers.POLICY_ADDRESSES)

    def policy_provider(
        self, case: Case, draw: float, is_special: bool
    ) -> PolicyProvider | None:
        """Whose policy host the domain's is an alias of; None where it has an address itself.

        A special address is that of a server which fails in a certain way.
        """
        del case
        if is_special or draw >= 0.53:
            return None
        return self.policy_providers[int(draw / 0.53 * len(self.policy_providers))]

    def record_provider(self, case: Case) -> PolicyProvider:
        """Whose record that of the domain is an alias of, where it is one."""
        del case
        return next(provider for provider in self.policy_providers if provider.record_form)

    def report_share(self, case: Case) -> float:
        """The share of domains with TLSRPT."""
        return 0.001 if case.record == "absent" else 0.6

    def own_address(self, case: Case, rng: random.Random) -> str:
        """The address of Postfix for a host of the domain's own name."""
        del case
        return servers.address("postfix", rng.randrange(1 << 16)) or ""
