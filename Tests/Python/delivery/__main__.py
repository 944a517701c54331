"""Has Postfix deliver to the domains of the lab, and compares that with the verdicts for it.

  scripts/delivery [--root DIR] [--domains N] [--output FILE]

brings up the lab with its zoo and an invented field, in a network namespace of the caller's, scans
both, and queues mail to every domain with a policy or TLSA. Postfix 3.10.5 or later is that of this
machine, or of a chroot such as `debootstrap trixie DIR` makes. A scripted policy socket answers it
as each feeder does. Each difference is explained by a rule, or is an error in the model.
"""

from __future__ import annotations

import argparse
import contextlib
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from independence.__main__ import LAB, PATIENCE, lab
from independence.forwarder import Answering, Forwarder
from lab import servers

from . import feeder, postfix
from .comparison import Comparison, compare, concerns
from .scans import scan

SENDERS = ("postfix_legacy_tlspol", "postfix_legacy_mta_sts_resolver", "postfix_tlspol",
           "postfix_mta_sts_resolver")


@contextlib.contextmanager
def redirected() -> Iterator[None]:
    """Has connections to port 25 made to the lab's port, at the same address."""
    rule = ["OUTPUT", "-p", "tcp", "--dport", "25", "-j", "DNAT", "--to-destination",
            f":{servers.SMTP_PORT}"]
    subprocess.run(["iptables", "-t", "nat", "-A", *rule], check=True)
    try:
        yield
    finally:
        subprocess.run(["iptables", "-t", "nat", "-D", *rule], check=True)


def deliver(root: Path, folder: Path, records: list[feeder.Record]) -> list[Comparison]:
    """Sends mail to the domains of these records, and compares."""
    answers = {(sender, record["domain"]): feeder.answer(sender, record)
               for sender in SENDERS for record in records}
    domains = [record["domain"] for record in records]
    flags = shlex.split(lab("flags", "--zoo"))
    host, _, port = flags[flags.index("--name-servers") + 1].rpartition(":")
    # The system's resolver asks at port 53 alone, and TLSA records name port 25.
    with (Forwarder((host, int(port)), Answering(), port=53), redirected(),
          feeder.PolicySocket(answers) as policies,
          postfix.Postfix(root, folder, SENDERS, policies.port, LAB / "ca.pem") as running):
        running.send(domains)
        found = running.deliveries(len(domains))
    return [compare(sender, record, found.get((sender, record["domain"])))
            for record in records for sender in SENDERS]


def table(compared: list[Comparison], version: str) -> str:
    """What was compared, as Markdown."""
    counts = Counter((each.sender, each.verdict, each.seen, each.rule) for each in compared)
    rows = [f"Postfix {version}.", "",
            "| sender | verdict | what Postfix did | as it should | domains |", "|---" * 5 + "|"]
    rows += [f"| {sender} | {verdict} | {seen} | {rule or 'yes'} | {count} |"
             for (sender, verdict, seen, rule), count in sorted(counts.items())]
    rows += ["", "Differences:", "", "| domain | sender | verdict | what Postfix did | why |",
             "|---" * 5 + "|"]
    rows += [f"| {each.domain} | {each.sender} | {each.verdict} | {each.seen}: {each.reason} | "
             f"{each.rule} |" for each in compared if each.rule]
    return "\n".join(rows) + "\n"


def main() -> int:
    """Runs the comparison; exit code 1 where a difference has no rule."""
    parser = argparse.ArgumentParser(
        prog="scripts/delivery", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/"), metavar="DIR")
    parser.add_argument("--domains", type=int, default=2500, metavar="N", help="of the field")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the table, as Markdown")
    options = parser.parse_args()
    version = postfix.version(options.root)
    if version is None or version < postfix.VERSION_MIN:
        raise SystemExit(f"Postfix 3.10.5 or later is needed, here is {version or 'none'}")
    lab("up", "--zoo", "--population", "field", "--domains", str(options.domains))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records = [*scan(LAB / "zoo-domains.txt", folder / "zoo", True, PATIENCE),
                   *scan(LAB / "domains.csv", folder / "field", False, PATIENCE)]
        chosen = list({record["domain"]: record for record in records if concerns(record)}.values())
        compared = deliver(options.root, folder / "postfix", chosen)
    text = table(compared, ".".join(str(number) for number in version))
    if options.output:
        options.output.write_text(text)
    unexplained = [each for each in compared if each.rule == "unexplained"]
    print(text if not options.output else "", *unexplained, sep="\n")
    print(f"{len(chosen)} domains, {len(compared)} deliveries, "
          f"{sum(bool(each.rule) for each in compared)} differences, {len(unexplained)} of them "
          "without a rule")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
