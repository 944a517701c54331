"""What is other from scan to scan, and must not be seen in a verdict."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from .forwarder import Answering

# OpenSSL configuration files: weaker than the program's own settings, stronger, and useless.
SETTINGS = {
    "weak": """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = default
[default]
MinProtocol = TLSv1
CipherString = DEFAULT:@SECLEVEL=0
""",
    "strong": """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = default
[default]
MinProtocol = TLSv1.3
CipherString = DEFAULT:@SECLEVEL=3
Groups = P-521
SignatureAlgorithms = ECDSA+SHA512
""",
    # A provider without TLS's algorithms, one that is not there, and a line that is none.
    "broken": """openssl_conf = all
[all]
providers = providers
ssl_conf = nowhere
[providers]
base = base
absent = absent
[base]
activate = 1
[absent]
module = /nonexistent/absent.so
activate = 1
[nowhere
""",
}
ORDERS = ("as listed", "reversed", "shuffled")
# The options by which hosts do not share handshakes and failures.
ALONE = ("--share-handshakes-after", "0", "--share-failures-after", "0")


@dataclass(frozen=True)
class Variation:
    """One way to scan a list."""

    settings: str = "weak"
    threads: int = 1
    seed: int = 1
    order: str = "as listed"
    answering: Answering = field(default_factory=Answering)
    shares: bool = False

    @property
    def label(self) -> str:
        """It in a line."""
        late = f"{self.answering.late} late" if self.answering.late else "none late"
        return (f"{self.settings} settings, {self.threads} loops, seed {self.seed}, "
                f"list {self.order}, answers in order {self.answering.order}, {late}"
                + (", sharing" if self.shares else ""))

    def options(self) -> list[str]:
        """The program's options."""
        return ["--threads", str(self.threads), "--seed", str(self.seed),
                *(() if self.shares else ALONE)]

    def listed(self, names: list[str]) -> list[str]:
        """The list in this order."""
        if self.order == "reversed":
            return names[::-1]
        if self.order == "shuffled":
            return random.Random(self.seed).sample(names, len(names))
        return names


def write_settings(folder: Path) -> None:
    """Writes the configuration files."""
    for name, text in SETTINGS.items():
        (folder / f"{name}.cnf").write_text(text)


def matrix(seeds: int) -> list[Variation]:
    """Settings × loops × seeds; order of the list and answers, and delays, go along.

    Each value of these meets each of the settings, and each number of loops.
    """
    return [_variation(settings, threads, seed, step + threads + seed, step + threads + seed // 2)
            for step, settings in enumerate(SETTINGS)
            for threads in (1, 2) for seed in range(1, seeds + 1)]


def small_matrix(seeds: int) -> list[Variation]:
    """Settings × loops; all else, the seed too, goes along."""
    pairs = [(settings, threads) for settings in SETTINGS for threads in (1, 2)]
    return [_variation(settings, threads, 1 + step % seeds, step, 2 * step + step // 3)
            for step, (settings, threads) in enumerate(pairs)]


def _variation(settings: str, threads: int, seed: int, turn: int, late: int) -> Variation:
    answering = Answering(turn % 5, ("", "policies", "hosts")[late % 3])
    return Variation(settings, threads, seed, ORDERS[turn % 3], answering)


def sharing(variations: list[Variation]) -> list[Variation]:
    """Some of these again, with handshakes and failures shared."""
    return [Variation(each.settings, each.threads, each.seed, each.order, each.answering, True)
            for each in variations[::3]]
