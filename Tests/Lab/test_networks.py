"""--asn-file: where addresses are, at the scan, at `check` and at `rejudge`, and its tables."""

import gzip
import hashlib
import ipaddress
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from helpers.program import QUICKSTART, read_manifest, read_records, run
from helpers.rejudging import check_identical, rejudge

FIXTURES = Path(__file__).parents[1] / "NetworksTests/Fixtures"
ROUTES = """\
127.0.0.0\t8\t64500
127.0.0.0\t17\t64501_64502
127.0.0.0\t26\t64503
127.16.0.0\t12\t64504,64505
127.128.0.0\t9\t64506
"""


def known(address, routes=ROUTES):
    """The longest prefix of an address, by looking at each line."""
    best, found = None, []
    for line in routes.splitlines():
        first, length, systems = line.split("\t")
        prefix = ipaddress.ip_network(f"{first}/{length}")
        ip = ipaddress.ip_address(address)
        if ip.version == prefix.version and ip in prefix and (
                best is None or prefix.prefixlen > best.prefixlen):
            best, found = prefix, [int(n) for n in systems.replace("_", ",").split(",")]
    return {
        "address": address, "asn": found[0] if found else None, "other_asns": found[1:],
        "as_name": None, "as_country": None, "prefix": str(best) if best else None,
    }


def addresses(record, *more):
    """Each address of a host record or a policy, once."""
    looked_up = [a for kind in ("a", "aaaa") if record[kind] for a in record[kind]["addresses"]]
    return list(dict.fromkeys([*looked_up, *filter(None, more)]))


def check_records(hosts, domains, routes=ROUTES):
    """Compares each record with what the table says; how many addresses there were."""
    count = 0
    for host in hosts:
        wanted = addresses(host, *(session["address"] for session in host["sessions"]))
        assert host["networks"] == [known(address, routes) for address in wanted]
        count += len(wanted)
    for domain in domains:
        if policy := domain["policy"]:
            wanted = addresses(policy, policy["address"])
            assert policy["networks"] == [known(address, routes) for address in wanted]
            count += len(wanted)
    return count


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    path = tmp_path_factory.mktemp("routes") / "routeviews-rv2-20261130-0000.pfx2as.gz"
    path.write_bytes(gzip.compress(ROUTES.encode()))
    return path


@pytest.fixture(scope="module")
def located(quickstart, routes, tmp_path_factory):
    """The quickstart's folder, rejudged with the table."""
    output = tmp_path_factory.mktemp("located") / "new"
    rejudge(quickstart.folder, output, "--asn-file", routes)
    return output


def test_a_scan_says_where_each_address_is(scan, routes):
    result = scan(QUICKSTART, "--asn-file", routes)
    assert check_records(result.hosts, result.domains) > 10
    [file] = result.manifest["asn_files"]
    assert file["name"] == routes.name and file["kind"] == "table of prefixes"
    assert file["sha256"] == hashlib.sha256(routes.read_bytes()).hexdigest()
    assert file["date_source"] == "modification_time" and file["entries"] == 5


def test_without_a_file_nothing_is_said(quickstart):
    assert all(host["networks"] is None for host in quickstart.hosts)
    assert all(not d["policy"] or d["policy"]["networks"] is None for d in quickstart.domains)
    assert quickstart.manifest["asn_files"] == []


def test_rejudging_adds_keeps_and_replaces_it(quickstart, located, routes, tmp_path):
    hosts, domains = read_records(located, "hosts"), read_records(located, "domains")
    assert check_records(hosts, domains) > 10
    assert [f["name"] for f in read_manifest(located)["asn_files"]] == [routes.name]
    check_identical(located, tmp_path / "kept")
    kept = read_manifest(tmp_path / "kept")["asn_files"]
    assert [f["name"] for f in kept] == [routes.name]
    other = tmp_path / "other.tsv"
    other.write_text("127.0.0.0/8\t64999\n")
    rejudge(located, tmp_path / "replaced", "--asn-file", other)
    check_records(
        read_records(tmp_path / "replaced", "hosts"),
        read_records(tmp_path / "replaced", "domains"), "127.0.0.0\t8\t64999")
    assert [f["name"] for f in read_manifest(tmp_path / "replaced")["asn_files"]] == ["other.tsv"]


@pytest.mark.skipif(not shutil.which("mmdblookup"), reason="needs Debian's mmdb-bin")
def test_a_maxmind_db_says_what_mmdblookup_says(quickstart, tmp_path):
    files = [FIXTURES / "asn.mmdb", FIXTURES / "country.mmdb"]
    rejudge(quickstart.folder, tmp_path / "new", "--asn-file", files[0], "--asn-file", files[1])
    seen = set()
    for host in read_records(tmp_path / "new", "hosts"):
        for network in host["networks"]:
            found = [subprocess.run(
                ["mmdblookup", "--file", file, "--ip", network["address"], *key],
                capture_output=True, text=True, check=False).stdout for file, key in (
                    (files[0], ["autonomous_system_number"]),
                    (files[0], ["autonomous_system_organization"]),
                    (files[1], ["country", "iso_code"]))]
            assert str(network["asn"] or "") == found[0].partition("<")[0].strip()
            assert (network["as_name"] or "") == found[1].partition("<")[0].strip().strip('"')
            assert (network["as_country"] or "") == found[2].partition("<")[0].strip().strip('"')
            seen.add(network["as_country"])
    assert seen - {None}
    [asn, country] = read_manifest(tmp_path / "new")["asn_files"]
    assert asn["kind"] == "MMDB GeoLite2-ASN" and asn["date_source"] == "build_epoch"
    assert asn["keys"] == ["autonomous_system_number", "autonomous_system_organization"]
    assert country["keys"] == ["country.iso_code"]


def places(networks, key):
    """The places of some addresses."""
    if key == "country":
        return {n["as_country"] for n in networks or [] if n["as_country"]}
    return {str(s) for n in networks or [] for s in [n["asn"], *n["other_asns"]] if s}


@pytest.mark.parametrize(("table", "key"), [("networks", "asn"), ("countries", "country")])
def test_tables_count_by_as_and_by_country(quickstart, located, tmp_path, table, key):
    if key == "country":
        rejudge(quickstart.folder, tmp_path / "new", "--asn-file", FIXTURES / "country.mmdb")
        located = tmp_path / "new"
    hosts, domains = read_records(located, "hosts"), read_records(located, "domains")
    wanted = Counter()
    of_host = {}
    for host in hosts:
        found = places(host["networks"], key)
        of_host[host["host"]] = found | of_host.get(host["host"], set())
        wanted.update((place, "hosts") for place in found or {"(unknown)"})
    for domain in domains:
        if domain["mx_status"] in ("has_mx", "implicit", "null_mx_plus"):
            found = set().union(*(of_host.get(mx["host"], set()) for mx in domain["mx"]))
            wanted.update((place, "domains") for place in found or {"(unknown)"})
        if domain["policy"]:
            found = places(domain["policy"]["networks"], key)
            wanted.update((place, "policy_domains") for place in found or {"(unknown)"})
    rows = json.loads(run("stats", located, "--json", "--table", table).stdout)[table]
    found = {(row[key], c): row[c] for row in rows for c in ("hosts", "domains", "policy_domains")}
    assert rows[0][key] == "(unknown)"
    assert {where: count for where, count in found.items() if count} == dict(wanted)
    report = tmp_path / "report.html"
    assert run("report", located, "--output", report).returncode == 0
    assert "By autonomous system" in report.read_text()


def test_a_folder_without_it_has_no_such_tables(quickstart):
    document = json.loads(run("stats", quickstart.folder, "--json").stdout)
    assert "networks" not in document and "countries" not in document


def test_check_says_it(flags, quickstart, routes):
    domain = next(r["domain"] for r in quickstart.domains if r["verdict"] == "protected_sts")
    done = run("check", domain, "--asn-file", routes, *flags)
    assert ", AS6450" in done.stdout
    done = run("check", domain, "--json", "--asn-file", routes, *flags)
    policy = json.loads(done.stdout)["policy"]
    assert policy["networks"] == [known(a) for a in addresses(policy, policy["address"])]


@pytest.mark.parametrize(("content", "reason"), [
    ((FIXTURES / "asn.mmdb").read_bytes()[:-200], "truncated"),
    ((FIXTURES / "asn.mmdb").read_bytes()[:900], "truncated"),
    (gzip.compress(ROUTES.encode() * 400, mtime=0)[:-30], "truncated compressed data"),
    (b"127.0.0.0\t8\t1\n127.0.0.0\t40\t1\n", "line 2: '40' is no length"),
    ((FIXTURES / "other.mmdb").read_bytes(), "its keys are city.name, speed"),
    (b"", "no row"),
])
@pytest.mark.parametrize("command", ["scan", "check", "rejudge"])
def test_a_file_that_is_damaged_is_refused(quickstart, tmp_path, command, content, reason):
    path = tmp_path / "file"
    path.write_bytes(content)
    what = {"scan": QUICKSTART, "check": "a.example", "rejudge": quickstart.folder}[command]
    output = [] if command == "check" else ["--output", tmp_path / "out"]
    done = run(command, what, "--asn-file", path, *output)
    assert done.returncode == 64
    assert str(path) in done.stderr and reason in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_told(tmp_path):
    done = run("check", "a.example", "--asn-file", tmp_path / "nothing")
    assert done.returncode == 66 and "nothing" in done.stderr
