"""The field's mix: adoption, providers and errors in the shares that surveys have found.

The counts are those of Ashiq, Fiebig and Chung (IMC 2025), of 68,030 domains with a record on 29
September 2024, unless said otherwise. The study gives no modes: they are those of the STARTTLS
Everywhere list of 2020, with one in twenty of mode none. Of domains without a record the shares are
those of the lab.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Generic, TypeVar

from . import servers
from .cases import WITHOUT_RECORD, Case
from .field_providers import DMARCREPORT, MAIL, POLICY, PORKBUN, RESIDUE, TUTA
from .mix import Mix
from .providers import PolicyProvider, Provider

# Domains with a record among those that take mail, by rank: Tranco's first 10,000 in 2026, its
# million in between, and the whole of .com.
ADOPTION = ((10_000, 0.022), (100_000, 0.012), (1_000_000, 0.007))
ADOPTION_BEYOND = 0.001
ADOPTERS = 68_030
RECORDS = {"bad_id": 203, "missing_id": 65, "bad_version_case": 52, "bad_extension": 2,
           "multiple": 9}
# Who serves the policy; what the study could not class is here at web hosts of many domains.
SELF, HOSTED = "self", "hosted"
MANAGERS = {SELF: 25_344, HOSTED: 6_858} | {p.name: p.weight for p in POLICY}
# How fetches end at policy hosts that domains run themselves, of 25,344, and at third parties'.
SELF_FETCHES = {
    "nxdomain": 30, "nodata": 8, "servfail": 4, "refused": 150, "blackhole": 43, "name": 8385,
    "self_signed": 220, "expired": 190, "untrusted": 50, "leaf_only": 26, "http_404": 250,
    "http_302": 60, "http_403": 40, "http_500": 17, "http_503": 10,
}
THIRD_FETCHES = {
    "refused": 34, "missing": 109, "name": 350, "expired": 300, "http_404": 137, "http_403": 38,
    "http_503": 40,
}
# Of DMARCReport's customers so many have no certificate there; of Porkbun's parked none is good.
WITHOUT_CERTIFICATE = 354
SYNTAX = {"mx_email": 40, "mx_trailing_dot": 30, "mx_empty": 17, "empty": 5, "bad_max_age": 20,
          "missing_mode": 12, "html": 12}
SYNTAX_SHARE = 136 / 53_935
MODES = {"testing": 565, "enforce": 361, "none": 49}
# MX hosts: the domain's own or a third party's, and of each the share with a bad certificate.
MAIL_SELF, MAIL_THIRD, MAIL_HOSTED = 0.346, 0.598, 0.056
SELF_BAD, SELF_PARTLY_BAD, THIRD_BAD = 993 / 23_512, 53 / 23_512, 397 / 40_683
PATTERNS = {"other_domain": 1023, "policy_host": 597, "extra_labels": 133, "typo": 63,
            "other_tld": 20}
RESIDUE_SHARE = 0.04
WEB_HOSTS = 40


Key = TypeVar("Key")


@dataclass(frozen=True)
class _Drawn(Generic[Key]):
    """A table of weights, ready to be drawn from."""

    keys: tuple[Key, ...]
    weights: tuple[float, ...]

    @staticmethod
    def of(table: Mapping[Key, float]) -> _Drawn[Key]:
        return _Drawn(tuple(table), tuple(accumulate(table.values())))

    def draw(self, rng: random.Random) -> Key:
        """A key, each as often as its weight says."""
        return rng.choices(self.keys, cum_weights=self.weights)[0]


def _rest(table: Mapping[str, float], whole: float, word: str = "ok") -> _Drawn[str]:
    """The table with what is left of the whole under a word."""
    return _Drawn.of({word: whole - sum(table.values()), **table})


_RECORDS = _rest(RECORDS, ADOPTERS)
_MANAGERS = _Drawn.of(MANAGERS)
_SELF_FETCHES = _rest(SELF_FETCHES, 25_344)
_THIRD_FETCHES = _rest(THIRD_FETCHES, 28_591)
_SYNTAX, _MODES = _Drawn.of(SYNTAX), _Drawn.of(MODES)
_PATTERNS = _rest(PATTERNS, ADOPTERS, "literal")
_POLICY = {provider.name: provider for provider in POLICY}
_SELF_BAD = _Drawn.of({"self_signed": 4, "default": 3, "name": 2, "expired": 2, "plain": 1})


def _general() -> _Drawn[Case]:
    """Domains without a record: those of the lab, some of them at web hosts, some by an alias."""
    first, *rest = WITHOUT_RECORD
    cases = {first: first.share - 95, **{case: case.share for case in rest}}
    cases[Case("hosted", hosts=("default",), is_hosted=True)] = 80
    cases[Case("alias_of_provider", hosts=("leads_to:plain",), signed=False)] = 15
    return _Drawn.of(cases)


class Field(Mix):
    """The mix; `adoption` multiplies the field's, so that rare errors are met in short lists."""

    providers = MAIL
    policy_providers = POLICY
    has_own_addresses = True

    def __init__(self, ranks: dict[str, int], adoption: float) -> None:
        self.ranks = ranks
        self.adoption = adoption
        self.policy_hosts = 0
        self.general = _general()
        self.drawn: dict[tuple[str, bool], _Drawn[Provider]] = {}

    def _share(self, name: str) -> float:
        rank = self.ranks.get(name)
        shares = (share for limit, share in ADOPTION if rank is not None and rank <= limit)
        return min(1.0, next(shares, ADOPTION_BEYOND) * self.adoption)

    def case(self, name: str, rng: random.Random) -> Case:
        """A domain with a record by its rank, or one without."""
        return self._adopter(rng) if rng.random() < self._share(name) else self.general.draw(rng)

    def provider(self, group: str, is_signed: bool, rng: random.Random) -> Provider:
        """A provider of a group by its size; `any` is all."""
        key = group, is_signed
        if key not in self.drawn:
            wanted = "good" if group == "plain" else group
            self.drawn[key] = _Drawn.of({
                p: p.weight for p in self.providers if wanted in ("any", p.group)
                and (is_signed or wanted == "dane" or p.group != "dane")
                and (group != "plain" or not p.customer)})
        return self.drawn[key].draw(rng)

    # MARK: Domains with a record

    def _adopter(self, rng: random.Random) -> Case:
        manager = _MANAGERS.draw(rng)
        case = Case("adopter", record=_RECORDS.draw(rng), mode=_MODES.draw(rng),
                    patterns=_PATTERNS.draw(rng), policy_host=manager, fetch=_fetch(manager, rng))
        if manager != PORKBUN and case.fetch == "ok" and rng.random() < SYNTAX_SHARE:
            case = replace(case, policy=_SYNTAX.draw(rng))
        provider = _POLICY.get(manager)
        case = self._with_mail(case, rng)
        if manager in RESIDUE and case.record == "ok" and rng.random() < RESIDUE_SHARE:
            case = _left(case, rng.choice(RESIDUE[manager]))
        if provider and provider.record_form and case.record == "ok":
            case = replace(case, record="alias")
        return case

    def _with_mail(self, case: Case, rng: random.Random) -> Case:
        if case.policy_host == TUTA:
            return replace(case, hosts=("provider:tuta",))
        draw, bad = rng.random(), rng.random()
        if draw < MAIL_THIRD:
            group = "bad" if bad < THIRD_BAD else "dane" if bad > 0.97 else "good"
            return replace(case, hosts=(f"provider:{group}",))
        if draw < MAIL_THIRD + MAIL_HOSTED:
            return replace(case, hosts=("good",), is_hosted=True)
        if bad < SELF_BAD:
            return replace(case, hosts=(_SELF_BAD.draw(rng),))
        hosts = ("good", _SELF_BAD.draw(rng)) if bad < SELF_BAD + SELF_PARTLY_BAD else ("good",)
        return replace(case, hosts=hosts)

    # MARK: Where policies and hosts are

    def policy_address(self, case: Case, rng: random.Random) -> str:
        """A web host's, or one that few domains share."""
        if case.policy_host == HOSTED:
            # The n-th has 1/n of the first's domains.
            number = rng.choices(range(WEB_HOSTS), [1 / (n + 1) for n in range(WEB_HOSTS)])[0]
            return f"127.5.2.{number + 1}"
        self.policy_hosts += 1
        number = self.policy_hosts // 3
        return f"127.5.{16 + (number >> 8)}.{number & 255}"

    def policy_provider(
        self, case: Case, draw: float, is_special: bool
    ) -> PolicyProvider | None:
        """The one that the case names; special addresses need a name for each customer."""
        provider = _POLICY.get(case.policy_host or "")
        return provider if provider and (provider.has_own_names or not is_special) else None

    def record_provider(self, case: Case) -> PolicyProvider:
        """The provider of the policy, or any that has records."""
        provider = _POLICY.get(case.policy_host or "")
        return provider if provider and provider.record_form else _POLICY["mailhardener.com"]

    def report_share(self, case: Case) -> float:
        """As many domains with TLSRPT as with MTA-STS, most of them the same."""
        return 0.001 * self.adoption if case.record == "absent" else 0.6

    def own_address(self, case: Case, rng: random.Random) -> str:
        """One of the web hosts' addresses, each with fewer domains than the one before."""
        count = len(servers.POSTFIX_ADDRESSES)
        number = rng.choices(range(count), [1 / (n + 1) ** 2 for n in range(count)])[0]
        return servers.POSTFIX_ADDRESSES[number]


def _fetch(manager: str, rng: random.Random) -> str:
    if manager == SELF:
        return _SELF_FETCHES.draw(rng)
    if manager == PORKBUN:
        return "name"
    if manager == DMARCREPORT and rng.random() < WITHOUT_CERTIFICATE / 7293:
        return "missing"
    fetch = _THIRD_FETCHES.draw(rng)
    # Nothing of one customer's can be refused at the name that all share.
    return "ok" if fetch == "refused" and manager in (TUTA, "mimeprotect.com") else fetch


def _left(case: Case, residue: str) -> Case:
    """What is left of a domain that has gone to another provider."""
    case = replace(case, hosts=("provider:good",), fetch="ok", policy="ok")
    return {
        "stale": replace(case, patterns="other_domain"), "empty": replace(case, policy="empty"),
        "none": replace(case, mode="none", patterns="literal"),
        "gone": replace(case, fetch="gone"), "record_gone": replace(case, record="alias_gone"),
    }[residue]
