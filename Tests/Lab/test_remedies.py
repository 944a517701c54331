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
    """What was to be mended in each domain, and the diagnosis after its remedy was followed."""
    lines = (ROOT / ".lab/zoo-expected.ndjson").read_text().splitlines()
    cases = [json.loads(line) for line in lines]
    names = [case["domain"] for case in cases
             if case["domain"].startswith(KINDS) and not case["waits"]]
    seen = diagnoses(names, zoo_flags)
    later = Later(tmp_path_factory.mktemp("mended"), list(zoo_flags))
    tried = {}
    for name, diagnosis in seen.items():
        item = worst(diagnosis)
        if not item or not later.has_zone(name) or not can_apply(name, item):
            continue
        # A policy of another media type is no file that can be changed.
        if item["where"] == "policy" and not policy_file(name).exists():
            continue
        change(later, name, item)
        tried[name] = item
    with later:
        after = diagnoses(list(tried), later.flags)
    return {name: (item, seen[name], after[name]) for name, item in tried.items()}


def policy_file(name):
    return POLICIES / f"mta-sts.{name}.txt"


def change(later, name, item):
    path = policy_file(name)
    domain = Domain(name, zone=[])
    if path.exists():
        domain.policy = path.read_bytes().decode(errors="replace").splitlines()

    def rewrite(lines):
        domain.zone.extend(lines)
        follow(domain, item)
        return domain.zone

    later.rewrite(name, rewrite)
    if item["where"] == "policy":
        later.set_policy(name, lambda _: "".join(f"{line}\r\n" for line in domain.policy))


def test_many_remedies_were_tried(mended):
    codes = {item["code"] for item, _, _ in mended.values()}
    assert len(codes) >= 35, sorted(codes)
    assert len(mended) >= 60


def test_a_domain_changed_as_its_remedy_says_is_right(mended):
    """Unless it has a further fault, which was told before."""
    wrong = {}
    for name, (item, before, after) in mended.items():
        told = {one["code"] for one in before["items"]} - {item["code"]}
        left = {one["code"] for one in after["items"]}
        if item["code"] in left or (after["need"] != "nothing" and not told & left):
            wrong[name] = (item["code"], item["steps"], after["headline"], sorted(left))
    assert not wrong, json.dumps(wrong, indent=1)
