"""What the senders of today read in the response of a policy host, by their sources.

Written from the behaviour of the programs, in Python's own terms where the program is in Python;
nothing is taken from stsurvey.
"""

from __future__ import annotations

import codecs
import re
import string
from dataclasses import dataclass

LIMIT = 31557600  # RFC 8461 §3.2
LETTERS = frozenset(string.ascii_letters + string.digits)
# Mode and patterns; or a word: none, unknown (more than was read here), broken (defers all mail).
Reading = tuple[str, frozenset[str]] | str


@dataclass(frozen=True)
class Response:
    """What a policy host answers: its status, headers, and the body as it is sent and decoded."""

    body: bytes
    status: int = 200
    media: str | None = "text/plain"
    coding: str | None = None
    # The body without its coding; None where there is none, or it cannot be undone.
    decoded: bytes | None = None
    # Whether there is more of the body than senders read.
    is_cut: bool = False

    def seen_by(self, codings: set[str]) -> bytes | None:
        """The body to a client that undoes these codings; None where it fails."""
        if self.coding in (None, "", "identity"):
            return self.body
        return self.decoded if self.coding in codings else self.body


def _is_domain(text: str, is_rooted: bool = False) -> bool:
    text = text[:-1] if is_rooted and text.endswith(".") else text
    labels = text.split(".")
    return len(text) <= 253 and all(
        0 < len(label) <= 63 and set(label) <= LETTERS | {"-"}
        and label[0] != "-" and label[-1] != "-" for label in labels)


def _is_address(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+){3}", text) is not None


def _is_key(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", text) is not None


def _is_value(text: str) -> bool:
    return bool(text) and not re.search(r"[\x00-\x1f\x7f]", text)


def _seconds(text: str, most: int) -> int | None:
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > most:
        return None
    return int(text)


def _strict(text: str, is_mox: bool) -> Reading:
    """postfix-tlspol and mox keep to the grammar, but for a few points."""
    fields: dict[str, str] = {}
    patterns: list[str] = []
    lines = text.split("\n")
    for line in lines[:-1] if lines[-1] == "" else lines:
        key, colon, value = line.removesuffix("\r").rstrip(" \t").partition(":")
        value = value.lstrip(" \t")
        if not colon or not _is_key(key):
            return "none"
        if key == "mx":
            name = value.removeprefix("*.")
            is_odd = _is_address(name) and not is_mox
            if is_odd or not _is_domain(name, is_rooted=not is_mox):
                return "none"
            patterns.append(value.lower())
            continue
        if key in fields and not is_mox:
            continue
        is_good = {
            "version": value == "STSv1", "mode": value in ("enforce", "testing", "none"),
            "max_age": _seconds(value, 2**31 - 1 if is_mox else 10**10) is not None,
        }.get(key, _is_value(value))
        if not is_good:
            return "none"
        fields.setdefault(key, value)
    if not {"version", "mode", "max_age"} <= fields.keys():
        return "none"
    if fields["mode"] != "none" and not patterns:
        return "none"
    # postfix-tlspol's cache keeps nothing that has no lifetime.
    if not is_mox and int(fields["max_age"]) == 0:
        return "none"
    return fields["mode"], frozenset(patterns)


def _tlspol(answer: Response) -> Reading:
    body = answer.seen_by({"gzip"})
    media = (answer.media or "").partition(";")[0].strip().lower()
    parameters = (answer.media or "").partition(";")[2].strip()
    is_plain = media == "text/plain" and (not parameters or "=" in parameters)
    if answer.status != 200 or answer.is_cut or body is None or not is_plain:
        return "none"
    return _strict(body.decode(errors="replace"), is_mox=False)


def _mox(answer: Response) -> Reading:
    body = answer.seen_by({"gzip"})
    if answer.status != 200 or answer.is_cut or body is None:
        return "none"
    return _strict(body.decode(errors="replace"), is_mox=True)


def _resolver(answer: Response) -> Reading:
    """postfix-mta-sts-resolver, which is in Python."""
    body = answer.seen_by({"gzip", "deflate"})
    media, _, rest = (answer.media or "").partition(";")
    if answer.status != 200 or answer.is_cut or body is None:
        return "none"
    if media.strip().lower() != "text/plain":
        return "none"
    charset = re.search(r'charset="?([^";\s]*)', rest)
    try:
        codecs.lookup(charset[1] if charset else "ascii")
        text = body.decode(charset[1] if charset else "ascii")
    except (LookupError, UnicodeDecodeError):
        return "none"
    fields: dict[str, str] = {}
    patterns: list[str] = []
    for line in text.splitlines():
        key, _, value = line.rstrip().partition(":")
        if key == "mx":
            patterns.append(value.lstrip())
        else:
            fields[key] = value.lstrip()
    try:
        age = int(fields.get("max_age", "-1"))
    except ValueError:
        return "none"
    if fields.get("version") != "STSv1" or not 0 <= age <= LIMIT:
        return "none"
    if fields.get("mode") not in ("enforce", "testing", "none"):
        return "none"
    if fields["mode"] == "none":
        return "none", frozenset()
    if not patterns:
        return "none"
    # What Postfix cannot take apart, or is empty, defers all mail.
    handed = [pattern.lstrip("*") for pattern in patterns]
    if any(re.search(r"[\s,]", pattern) for pattern in patterns) or not any(
            part for pattern in handed for part in pattern.split(":")):
        return "broken" if fields["mode"] == "enforce" else "none"
    return fields["mode"], frozenset(pattern.lower() for pattern in patterns)


def _stalwart(answer: Response) -> Reading:
    body = answer.seen_by(set())
    if answer.is_cut:
        return "unknown"
    try:
        rest = (body or b"").decode()
    except UnicodeDecodeError:
        return "none"
    mode, patterns = "none", []
    while ":" in rest:
        key, _, rest = rest.partition(":")
        value, _, rest = rest.partition("\n")
        key, value = key.strip(), value.strip()
        if key == "mode":
            if value not in ("enforce", "testing", "none"):
                return "none"
            mode = value
        elif key == "version" and value.lower() != "stsv1":
            return "none"
        elif key == "mx" and value not in ("", "*."):
            patterns.append(value.lower())
    if any(not pattern.isascii() for pattern in patterns):
        return "unknown" if mode != "none" else ("none", frozenset())
    return (mode, frozenset(patterns)) if patterns else "none"


def _kumomta(answer: Response) -> Reading:
    body = answer.seen_by(set())
    if answer.status != 200 or (answer.media or "").partition(";")[0].strip() != "text/plain":
        return "none"
    if answer.is_cut:
        return "unknown"
    fields: dict[str, list[str]] = {}
    lines = (body or b"").decode(errors="replace").split("\n")
    for whole in lines[:-1] if lines[-1] == "" else lines:
        line = whole.removesuffix("\r")
        if not line:
            continue
        key, colon, value = line.partition(":")
        if not colon:
            return "none"
        fields.setdefault(key.strip(), []).append(value.strip())
    mode, age = fields.get("mode", []), fields.get("max_age", [])
    if fields.get("version") != ["STSv1"] or len(mode) != 1 or len(age) != 1:
        return "none"
    if mode[0] not in ("enforce", "testing", "none") or not re.fullmatch(r"\+?[0-9]+", age[0]):
        return "none"
    if int(age[0]) >= 2**64 or (mode[0] != "none" and "mx" not in fields):
        return "none"
    return mode[0], frozenset(pattern.lower() for pattern in fields.get("mx", []))


READERS = {
    "postfix_legacy_tlspol": _tlspol, "postfix_legacy_mta_sts_resolver": _resolver,
    "postfix_tlspol": _tlspol, "postfix_mta_sts_resolver": _resolver,
    "mox": _mox, "stalwart": _stalwart, "kumomta": _kumomta,
}


def read(sender: str, answer: Response) -> Reading:
    """What a sender reads in a response; mode none is as no policy."""
    reading = READERS[sender](answer)
    return "none" if reading[0] == "none" else reading


def senders_differ(answer: Response, policy: Reading) -> bool:
    """Whether any reads something else than the RFC's policy."""
    return any(read(sender, answer) != policy for sender in READERS)
