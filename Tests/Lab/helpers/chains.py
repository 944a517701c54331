"""Certificates of a test's own, with keys and digests that no authority would use."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
# The object identifier of sha256WithRSAEncryption, and for digests of old the last octet of theirs
# and how the DigestInfo begins (RFC 8017 §9.2 and A.2.4).
RSA_SHA256 = bytes.fromhex("2a864886f70d01010b")
OLD_DIGESTS = {
    "md5": (b"\4", bytes.fromhex("3020300c06082a864886f70d020505000410")),
    "sha1": (b"\5", bytes.fromhex("3021300906052b0e03021a05000414")),
}


def now() -> datetime.datetime:
    """The present time, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def new_key(kind: str | int | PrivateKey) -> PrivateKey:
    """A key: on P-256 for `ec`, with so many bits of an RSA modulus, or the one given."""
    if isinstance(kind, str):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, kind) if isinstance(kind, int) else kind


def common_name(text: str) -> x509.Name:
    """A name that is a CN, whatever its length."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _validate=False)])


@dataclasses.dataclass
class Member:
    """A certificate, its key, and the one that signed it; None for a root."""

    certificate: x509.Certificate
    key: PrivateKey
    issuer: Member | None = None

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def tlsa(self, usage: int, selector: int = 1) -> tuple[int, int, int, bytes]:
        """TLSA data by SHA-256 (RFC 6698 §2.1)."""
        octets = (
            self.certificate.public_bytes(serialization.Encoding.DER) if selector == 0
            else self.key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
        return usage, selector, 1, hashlib.sha256(octets).digest()

    def context(
        self, folder: Path, *above: Member, ciphers: str = "ALL:@SECLEVEL=0"
    ) -> ssl.SSLContext:
        """A TLS context that shows the certificate followed by those of `above`."""
        path = folder / f"{self.certificate.serial_number}.pem"
        path.write_bytes(self.pem + b"".join(member.pem for member in above)
                         + self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(ciphers)
        context.load_cert_chain(path)
        return context


def issue(
    subject: x509.Name | str, issuer: Member | None = None, *, names: Iterable[str] | None = None,
    key: str | int | PrivateKey = "ec", digest: str = "sha256",
    start: datetime.timedelta = -1 * DAY, end: datetime.timedelta = 30 * DAY,
    is_authority: bool = False,
    raw_names: Iterable[bytes] | None = None, extensions: Iterable[x509.ExtensionType] = (),
) -> Member:
    """A certificate for `subject`, signed by `issuer` or itself.

    `names` are its dNSNames; `raw_names` are their octets, whatever they are. `extensions` are
    further ones.
    """
    own = new_key(key)
    name = subject if isinstance(subject, x509.Name) else common_name(subject)
    signer = issuer.key if issuer else own
    builder = (
        x509.CertificateBuilder().subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(own.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now() + start).not_valid_after(now() + end)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False))
    if issuer:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    if raw_names:
        builder = builder.add_extension(
            x509.UnrecognizedExtension(
                x509.oid.ExtensionOID.SUBJECT_ALTERNATIVE_NAME, general_names(raw_names)), False)
    elif names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(text) for text in names])
        builder = builder.add_extension(alternatives, False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    if digest in OLD_DIGESTS:
        assert isinstance(signer, rsa.RSAPrivateKey), "old digests are signed by RSA"
        certificate = signed_again(certificate, signer, digest)
    return Member(certificate, own, issuer)


def signed_again(
    certificate: x509.Certificate, key: rsa.RSAPrivateKey, digest: str
) -> x509.Certificate:
    """A certificate signed by an RSA key, with a digest that libraries sign with no more."""
    last, info = OLD_DIGESTS[digest]
    identifier = RSA_SHA256[:-1] + last
    body = certificate.tbs_certificate_bytes.replace(RSA_SHA256, identifier)
    # DigestInfo of RFC 8017 §9.2, padded as EMSA-PKCS1-v1_5 has it.
    info += hashlib.new(digest, body).digest()
    numbers = key.private_numbers()
    size = key.key_size // 8
    padded = b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info
    value = pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n)
    whole = certificate.public_bytes(serialization.Encoding.DER)
    whole = whole.replace(certificate.tbs_certificate_bytes, body).replace(RSA_SHA256, identifier)
    return x509.load_der_x509_certificate(
        whole.replace(certificate.signature, value.to_bytes(size, "big")))


def authority(name: x509.Name | str, issuer: Member | None = None, **other: Any) -> Member:
    """A certificate that signs others."""
    return issue(name, issuer, is_authority=True, **other)


def general_names(names: Iterable[bytes]) -> bytes:
    """The DER of GeneralNames with a dNSName for each of the octets (RFC 5280 §4.2.1.6)."""
    return _element(0x30, b"".join(_element(0x82, name) for name in names))


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content
