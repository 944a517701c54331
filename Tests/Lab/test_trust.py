"""Chains and trusted certificates: found whatever their encoding, verified once and yet rightly."""

import datetime
import json
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type as Form
from cryptography.x509.oid import NameOID

from helpers.program import read_records, run
from helpers.smallnet import SmallNet

DAY = datetime.timedelta(days=1)


def now():
    return datetime.datetime.now(datetime.UTC)


def named(text, form=Form.UTF8String):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _type=form)])


class Authority:
    """A root that signs; `issuer` is how its certificates write its name."""

    def __init__(self, name, issuer=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.issuer = issuer or named(name)
        self.root = self._sign(named(name), named(name), self.key, now() + DAY, [
            x509.BasicConstraints(ca=True, path_length=None),
            x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())])

    def _sign(self, subject, issuer, key, until, extensions):
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now() - DAY).not_valid_after(until))
        for extension in extensions:
            builder = builder.add_extension(
                extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self.key, hashes.SHA256())

    def context(self, folder, *names, until=None):
        """A TLS context with a leaf for the names."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._sign(named(names[0]), self.issuer, key, until or now() + DAY, [
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())])
        path = folder / f"{names[0]}.pem"
        path.write_bytes(pem(leaf) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def scan(net, folder, trusted, hosts, *options):
    """The recorded certificate of each host, and the manifest's words on the trust store."""
    (folder / "trusted.pem").write_bytes(trusted)
    (folder / "list.txt").write_text("".join(f"of.{host}\n" for host in hosts))
    done = run("scan", folder / "list.txt", "--output", folder / "out", *net.flags(), *options,
               "--ca-file", folder / "trusted.pem")
    assert done.returncode == 0, done.stderr
    (folder / "messages").write_text(done.stderr)
    found = {host["host"]: host["sessions"][0]["certificate"]
             for host in read_records(folder / "out", "hosts")}
    return found, json.loads((folder / "out/manifest.json").read_text())["trust_store"]


def net_of(addresses):
    zone = {host: [("A", address)] for host, address in addresses.items()}
    return SmallNet(zone | {f"of.{host}": [("MX", host)] for host in addresses})


# Name comparison: RFC 5280 §7.1, whatever the string's type, case and inner spaces.
AUTHORITIES = {
    "mx.plain.test": lambda: Authority("Root of Tests"),
    "mx.printable.test": lambda: Authority(
        "Other Root", named("OTHER  root", Form.PrintableString)),
    "mx.twin.test": lambda: Authority("Twin Root"),
    "mx.othertwin.test": lambda: Authority("Twin Root"),
}


@pytest.mark.parametrize("form", ["certificates", "with settings"])
def test_roots_are_found_by_their_names_in_any_file(tmp_path, form):
    authorities = {host: make() for host, make in AUTHORITIES.items()}
    hosts = {host: f"127.12.1.{number}"
             for number, host in enumerate([*authorities, "mx.none.test"], 1)}
    roots = [pem(authority.root) for authority in authorities.values()]
    with net_of(hosts) as net:
        for host, authority in {**authorities, "mx.none.test": Authority("Nobody's")}.items():
            net.smtp(hosts[host], authority.context(tmp_path, host))
        trusted = b"".join([*roots, b"# once more\n", roots[0]])
        if form == "with settings":
            # A block that OpenSSL reads itself, and with it all of the file.
            trusted += roots[1].replace(b" CERTIFICATE", b" X509 CERTIFICATE")
        found, store = scan(net, tmp_path, trusted, hosts)
    errors = {host: certificate["errors"] for host, certificate in found.items()}
    assert errors == {host: [] for host in authorities} | {"mx.none.test": ["chain_incomplete"]}
    digests = sorted(authority.root.fingerprint(hashes.SHA256()).hex()
                     for authority in authorities.values())
    digest = hashes.Hash(hashes.SHA256())
    digest.update("\n".join(digests).encode())
    assert (store["certificates"], store["sha256"]) == (4, digest.finalize().hex())


def test_a_root_that_cannot_be_read_is_told_of(tmp_path):
    authority, other = Authority("Broken Root"), Authority("Root of Tests")
    octets = authority.root.public_bytes(serialization.Encoding.DER)
    issuer = authority.root.issuer.public_bytes()
    # The first part of the issuer's name is no SET any more; all lengths stay right.
    broken = octets.replace(issuer, issuer[:2] + b"\x05" + issuer[3:], 1)
    trusted = pem(other.root) + ssl.DER_cert_to_PEM_cert(broken).encode()
    hosts = {"mx.one.test": "127.12.1.1", "mx.two.test": "127.12.1.2"}
    with net_of(hosts) as net:
        for (host, address), signer in zip(hosts.items(), (authority, other), strict=True):
            net.smtp(address, signer.context(tmp_path, host))
        found, _ = scan(net, tmp_path, trusted, hosts)
    assert [bool(found[host]["errors"]) for host in hosts] == [True, False]
    told = [line for line in (tmp_path / "messages").read_text().splitlines()
            if "cannot be read" in line]
    assert len(told) == 1 and f"certificate 2 of {tmp_path}/trusted.pem" in told[0]


def test_hosts_with_one_chain_are_judged_by_their_own_names(tmp_path):
    authority = Authority("Root of Tests")
    hosts = {"mx.one.test": "127.12.1.1", "mx.two.test": "127.12.1.2", "mx.six.test": "127.12.1.3"}
    with net_of(hosts) as net:
        context = authority.context(tmp_path, "mx.one.test", "mx.two.test")
        for address in hosts.values():
            net.smtp(address, context)
        found, _ = scan(net, tmp_path, pem(authority.root), hosts, "--probes-in-flight", 1)
    errors = {host: certificate.pop("errors") for host, certificate in found.items()}
    assert errors == {"mx.one.test": [], "mx.two.test": [], "mx.six.test": ["name_mismatch"]}
    assert found["mx.one.test"] == found["mx.two.test"] == found["mx.six.test"]


def test_a_chain_that_expires_during_a_scan_is_seen_to(tmp_path):
    authority = Authority("Root of Tests")
    hosts = {f"mx.{name}.test": f"127.12.1.{number}" for number, name in enumerate("abcd", 1)}
    with net_of(hosts) as net:
        # Each greeting takes 1.3 s, one handshake follows the other: the last is at 5.2 s.
        context = authority.context(tmp_path, *hosts, until=now() + datetime.timedelta(seconds=4))
        net.delay = 1.3
        for address in hosts.values():
            net.smtp(address, context)
        found, _ = scan(
            net, tmp_path, pem(authority.root), hosts, "--max-per-network", 1,
            "--shuffle-window", 1)
    errors = [found[host]["errors"] for host in hosts]
    assert errors[0] == [] and errors[-1] == ["expired"], errors
