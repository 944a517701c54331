"""Lists of invented names, ranked as lists by popularity are."""

from __future__ import annotations

import random

from .field_providers import MAIL, POLICY

# Public suffixes by the share of the names below them, in per mille.
SUFFIXES = {
    "com": 440, "net": 45, "org": 60, "de": 70, "co.uk": 45, "nl": 40, "se": 25, "fr": 30,
    "com.au": 15, "com.br": 20, "ru": 30, "ch": 20, "it": 20, "pl": 18, "eu": 15, "co.jp": 15,
    "ca": 12, "no": 10, "dk": 10, "be": 8, "at": 8, "es": 10, "info": 12, "io": 8, "app": 4,
    "dev": 4, "xyz": 10, "shop": 6, "online": 6, "museum": 1, "xn--p1ai": 3,
}
CONSONANTS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st")
VOWELS = "aeiou"
# Ranks between the bounds are so many per cent of the list; what is left has no rank.
RANKS = ((1, 1000, 1), (1001, 10_000, 9), (10_001, 100_000, 30), (100_001, 1_000_000, 30),
         (1_000_001, 5_000_000, 20))
# One line in so many names no domain, or a domain that was listed above.
NOTHING_EVERY, TWICE_EVERY = 2500, 1500
NOTHING = ("name.123", "-.example", "192.0.2.1", "double..dot.example", "a b")


def _name(rng: random.Random) -> str:
    syllables = rng.choices((2, 3, 4), (1, 6, 3))[0]
    word = "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(syllables))
    suffix = rng.choices(list(SUFFIXES), list(SUFFIXES.values()))[0]
    return f"{word}{rng.choice(('', '', 'n', 'r', 's', '-mail'))}.{suffix}"


def names(count: int, rng: random.Random) -> list[str]:
    """So many names, all different, each right below a public suffix and no provider's."""
    taken = {provider.name for provider in (*MAIL, *POLICY)}
    found: dict[str, None] = {}
    while len(found) < count:
        name = _name(rng)
        if name not in taken:
            found[name] = None
    return list(found)


def ranks(count: int, rng: random.Random) -> list[int]:
    """Ranks in order, fewer than `count` by those that have none."""
    found: list[int] = []
    for first, last, share in RANKS:
        wanted = min(count * share // 100, last - first + 1)
        found += sorted(rng.sample(range(first, last + 1), wanted))
    return found


def lines(count: int, seed: int) -> list[str]:
    """A list of `count` lines, `rank,name` or a name alone, in the order of the ranks."""
    rng = random.Random(f"{seed}/list")
    drawn, ordered = names(count, rng), ranks(count, rng)
    for index in range(count):
        if index % TWICE_EVERY == TWICE_EVERY - 1:
            drawn[index] = drawn[index - 7]
        elif index % NOTHING_EVERY == NOTHING_EVERY - 2:
            drawn[index] = NOTHING[index // NOTHING_EVERY % len(NOTHING)]
    ranked = [f"{rank},{name}" for rank, name in zip(ordered, drawn, strict=False)]
    return ranked + drawn[len(ordered):]
