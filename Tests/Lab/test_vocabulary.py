"""Every value of every closed vocabulary occurs in the lab, but for those that cannot."""

import json

import pytest

from helpers.program import Scan, run
from lab.zoo.table import CANNOT, ELSEWHERE

OK = b"record-ok.zoo.lab"
# One line for each reason for which a line is no domain name.
INVALID = [
    b"a..zoo.lab", b"x" * 64 + b".lab", b"x23456789." * 26 + b"lab", b"a!b.zoo.lab", b"-.zoo.lab",
    b"192.0.2.25", b"zoo.123", b"a@b@zoo.lab", b"https:///zoo", b"\xcc\xb8x.lab",
    b"caf\xe9.lab", b"x" * 70000,
]
# There is room for no name below it.
LONG = b".".join([b"x" * 59] * 4 + [b"zoo.lab"])
LISTED = {
    "timestamp": "2020-05-20T10:25:12-07:00", "expires": "2020-06-03T10:25:12-07:00",
    "version": "0.1", "policy-aliases": {}, "policies": {
        "record-ok.zoo.lab": {"mode": "enforce", "mxs": [".mail.zoo.lab"]},
        "record-tight.zoo.lab": {"mode": "testing", "mxs": [".mail.zoo.lab"]}},
}


def names(lines, flags, folder, **options):
    """Scans a few lines."""
    path = folder / "list.txt"
    path.write_bytes(b"\n".join(lines) + b"\n")
    process = run("scan", path, "--output", folder / "out", *flags, **options)
    assert process.returncode == 0, process.stderr
    return Scan(folder / "out", process)


@pytest.fixture(scope="module")
def scans(quickstart, resurvey, zoo, zoo_flags, tmp_path_factory):
    """Those of the lab's list and of the zoo, and some that other options make."""
    careful = [flag for flag in zoo_flags if flag != "--allow-special-use-addresses"]
    folder = tmp_path_factory.mktemp
    listed = folder("preload") / "list.json"
    listed.write_text(json.dumps(LISTED))
    block = folder("block") / "list.txt"
    block.write_text(
        "=record-tight.zoo.lab\n=mta-sts.record-extension.zoo.lab\nmail.zoo.lab\n")
    policy_host = folder("policy_host") / "list.txt"
    policy_host.write_text("=mta-sts.record-ok.zoo.lab\n")
    return [
        quickstart, resurvey, zoo,
        names([OK, b"record-tight.zoo.lab", b"record-extension.zoo.lab"],
              [*zoo_flags, "--blocklist-file", block], folder("excluded")),
        names([OK], [*zoo_flags, "--blocklist-file", policy_host], folder("without_policy")),
        names([b"dane-unreached.zoo.lab", b"smtp-tcp-refused.zoo.lab"],
              [*zoo_flags, "--share-failures-after", "1", "--max-per-address", "1"],
              folder("shared")),
        names([OK, *INVALID], [*careful, "--accept-invalid"], folder("careful")),
        names([OK, b"record-tight.zoo.lab"], [*zoo_flags, "--preload", listed], folder("listed")),
        names([OK], [*zoo_flags, "--fetch", "none"], folder("without_fetch")),
        # An authoritative server sets no AD bit.
        names([OK, LONG], [*zoo_flags, "--name-servers", "127.0.0.53:10054"],
              folder("untrusted")),
    ]


def vocabularies(schema, record, met):
    """Adds to `met`, by vocabulary, the values that a record has."""
    if "enum" in schema:
        words = tuple(word for word in schema["enum"] if word is not None)
        met.setdefault(words, set()).add(record)
    for branch in schema.get("anyOf", []) + schema.get("oneOf", []):
        vocabularies(branch, record, met)
    for key, child in schema.get("properties", {}).items():
        vocabularies(child, record.get(key) if isinstance(record, dict) else None, met)
    if "items" in schema:
        for item in record if isinstance(record, list) else [None]:
            vocabularies(schema["items"], item, met)


def missed(scans):
    """The values of all vocabularies that no record of the scans has."""
    met = {}
    for kind in ("domain", "host"):
        schema = json.loads(run("schema", "--record", kind, "--format", "jsonschema").stdout)
        for scan in scans:
            for record in scan.domains if kind == "domain" else scan.hosts:
                vocabularies(schema, record, met)
    assert len(met) > 15
    return {word for words, seen in met.items() for word in set(words) - seen}


def test_every_value_that_can_occur_occurs(scans):
    assert missed(scans) ^ set(CANNOT) == set()


def test_the_zoo_alone_has_every_value_that_its_options_allow(zoo):
    assert missed([zoo]) ^ set(CANNOT | ELSEWHERE) == set()
