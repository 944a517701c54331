"""The figures of `stats` against the lab's truth, DuckDB, and an attribution of our own."""

import csv
import io
import ipaddress
import json
import math
import pathlib
import shutil
from collections import Counter

import duckdb
import pytest

from helpers.program import ROOT, run

CATALOGUE = ROOT / "datasets/providers.json"
MAIL = ("has_mx", "implicit", "null_mx_plus")
NO_RECORD = ("absent", "unrelated", "servfail", "refused", "timeout", "unreachable", "dns_error")
SENDERS = ("rfc", "postfix_legacy_tlspol", "postfix_legacy_mta_sts_resolver", "postfix_tlspol",
           "postfix_mta_sts_resolver", "mox", "exim", "stalwart", "kumomta")
# As few as that, so that the lab's providers part into all classes.
THIRD_PARTY, SELF = 15, 3


@pytest.fixture(scope="session")
def lab_catalogue(tmp_path_factory):
    """Some of the lab's providers: the rest is to be found by name and address."""
    entry = {"kind": "mailbox", "sources": ["lab"]}
    path = tmp_path_factory.mktemp("catalogue") / "providers.json"
    path.write_text(json.dumps({
        "version": 1, "sources": {"lab": {"title": "Tests/Python/lab/providers.py"}}, "providers": [
            {**entry, "id": "grove", "name": "Mailgrove", "mx": ["mailgrove.lab"]},
            {**entry, "id": "one", "name": "Onemail", "mx": ["onemail.lab"]},
            {**entry, "id": "uriwatch", "name": "URI Watch", "kind": "policy_host",
             "policy": ["uriwatch.lab"]},
            {**entry, "id": "harden", "name": "Mailharden", "kind": "policy_host",
             "policy": ["_mta-sts.mailharden.lab"]},
        ]}))
    return path


def stats(folder, *options):
    done = run("stats", folder, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session", params=["quickstart", "zoo"])
def counted(request, lab_catalogue):
    """A scan and all tables of it."""
    scan = request.getfixturevalue(request.param)
    text = stats(
        scan.folder, "--json", "--providers", lab_catalogue, "--third-party-min", THIRD_PARTY,
        "--self-max", SELF)
    return scan, json.loads(text)


@pytest.fixture(scope="session")
def database(counted):
    scan, _ = counted
    database = duckdb.connect()
    for record in ("domain", "host"):
        database.execute(run("schema", "--record", record, "--format", "duckdb").stdout)
    database.execute(
        f"CREATE VIEW d AS SELECT *, sts_record_status NOT IN {NO_RECORD} AS record, "
        f"mx_status IN {MAIL} AS mail, "
        "coalesce(sts_record_status = 'ok' AND policy_status = 'ok', false) AS policy_in_use, "
        "CASE WHEN policy_in_use THEN sts_mode END AS mode "
        f"FROM domains('{scan.folder}/domains-*.ndjson.zst')")
    database.execute(f"CREATE VIEW h AS SELECT * FROM hosts('{scan.folder}/hosts-*.ndjson.zst')")
    return database


def rows(table, *columns, without_zeros=True):
    """Rows of a table as a set of tuples."""
    found = {tuple(row[column] for column in columns) for row in table}
    if without_zeros:
        found = {row for row in found if any(value for value in row if isinstance(value, int))}
    return found


# Domains that take mail, each with the record of the host that a sender tries first.
FIRST = "d JOIN h ON mail AND h.host = mx[1].host AND h.observation = mx[1].observation"
# Hosts with the session that their own keys are of; without two names a host has one for each
# address, and those that are equal in what is counted are the same here.
COUNTING = """(SELECT *, s.certificate AS c FROM (
    SELECT h.*, list_filter(sessions, x -> x.status = h.status
        AND x.tls_version IS NOT DISTINCT FROM h.tls_version
        AND coalesce(x.server_name, h.host) = h.host
        AND coalesce(x.certificate.errors, []) = h.certificate_errors)[1] AS s FROM h))"""
SHOWN = f"(FROM {COUNTING} WHERE c IS NOT NULL)"

# Each query gives what the columns of a table hold; rows of zeros are left out.
QUERIES = {
    ("verdicts", "verdict", "domains"):
        "SELECT verdict, count(*) FROM d WHERE verdict IS NOT NULL GROUP BY 1",
    ("verdicts", "verdict", "from_postfix"):
        "SELECT postfix_verdict, count(*) FROM d WHERE postfix_verdict IS NOT NULL GROUP BY 1",
    ("reasons", "verdict", "reason", "domains"):
        "SELECT verdict, verdict_reason, count(*) FROM d WHERE verdict IS NOT NULL GROUP BY 1, 2",
    ("senders", "verdict", "postfix_verdict", "domains"):
        "SELECT verdict, postfix_verdict, count(*) FROM d WHERE depends_on_sender GROUP BY 1, 2",
    ("sender_verdicts", "sender", "protected", "protected_dane", "refused", "opportunistic"):
        " UNION ALL ".join(
            f"SELECT '{sender}', count(*) FILTER (verdicts.{sender} IN "
            "('protected_dane', 'protected_sts')), "
            + ", ".join(f"count(*) FILTER (verdicts.{sender} = '{verdict}')" for verdict in (
                "protected_dane", "refused", "opportunistic"))
            + " FROM d" for sender in SENDERS),
    ("modes", "mode", "domains", "protected_sts", "protected_dane", "refused", "unknown"): """
        SELECT mode, count(*), count(*) FILTER (verdict = 'protected_sts'),
               count(*) FILTER (verdict = 'protected_dane'), count(*) FILTER (verdict = 'refused'),
               count(*) FILTER (verdict = 'unknown')
        FROM d WHERE mode IS NOT NULL GROUP BY 1""",
    ("tlds", "tld", "domains", "mail", "records", "policies", "enforce", "tlsrpt"): """
        SELECT regexp_extract(domain, '[^.]+$'), count(*), count(*) FILTER (mail),
               count(*) FILTER (mail AND record), count(*) FILTER (mail AND policy_in_use),
               count(*) FILTER (mail AND mode = 'enforce'),
               count(*) FILTER (mail AND tlsrpt_status = 'ok')
        FROM d WHERE domain IS NOT NULL GROUP BY 1""",
    ("ranks_cumulative", "ranks", "domains", "mail", "records", "enforce"): """
        SELECT ranks, count(*), count(*) FILTER (mail), count(*) FILTER (mail AND record),
               count(*) FILTER (mail AND mode = 'enforce')
        FROM d JOIN (VALUES (1000, '1-1000'), (10000, '1-10000')) AS r(last, ranks)
            ON domain IS NOT NULL AND rank <= r.last
                AND (r.last = 1000 OR (SELECT max(rank) FROM d) > 1000)
        GROUP BY 1""",
    ("tld_ranks", "tld", "rank", "domains", "mail", "records"): """
        SELECT regexp_extract(domain, '[^.]+$'),
               CASE WHEN rank <= 1000 THEN '1-1000' ELSE '1001-10000' END, count(*),
               count(*) FILTER (mail), count(*) FILTER (mail AND record)
        FROM d WHERE domain IS NOT NULL AND rank IS NOT NULL GROUP BY 1, 2""",
    ("max_age_values", "max_age", "domains", "enforce"): """
        SELECT sts_max_age::VARCHAR, count(*), count(*) FILTER (mode = 'enforce')
        FROM d WHERE mode IS NOT NULL GROUP BY 1""",
    ("first_failures", "first_failure", "domains", "with_record", "enforce"): """
        SELECT first_failure, count(*), count(*) FILTER (record),
               count(*) FILTER (mode = 'enforce')
        FROM d WHERE first_failure IS NOT NULL GROUP BY 1""",
    ("records", "sts_record_status", "domains", "with_mail"):
        "SELECT sts_record_status, count(*), count(*) FILTER (mail) FROM d "
        "WHERE sts_record_status IS NOT NULL GROUP BY 1",
    ("policy_errors", "reason", "domains"): """
        SELECT policy_fetch_status, count(*) FROM d
        WHERE record AND policy_fetch_status <> 'ok' GROUP BY 1
        UNION ALL
        SELECT policy_status, count(*) FROM d WHERE record AND policy_status <> 'ok' GROUP BY 1""",
    ("mx_certificates", "error", "domains", "with_record", "all", "partial", "enforce_all"): """
        WITH hosts AS (SELECT index, record, mode, unnest(mx) m FROM d),
        shown AS (
            SELECT index, m.certificate_status status, record, mode,
                   bool_and(m.certificate_status <> 'ok') OVER (PARTITION BY index) bad
            FROM hosts WHERE m.certificate_status IS NOT NULL),
        errors AS (
            SELECT DISTINCT * FROM shown WHERE status <> 'ok' UNION
            SELECT DISTINCT index, 'any', record, mode, bad FROM shown WHERE status <> 'ok')
        SELECT status, count(*), count(*) FILTER (record), count(*) FILTER (record AND bad),
               count(*) FILTER (record AND NOT bad),
               count(*) FILTER (mode = 'enforce' AND bad)
        FROM errors GROUP BY 1""",
    ("mx_mismatches", "near_miss", "domains", "all", "partial", "enforce", "testing"): """
        WITH hosts AS (SELECT index, mode, unnest(mx) m FROM d),
        matched AS (
            SELECT index, mode, m.policy_match AS fit, m.near_miss AS near_miss,
                   bool_and(coalesce(m.policy_match = 'none', false))
                       OVER (PARTITION BY index) every
            FROM hosts WHERE mode IS NOT NULL),
        misses AS (
            SELECT DISTINCT index, mode, near_miss, every FROM matched WHERE fit = 'none'
            UNION SELECT DISTINCT index, mode, 'any', every FROM matched WHERE fit = 'none')
        SELECT near_miss, count(*), count(*) FILTER (every), count(*) FILTER (NOT every),
               count(*) FILTER (mode = 'enforce'), count(*) FILTER (mode = 'testing')
        FROM misses WHERE near_miss IS NOT NULL GROUP BY 1""",
    ("dane", "dane_status", "domains", "with_record", "protected_dane"): """
        SELECT dane_status, count(*), count(*) FILTER (record),
               count(*) FILTER (verdict = 'protected_dane')
        FROM d WHERE mail AND dane_status IS NOT NULL GROUP BY 1""",
    ("tlsrpt", "tlsrpt_status", "domains", "with_record", "with_policy"): """
        SELECT tlsrpt_status, count(*), count(*) FILTER (record),
               count(*) FILTER (policy_in_use)
        FROM d WHERE tlsrpt_status IS NOT NULL GROUP BY 1""",
    ("tlsrpt_results", "tlsrpt_result", "domains", "with_record", "enforce"): """
        SELECT tlsrpt_result, count(*), count(*) FILTER (record),
               count(*) FILTER (mode = 'enforce')
        FROM d WHERE tlsrpt_result IS NOT NULL GROUP BY 1""",
    ("findings", "layer", "code", "severity", "domains"): """
        WITH found AS (SELECT index, unnest(findings) f FROM d)
        SELECT f.layer, f.code, f.severity, count(DISTINCT index) FROM found GROUP BY 1, 2, 3""",
    ("hosts", "status", "hosts"): "SELECT status, count(*) FROM h GROUP BY 1",
    ("host_certificates", "certificate_status", "hosts", "with_error"): """
        WITH errors AS (SELECT unnest(certificate_errors) AS error FROM h)
        SELECT coalesce(certificate_status, error), coalesce(a, 0), coalesce(b, 0) FROM
        (SELECT certificate_status, count(*) a FROM h WHERE certificate_status IS NOT NULL
         GROUP BY 1) FULL JOIN
        (SELECT error, count(*) b FROM errors GROUP BY 1) ON certificate_status = error""",
    ("host_tls", "tls_version", "hosts", "dane_ok", "dane_failed"): """
        SELECT coalesce(tls_version, '(none)'), count(*), count(*) FILTER (dane_status = 'ok'),
               count(*) FILTER (dane_status = 'failed') FROM h GROUP BY 1""",
    ("host_requiretls", "requiretls", "hosts"): """
        SELECT coalesce(requiretls::VARCHAR, '(none)'), count(*) FROM h GROUP BY 1""",
    ("host_versions", "tls_version", "domains", "with_record", "enforce"): f"""
        SELECT coalesce(tls_version, CASE WHEN h.status = 'tls_old_version'
               THEN 'TLSv1.1 or older' ELSE '(none)' END),
               count(*), count(*) FILTER (record), count(*) FILTER (mode = 'enforce')
        FROM {FIRST} GROUP BY 1""",
    ("host_keys", "key_type", "key_bits", "hosts"): f"""
        SELECT c.key_type, c.key_bits::VARCHAR, count(*) FROM {SHOWN} GROUP BY 1, 2""",
    ("host_groups", "tls_group", "hosts"): f"""
        SELECT coalesce(s.tls_group, '(none)'), count(*) FROM {COUNTING} GROUP BY 1""",
    ("host_lifetimes", "lifetime_days", "hosts"): f"""
        SELECT CASE WHEN days < 0 THEN 'below 0' WHEN days <= 7 THEN '0-7' WHEN days <= 47
               THEN '8-47' WHEN days <= 90 THEN '48-90' WHEN days <= 100 THEN '91-100'
               WHEN days <= 200 THEN '101-200' WHEN days <= 398 THEN '201-398' ELSE '399-' END,
               count(*)
        FROM (SELECT c.lifetime_days AS days FROM {SHOWN}) GROUP BY 1""",
    ("host_issuers", "issuer_organization", "hosts"): f"""
        SELECT CASE WHEN 'self_signed' IN certificate_errors THEN '(self-signed)'
               ELSE coalesce(c.issuer_organization, '(none)') END, count(*)
        FROM {SHOWN} GROUP BY 1""",
}


@pytest.mark.parametrize("columns", QUERIES, ids="-".join)
def test_duckdb_counts_the_same(counted, database, columns):
    table, *names = columns
    found = rows(counted[1][table], *names)
    expected = {row for row in database.execute(QUERIES[columns]).fetchall() if any(
        value for value in row if isinstance(value, int))}
    assert found == expected
    # The zoo's list has no ranks.
    if columns[0] in ("senders", "ranks_cumulative", "tld_ranks"):
        return
    assert found, f"the lab shows nothing of {table}"


def test_the_funnel_has_its_denominators(counted, database):
    conditions = {
        "lines": "true", "scanned": "status = 'scanned'",
        "answered": "mx_status NOT IN "
                    "('servfail', 'refused', 'timeout', 'unreachable', 'dns_error')",
        "has_mail": "mail", "has_record": "mail AND record",
        "record_valid": "mail AND sts_record_status = 'ok'",
        "has_policy": "mail AND policy_in_use", "enforce": "mail AND mode = 'enforce'",
        "testing": "mail AND mode = 'testing'", "none": "mail AND mode = 'none'",
        "enforce_protected": "mail AND mode = 'enforce' AND "
                             "verdict IN ('protected_sts', 'protected_dane')",
        "verdict_known": "verdict <> 'unknown'",
        "protected": "verdict IN ('protected_sts', 'protected_dane')",
        "policy_unused": "mail AND policy_status = 'ok' AND sts_record_status <> 'ok'",
        "record_without_mail": "record AND NOT mail",
    }
    funnel = {row["stage"]: row for row in counted[1]["funnel"]}
    assert list(funnel) == list(conditions)
    for stage, condition in conditions.items():
        [(count,)] = database.execute(f"SELECT count(*) FROM d WHERE {condition}").fetchall()
        assert funnel[stage]["domains"] == count, stage
        whole = funnel[funnel[stage]["of"]]["domains"] if funnel[stage]["of"] else count
        assert funnel[stage]["of_domains"] == whole >= count


def test_parts_of_a_deployment_that_are_wrong(counted, database):
    bad = "len(list_filter(mx, m -> m.certificate_status <> 'ok')) > 0"
    unmatched = "len(list_filter(mx, m -> m.policy_match = 'none')) > 0"
    parts = {
        "record": "sts_record_status <> 'ok'", "policy_retrieval": "policy_fetch_status <> 'ok'",
        "policy_syntax": "policy_status <> 'ok'", "mx_certificate": bad, "mx_mismatch": unmatched,
    }
    parts["any"] = " OR ".join(f"coalesce({part}, false)" for part in parts.values())
    table = {row["part"]: row for row in counted[1]["misconfigurations"]}
    for part, condition in parts.items():
        expected = database.execute(
            f"SELECT count(*), count(*) FILTER (mode = 'enforce'), "
            f"count(*) FILTER (verdict = 'refused') FROM d WHERE record AND ({condition})"
        ).fetchall()
        found = table[part]
        assert [(found["domains"], found["enforce"], found["refused"])] == expected, part


# MARK: The lab's truth

def test_the_lab_s_truth_is_counted(quickstart, truth, lab_catalogue):
    def in_use(key):
        """The value of a policy that senders have: behind a valid record."""
        return lambda line: line[key] if line["sts_record_status"] == "ok" else None

    tables = json.loads(stats(quickstart.folder, "--json"))
    for table, key, value in [
        ("verdicts", "verdict", lambda line: line["verdict"]),
        ("first_failures", "first_failure", lambda line: line["first_failure"]),
        ("records", "sts_record_status", lambda line: line["sts_record_status"]),
        ("modes", "mode", in_use("sts_mode")),
        ("tlsrpt", "tlsrpt_status", lambda line: line["tlsrpt_status"]),
        ("max_age_values", "max_age", in_use("sts_max_age")),
    ]:
        expected = Counter(str(value(line)) for line in truth if value(line) is not None)
        found = {row[key]: row["domains"] for row in tables[table] if row["domains"]}
        assert found == dict(expected), table
    policies = Counter(line["policy_fetch_status"] for line in truth)
    policies.update(
        line["policy_status"] for line in truth if line["policy_status"] not in (None, "ok"))
    found = {row["reason"]: row["domains"] for row in tables["policy_errors"]}
    assert found == {key: n for key, n in policies.items() if key not in (None, "ok")}
    providers = Counter()
    for line in truth:
        names = [mx["host"] for mx in line["mx"] if mx["status"] != "junk_name"]
        if names and names[0].endswith(".lab"):
            providers[".".join(names[0].split(".")[-2:])] += 1
    found = {row["provider"]: row["domains"] for row in tables["mx_providers"]
             if row["provider"].endswith(".lab")}
    assert found == dict(providers) and len(found) >= 10


# MARK: Attribution

class Suffixes:
    """The Public Suffix List as its text has it, by its published algorithm."""

    def __init__(self):
        path = pathlib.Path("/usr/share/publicsuffix/public_suffix_list.dat")
        lines = (line.split()[0] for line in path.read_text().splitlines() if line.strip())
        rules = (line.encode().decode() for line in lines if not line.startswith("//"))
        self.rules = {
            rule if rule.isascii() else rule.encode("idna").decode() for rule in rules}

    def registrable(self, name):
        labels = name.split(".")
        length = 1
        for start in range(len(labels)):
            rest = labels[start:]
            if "!" + ".".join(rest) in self.rules:
                length = len(rest) - 1
                break
            if ".".join(rest) in self.rules or ".".join(["*", *rest[1:]]) in self.rules:
                length = len(rest)
                break
        return ".".join(labels[-length - 1:]) if len(labels) > length else None


class Attribution:
    """Says who runs hosts, by the rules of datasets/providers.md, written down a second time."""

    def __init__(self, catalogue, hosts):
        self.suffixes = Suffixes()
        self.mx, self.policy = {}, {}
        for entry in json.loads(catalogue.read_text())["providers"]:
            self.mx |= dict.fromkeys(entry.get("mx", []), entry["name"])
            self.policy |= dict.fromkeys(entry.get("policy", []), entry["name"])
        self.alias = {}
        self.address = {}
        owners = {}
        for host in hosts:
            registrable = self.suffixes.registrable(host["host"])
            lookups = [host[key] for key in ("a", "aaaa") if host[key]]
            chains = [lookup["cnames"] for lookup in lookups if lookup["cnames"]]
            if registrable and chains:
                self.alias[host["host"]] = chains[0][-1]
            address = least(lookups)
            if registrable and address:
                self.address[host["host"]] = address
                owners.setdefault(address, set()).add(registrable)
        self.shared = {address for address, names in owners.items() if len(names) > SELF}

    def named(self, patterns, name):
        labels = name.split(".")
        names = (patterns.get(".".join(labels[start:])) for start in range(len(labels)))
        return next((found for found in names if found), None)

    def mail(self, record):
        for host in (mx["host"] for mx in record["mx"]):
            registrable = self.suffixes.registrable(host)
            if not registrable or host[-1].isdigit():
                continue
            target = self.alias.get(host)
            named = self.named(self.mx, host) or (target and self.named(self.mx, target))
            if named:
                return named
            if target:
                registrable = self.suffixes.registrable(target) or registrable
            if registrable != self.suffixes.registrable(record["domain"]):
                return registrable
            if self.suffixes.registrable(host) != registrable:
                return registrable
            address = self.address.get(host)
            return str(address) if address in self.shared else "(self)"
        return "(none)"

    def policy_host(self, record):
        policy = record["policy"]
        lookups = [policy[key] for key in ("a", "aaaa") if policy and policy[key]]
        chains = [lookup["cnames"] for lookup in lookups if lookup["cnames"]][:1]
        chains.append(record["dns"]["mta_sts"]["cnames"] if record["dns"]["mta_sts"] else [])
        for name in (name for chain in chains for name in reversed(chain)):
            if self.named(self.policy, name):
                return self.named(self.policy, name)
        for chain in chains:
            registrable = self.suffixes.registrable(chain[-1]) if chain else None
            if registrable and registrable != self.suffixes.registrable(record["domain"]):
                return registrable
        return str(least(lookups) or "(none)")


def least(lookups):
    """The least address, IPv4 before IPv6; of IPv6 the first half."""
    addresses = [ipaddress.ip_address(text) for lookup in lookups for text in lookup["addresses"]]
    if not addresses:
        return None
    first = min(addresses, key=lambda address: (address.version, int(address)))
    return first if first.version == 4 else ipaddress.ip_network((int(first) >> 64 << 64, 64))


def group_class(name, count, patterns):
    if name == "(none)":
        return "none"
    if name == "(self)":
        return "self"
    if name in patterns.values() or count >= THIRD_PARTY:
        return "third_party"
    return "self" if count <= SELF else "unclear"


@pytest.fixture(scope="session")
def attributed(counted, lab_catalogue):
    scan, tables = counted
    attribution = Attribution(lab_catalogue, scan.hosts)
    mail, policy = {}, {}
    for record in scan.domains:
        if record["mx_status"] in MAIL:
            mail[record["index"]] = attribution.mail(record)
        if record["status"] != "scanned":
            continue
        lookup = record["dns"]["mta_sts"]
        has_record = record["sts_record_status"] not in NO_RECORD
        if has_record or (lookup and lookup["cnames"]):
            policy[record["index"]] = attribution.policy_host(record)
    counts = {"mail": Counter(mail.values()), "policy": Counter(policy.values())}
    classes = {
        "mail": {name: group_class(name, count, attribution.mx)
                 for name, count in counts["mail"].items()},
        "policy": {name: group_class(name, count, attribution.policy)
                   for name, count in counts["policy"].items()},
    }
    return scan, tables, mail, policy, classes


def test_mail_is_attributed(attributed):
    scan, tables, mail, _, classes = attributed
    records = {record["index"]: record for record in scan.domains}
    expected = {}
    for index, name in mail.items():
        record = records[index]
        row = expected.setdefault(name, Counter())
        row["domains"] += 1
        row["records"] += record["sts_record_status"] not in NO_RECORD
        is_valid = record["sts_record_status"] == "ok"
        row["policies"] += is_valid and record["policy_status"] == "ok"
        row["enforce"] += is_valid and record["sts_mode"] == "enforce"
        row["protected_sts"] += record["verdict"] == "protected_sts"
        row["refused"] += record["verdict"] == "refused"
    found = {row["provider"]: row for row in tables["mx_providers"]}
    assert set(found) == set(expected)
    for name, row in expected.items():
        assert {key: found[name][key] for key in row} == dict(row), name
        assert found[name]["class"] == classes["mail"][name], name
    sums = Counter()
    for name, row in expected.items():
        sums[classes["mail"][name]] += row["domains"]
    assert {row["class"]: row["domains"] for row in tables["mx_classes"] if row["domains"]} == sums
    only = {name: row["records"] for name, row in expected.items()
            if row["records"] and not row["policies"] and name[0] != "("}
    assert {row["provider"]: row["records"] for row in tables["record_only"]} == only


def test_policies_are_attributed(attributed):
    scan, tables, _, policy, classes = attributed
    records = {record["index"]: record for record in scan.domains}
    expected, layers, errors = {}, Counter(), Counter()
    for index, name in policy.items():
        record = records[index]
        if record["sts_record_status"] in NO_RECORD:
            continue
        row = expected.setdefault(name, Counter())
        row["domains"] += 1
        row["ok"] += record["policy_status"] == "ok"
        row["enforce"] += (
            record["sts_record_status"] == "ok" and record["sts_mode"] == "enforce")
        group = classes["policy"][name]
        layers["records", group] += 1
        fetch = record["policy_fetch_status"]
        layer = "http" if fetch == "too_large" else fetch.split("_")[0] if fetch else None
        if fetch == "ok":
            layer = "ok" if record["policy_status"] == "ok" else "syntax"
        if fetch == "not_contacted":
            layer = fetch
        layers[layer, group] += 1
        reason = record["policy_status"] if fetch == "ok" else fetch
        if reason != "ok":
            errors[layer, reason, group] += 1
    found = {row["provider"]: row for row in tables["policy_providers"]}
    assert set(found) == set(expected)
    for name, row in expected.items():
        assert {key: found[name][key] for key in row} == dict(row), name
        assert found[name]["class"] == classes["policy"][name], name
    groups = ("third_party", "self", "unclear", "none")
    for row in tables["policy_layers"]:
        assert [row[group] for group in groups] == [
            layers[row["layer"], group] for group in groups], row["layer"]
    told = {(row["layer"], row["reason"], group): row[group]
            for row in tables["policy_errors"] for group in groups if row[group]}
    assert told == {key: count for key, count in errors.items() if count}


def test_same_and_different_providers(attributed):
    scan, tables, mail, policy, classes = attributed
    names = {("third_party", "third_party"): None, ("self", "third_party"): "mx_self",
             ("third_party", "self"): "policy_self", ("self", "self"): "both_self"}
    expected, unmatched = Counter(), Counter()

    def brand(name):
        return name.split(".")[0] if name[0].isalpha() and "." in name else None

    for record in scan.domains:
        index = record["index"]
        if index not in mail or record["sts_record_status"] in NO_RECORD:
            continue
        mx, host = mail[index], policy[index]
        pair = names.get((classes["mail"][mx], classes["policy"][host]), "unclear")
        if pair is None:
            pair = "same" if mx == host or (brand(mx) and brand(mx) == brand(host)) else "different"
        expected[pair] += 1
        unmatched[pair] += record["sts_record_status"] == "ok" and any(
            host["policy_match"] == "none" for host in record["mx"])
    for row in tables["same_provider"]:
        assert row["domains"] == expected[row["providers"]], row
        assert row["mismatch"] == unmatched[row["providers"]], row


# MARK: Forms

def cell(value):
    return "" if value is None else str(value)


def test_json_csv_and_text_tell_the_same(quickstart):
    tables = json.loads(stats(quickstart.folder, "--json"))
    names = [name for name, value in tables.items()
             if isinstance(value, list) and value and isinstance(value[0], dict)]
    assert len(names) >= 25
    long = list(csv.DictReader(io.StringIO(stats(quickstart.folder, "--csv"))))
    for name in ("funnel", "mx_providers", "policy_errors", "findings"):
        wide = list(csv.DictReader(io.StringIO(stats(quickstart.folder, "--csv", "--table", name))))
        found = [{key: cell(value) for key, value in row.items()} for row in tables[name]]
        assert [list(row) for row in found] == [list(row) for row in wide]
        for row, other in zip(found, wide, strict=True):
            for key, value in row.items():
                assert value == other[key] or float(value) == float(other[key]), (name, key)
        counts = {row["column"] for row in long if row["table"] == name}
        total = sum(row[key] for row in tables[name] for key in counts)
        assert total == sum(int(row["count"]) for row in long if row["table"] == name)
    text = stats(quickstart.folder, "--table", "verdicts")
    for row in tables["verdicts"]:
        assert any(line.split()[:2] == [row["verdict"], f"{row['domains']:,}"]
                   for line in text.splitlines())


def test_each_share_is_that_of_the_codebook(counted):
    codebook = json.loads(run("stats", "--codebook", "--json").stdout)
    shares = 0
    for table in codebook:
        for row in counted[1].get(table["table"], []):
            names = [column["column"] for column in table["columns"]]
            assert list(row) == names, table["table"]
            for column in table["columns"]:
                name, of = column["column"], column["of"]
                if not of:
                    assert f"{name}_share" not in names
                    continue
                whole = row[of if of in row else "base"]
                share = row[f"{name}_share"]
                assert share is None if whole == 0 else 0 <= share <= 1, (table["table"], row)
                assert not whole or share == pytest.approx(row[name] / whole, rel=1e-5)
                shares += 1
    assert shares > 1000


def test_the_codebook_says_what_each_column_is(counted):
    rows = list(csv.DictReader(io.StringIO(run("stats", "--codebook", "--csv").stdout)))
    assert all(row["meaning"].endswith(".") for row in rows)
    assert {row["table"] for row in rows} >= {
        name for name, value in counted[1].items() if isinstance(value, list)
    } - {"lists", "cautions"}
    kinds = {row["kind"] for row in rows}
    assert kinds == {"table", "label", "domains", "hosts", "weight", "base", "share"}
    text = run("stats", "--codebook", "--table", "funnel").stdout
    assert "has_policy" in text and "Of of_domains." in text
    done = run("stats", "--codebook", "results")
    assert done.returncode == 64 and "leave out the folder" in done.stderr
    done = run("stats")
    assert done.returncode == 64 and "--codebook" in done.stderr


def wilson(part, whole):
    """The ends of the interval by the quadratic equation that they solve."""
    square, share = 1.959963984540054 ** 2, part / whole
    a, b, c = 1 + square / whole, -2 * share - square / whole, share * share
    root = math.sqrt(max(0, b * b - 4 * a * c))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def test_a_sample_has_intervals_and_other_lists_have_none(quickstart):
    plain = json.loads(stats(quickstart.folder, "--json"))
    tables = json.loads(stats(quickstart.folder, "--json", "--sample"))
    assert not any(key.endswith("_low") for row in plain["modes"] for key in row)
    for name, column, of in [
        ("verdicts", "domains", "base"), ("modes", "refused", "domains"),
        ("funnel", "domains", "of_domains"), ("tlds", "records", "mail"),
    ]:
        for row in tables[name]:
            if row[of]:
                low, high = wilson(row[column], row[of])
                assert row[f"{column}_low"] == pytest.approx(low, abs=1e-6), (name, row)
                assert row[f"{column}_high"] == pytest.approx(high, abs=1e-6), (name, row)
    # A sample of domains is none of hosts.
    assert not any(key.endswith("_low") for row in tables["hosts"] for key in row)
    long = stats(quickstart.folder, "--csv", "--sample").splitlines()
    assert long[0] == "table,row,column,count,of,whole,share,low,high"
    assert "95% interval" in tables["headline"] and "interval" not in plain["headline"]


def test_the_headline_has_the_figures_of_the_funnel(counted):
    _, tables = counted
    funnel = {row["stage"]: row["domains"] for row in tables["funnel"]}
    for stage in ("scanned", "has_mail", "has_record", "has_policy", "enforce"):
        assert f"{funnel[stage]:,}" in tables["headline"], stage
    assert f"of {funnel['scanned'] - funnel['answered']:,} it is not known" in (
        tables["headline"].lower())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_are_as_long_as_the_terminal_is_wide(zoo, width):
    done = run("stats", zoo.folder, env={"COLUMNS": str(width), "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    # A path is not broken.
    assert max(len(line) for line in lines if str(zoo.folder) not in line) <= width
    if width == 40:
        assert any("Not shown" in line for line in lines)
    plain = run("stats", zoo.folder, env={"COLUMNS": str(width), "LC_ALL": "C"}).stdout
    assert plain.isascii() and len(plain) == len(done.stdout)


def test_threads_and_room_change_no_figure(quickstart):
    whole = stats(quickstart.folder, "--json", "--threads", "1")
    assert whole == stats(quickstart.folder, "--json", "--threads", "3")
    assert whole == stats(quickstart.folder, "--json", "--groups-max", "1000")


def test_a_torn_last_frame_of_a_finished_scan_is_refused_before_any_figure(quickstart, tmp_path):
    folder = tmp_path / "torn"
    shutil.copytree(quickstart.folder, folder)
    [path] = folder.glob("domains-*")
    path.write_bytes(path.read_bytes()[:-5])
    done = run("stats", folder, "--table", "funnel")
    assert (done.returncode, done.stdout) == (65, "") and str(path) in done.stderr
    tables = json.loads(stats(folder, "--json", "--partial"))
    assert any(str(path) in caution for caution in tables["cautions"])


def test_wrong_use_names_the_value(quickstart, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    broken = tmp_path / "broken.json"
    broken.write_text('{"version": 1, "sources": {}, "providers": [{"id": "x"}]}')
    for arguments, code, word in [
        ([tmp_path / "absent"], 66, "absent"), ([empty], 66, "empty"),
        ([quickstart.folder, "--table", "nothing"], 64, "nothing"),
        ([quickstart.folder, "--self-max", "50"], 64, "--self-max"),
        ([quickstart.folder, "--providers", tmp_path / "none.json"], 66, "none.json"),
        ([quickstart.folder, "--providers", broken], 64, "broken.json"),
        ([quickstart.folder, "--json", "--csv"], 64, "--csv"),
    ]:
        done = run("stats", *arguments)
        assert done.returncode == code, (arguments, done.stderr)
        assert word in done.stderr, (arguments, done.stderr)


# MARK: The catalogue

def test_the_catalogue_is_well_formed_and_sourced():
    catalogue = json.loads(CATALOGUE.read_text())
    providers = catalogue["providers"]
    assert len([entry for entry in providers if entry.get("mx")]) >= 60
    assert [entry["id"] for entry in providers] == sorted(entry["id"] for entry in providers)
    used = {source for entry in providers for source in entry["sources"]}
    assert used == set(catalogue["sources"])
    for key in ("mx", "policy"):
        patterns = [pattern for entry in providers for pattern in entry.get(key, [])]
        assert len(patterns) == len(set(patterns))
        assert all(Suffixes().registrable(pattern) for pattern in patterns)
