"""The remedies of `check`: a broken domain of the zoo, changed as the remedy says, is right."""

import json

import pytest

from helpers.later import POLICIES, Later
from helpers.program import ROOT, run
from helpers.remedies import Domain, can_apply, follow

# Of the zoo, what is unsigned and served by the lab's ordinary servers.
KINDS = ("match-", "mx-", "policy-", "record-", "tlsrpt-", "skipped-", "testing-")


def diagnoses(names, flags):
    done = run("check", "--json", *names, *flags)
    assert done.returncode in (0, 1, 2), done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["domain"]: record["diagnosis"] for record in records}


def worst(diagnosis):
    """What is to be mended first: the cause, or what else is an error."""
    items = diagnosis["items"]
    if diagnosis["need"] == "mending":
        return items[0]
    return next((item for item in items if item["severity"] == "error"), None)


@pytest.fixture(scope="module")
def mended(zoo_flags, tmp_path_factory):
    """Before and after: the item of each domain whose remedy was followed, and what is found now."""
    names = [name for name in (ROOT / ".lab/zoo-domains.txt").read_text().split()
             if name.startswith(KINDS)]
    seen = diagnoses(names, zoo_flags)
    later = Later(tmp_path_factory.mktemp("mended"), list(zoo_flags))
    tried = {}
    for name, diagnosis in seen.items():
        item = worst(diagnosis)
        if not item or not later.has_zone(name) or not can_apply(name, item):
            continue
        change(later, name, item)
        tried[name] = item
    with later:
        after = diagnoses(list(tried), later.flags)
    return {name: (item, after[name]) for name, item in tried.items()}


def change(later, name, item):
    path = POLICIES / f"mta-sts.{name}.txt"
    domain = Domain(name, zone=[])
    if path.exists():
        domain.policy = path.read_bytes().decode(errors="replace").splitlines()
    later.rewrite(name, lambda lines: domain.zone.extend(lines) or follow(domain, item)
                  or domain.zone)
    if item["where"] == "policy":
        later.set_policy(name, lambda _: "".join(f"{line}\r\n" for line in domain.policy))


def test_many_remedies_were_tried(mended):
    codes = {item["code"] for item, _ in mended.values()}
    print("\n".join(sorted(codes)))
    assert len(codes) >= 35, sorted(codes)
    assert len(mended) >= 60


def test_a_domain_changed_as_its_remedy_says_is_right(mended):
    wrong = {
        name: (item["code"], item["steps"], after["headline"], [i["found"] for i in after["items"]])
        for name, (item, after) in mended.items()
        if after["need"] != "nothing" or item["code"] in [i["code"] for i in after["items"]]}
    assert not wrong, json.dumps(wrong, indent=1)
