"""The remedies of `check`: a broken domain of the zoo, changed as the remedies say, is right."""

import json
from dataclasses import dataclass, field

import pytest

from helpers.later import POLICIES, Later
from helpers.program import Record, run
from helpers.remedies import Domain, GoodServers, can_apply, follow

# Codes with a remedy that is not tried, and why.
UNTRIED = {
    "mx.nxdomain": "the lab has no registry",
    "record.unrelated": "the zoo's domains with such a record serve no policy",
    "policy.mx_ulabel": "the host that the zoo's policy means does not exist",
    **dict.fromkeys((
        "tlsrpt.absent", "tlsrpt.unrelated", "tlsrpt.servfail", "tlsrpt.refused",
        "tlsrpt.timeout", "tlsrpt.dns_error",
    ), "check says it among the facts"),
    "smtp.ehlo_rejected": "no program records it any more",
    "mx_match.none": "check says how the host and the patterns differ",
    "mx_match.historical": "it needs an earlier scan",
    **dict.fromkeys((
        "smtp.greeting_4xx", "smtp.greeting_5xx", "smtp.greeting_closed", "smtp.ehlo_4xx",
        "smtp.ehlo_5xx", "smtp.ehlo_closed",
    ), "the zoo's hosts treat all clients alike"),
    **dict.fromkeys((
        "mx.unreachable", "record.unreachable", "tlsrpt.unreachable", "policy_fetch.tcp_reset",
        "smtp.tcp_reset", "policy_fetch.not_contacted", "smtp.not_contacted", "tlsrpt.dup_field",
    ), "no domain of the zoo shows it"),
}
# Domains whose remedies cannot be followed to the end, and why.
UNFINISHED = {
    **dict.fromkeys(
        ("mx-cname-loop-real.zoo.lab", "mx-cname-loop-end.zoo.lab"),
        "what is wrong is to be found out by another tool"),
    "mx-many.zoo.lab": "its remedies name some of 300 hosts",
    "dane-beside-unsigned.zoo.lab": "its new policy is in mode testing at first",
}

# Codes that say what other codes mean together, or what senders report.
RESULTS = ("verdict", "tlsrpt_result.", "dane_status.", "dane_failure.", "lint.")


@dataclass
class Tried:
    """A domain of the zoo before and after the remedies of some of its findings."""

    before: Record
    followed: list[Record] = field(default_factory=list)
    after: Record = field(default_factory=dict)


def diagnoses(folder):
    done = run("list", folder, "--all", "--format", "ndjson")
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["domain"]: record["diagnosis"] for record in records}


@pytest.fixture(scope="module")
def tried(zoo, zoo_flags, tmp_path_factory):
    """The domains of which a remedy was followed, by name."""
    folder = tmp_path_factory.mktemp("mended")
    flags = list(zoo_flags)
    good = GoodServers(folder)
    flags[flags.index("--ca-file") + 1] = good.trust(flags[flags.index("--ca-file") + 1])
    later = Later(folder, flags)
    all_tried = {name: Tried(before) for name, before in diagnoses(zoo.folder).items()}
    with good.net:
        for name, one in all_tried.items():
            one.followed = mend(later, good, name, one.before)
        names = [name for name, one in all_tried.items() if one.followed]
        (folder / "list.txt").write_text("".join(f"{name}\n" for name in names))
        with later:
            done = run("scan", folder / "list.txt", "--output", folder / "out", *later.flags)
    assert done.returncode == 0, done.stderr
    for name, after in diagnoses(folder / "out").items():
        all_tried[name].after = after
    return {name: all_tried[name] for name in names}


def mend(later, good, name, diagnosis):
    """Follows each remedy that can be followed; the findings that it was done for."""
    domain = Domain(name, good)
    files = list(POLICIES.glob(f"mta-sts.{name}.*"))
    if files:
        body = files[0].read_bytes()
        encoding = "utf-16" if body.startswith(b"\xff\xfe") else "utf-8"
        domain.policy = body.decode(encoding, errors="replace").splitlines()
    rewrite = later.rewrite_signed if later.is_signed(name) else later.rewrite
    zone = later.lines(name)
    domain.zone = list(zone)
    followed = []
    for item in diagnosis["items"] if name not in UNFINISHED else []:
        if can_apply(domain, item):
            follow(domain, item)
            followed.append(item)
    if not followed:
        return []
    if domain.answers:
        later.mend_name_servers(name)
    if later.has_zone(name) or later.is_signed(name):
        rewrite(name, lambda _: domain.zone)
    text = "".join(f"{line}\r\n" for line in domain.policy)
    if domain.policy_host in good.web:
        good.serve(domain.policy_host, domain.policy)
    elif files and files[0].suffix == ".txt":
        later.set_policy(name, lambda _: text)
    return followed


def test_every_remedy_was_tried_but_for_those_listed(tried):
    done = run("explain", "--json")
    codes = [json.loads(line) for line in done.stdout.splitlines()]
    with_remedy = {code["code"] for code in codes if code["steps"]}
    with_remedy = {code for code in with_remedy if not code.startswith(RESULTS)}
    followed = {item["code"] for one in tried.values() for item in one.followed}
    assert with_remedy - followed == UNTRIED.keys()


def test_a_domain_changed_as_its_remedies_say_is_right(tried):
    """Of what was found, nothing is found any more for which the remedy was followed.

    Nothing else is found that was not said before, unless it was behind a failed lookup.
    """
    wrong = {}
    for name, one in tried.items():
        followed = {item["code"] for item in one.followed}
        left = {item["code"] for item in one.after["items"]}
        others = {item["code"] for item in one.before["items"]} - followed
        is_new = one.after["need"] != "nothing" and not others & left
        if followed & left or (is_new and one.before["need"] != "unknown"):
            wrong[name] = {"followed": {item["code"]: item["steps"] for item in one.followed},
                           "after": one.after["headline"], "left": one.after["items"]}
    assert not wrong, json.dumps(wrong, indent=1)
