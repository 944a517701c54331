"""What hosts show of their TLS and their certificates, as `stats` and `report` count it."""

import json
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from helpers.chains import DAY, authority, issue
from helpers.policies import Net, codes, scan
from helpers.program import run

OLD, NEW = "of-test.mail.protection.outlook.com", "of-test.a-v1.mx.microsoft"


def rows(tables, name, *labels):
    """The rows that count a host or a domain, by their labels: the counts of hosts and domains."""
    return {tuple(row[label] for label in labels): (row["hosts"], row["domains"])
            for row in tables[name] if row["hosts"] or row["domains"]}


def test_certificates_count_by_issuer_key_and_lifetime(tmp_path):
    trust = authority(x509.Name([
        x509.NameAttribute(NameOID.COMMON_NAME, "R1"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Trust")]))
    other = authority("Other Root")
    leaves: dict[str, tuple[Any, dict[str, Any]]] = {
        "mx.six.test": (trust, {"start": -3 * DAY, "end": 3 * DAY}),
        "mx.ninety.test": (trust, {"start": -85 * DAY, "end": 5 * DAY}),
        "mx.rsa.test": (other, {"start": -30 * DAY, "end": 365 * DAY, "key": 2048}),
        OLD: (other, {"start": -1 * DAY, "end": 198 * DAY}),
        NEW: (trust, {"start": -20 * DAY, "end": 27 * DAY}),
    }
    with Net(leaves, signed=[NEW]) as net:
        for host, (signer, leaf) in leaves.items():
            net.smtp(net.hosts[host], issue(host, signer, names=[host], **leaf).context(tmp_path))
        net.zone["second.test"] = [("MX", "mx.six.test")]
        domains = [*(f"of.{host}" for host in leaves), "second.test"]
        records, _ = scan(net, tmp_path, [trust, other], domains=domains)
    tables = json.loads(run("stats", tmp_path / "out", "--json").stdout)
    assert rows(tables, "host_issuers", "issuer_organization") == {
        ("Trust",): (3, 4), ("(none)",): (2, 2)}
    assert rows(tables, "host_authorities", "issuer_organization", "issuer") == {
        ("Trust", "O=Trust,CN=R1"): (3, 4), ("(none)", "CN=Other Root"): (2, 2)}
    assert rows(tables, "host_keys", "key_type", "key_bits") == {
        ("EC", "256"): (4, 5), ("RSA", "2048"): (1, 1)}
    assert rows(tables, "host_lifetimes", "lifetime_days") == {
        ("0-7",): (1, 2), ("8-47",): (1, 1), ("48-90",): (1, 1), ("101-200",): (1, 1),
        ("201-398",): (1, 1)}
    assert rows(tables, "host_lifetime_left", "percent_left") == {
        ("33-66",): (2, 3), ("0-9",): (1, 1), ("67-100",): (2, 2)}
    # 3 days of 6 are no warning, 5 of 90 are.
    soon = {name for name, record in records.items() if "certificate.expires_soon" in codes(record)}
    assert soon == {"of.mx.ninety.test"}
    [old, new] = [row for row in tables["microsoft_mx"] if row["domains"]]
    assert (old["mx_names"], old["domains"], old["mx_secure"]) == ("old", 1, 0)
    assert (new["mx_names"], new["domains"], new["mx_secure"]) == ("new", 1, 1)


def test_the_report_shows_the_same(zoo, tmp_path):
    done = run("report", zoo.folder, "--output", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "report.html").read_text()
    tables = json.loads(run("stats", zoo.folder, "--json").stdout)
    for name in ("host_versions", "host_groups", "host_requiretls", "host_keys", "host_lifetimes",
                 "host_lifetime_left", "host_issuers", "host_authorities"):
        largest = max(tables[name], key=lambda row: row["hosts"])
        assert f'data-table="{name}"' in page
        assert f'data-column="hosts" data-count="{largest["hosts"]}"' in page, name
    versions = rows(tables, "host_versions", "tls_version")
    assert versions["TLSv1.3",][0] > 100 and versions["TLSv1.1 or older",][0] >= 1
