"""The universe of the load lab: domains drawn from a seed, and what is true of each.

Nothing here looks at a running server, and nothing is taken from stsurvey.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SEED = 8461
PROVIDERS, HOSTS_EACH = 200, 10
MAX_AGES = (86400, 604800, 2592000)
ENDS = ("com", "com", "com", "net", "org", "de", "nl")

# What a probe of a provider's hosts shows: status and certificate_status.
QUALITIES = {
    "ok": ("ok", "ok"), "plain": ("starttls_not_offered", None),
    "self_signed": ("ok", "self_signed"), "name": ("ok", "name_mismatch"),
    "expired": ("ok", "expired"),
}
# How the fetch of a policy ends.
FETCHES = {"ok": "ok", "refused": "tcp_refused", "name": "tls_name", "missing": "http_404"}


@dataclass(frozen=True, slots=True)
class Provider:
    """A mail provider: ten MX hosts that behave alike."""

    number: int
    quality: str
    has_tlsa: bool

    @property
    def domain(self) -> str:
        """The domain of its hosts."""
        return f"p{self.number}.mail.lab"

    def host(self, number: int) -> str:
        """The name of one of its hosts."""
        return f"mx{number}.{self.domain}"

    def address(self, number: int) -> str:
        """The address of one of its hosts."""
        return f"127.20.{self.number}.{number + 1}"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: how its fetch ends, and what it says."""

    fetch: str
    mode: str
    max_age: int
    pattern: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of the universe; `provider` is None where it has no MX."""

    name: str
    exists: bool
    provider: Provider | None = None
    hosts: tuple[int, ...] = ()
    has_tlsrpt: bool = False
    policy: Policy | None = None

    @property
    def truth(self) -> dict[str, Any]:
        """What a record of the domain must say, where MX hosts are probed."""
        if not self.provider:
            status = "nodata" if self.exists else "nxdomain"
            return _truth(status, 0, verdict="no_mail")
        return _truth(
            "has_mx", len(self.hosts), self.policy, "ok" if self.has_tlsrpt else "absent",
            self._verdict())

    def _verdict(self) -> str:
        policy = self.policy
        if policy is None or policy.fetch != "ok" or policy.mode == "none":
            return "opportunistic"
        provider = self.provider
        is_met = (provider is not None and provider.quality == "ok"
                  and policy.pattern == f"*.{provider.domain}")
        if policy.mode == "testing":
            return "testing_ok" if is_met else "testing_would_fail"
        return "protected_sts" if is_met else "refused"


def _truth(
    mx_status: str, mx_count: int, policy: Policy | None = None, tlsrpt: str = "absent",
    verdict: str = "",
) -> dict[str, Any]:
    valid = policy if policy and policy.fetch == "ok" else None
    return {
        "mx_status": mx_status, "mx_count": mx_count,
        "sts_record_status": "ok" if policy else "absent",
        "policy_fetch_status": FETCHES[policy.fetch] if policy else None,
        "sts_mode": valid.mode if valid else None,
        "sts_max_age": valid.max_age if valid else None,
        "tlsrpt_status": tlsrpt, "verdict": verdict,
    }


def providers() -> list[Provider]:
    """All providers: 5 % without STARTTLS, 8 % with a certificate that is no good."""
    source = random.Random(f"{SEED} providers")
    kinds = random.Random(f"{SEED} qualities").sample(
        ["plain"] * 10 + ["self_signed"] * 6 + ["name"] * 6 + ["expired"] * 4 + ["ok"] * 174,
        PROVIDERS)
    return [Provider(n, kinds[n], source.random() < 0.2) for n in range(PROVIDERS)]


def _names(source: random.Random, ends: tuple[str, ...] = ENDS) -> Iterator[str]:
    """Names as long as real ones, none twice."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    for number in itertools.count():
        word = "".join(source.choices(letters, k=source.randint(4, 12)))
        yield f"{word}{number:x}.{source.choice(ends)}"


def domains(count: int) -> Iterator[Domain]:
    """The first `count` domains: 88 % with MX, 10 % without, 2 % that do not exist.

    Of those with MX 1.15 % have an MTA-STS record and 5 % TLSRPT; hosts are shared by Zipf's law.
    """
    source, names = random.Random(f"{SEED} domains"), _names(random.Random(f"{SEED} names"))
    all_providers = providers()
    weights = list(itertools.accumulate(1 / (n + 1) for n in range(PROVIDERS)))
    for name in itertools.islice(names, count):
        kind = source.random()
        if kind >= 0.88:
            yield Domain(name, exists=kind < 0.98)
            continue
        provider = source.choices(all_providers, cum_weights=weights)[0]
        first, more = source.randrange(HOSTS_EACH), source.choices((1, 2, 3), (45, 35, 20))[0]
        hosts = tuple((first + n) % HOSTS_EACH for n in range(more))
        policy = _policy(source, provider, all_providers) if source.random() < 0.0115 else None
        yield Domain(name, True, provider, hosts, source.random() < 0.05, policy)


def _policy(source: random.Random, provider: Provider, others: list[Provider]) -> Policy:
    fetch = source.choices(("ok", "refused", "name", "missing"), (95, 1, 1, 3))[0]
    mode = source.choices(("enforce", "testing", "none"), (40, 45, 15))[0]
    named = source.choice(others) if source.random() < 0.05 else provider
    return Policy(fetch, mode, source.choice(MAX_AGES), f"*.{named.domain}")


def without_mx(count: int) -> list[Domain]:
    """Domains beside the universe that have no MX: asked two questions more, for an address."""
    names = _names(random.Random(f"{SEED} without MX"), ("fr",))
    return [Domain(name, exists=True) for name in itertools.islice(names, count)]


def absent(count: int) -> list[Domain]:
    """Domains beside the universe that do not exist."""
    names = _names(random.Random(f"{SEED} absent"), ("eu",))
    return [Domain(name, exists=False) for name in itertools.islice(names, count)]


def census() -> list[Domain]:
    """A domain for each provider, with all of its hosts: what a list of hosts is asked by."""
    return [
        Domain(f"all.{provider.domain}", True, provider, tuple(range(HOSTS_EACH)))
        for provider in providers()
    ]
