"""Every value of every closed vocabulary occurs in the lab, but for those that cannot."""

import json
import socket
import sys

import pytest

from conftest import ROOT, Scan, run

sys.path.insert(0, str(ROOT / "scripts"))

from labkit.zoo.table import CANNOT, ELSEWHERE  # noqa: E402


def names(domains, flags, folder, **options):
    """Scans a few domains."""
    path = folder / "list.txt"
    path.write_text("".join(f"{domain}\n" for domain in domains))
    process = run("scan", path, "--output", folder / "out", *flags, **options)
    assert process.returncode in (0, 74), process.stderr
    return Scan(folder / "out", process)


@pytest.fixture(scope="module")
def scans(quickstart, zoo, zoo_flags, tmp_path_factory):
    """Those of the lab's list and of the zoo, and some that other options make."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    closed = f"127.0.0.1:{silent.getsockname()[1]}"
    silent.close()
    careful = [flag for flag in zoo_flags if flag != "--allow-special-use-addresses"]
    folder = tmp_path_factory.mktemp
    return [
        quickstart, zoo,
        names(["record-ok.zoo.lab", "-.zoo.lab"], careful, folder("careful")),
        names(["record-ok.zoo.lab"], [*zoo_flags, "--name-servers", closed], folder("closed")),
        # An authoritative server sets no AD bit.
        names(["record-ok.zoo.lab"], [*zoo_flags, "--name-servers", "127.0.0.53:10054"],
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
    return sorted({word for words, seen in met.items() for word in set(words) - seen})


def test_every_value_that_can_occur_occurs(scans):
    assert missed(scans) == sorted(CANNOT)


def test_the_zoo_alone_has_every_value_that_its_options_allow(zoo):
    assert missed([zoo]) == sorted(CANNOT | ELSEWHERE)
