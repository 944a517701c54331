"""One chain, one judgement: whatever TLSA stands beside it, whatever ran before, on any machine."""

import ssl
from typing import Any

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from helpers.chains import DAY, authority, issue
from helpers.policies import Net, certificate, codes, scan
from helpers.program import read_manifest, read_records, run

# The digest or key of the leaf or of the intermediate, and the errors that it has at level 1.
STRENGTHS: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "md5": ({"digest": "md5"}, {}, ["invalid"]),
    "sha1": ({"digest": "sha1"}, {}, ["invalid"]),
    "sha1above": ({}, {"digest": "sha1"}, ["invalid"]),
    "rsa1024": ({"key": 1024}, {}, []),
    "rsa1024above": ({}, {"key": 1024}, []),
    "rsa768": ({"key": 1024, "digest": "md5"}, {"key": 2048}, ["invalid"]),
    "good": ({}, {}, []),
}
WEAK = {"rsa1024", "rsa1024above", "rsa768"}


def test_tlsa_that_is_not_in_force_changes_no_chain(tmp_path):
    """RFC 7672 §2.2.1: the MX is unsigned, so that its TLSA binds nobody."""
    hosts = [f"mx.{kind}-{name}.test" for kind in ("plain", "tlsa") for name in STRENGTHS]
    root = authority("Root of Tests", key=2048)
    with Net(hosts) as net:
        for name, (leaf, above, _) in STRENGTHS.items():
            signer = authority(f"Intermediate {name}", root, **{"key": 2048} | above)
            both = [f"mx.{kind}-{name}.test" for kind in ("plain", "tlsa")]
            member = issue(f"{name}.test", signer, names=both, **leaf)
            context = member.context(tmp_path, signer)
            for host in both:
                net.smtp(net.hosts[host], context)
            net.tlsa(both[1], member.tlsa(3))
        web = issue("web", root, names=[f"mta-sts.of.{host}" for host in hosts])
        for host in hosts:
            net.policy(f"of.{host}", web.context(tmp_path), host)
        records, seen = scan(net, tmp_path, [root])
    for name, (_, _, errors) in STRENGTHS.items():
        for kind in ("plain", "tlsa"):
            host = f"mx.{kind}-{name}.test"
            shown, record = certificate(seen, host), records[f"of.{host}"]
            assert shown["errors"] == errors, (host, shown)
            assert record["verdict"] == ("refused" if errors else "protected_sts"), record
            assert ("certificate.weak_key" in codes(record)) == (name in WEAK), record["findings"]
            if name in WEAK:
                assert shown["security_bits"] == 80
                assert all(finding["is_contested"] for finding in record["findings"]
                           if finding["code"] == "weak_key")
    assert {host: record["sessions"][0]["dane_match"] for host, record in seen.items()} == {
        host: True if "tlsa-" in host else None for host in hosts}


def test_what_was_fetched_before_changes_no_chain(tmp_path):
    """RFC 5280 §6.1.1 (d): what the trust file holds ends chains, self-signed or not."""
    hosts = [f"mx.{number}.test" for number in range(10)]
    root = authority("Root of Tests")
    signer = authority("Intermediate of Tests", root)
    with Net(hosts) as net:
        for host in hosts:
            net.smtp(net.hosts[host], issue(host, signer, names=[host]).context(tmp_path))
        _, without = scan(net, tmp_path, [signer], output="without")
        web = issue("web", signer, names=[f"mta-sts.of.{host}" for host in hosts])
        for host in hosts:
            net.policy(f"of.{host}", web.context(tmp_path), host)
        _, beside = scan(net, tmp_path, [signer], output="beside")
    for seen in (without, beside):
        assert [certificate(seen, host)["errors"] for host in hosts] == [[]] * 10


def test_a_certificate_shows_who_issued_it_for_what_and_how_long(tmp_path):
    organization = x509.Name([
        x509.NameAttribute(NameOID.COMMON_NAME, "Root of Tests"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Prüfstelle")])
    usages = x509.ExtendedKeyUsage(
        [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH,
         x509.ObjectIdentifier("1.2.3.4.5")])
    responder = x509.AuthorityInformationAccess([x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP,
        x509.UniformResourceIdentifier("http://ocsp.test/"))])
    issuers = x509.AuthorityInformationAccess([x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS,
        x509.UniformResourceIdentifier("http://ca.test/"))])
    leaves: dict[str, dict[str, Any]] = {
        "mx.full.test": {"extensions": [usages, responder]},
        "mx.short.test": {"extensions": [issuers], "start": -DAY, "end": 5 * DAY},
        "mx.plain.test": {},
    }
    named = authority(organization)
    nameless = authority("Other Root of Tests")
    with Net(leaves) as net:
        for host, leaf in leaves.items():
            signer = nameless if host == "mx.plain.test" else named
            net.smtp(net.hosts[host], issue(host, signer, names=[host], **leaf).context(tmp_path))
        _, seen = scan(net, tmp_path, [named, nameless])
    keys = ["errors", "lifetime_days", "issuer_organization", "extended_key_usages",
            "names_ocsp_responder"]
    assert {host: [certificate(seen, host)[key] for key in keys] for host in leaves} == {
        "mx.full.test": [
            [], 31, "Prüfstelle", ["serverAuth", "clientAuth", "1.2.3.4.5"], True],
        "mx.short.test": [[], 6, "Prüfstelle", [], False],
        "mx.plain.test": [[], 31, None, [], False],
    }


CONFIGURATIONS = {
    "lax": "MinProtocol = None\nCipherString = ALL:@SECLEVEL=0\n",
    "strict": "MinProtocol = TLSv1.3\nCipherString = ECDHE:@SECLEVEL=4\nGroups = P-521\n",
}


def test_the_configuration_of_openssl_changes_nothing(tmp_path):
    kinds = ["good", "md5", "rsa1024", "dh1024"]
    hosts = [f"mx.{kind}.test" for kind in kinds]
    root = authority("Root of Tests", key=2048)
    results = {}
    with Net(hosts) as net:
        for kind, host in zip(kinds, hosts, strict=True):
            leaf = STRENGTHS[kind][0] if kind in STRENGTHS else {"key": 2048}
            context = issue(host, root, names=[host], **leaf).context(tmp_path)
            if kind == "dh1024":
                context.set_ciphers("DHE:@SECLEVEL=0")
                context.maximum_version = ssl.TLSVersion.TLSv1_2
                (tmp_path / "dh.pem").write_text(DH_1024)
                context.load_dh_params(tmp_path / "dh.pem")
            net.smtp(net.hosts[host], context)
            web = issue("web", root, names=[f"mta-sts.of.{host}"])
            net.policy(f"of.{host}", web.context(tmp_path), host)
        for name, text in CONFIGURATIONS.items() | {("none", "")}:
            path = tmp_path / f"{name}.cnf"
            path.write_text("openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\n"
                            f"system_default = tls\n[tls]\n{text}")
            results[name] = scan(
                net, tmp_path, [root], output=name,
                env={"OPENSSL_CONF": str(path), "PATH": "/usr/bin:/bin"})
    verdicts = {
        name: {domain: record["verdict"] for domain, record in records.items()}
        for name, (records, _) in results.items()}
    assert verdicts["none"] == {
        "of.mx.good.test": "protected_sts", "of.mx.md5.test": "refused",
        "of.mx.rsa1024.test": "protected_sts", "of.mx.dh1024.test": "protected_sts"}
    assert verdicts == dict.fromkeys(verdicts, verdicts["none"])
    stated = [read_manifest(tmp_path / name)["tls"] for name in results]
    assert stated == [stated[0]] * 3
    assert [stated[0][kind]["security_level"] for kind in ("mx_hosts", "policy_hosts")] == [1, 2]
    assert stated[0]["library"].startswith("OpenSSL ")
    assert "TLS_AES_256_GCM_SHA384" in stated[0]["mx_hosts"]["cipher_suites"]
    assert stated[0]["groups_offered"][0] == "X25519"
    assert stated[0]["min_version"] == "TLSv1.2"


def names_of(folder, usage, members, references):
    """How DANE-TA judges certificates: their keywords by the host that shows them."""
    root = authority("Anchor of Tests")
    with Net(members, signed=members) as net:
        for host, keywords in members.items():
            member = issue(keywords.get("subject", "nobody"), root, **{
                key: value for key, value in keywords.items() if key != "subject"})
            net.smtp(net.hosts[host], member.context(folder, root))
            net.tlsa(host, root.tlsa(usage))
        records, seen = scan(net, folder, [root], *references)
    return {host: records[f"of.{host}"] for host in members}, seen


def test_names_are_judged_by_the_certificate_itself(tmp_path):
    """RFC 7672 §3.2.2 and §3.2.3: octets of all names, and CN for each reference identifier."""
    many = [f"{number}.many.test" for number in range(1200)]
    members = {
        "mx.many.test": {"names": [*many, "mx.many.test"]},
        "mx.kelvin.test": {"raw_names": ["mx.\u212aelvin.test".encode()]},
        "mx.nul.test": {"raw_names": [b"mx.nul.test\0.example"]},
        "mx.latin.test": {"raw_names": [b"mx.l\xe1tin.test", b"mx.latin.test"]},
        "mx.dot.test": {"raw_names": [b"mx.dot.test."]},
        "mx.upper.test": {"names": ["MX.UPPER.TEST"]},
        "mx.wildcard.test": {"names": ["*.wildcard.test"]},
        "mx.partial.test": {"names": ["m*.partial.test"]},
        "mx_1.underscore.test": {"names": ["*.underscore.test"]},
        "mx.long.test": {"subject": x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"{number}" * 60)
            for number in range(10, 40)] + [
            x509.NameAttribute(NameOID.COMMON_NAME, "mx.long.test")])},
        "mx.comma.test": {"subject": "other,CN=mx.comma.test"},
        "mx.cnhost.test": {"subject": "mx.cnhost.test"},
        "mx.cndomain.test": {"subject": "of.mx.cndomain.test"},
        "mx.cnbeside.test": {"subject": "mx.cnbeside.test", "names": ["other.test"]},
    }
    good = {"mx.many.test", "mx.latin.test", "mx.upper.test", "mx.wildcard.test", "mx.long.test",
            "mx.cnhost.test", "mx.cndomain.test"}
    records, _ = names_of(tmp_path, 2, members, [])
    verdicts = {host: record["verdict"] for host, record in records.items()}
    assert verdicts == {
        host: "protected_dane" if host in good else "refused" for host in members}
    again = run("rejudge", tmp_path / "out", "--output", tmp_path / "again")
    assert again.returncode == 0, again.stderr
    assert {record["domain"]: record["verdict"] for record in read_records(
        tmp_path / "again", "domains")} == {f"of.{host}": verdicts[host] for host in members}


def test_a_record_that_matches_a_certificate_out_of_date_has_matched(tmp_path):
    """RFC 8460 §4.3.1: the result is certificate-expired; the mail is refused all the same."""
    members: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "mx.old.test": ({"end": -DAY / 24}, {}),
        "mx.new.test": ({"start": DAY, "end": 2 * DAY}, {}),
        "mx.oldissuer.test": ({}, {"end": -DAY / 24}),
        "mx.good.test": ({}, {}),
        "mx.other.test": ({"end": -DAY / 24}, {}),
    }
    root = authority("Root of Tests")
    with Net(members, signed=members) as net:
        for host, (leaf, above) in members.items():
            anchor = authority(f"Anchor of {host}", root)
            signer = authority(f"Intermediate of {host}", anchor, **above)
            member = issue(host, signer, names=[host], **leaf)
            net.smtp(net.hosts[host], member.context(tmp_path, signer, anchor))
            matched = authority("Another") if host == "mx.other.test" else anchor
            net.tlsa(host, matched.tlsa(2))
        records, seen = scan(net, tmp_path, [root])
    found = {host: (
        seen[host]["sessions"][0]["dane_match"], seen[host]["sessions"][0]["dane_error"],
        records[f"of.{host}"]["verdict"], records[f"of.{host}"]["tlsrpt_result"])
        for host in members}
    assert found == {
        "mx.old.test": (True, "expired", "refused", "certificate-expired"),
        "mx.new.test": (True, "not_yet_valid", "refused", "certificate-not-trusted"),
        "mx.oldissuer.test": (True, "expired", "refused", "certificate-expired"),
        "mx.good.test": (True, None, "protected_dane", None),
        "mx.other.test": (False, None, "refused", "tlsa-invalid"),
    }


# 1024 bits, made by `openssl dhparam 1024`.
DH_1024 = """-----BEGIN DH PARAMETERS-----
MIGHAoGBANS71VEt71BjVBRp1TuWy/KERPId/SxwO3JkCQ6Ppd+mLIKugjtNLcuu
ir1lav5HwAOFuYItBDkyWA2INQAsqoDrJNyTjvFHokQTaSqhHIq7bXOH+go7t9bv
HyG3nHUAHM1lyfAoC75CzaTBy5jhFyt1Kfnm/5ZIImgSPMAhadknAgEC
-----END DH PARAMETERS-----
"""
