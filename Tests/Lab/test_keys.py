"""Certificates with keys of every kind that TLS takes: read and verified, whatever is trimmed."""

import pytest

from helpers.program import read_records, run
from helpers.smallnet import SmallNet, certificate

KINDS = {
    "p256": (("EC", "ec_paramgen_curve:P-256"), "EC", 256),
    "p384": (("EC", "ec_paramgen_curve:P-384"), "EC", 384),
    "p521": (("EC", "ec_paramgen_curve:P-521"), "EC", 521),
    "rsa": (("RSA", "rsa_keygen_bits:2048"), "RSA", 2048),
    "pss": (("RSA-PSS", "rsa_keygen_bits:2048"), "RSA-PSS", 2048),
    "ed25519": (("ED25519",), "ED25519", 256),
    "ed448": (("ED448",), "ED448", 456),
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """What a scan recorded of a host with a key of each kind, that trusts all of them."""
    folder = tmp_path_factory.mktemp("keys")
    names = {kind: f"mx.{kind}.test" for kind in KINDS}
    zone = {f"{kind}.test": [("MX", names[kind])] for kind in KINDS}
    addresses = {kind: f"127.12.0.{number}" for number, kind in enumerate(KINDS, start=1)}
    zone |= {names[kind]: [("A", addresses[kind])] for kind in KINDS}
    with SmallNet(zone) as net:
        for kind, (key, _, _) in KINDS.items():
            net.smtp(addresses[kind], certificate(folder, names[kind], kind=key))
        trusted = "".join((folder / f"{name}.pem").read_text() for name in names.values())
        (folder / "trusted.pem").write_text(trusted)
        (folder / "list.txt").write_text("".join(f"{kind}.test\n" for kind in KINDS))
        done = run("scan", folder / "list.txt", "--output", folder / "out", *net.flags(),
                   "--ca-file", folder / "trusted.pem")
    assert done.returncode == 0, done.stderr
    hosts = {host["host"]: host for host in read_records(folder / "out", "hosts")}
    return {kind: hosts[name]["sessions"][0]["certificate"] for kind, name in names.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_of_each_kind_is_read_and_verified(certificates, kind):
    _, type_, bits = KINDS[kind]
    certificate = certificates[kind]
    assert (certificate["key_type"], certificate["key_bits"]) == (type_, bits)
    assert certificate["errors"] == []
