"""The cases: what a domain can have, how often, and how many there are at the least.

Shares imitate the survey of 2024 (Ashiq et al., IMC'25): about 1 % of the domains have MTA-STS.
Quotas make the rare cases appear in short lists too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One case. `share` is per mille of all domains, `quota` the least number of domains."""

    name: str
    share: float = 0.0
    quota: int = 0
    # Tokens of HOSTS, `provider:GROUP`, or `leads_to:GROUP` for an alias of a provider's host.
    hosts: tuple[str, ...] = ("provider:any",)
    mx: str = "has_mx"
    record: str = "absent"
    fetch: str = "ok"
    policy: str = "ok"
    mode: str = "enforce"
    patterns: str = "literal"
    tlsrpt: str | None = None
    signed: bool | None = None
    # The provider of the policy host by its name; None where the mix draws it.
    policy_host: str | None = None
    # Whether own mail hosts share the few addresses of web hosts.
    is_hosted: bool = False


@dataclass(frozen=True)
class HostKind:
    """What an own MX host of a domain is like."""

    server: str = "postfix"
    certificate: str | None = "ok"
    tlsa: str | None = None
    name: str | None = None
    is_alias: bool = False


GOOD = ("provider:good",)

HOSTS = {
    "good": HostKind(),
    "rsa": HostKind(certificate="rsa"),
    "wildcard": HostKind(certificate="wildcard"),
    "alias": HostKind(is_alias=True),
    "default": HostKind(certificate="default"),
    "dane": HostKind(tlsa="ok"),
    "dane_sha512": HostKind(tlsa="sha512"),
    "dane_rsa": HostKind(tlsa="rsa", certificate="rsa"),
    "dane_ta": HostKind(tlsa="ta"),
    "dane_rollover": HostKind(tlsa="rollover"),
    "dane_stale": HostKind(tlsa="stale"),
    "dane_unusable": HostKind(tlsa="unusable"),
    "dane_unusable_plain": HostKind(server="plain", certificate=None, tlsa="unusable"),
    "dane_bogus": HostKind(tlsa="bogus"),
    "dane_self_signed": HostKind(tlsa="ok", certificate="self_signed"),
    "dane_expired": HostKind(tlsa="ok", certificate="expired"),
    "dane_plain": HostKind(server="plain", certificate=None, tlsa="ok"),
    "dane_refused": HostKind(server="refused", certificate=None, tlsa="ok"),
    "junk_localhost": HostKind(server="junk", certificate=None, name="localhost"),
    "junk_ip": HostKind(server="junk", certificate=None, name="192.0.2.25"),
    "junk_tilde": HostKind(server="junk", certificate=None, name="~"),
}

_BAD_CERTIFICATES = (
    "name", "cn_only", "expired", "not_yet_valid", "self_signed", "untrusted", "leaf_only",
)
_BAD_SERVERS = (
    "plain", "refused", "blackhole", "nxdomain", "nodata", "bogus", "greeting_554", "greeting_421",
    "greeting_closed", "garbage", "ehlo_rejected", "ehlo_closed", "stripped", "starttls_454",
    "starttls_554", "starttls_closed", "tls_alert", "tls_closed", "tls_protocol",
)

HOSTS |= {kind: HostKind(certificate=kind) for kind in _BAD_CERTIFICATES}
HOSTS |= {kind: HostKind(server=kind, certificate=None) for kind in _BAD_SERVERS}

WITHOUT_RECORD = [
    Case("provider", 735),
    Case("provider_dane", 25, 4, hosts=("provider:dane",), signed=True),
    Case("provider_dane_host_only", 5, 2, hosts=("provider:dane",), signed=False),
    Case("self_default_certificate", 45, 4, hosts=("default",)),
    Case("self_good", 0, 3, hosts=("good",)),
    Case("self_plain", 12, 3, hosts=("plain",)),
    Case("self_refused", 10, 2, hosts=("refused",)),
    Case("self_blackhole", 0, 1, hosts=("blackhole",)),
    Case("self_one_unreached", 2, 2, hosts=("refused", "default")),
    Case("implicit", 20, 3, mx="implicit", hosts=("default",)),
    Case("implicit_refused", 25, 2, mx="implicit", hosts=("refused",)),
    Case("nodata", 30, 3, mx="nodata", hosts=()),
    Case("nxdomain", 25, 3, mx="nxdomain", hosts=()),
    Case("null_mx", 40, 4, mx="null_mx", hosts=()),
    Case("null_mx_plus", 0.3, 2, mx="null_mx_plus"),
    Case("junk_localhost", 2, 1, mx="junk", hosts=("junk_localhost",)),
    Case("junk_ip", 1, 1, mx="junk", hosts=("junk_ip",)),
    Case("junk_tilde", 0.5, 1, mx="junk", hosts=("junk_tilde",)),
    Case("junk_beside_host", 0.5, 1, hosts=("default", "junk_localhost")),
    Case("mx_servfail", 4, 2, mx="servfail", hosts=(), signed=False),
    Case("mx_bogus", 0.5, 1, mx="bogus", hosts=("default",), signed=True),
    Case("mx_refused", 0.1, 1, mx="refused", hosts=(), signed=False),
    Case("mx_timeout", 0, 1, mx="timeout", hosts=(), signed=False),
    Case("record_unrelated", 1, 2, record="unrelated"),
    Case("record_servfail", 0.2, 2, record="servfail", signed=False),
    Case("record_bogus", 0.1, 1, record="bogus", signed=True),
    Case("record_refused", 0, 1, record="refused", signed=False),
    Case("record_timeout", 0, 1, record="timeout", signed=False),
]

_DANE = [
    Case("dane_ok", 0.5, 3, hosts=("dane",), signed=True),
    Case("dane_sha512", 0.05, 1, hosts=("dane_sha512",), signed=True),
    Case("dane_rsa", 0.05, 1, hosts=("dane_rsa",), signed=True),
    Case("dane_ta", 0.1, 2, hosts=("dane_ta",), signed=True),
    Case("dane_rollover", 0.1, 1, hosts=("dane_rollover",), signed=True),
    Case("dane_failed", 0.1, 2, hosts=("dane_stale",), signed=True),
    Case("dane_partial", 0.1, 1, hosts=("dane", "dane_stale"), signed=True),
    Case("dane_beside_none", 0.1, 1, hosts=("dane", "good"), signed=True),
    Case("dane_unusable", 0.1, 2, hosts=("dane_unusable",), signed=True),
    Case("dane_unusable_plain", 0.02, 1, hosts=("dane_unusable_plain",), signed=True),
    Case("dane_tempfail", 0.05, 2, hosts=("dane_bogus",), signed=True),
    Case("dane_tempfail_beside_ok", 0.02, 1, hosts=("dane", "dane_bogus"), signed=True),
    Case("dane_self_signed", 0.1, 2, hosts=("dane_self_signed",), signed=True),
    Case("dane_expired", 0.05, 1, hosts=("dane_expired",), signed=True),
    Case("dane_plain", 0.05, 1, hosts=("dane_plain",), signed=True),
    Case("dane_refused", 0.05, 1, hosts=("dane_refused",), signed=True),
    Case("dane_and_sts", 0.2, 3, hosts=("dane",), signed=True, record="ok"),
    Case("dane_ok_sts_mismatch", 0.02, 1, hosts=("dane",), signed=True, record="ok",
         patterns="other_domain"),
    Case("dane_ok_sts_fetch_failed", 0.02, 1, hosts=("dane",), signed=True, record="ok",
         fetch="name"),
    Case("dane_ok_sts_bad_certificate", 0.02, 1, hosts=("dane_self_signed",), signed=True,
         record="ok"),
    Case("dane_failed_sts_ok", 0.02, 2, hosts=("dane_stale",), signed=True, record="ok"),
    Case("dane_unusable_sts_ok", 0.02, 1, hosts=("dane_unusable",), signed=True, record="ok"),
    Case("dane_tempfail_sts_ok", 0.02, 1, hosts=("dane_bogus",), signed=True, record="ok"),
    Case("dane_host_only_sts_ok", 0.02, 1, hosts=("provider:dane",), signed=False, record="ok"),
    Case("dane_one_sts_other", 0.02, 1, hosts=("dane", "good"), signed=True, record="ok"),
]

_STS = [
    Case("sts_enforce", 2.2, 12, hosts=GOOD, record="ok"),
    Case("sts_enforce_self", 0.8, 6, hosts=("good",), record="ok"),
    Case("sts_enforce_signed", 0.3, 2, hosts=("good",), record="ok", signed=True),
    Case("sts_enforce_rsa", 0.1, 1, hosts=("rsa",), record="ok"),
    Case("sts_enforce_wildcard", 0.2, 2, hosts=("good", "good"), record="ok",
         patterns="wildcard"),
    Case("sts_enforce_wildcard_certificate", 0.1, 1, hosts=("wildcard",), record="ok"),
    Case("sts_enforce_upper_case", 0.05, 1, hosts=("good",), record="ok", patterns="upper_case"),
    Case("sts_enforce_implicit", 0.02, 1, mx="implicit", hosts=("good",), record="ok"),
    Case("sts_enforce_alias", 0.05, 2, hosts=("alias",), record="ok"),
    Case("sts_enforce_null_mx_plus", 0, 1, mx="null_mx_plus", hosts=("good",), record="ok"),
    Case("sts_enforce_junk_beside", 0, 1, hosts=("good", "junk_localhost"), record="ok"),
    Case("sts_null_mx", 0.02, 1, mx="null_mx", hosts=(), record="ok", mode="none"),
    Case("sts_testing", 2.2, 12, hosts=GOOD, record="ok", mode="testing"),
    Case("sts_testing_self", 0.6, 4, hosts=("good",), record="ok", mode="testing"),
    Case("sts_none", 0.4, 3, hosts=GOOD, record="ok", mode="none"),
    Case("sts_none_without_mx", 0.1, 1, hosts=GOOD, record="ok", mode="none", patterns="absent"),
]

_RECORDS = [
    Case(f"record_{kind}", share, quota, hosts=GOOD, record=kind)
    for kind, share, quota in (
        ("split", 0.05, 2), ("beside_unrelated", 0.1, 2), ("without_semicolon", 0.2, 2),
        ("extension", 0.02, 1), ("alias", 0.3, 3), ("large_answer", 0, 1),
        ("bad_id", 0.03, 2), ("bad_id_long", 0, 1), ("missing_id", 0.01, 2),
        ("missing_id_only", 0, 1), ("bad_version_case", 0.01, 1), ("bad_version_delimiter", 0, 1),
        ("bad_extension", 0, 1), ("bad_field", 0, 1), ("non_ascii", 0, 1), ("multiple", 0.01, 2),
    )
]

_FETCHES = [
    Case(f"fetch_{kind}", share, quota, hosts=GOOD, record="ok", fetch=kind, mode=mode,
         signed=True if kind == "bogus" else None)
    for kind, share, quota, mode in (
        ("name", 1.8, 4, "enforce"), ("cn_only", 0.02, 1, "enforce"),
        ("expired", 0.2, 2, "testing"), ("not_yet_valid", 0, 1, "enforce"),
        ("self_signed", 0.2, 2, "enforce"), ("untrusted", 0.05, 1, "enforce"),
        ("leaf_only", 0.05, 2, "enforce"), ("missing", 0.12, 2, "testing"),
        ("plaintext", 0, 1, "enforce"), ("tls_closed", 0, 1, "enforce"),
        ("refused", 0.05, 2, "enforce"), ("blackhole", 0, 1, "enforce"),
        ("nxdomain", 0.05, 2, "enforce"), ("nodata", 0, 1, "enforce"),
        ("servfail", 0, 1, "enforce"), ("bogus", 0, 1, "enforce"), ("dns_refused", 0, 1, "enforce"),
        ("http_302", 0.05, 2, "enforce"), ("http_301", 0, 1, "testing"),
        ("http_404", 0.15, 3, "enforce"), ("http_403", 0.02, 1, "testing"),
        ("http_410", 0, 1, "enforce"), ("http_500", 0.02, 1, "enforce"),
        ("http_503", 0, 1, "testing"), ("http_204", 0, 1, "enforce"),
        ("http_closed", 0, 1, "enforce"), ("too_large", 0, 1, "enforce"),
        ("media_type", 0.05, 2, "enforce"),
    )
]

_POLICIES = [
    Case(f"policy_{kind}", share, 1, hosts=GOOD, record="ok", policy=kind)
    for kind, share in (
        ("lf", 0), ("mixed_line_ends", 0), ("without_last_term", 0), ("trailing_blanks", 0),
        ("unknown_key", 0), ("other_order", 0), ("duplicate_key", 0), ("largest_max_age", 0),
        ("max_age_zero", 0), ("empty", 0.01), ("html", 0.02), ("json_draft", 0), ("not_text", 0),
        ("not_utf8", 0), ("missing_version", 0), ("bad_version", 0), ("missing_mode", 0),
        ("bad_mode", 0), ("mode_report", 0), ("missing_max_age", 0), ("bad_max_age", 0),
        ("max_age_range", 0), ("missing_mx", 0), ("mx_leading_dot", 0.01),
        ("mx_trailing_dot", 0.01), ("mx_email", 0.01), ("mx_empty", 0.01), ("mx_ip", 0),
        ("mx_ulabel", 0), ("mx_bad_wildcard", 0), ("mx_bad", 0), ("bad_line", 0),
    )
]

_PATTERNS = [
    Case(f"pattern_{kind}_{mode}", share, quota, hosts=hosts, record="ok", patterns=kind, mode=mode)
    for kind, hosts, share, quota in (
        ("other_domain", GOOD, 0.12, 2), ("typo", ("good",), 0.01, 1),
        ("extra_labels", ("good",), 0.02, 1), ("policy_host", ("good",), 0.06, 1),
        ("other_tld", ("good",), 0.01, 1), ("first_only", ("good", "good"), 0.02, 1),
        ("wildcard_too_deep", ("good",), 0.01, 1),
    )
    for mode in ("enforce", "testing")
]

_HOSTS = [
    Case(f"host_{kind}_{mode}", 0.02, 1, hosts=(kind,), record="ok", mode=mode)
    for kind in ("plain", "name", "expired", "self_signed", "untrusted", "leaf_only", "default")
    for mode in ("enforce", "testing")
] + [
    Case(f"host_{kind}_enforce", 0, 1, hosts=(kind,), record="ok",
         signed=True if kind == "bogus" else None)
    for kind in (*_BAD_SERVERS[1:], "cn_only", "not_yet_valid")
] + [
    Case(f"hosts_{name}_{mode}", 0.02, 1, hosts=hosts, record="ok", mode=mode)
    for name, hosts in (
        ("one_plain", ("good", "plain")), ("one_expired", ("good", "expired")),
        ("one_unreached", ("good", "refused")), ("first_unreached", ("refused", "good")),
        ("one_of_three_bad", ("good", "name", "good")),
    )
    for mode in ("enforce", "testing")
]

_REPORTS = [
    Case(f"tlsrpt_{kind}", 0, 1, hosts=GOOD, record="ok", tlsrpt=kind)
    for kind in ("ok", "absent", "unrelated", "multiple", "bad_version", "missing_rua", "bad_rua",
                 "bad_extension", "split", "two_uris")
] + [
    Case("tlsrpt_servfail", 0, 1, hosts=GOOD, record="ok", tlsrpt="servfail", signed=False),
    Case("tlsrpt_without_sts", 0.8, 2, tlsrpt="ok"),
]

CASES = [
    *WITHOUT_RECORD, *_DANE, *_STS, *_RECORDS, *_FETCHES, *_POLICIES, *_PATTERNS, *_HOSTS,
    *_REPORTS,
]
