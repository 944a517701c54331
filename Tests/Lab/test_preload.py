"""--preload: the list is read, held against each domain and named in the manifest."""

import hashlib
import json

import pytest

from helpers.program import QUICKSTART, run


def listing(**policies):
    """A list of these policies, as the last one published is laid out."""
    return {
        "timestamp": "2020-05-20T10:25:12-07:00", "expires": "2020-06-03T10:25:12-07:00",
        "version": "0.1", "policy-aliases": {"all": {"mode": "testing", "mxs": [".example"]}},
        "policies": policies,
    }


@pytest.mark.parametrize("text, reason", [
    ("", "not valid JSON"),
    ("\xff", "not valid JSON"),
    ("[]", "another type"),
    ("{}", "no key 'policies'"),
    ('{"policies": {"a.example": {"policy-alias": "b"}}}', "no alias 'b'"),
    ('{"policies": {"a.example": {"mode": "none", "mxs": ["b.example"]}}}', "mode"),
    ('{"policies": {"a.example": {"mode": "enforce"}}}', "no mxs"),
    ('{"policies": {"a.example": {"mode": "enforce", "mxs": ["*.a"]}}}', "no pattern"),
    ('{"policies": {"a..b": {"mode": "enforce", "mxs": ["b.example"]}}}', "no domain name"),
])
@pytest.mark.parametrize("command", ["check", "scan"])
def test_a_broken_list_is_wrong_use(command, text, reason, tmp_path):
    path = tmp_path / "list.json"
    path.write_bytes(text.encode("latin-1"))
    more = ["--output", tmp_path / "out"] if command == "scan" else []
    done = run(command, "a.example", "--preload", path, *more)
    assert done.returncode == 64
    assert str(path) in done.stderr and reason in done.stderr


def test_a_missing_list_is_told(tmp_path):
    done = run("check", "a.example", "--preload", tmp_path / "nothing")
    assert done.returncode == 66
    assert "nothing: No such file" in done.stderr


def test_each_domain_is_held_against_the_list(scan, quickstart, tmp_path):
    served = [r for r in quickstart.domains if r["verdict"] == "protected_sts"]
    first, second = served[0], served[1]
    path = tmp_path / "list.json"
    path.write_text(json.dumps(listing(**{
        first["domain"]: {"mode": "enforce", "mxs": [h["host"] for h in first["mx"]]},
        second["domain"]: {"policy-alias": "all"},
    })))
    result = scan(QUICKSTART, "--preload", path)
    by_name = {record["domain"]: record for record in result.domains if record["domain"]}
    listed = [name for name, record in by_name.items() if record["preload"]["listed"]]
    assert sorted(listed) == sorted([first["domain"], second["domain"]])
    one = by_name[first["domain"]]["preload"]
    assert (one["mode"], one["mx_match"], one["certificate_match"]) == ("enforce", True, True)
    assert by_name[second["domain"]]["preload"]["mode"] == "testing"
    for record in by_name.values():
        valid = record["sts_record_status"] == "ok" and record["policy_status"] == "ok"
        long = (record["sts_max_age"] or 0) >= 10886400
        assert record["preload"]["eligible"] == (valid and long and record["sts_mode"] != "none")
    assert result.manifest["options"]["preload"]["sha256"] == hashlib.sha256(
        path.read_bytes()).hexdigest()
    assert all(record["preload"] is None for record in quickstart.domains)
    assert quickstart.manifest["options"]["preload"] is None
