"""Changes a domain of the lab as the steps of a remedy say, and in no other way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from helpers.program import Record

QUOTED = re.compile(r'"([^"]*)"')


@dataclass
class Domain:
    """What an owner can change: the zone's lines, and the lines of the policy."""

    name: str
    zone: list[str]
    policy: list[str] = field(default_factory=list)
    # The line that was found at fault, as the remedy shows it.
    line: str = ""

    def set_txt(self, owner: str, text: str) -> None:
        """Leaves one TXT record at a name."""
        self.zone = [line for line in self.zone if not line.startswith(f"{owner} TXT")]
        self.zone.append(f'{owner} TXT "{text}"')

    def replace_line(self, new: list[str]) -> None:
        """Writes other lines in place of the one at fault."""
        at = next(index for index, line in enumerate(self.policy) if line == self.line)
        self.policy[at:at + 1] = new


Apply = Callable[[Domain, list[str]], None]


def _drop(domain: Domain, _: list[str]) -> None:
    domain.replace_line([])


def _rewrite(domain: Domain, quoted: list[str]) -> None:
    domain.replace_line(quoted[:1])


def _whole(domain: Domain, quoted: list[str]) -> None:
    domain.policy = quoted


def _add(domain: Domain, quoted: list[str]) -> None:
    domain.policy += quoted


def _add_one(domain: Domain, quoted: list[str]) -> None:
    domain.policy.append(quoted[0])


def _begin(domain: Domain, quoted: list[str]) -> None:
    domain.policy.insert(0, quoted[0])


def _replace_pattern(domain: Domain, quoted: list[str]) -> None:
    old, new = quoted
    at = next(index for index, line in enumerate(domain.policy) if line.lower() == old.lower())
    domain.policy[at] = new


def _name_hosts(domain: Domain, quoted: list[str]) -> None:
    domain.replace_line([line for line in quoted if line not in domain.policy])


def _change_id(domain: Domain, _: list[str]) -> None:
    domain.set_txt("_mta-sts", "v=STSv1; id=20990101T000000;")


def _write_record(domain: Domain, quoted: list[str]) -> None:
    domain.set_txt("_mta-sts", quoted[-1])


def _write_report_record(domain: Domain, quoted: list[str]) -> None:
    domain.set_txt("_smtp._tls", quoted[0])


def _keep_one(domain: Domain, _: list[str]) -> None:
    owner = "_mta-sts"
    texts = [line for line in domain.zone if line.startswith(f"{owner} TXT")]
    domain.zone = [line for line in domain.zone if line not in texts] + texts[-1:]


def _null_mx(domain: Domain, _: list[str]) -> None:
    domain.zone = [line for line in domain.zone if " MX " not in line] + ["@ MX 0 ."]


def _drop_null_mx(domain: Domain, _: list[str]) -> None:
    domain.zone = [line for line in domain.zone if not re.search(r" MX \d+ \.$", line)]


def _nothing(_: Domain, __: list[str]) -> None:
    """Another way to the same end, or advice for later."""


# How the lab applies a step, by how it begins; steps of which it has no servers are not here.
STEPS: dict[str, Apply] = {
    "Add the line \"mx: ": _add_one,
    "Replace \"mx: ": _replace_pattern,
    "Write four kinds of lines": _whole,
    "Serve the policy there as plain text; many": _nothing,
    "Begin it with the line": _begin,
    "Write the line as": _rewrite,
    "Add the line \"mode": _add_one,
    "Add the line \"max_age": _add_one,
    "Add a line for each mail host": _add,
    "Write \"mode: enforce\"": _rewrite,
    "Write digits alone": _rewrite,
    "Write at most": _rewrite,
    "Name the mail hosts": _name_hosts,
    "Write the name of a mail host": _drop,
    "Afterwards change the id": _change_id,
    "Write it as \"v=STSv1": _write_record,
    "Change it to letters and digits": _write_record,
    "Keep the one with the newest id": _keep_one,
    "Remove it: \"v=STSv1;\"": _change_id,
    "Write the TXT record at _smtp._tls": _write_report_record,
    "Write the full public name": _nothing,
    "If DOMAIN is to take mail, add": _nothing,
    "If DOMAIN is to take no mail": _null_mx,
    "If it is to take none, say so": _null_mx,
    "Remove the record \"MX 0 .\"": _drop_null_mx,
    "Remove the dot": lambda domain, _: domain.replace_line([domain.line.rstrip(".")]),
    "Write \"*.\" in place": lambda domain, _: domain.replace_line(
        [domain.line.replace(": .", ": *.")]),
    "Remove the second one": lambda domain, _: _change_id(domain, []),
    "Remove the second line": _drop,
    "Remove empty lines": lambda domain, _: setattr(
        domain, "policy", [line for line in domain.policy if line.strip()]),
    "Raise max_age": lambda domain, _: setattr(domain, "policy", [
        re.sub(r"(?i)^max_age:.*", "max_age: 604800", line) for line in domain.policy]),
}


def how(name: str, step: str) -> Apply | None:
    """How the lab applies a step; None where it cannot."""
    text = step.replace(name, "DOMAIN")
    return next((apply for start, apply in STEPS.items() if text.startswith(start)), None)


def can_apply(name: str, item: Record) -> bool:
    """Whether the lab can do all that the remedy of a finding says."""
    return bool(item["steps"]) and all(how(name, step) for step in item["steps"])


def follow(domain: Domain, item: Record) -> None:
    """Does what the remedy of a finding says, step by step."""
    domain.line = (QUOTED.findall(item["found"]) or [""])[-1]
    if 'line' in item["found"] and QUOTED.findall(item["found"]):
        domain.line = QUOTED.findall(item["found"])[0]
    for step in item["steps"]:
        apply = how(domain.name, step)
        assert apply, step
        apply(domain, QUOTED.findall(step))
