"""Names and texts as HMAC-SHA-256 (RFC 2104) with a key, in SQL.

Equal names have equal hashes in all tables, so that tables can be joined. Everything that is text
and not of a vocabulary of the program or of a protocol is hashed: names, addresses, policies,
replies, errors, digests of certificates.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

from .columns import Column
from .problem import MISSING, ExportError

BLOCK = 64
KEY_MIN = 16
# The last parts of keys whose texts are words of a protocol or of the program, and name nobody.
WORDS = {"tls_version", "tls_cipher", "tls_group", "tls_alert", "key_type", "signature_algorithm",
         "code"}

# How the texts of each type of column are hashed. A type that is not here cannot be published so.
FORMS = {
    "string": "hashed({})",
    "list of strings": "list_transform({}, lambda x: hashed(x))",
    "list of lists of strings":
        "list_transform({}, lambda y: list_transform(y, lambda x: hashed(x)))",
}


def read_key(path: Path) -> bytes:
    """The key: the file's octets without line ends at its end."""
    try:
        key = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise ExportError(f"the key {path} cannot be read: {error.strerror}; make one by: "
                          f"openssl rand -hex 32 > {path}", MISSING) from error
    if len(key) < KEY_MIN:
        raise ExportError(f"the key {path} has {len(key)} octets, {KEY_MIN} is the least; make one "
                          f"by: openssl rand -hex 32 > {path}")
    return key


class Hasher:
    """Hashes by one key: in Python, and as a macro of DuckDB, which has no HMAC."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def hash(self, text: str) -> str:
        """The hash of a text, 64 hexadecimal digits."""
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def macro(self) -> str:
        """Defines `hashed(text)`; null stays null."""
        key = hashlib.sha256(self.key).digest() if len(self.key) > BLOCK else self.key
        key = key.ljust(BLOCK, b"\0")
        inner, outer = (bytes(octet ^ pad for octet in key).hex() for pad in (0x36, 0x5C))
        return (f"CREATE MACRO hashed(text) AS sha256(unhex('{outer}') || "
                f"unhex(sha256(unhex('{inner}') || encode(text))))")


def is_readable(column: Column) -> bool:
    """Whether a column holds nothing that names anybody."""
    return not column.is_text or bool(column.values) or column.key.split(".")[-1] in WORDS


def hashed(column: Column) -> Column:
    """A column as it is, or its texts hashed."""
    if is_readable(column):
        return column
    sql = FORMS[column.kind].format(column.sql)
    return replace(column, sql=sql, meaning=f"HMAC-SHA-256 of: {column.meaning}")
