"""Draws what each domain of a list has, from the seed alone."""

from __future__ import annotations

import random

from . import providers
from .cases import CASES, Case
from .mail import Mail
from .mix import Mix
from .model import Domain, World
from .publishing import Publishing

# Names must leave room for `mta-sts.` and for a common name of 64 characters.
ADOPTER_LENGTH_MAX = 50
QUOTA_SHARE_MAX = 0.4
SIGNED_SHARE = 0.06
PROVIDER_CASE = CASES[0]


class Population:
    """Makes the domains of a world one by one."""

    def __init__(
        self, names: list[str], mix: Mix, seed: int, tlsa: dict[str, list[str]],
        has_postfix: bool,
    ) -> None:
        self.mix = mix
        self.seed = seed
        self.names = list(dict.fromkeys(names))
        self.parents = {
            ".".join(labels[index:])
            for labels in (name.split(".") for name in self.names)
            for index in range(1, len(labels))
        }
        self.world = World(domains={}, hosts={}, infrastructure=providers.zone_records())
        self.mail = Mail(self.world, mix, tlsa, has_postfix)
        self.publishing = Publishing(self.world, mix)

    def make(self) -> World:
        """The world of all names."""
        quotas = self._quotas()
        for name in self.names:
            self.world.domains[name] = self._domain(name, quotas.get(name))
        return self.world

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
        case = self.mix.case(name, rng)
        if self._is_parent(name):
            return PROVIDER_CASE
        is_plain = case.record == "absent" and "provider:" in "".join(case.hosts)
        return case if is_plain or len(name) <= ADOPTER_LENGTH_MAX else PROVIDER_CASE

    def _domain(self, name: str, quota: Case | None) -> Domain:
        rng = random.Random(f"{self.seed}/{name}")
        drawn = self._draw(name, rng)
        case = quota or drawn
        is_signed = rng.random() < SIGNED_SHARE if case.signed is None else case.signed
        # Names below a parent are delegated or kept beside it: its data is in the root zone.
        domain = Domain(name, case.name, is_signed or self._is_parent(name))
        self.mail.add(domain, case, rng)
        self.publishing.add_record(domain, case, rng)
        if domain.record_status not in ("absent", "unrelated", "servfail", "refused", "timeout"):
            self.publishing.add_policy(domain, case, rng)
        self.publishing.add_report(domain, case, rng)
        return domain


def populate(
    names: list[str], mix: Mix, seed: int, tlsa: dict[str, list[str]], has_postfix: bool
) -> World:
    """The world for a list of names: the same for the same list, mix, seed and keys."""
    return Population(names, mix, seed, tlsa, has_postfix).make()
