"""Records picked at random against what independent programs say of the same lab."""

import json
import random
import re
import subprocess

import pytest

from helpers.worker import LAB

RESOLVER = ["@127.0.0.1", "-p", "10053", "+time=2", "+tries=1", "+adflag"]
AUTHORITY = LAB / "ca.pem"
# The one difference by rule: where there is no dNSName, OpenSSL and Postfix take the CN, which
# RFC 8461 §4.2 does not.
GOOD_FOR_OPENSSL = ["ok", "cn_only"]


@pytest.fixture(scope="module")
def sample(quickstart):
    """Twenty records, half of them of domains with a policy."""
    pick = random.Random(8461)
    # Not those that wait for time-outs.
    longest = sorted(record["duration_ms"] for record in quickstart.domains)[800]
    quick = [record for record in quickstart.domains if record["duration_ms"] < longest]
    with_policy = [record for record in quick if record["policy_fetch_status"] is not None]
    return pick.sample(quick, 10) + pick.sample(with_policy, 10)


def dig(name, kind):
    """What dig says: the RCODE, whether the answer is authenticated, and the records."""
    answer = subprocess.run(["dig", *RESOLVER, name, kind], capture_output=True, text=True).stdout
    rcode = re.search(r"status: (\w+)", answer).group(1)
    flags = re.search(r"flags: ([a-z ]*);", answer).group(1).split()
    section = re.search(r";; ANSWER SECTION:\n(.*?)\n\n", answer, re.S)
    rows = [line.split(None, 4) for line in section.group(1).splitlines()] if section else []
    return rcode, "ad" in flags, [row[4] for row in rows if row[3] == kind]


def test_dig_sees_the_same_answers(sample):
    rcodes = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}
    for record in sample:
        domain, dns = record["domain"], record["dns"]
        for name, kind, lookup in [
            (domain, "MX", dns["mx"]), (f"_mta-sts.{domain}", "TXT", dns["mta_sts"]),
            (f"_smtp._tls.{domain}", "TXT", dns["tlsrpt"]),
        ]:
            rcode, authenticated, records = dig(name, kind)
            if lookup["inferred"]:
                assert (rcode, authenticated) == ("NXDOMAIN", True), (name, kind)
                continue
            assert rcodes[lookup["rcode"]] == rcode, (name, kind)
            assert lookup["ad"] == authenticated, (name, kind)
            if kind == "MX":
                seen = [f"{mx['preference']} {mx['exchange'].rstrip('.')}."
                        for mx in lookup["records"]]
            else:
                seen = [" ".join(f'"{text}"' for text in texts) for texts in lookup["records"]]
            assert sorted(seen) == sorted(records), (name, kind)


def test_curl_sees_the_same_policy(sample):
    checked = 0
    for record in sample:
        policy = record["policy"]
        if policy is None or policy["address"] is None:
            continue
        checked += 1
        host = policy["host"]
        done = subprocess.run(
            ["curl", "-sS", "--max-time", "10", "--cacert", AUTHORITY, "--resolve",
             f"{host}:10443:{policy['address']}", "-w", "\\n%{http_code}",
             f"https://{host}:10443/.well-known/mta-sts.txt"],
            capture_output=True, text=True, errors="replace")
        if record["policy_fetch_status"] == "ok":
            body, _, code = done.stdout.rpartition("\n")
            assert (done.returncode, code) == (0, "200"), host
            assert body.replace("\r\n", "\n") == (policy["body"] or "").replace("\r\n", "\n"), host
        elif record["policy_fetch_status"].startswith("http_") and policy["http_status"]:
            assert done.stdout.rpartition("\n")[2] == str(policy["http_status"]), host
        # curl takes a certificate without alternative names, and a body of any length.
        elif record["policy_fetch_status"] not in ("tls_cn_only", "too_large"):
            assert done.returncode != 0, (host, record["policy_fetch_status"])
    assert checked >= 5


def hosts_of(quickstart, status, count):
    hosts = [host for host in quickstart.hosts if host["status"] == status]
    return random.Random(3207).sample(hosts, min(count, len(hosts)))


def session_of(host):
    return next(session for session in host["sessions"] if session["status"] == host["status"])


def test_openssl_sees_the_same_certificate(quickstart):
    for host in hosts_of(quickstart, "ok", 20):
        session = session_of(host)
        done = subprocess.run(
            ["openssl", "s_client", "-starttls", "smtp", "-connect", f"{session['address']}:10025",
             "-servername", host["host"], "-verify_hostname", host["host"], "-CAfile", AUTHORITY],
            input="QUIT\r\n", capture_output=True, text=True, timeout=20).stdout
        assert f"Protocol  : {session['tls_version']}" in done or session["tls_version"] in done
        ok = "Verify return code: 0 (ok)" in done or "Verification: OK" in done
        assert ok == (host["certificate_status"] in GOOD_FOR_OPENSSL), (host["host"], done[-800:])
        leaf = re.search(r"-----BEGIN.*?END CERTIFICATE-----", done, re.S).group(0)
        digest = subprocess.run(
            ["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=leaf,
            capture_output=True, text=True).stdout.split("=")[1].strip().replace(":", "").lower()
        assert digest == session["certificate"]["sha256"], host["host"]


def finger(session, host, names):
    """Whether Postfix verifies a host's certificate for one of these names or patterns."""
    # Where Postfix was never configured there is no main.cf but the lab's.
    config = f"MAIL_CONFIG={LAB / 'finger'}"
    # Some hosts of the zoo never answer QUIT; what counts is said before.
    done = subprocess.run(
        ["timeout", "5", "env", config, "posttls-finger", "-c", "-l", "secure", "-F", AUTHORITY,
         "-s", host, f"[{session['address']}]:10025", *names],
        capture_output=True, text=True, timeout=30)
    return "Verified TLS connection established" in done.stdout + done.stderr


def test_posttls_finger_verifies_the_same_hosts(quickstart, zoo):
    hosts = [host for scan in (quickstart, zoo) for host in scan.hosts if host["status"] == "ok"]
    assert len(hosts) >= 300
    differing = [
        (host["host"], host["certificate_status"]) for host in hosts
        if finger(session_of(host), host["host"], [host["host"]])
        != (host["certificate_status"] in GOOD_FOR_OPENSSL)]
    assert differing == []


def test_posttls_finger_takes_the_patterns_that_postfix_is_fed(quickstart):
    """`secure match=…`, as both feeders hand it over, to a Postfix before 3.10.5."""
    hosts = {host["host"]: host for host in quickstart.hosts if host["status"] == "ok"}
    compared = 0
    for record in quickstart.domains:
        is_enforced = record["sts_record_status"] == "ok" and record["sts_mode"] == "enforce"
        # Where DANE comes first, or the policy is none to the feeder, nothing is handed over.
        is_fed = is_enforced and record["policy"]["content_type"] == "text/plain" and (
            record["sts_max_age"] > 0
            and all(mx["dane_status"] in ("none", "insecure", "not_asked") for mx in record["mx"]))
        for mx in record["mx"] if is_fed else []:
            if mx["host"] not in hosts:
                continue
            host = hosts[mx["host"]]
            names = [pattern.removeprefix("*") for pattern in record["policy"]["mx"]]
            verified = finger(session_of(host), host["host"], names)
            assert verified == (mx["postfix_outcome"] == "protected_sts"), (
                record["domain"], mx["host"], names)
            compared += 1
    assert compared >= 150


def test_jq_reads_what_duckdb_reads(quickstart):
    told = subprocess.run(
        f"zstdcat {quickstart.folder}/domains-*.zst | jq -s 'group_by(.verdict)"
        " | map({key: (.[0].verdict // \"null\"), value: length}) | from_entries'",
        shell=True, capture_output=True, text=True, check=True).stdout
    totals = quickstart.manifest["totals"]["verdict"]
    counted = {key: count for key, count in totals.items() if count}
    assert json.loads(told) == counted


@pytest.fixture(scope="module")
def anchor(tmp_path_factory):
    """The lab's trust anchor as delv takes it."""
    fields = next((LAB / "dns").glob("K.*.key")).read_text().split(";")[0].split()
    flags, protocol, algorithm, *key = fields[3:]
    path = tmp_path_factory.mktemp("anchor") / "anchor"
    path.write_text(
        f'trust-anchors {{ . static-key {flags} {protocol} {algorithm} "{"".join(key)}"; }};\n')
    return path


def test_delv_validates_what_counts_as_authenticated(quickstart, anchor):
    quick = [record for record in quickstart.domains
             if record["dns"] and record["dns"]["mx"]["rcode"] in (0, 3)]
    secure = [record for record in quick if record["dns"]["mx"]["ad"]]
    insecure = [record for record in quick if not record["dns"]["mx"]["ad"]]
    pick = random.Random(4035)
    for record in pick.sample(secure, 15) + pick.sample(insecure, 15):
        told = subprocess.run(
            ["delv", "@127.0.0.1", "-p", "10053", "-a", anchor, "+root=.", record["domain"], "MX"],
            capture_output=True, text=True, timeout=20)
        is_validated = "fully validated" in told.stdout
        assert is_validated == record["dns"]["mx"]["ad"], (record["domain"], told)


def test_openssl_s_dane_agrees_on_hosts_with_tlsa(quickstart):
    asked = 0
    for host in quickstart.hosts:
        usable = [record for record in (host["tlsa"] or {"records": []})["records"]
                  if record["usage"] in (2, 3)]
        if host["dane_status"] not in ("ok", "failed") or host["status"] != "ok":
            continue
        asked += 1
        session = session_of(host)
        records = [word for record in usable for word in (
            "-dane_tlsa_rrdata",
            f"{record['usage']} {record['selector']} {record['matching_type']} {record['data']}")]
        told = subprocess.run(
            ["openssl", "s_client", "-starttls", "smtp", "-connect", f"{session['address']}:10025",
             "-servername", host["tlsa_base"], "-dane_tlsa_domain", host["tlsa_base"],
             "-dane_ee_no_namechecks", *records],
            input="QUIT\r\n", capture_output=True, text=True, timeout=20).stdout
        verified = "Verify return code: 0 (ok)" in told or "Verification: OK" in told
        assert verified == (host["dane_status"] == "ok"), (host["host"], told[-500:])
    assert asked >= 10
