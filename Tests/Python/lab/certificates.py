"""The lab's certificate authority: keys, chains and TLSA data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Digest(Protocol):
    """A digest of `hashlib`."""

    def hexdigest(self) -> str:
        """The digest in hexadecimal digits."""



def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption())


def _spki(
    key: PrivateKey | x509.Certificate, digest: Callable[[bytes], Digest] = hashlib.sha256
) -> str:
    data = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return digest(data).hexdigest()


def _public_pem(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def alternatives(name: str, kind: str) -> list[str]:
    """The dNSNames in the certificate of a kind for a name."""
    parent = name.partition(".")[2]
    return {
        "cn_only": [], "cn_other": [f"www.{parent}"], "name": [f"www.{parent}"],
        "expired_name": [f"www.{parent}"], "wildcard": [f"*.{parent}"],
        "partial_wildcard": [f"{name[0]}*.{parent}"], "upper": [name.upper()],
        "deep_wildcard": [f"*.{parent.partition('.')[2]}"],
        "example": ["www.provider.example"], "default": ["localhost.localdomain"],
    }.get(kind, [name])


class Authority:
    """Issues chains for names; each PEM begins with its key, as Postfix wants it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.leaf_key = ec.generate_private_key(ec.SECP256R1())
        self.rsa_key = rsa.generate_private_key(65537, 2048)
        self.weak_key = rsa.generate_private_key(65537, 1024)
        root_key, unknown_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.intermediate_key = ec.generate_private_key(ec.SECP256R1())
        self.root_name, self.issuer_name = _name("Lab Root CA"), _name("Lab Intermediate CA")
        self.unknown_name, self.unknown_key = _name("Unknown Root CA"), unknown_key
        self.root = self._ca(self.root_name, root_key, self.root_name, root_key)
        self.intermediate, self.old_intermediate = (
            self._ca(self.issuer_name, self.intermediate_key, self.root_name, root_key, end)
            for end in (3650 * DAY, -30 * DAY))
        self.unknown = self._ca(self.unknown_name, unknown_key, self.unknown_name, unknown_key)

    def _ca(
        self, subject: x509.Name, key: PrivateKey, issuer: x509.Name, issuer_key: PrivateKey,
        end: timedelta = 3650 * DAY,
    ) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        return (
            self._builder(subject, issuer, key, -1000 * DAY, end)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(authority, critical=False)
            .sign(issuer_key, hashes.SHA256())
        )

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: PrivateKey, start: timedelta,
        end: timedelta,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(self.now + start).not_valid_after(self.now + end)
        )

    def _leaf(self, name: str, kind: str, names: list[str]) -> x509.Certificate:
        start, end = -1 * DAY, 400 * DAY
        if kind in ("expired", "expired_name", "self_signed_expired"):
            start, end = -400 * DAY, -30 * DAY
        elif kind == "not_yet_valid":
            start, end = 300 * DAY, 700 * DAY
        elif kind == "expires_soon":
            start, end = -85 * DAY, 5 * DAY
        elif kind == "six_days":
            start, end = -3 * DAY, 3 * DAY
        key = self._key(kind)
        subject = _name(name) if len(name) <= 64 else _name("a long name")
        issuer, issuer_key = self.issuer_name, self.intermediate_key
        if kind in ("self_signed", "self_signed_expired", "default"):
            issuer, issuer_key = subject, self.leaf_key
        elif kind == "untrusted":
            issuer, issuer_key = self.unknown_name, self.unknown_key
        builder = self._builder(subject, issuer, key, start, end)
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(n) for n in names])
            builder = builder.add_extension(alternatives, critical=False)
        if kind == "purpose":
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
            builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True)
        return builder.sign(issuer_key, hashes.SHA256())

    def _key(self, kind: str) -> PrivateKey:
        keys: dict[str, PrivateKey] = {"rsa": self.rsa_key, "rsa1024": self.weak_key}
        return keys.get(kind, self.leaf_key)

    def chain(self, name: str, kind: str) -> bytes:
        """Key and chain for a name, with the fault that the kind names."""
        names = alternatives(name, kind)
        leaf = self._leaf("localhost.localdomain" if kind == "default" else name, kind, names)
        chain = {
            "self_signed": [leaf], "self_signed_expired": [leaf], "default": [leaf],
            "leaf_only": [leaf], "untrusted": [leaf, self.unknown],
            "expired_intermediate": [leaf, self.old_intermediate],
        }.get(kind, [leaf, self.intermediate])
        return _key_pem(self._key(kind)) + b"".join(_pem(certificate) for certificate in chain)

    def write_trust_store(self, path: Path) -> None:
        """Writes the root that clients trust."""
        path.write_bytes(_pem(self.root))

    def tlsa(self) -> dict[str, list[str]]:
        """TLSA data by kind, right and wrong (RFC 7672 §3.1)."""
        good = f"3 1 1 {_spki(self.leaf_key)}"
        stale = f"3 1 1 {hashlib.sha256(b'the key before').hexdigest()}"
        wrong = f"1 1 {hashlib.sha256(b'a key of nobody').hexdigest()}"
        return {
            "ok": [good], "rsa": [f"3 1 1 {_spki(self.rsa_key)}"],
            "sha512": [f"3 1 2 {_spki(self.leaf_key, hashlib.sha512)}"],
            "ta": [f"2 1 1 {_spki(self.intermediate_key)}"],
            "rollover": [stale, good], "stale": [stale],
            "wrong": [f"3 {wrong}"], "ta_stale": [f"2 {wrong}"],
            "short": [good[:-2]], "matching": [f"3 1 7 {_spki(self.leaf_key)}"],
            "garbage": ["3 0 0 00112233445566778899"],
            "usable_beside": [f"1 1 1 {_spki(self.leaf_key)}", good],
            "sha512_stale": [f"3 1 2 {hashlib.sha512(b'the key before').hexdigest()}", good],
            "issuer": [f"3 1 1 {_spki(self.intermediate_key)}"],
            "leaf": [f"2 1 1 {_spki(self.leaf_key)}"],
            "root": [f"2 1 1 {_spki(self.root)}"],
            "selector": [f"3 0 1 {_spki(self.leaf_key)}"],
            "empty": [f"3 1 1 {hashlib.sha256(b'').hexdigest()}"],
            "pem": [f"3 1 1 {hashlib.sha256(_public_pem(self.leaf_key)).hexdigest()}"],
            "sha512_as_256": [f"3 1 1 {_spki(self.leaf_key, hashlib.sha512)}"],
            "unusable": [f"1 1 1 {_spki(self.leaf_key)}", f"0 1 1 {_spki(self.intermediate_key)}"],
        }
