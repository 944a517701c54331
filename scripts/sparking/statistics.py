"""Statistics as Spark SQL: tables of `stsurvey stats`, with its names of columns and labels.

Left out is what needs more than the records: tables and columns by provider (the catalogue), by
network (`--asn-file`), and by columns of a list (`--by`, `--weight`). Hosts count once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

VERDICTS = ("protected_dane", "protected_sts", "partial", "refused", "testing_ok",
            "testing_would_fail", "opportunistic", "no_mail", "unknown")
SENDERS = ("rfc", "postfix_legacy_tlspol", "postfix_legacy_mta_sts_resolver", "postfix_tlspol",
           "postfix_mta_sts_resolver", "mox", "exim", "stalwart", "kumomta")
HOST_DANE = ("ok", "failed", "unusable", "none", "insecure", "tempfail", "unreached", "unknown",
             "not_asked")

# What tables of domains count: a row for each record of a domain.
FACTS = """
WITH seen AS (
    SELECT *, coalesce(sts_record_status = 'ok' AND policy_status = 'ok', false) AS policy_used,
        array_compact(transform(mx, x -> x.certificate_status)) AS shown,
        filter(mx, x -> x.policy_match = 'none') AS unmatched FROM domain)
SELECT index, domain, rank, verdict, verdict_reason, postfix_verdict, verdicts, depends_on_sender,
    first_failure, tlsrpt_result, mx_status, policy_status, sts_record_status, policy_fetch_status,
    sts_max_age, tlsrpt_status, dane_status, findings, try_element_at(mx, 1) AS first,
    status = 'scanned' AS scanned, policy_used AS policy,
    CASE WHEN policy_used THEN sts_mode END AS mode,
    coalesce(policy_used AND sts_mode = 'enforce', false) AS enforce,
    coalesce(mx_status IN ('has_mx', 'implicit', 'null_mx_plus'), false) AS mail,
    coalesce(sts_record_status NOT IN ('absent', 'unrelated', 'servfail', 'refused', 'timeout',
        'unreachable', 'dns_error'), false) AS record,
    coalesce(verdict IN ('protected_sts', 'protected_dane'), false) AS protected,
    array_distinct(filter(shown, x -> x <> 'ok')) AS bad,
    coalesce(exists(shown, x -> x <> 'ok'), false) AS is_bad,
    coalesce(size(shown) > 0 AND NOT array_contains(shown, 'ok'), false) AS all_bad,
    coalesce(size(unmatched) > 0, false) AS is_unmatched,
    coalesce(policy_used AND size(unmatched) > 0, false) AS is_missed,
    coalesce(policy_used AND size(unmatched) > 0 AND size(unmatched) = size(mx), false)
        AS all_missed,
    CASE WHEN policy_used
        THEN array_distinct(array_compact(transform(unmatched, x -> x.near_miss))) END AS misses,
    coalesce(exists(mx, x -> x.host LIKE '%.mail.protection.outlook.com'), false) AS has_outlook,
    coalesce(exists(mx, x -> x.host LIKE '%.mx.microsoft'), false) AS has_microsoft
FROM seen
"""

# Of each host the session that counts: the first of the best of those that bore its own name.
TRAITS = """
WITH session AS (
    SELECT host, observation, place, s FROM host LATERAL VIEW posexplode(sessions) AS place, s),
ranked AS (
    SELECT host, observation, s, row_number() OVER (
        PARTITION BY host, observation ORDER BY CASE
            WHEN s.status = 'not_probed' THEN 6 WHEN s.status = 'not_contacted' THEN 5
            WHEN s.status = 'blocked' THEN 4
            WHEN s.status = 'ok' AND size(s.certificate.errors) = 0 THEN 0
            WHEN s.status = 'ok' THEN 1
            WHEN s.status IN ('starttls_not_offered', 'starttls_stripped', 'starttls_2xx',
                'starttls_5xx', 'tls_alert', 'tls_closed', 'tls_protocol', 'tls_old_version')
            THEN 2 ELSE 3 END, place) AS nth
    FROM session WHERE s.server_name IS NULL OR s.server_name = host),
best AS (SELECT * FROM ranked WHERE nth = 1)
SELECT h.host, h.observation, h.status, h.tls_version, h.requiretls, h.certificate_errors,
    h.dane_failure, h.observed_at, b.s.tls_group AS tls_group, b.s.certificate AS certificate,
    CAST((unix_timestamp(b.s.certificate.not_after) - unix_timestamp(b.s.certificate.not_before)
        + 1) / 86400 AS BIGINT) AS days,
    floor(try_divide(
        (unix_timestamp(b.s.certificate.not_after) - unix_timestamp(h.observed_at) + 1) * 100,
        unix_timestamp(b.s.certificate.not_after) - unix_timestamp(b.s.certificate.not_before)
        + 1)) AS percent
FROM host h LEFT JOIN best b ON b.host = h.host AND b.observation = h.observation
"""

OF_MAIL = {
    "records": "record", "policies": "policy", "enforce": "enforce", "testing": "mode = 'testing'",
    "none": "mode = 'none'", "protected_sts": "verdict = 'protected_sts'",
    "protected_dane": "verdict = 'protected_dane'", "partial": "verdict = 'partial'",
    "refused": "verdict = 'refused'", "testing_would_fail": "verdict = 'testing_would_fail'",
    "bad_certificate": "record AND is_bad", "all_bad_certificates": "record AND all_bad",
    "enforce_bad_certificate": "enforce AND is_bad", "mismatch": "is_missed",
    "all_mismatch": "all_missed", "enforce_mismatch": "enforce AND is_missed",
    "tlsrpt": "tlsrpt_status = 'ok'", "dane": "dane_status IN ('ok', 'partial', 'failed')",
}
# All but the first are of domains that take mail.
ADOPTION = {"domains": "true", "mail": "mail"} | {
    column: f"mail AND ({when})" for column, when in OF_MAIL.items()}
MODES = {mode: f"mode = '{mode}'" for mode in ("enforce", "testing", "none")}
WITH_RECORD = {"domains": "true", "with_record": "record"}
WITH_POLICY = WITH_RECORD | {"with_policy": "policy"}
ENFORCED = WITH_RECORD | {"enforce": "enforce"}
TLD = "regexp_extract(domain, '[^.]+$', 0)"
RANK = """CASE WHEN rank IS NULL THEN 'unranked' WHEN rank <= 1000 THEN '1-1000'
    WHEN rank <= 10000 THEN '1001-10000' WHEN rank <= 100000 THEN '10001-100000'
    WHEN rank <= 1000000 THEN '100001-1000000' ELSE '1000001-' END"""
# A row for each range from the first rank on that a domain is in, as far as ranks go.
CUMULATIVE = """(SELECT f.*, r.ranks FROM facts f
    CROSS JOIN (SELECT max(rank) AS last_rank FROM facts WHERE scanned)
    JOIN (VALUES (1000L, 0L, '1-1000'), (10000L, 1000L, '1-10000'), (100000L, 10000L, '1-100000'),
        (1000000L, 100000L, '1-1000000'), (9223372036854775807L, 1000000L, '1-'))
        AS r(last, before, ranks)
    ON f.rank <= r.last WHERE f.scanned AND last_rank > r.before)"""
AGE = """CASE WHEN sts_max_age <= 0 THEN '0' WHEN sts_max_age < 86400 THEN '1-86399'
    WHEN sts_max_age < 604800 THEN '86400-604799' WHEN sts_max_age < 1209600 THEN '604800-1209599'
    WHEN sts_max_age < 2592000 THEN '1209600-2591999'
    WHEN sts_max_age < 10886400 THEN '2592000-10886399'
    WHEN sts_max_age < 31536000 THEN '10886400-31535999' ELSE '31536000-31557600' END"""
LAYER = """CASE WHEN policy_fetch_status = 'ok'
        THEN CASE WHEN policy_status = 'ok' THEN 'ok' ELSE 'syntax' END
    WHEN policy_fetch_status = 'too_large' THEN 'http'
    WHEN policy_fetch_status IN ('not_contacted', 'blocked') THEN 'not_contacted'
    ELSE split_part(policy_fetch_status, '_', 1) END"""
# Stages of the funnel: what each is a part of, and when a record counts.
FUNNEL = {
    "lines": ("", "true"), "scanned": ("lines", "scanned"),
    "answered": ("scanned", "mx_status NOT IN ('servfail', 'refused', 'timeout', 'unreachable',"
                            " 'dns_error')"),
    "has_mail": ("answered", "mail"), "has_record": ("has_mail", "mail AND record"),
    "record_valid": ("has_record", "mail AND sts_record_status = 'ok'"),
    "has_policy": ("record_valid", "mail AND policy"),
    "enforce": ("has_policy", "mail AND enforce"),
    "testing": ("has_policy", "mail AND mode = 'testing'"),
    "none": ("has_policy", "mail AND mode = 'none'"),
    "enforce_protected": ("enforce", "mail AND enforce AND protected"),
    "verdict_known": ("scanned", "verdict <> 'unknown'"),
    "protected": ("verdict_known", "protected"),
    "policy_unused": ("has_record", "mail AND policy_status = 'ok' AND sts_record_status <> 'ok'"),
    "record_without_mail": ("scanned", "record AND NOT mail"),
}
# Parts that are misconfigured: when, and the layer of the first failure that is of the part.
PARTS = {
    "record": ("sts_record_status <> 'ok'", "record"),
    "policy_retrieval": ("policy_fetch_status <> 'ok'", "policy_fetch"),
    "policy_syntax": ("policy_status <> 'ok'", "policy"),
    "mx_certificate": ("is_bad", "certificate"), "mx_mismatch": ("is_unmatched", "mx_match"),
}
SHOWN = "certificate IS NOT NULL"
# Whole days from the first to the last second, both of which count.
LIFETIME = """CASE WHEN days < 0 THEN 'below 0' WHEN days <= 7 THEN '0-7'
    WHEN days <= 47 THEN '8-47' WHEN days <= 90 THEN '48-90' WHEN days <= 100 THEN '91-100'
    WHEN days <= 200 THEN '101-200' WHEN days <= 398 THEN '201-398' ELSE '399-' END"""
LEFT = """CASE WHEN observed_at > certificate.not_after THEN 'expired'
    WHEN observed_at < certificate.not_before THEN 'not_yet_valid' WHEN percent < 10 THEN '0-9'
    WHEN percent < 33 THEN '10-32' WHEN percent < 67 THEN '33-66' ELSE '67-100' END"""
ISSUER = ("CASE WHEN array_contains(certificate_errors, 'self_signed') THEN '(self-signed)'"
          " ELSE coalesce(nullif(certificate.{}, ''), '(none)') END")
# The host that a sender tries first, by the observation that the domain's record refers to.
FIRST_HOSTS = """(SELECT t.*, f.mail, f.record, f.enforce FROM traits t
    JOIN facts f ON t.host = f.first.host AND t.observation = f.first.observation)"""
MICROSOFT = """CASE WHEN has_outlook AND has_microsoft THEN 'both' WHEN has_outlook THEN 'old'
    WHEN has_microsoft THEN 'new' END"""


@dataclass(frozen=True)
class Part:
    """Rows of a table: their labels, what is counted for each, and of which rows of a view."""

    labels: dict[str, str]
    counts: dict[str, str]
    where: str = "true"
    source: str = "facts"

    def query(self, columns: Sequence[str]) -> str:
        """The part with all columns of its table."""
        listed = ", ".join(
            [f"{label} AS {name}" for name, label in self.labels.items()]
            + [f"{self.counts.get(name, '0')} AS {name}" for name in columns])
        # By their places: GROUP BY ALL takes a column that is called so for it.
        places = ", ".join(str(place + 1) for place in range(len(self.labels)))
        return f"SELECT {listed} FROM {self.source} WHERE {self.where} GROUP BY {places}"


def table_query(parts: Sequence[Part]) -> str:
    """The query of a table: rows of several parts that have the same labels are one."""
    columns = list(dict.fromkeys(name for part in parts for name in part.counts))
    labels = ", ".join(parts[0].labels)
    sums = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in columns)
    union = " UNION ALL ".join(part.query(columns) for part in parts)
    return (f"SELECT {labels}, {sums} FROM ({union}) GROUP BY {labels}"
            f" ORDER BY {columns[0]} DESC, {labels}")


def _by(
    labels: dict[str, str], columns: dict[str, str], where: str = "true", source: str = "facts",
) -> Part:
    counts = {name: f"count_if({when})" for name, when in columns.items()}
    return Part(labels, counts, where, source)


def _funnel() -> list[Part]:
    return [_by({"stage": f"'{stage}'", "of": f"'{of}'"},
                {"domains": when, "of_domains": FUNNEL[of or stage][1]})
            for stage, (of, when) in FUNNEL.items()]


def _senders() -> list[Part]:
    return [_by({"sender": f"'{sender}'"},
                {"protected": f"verdicts.{sender} IN ('protected_dane', 'protected_sts')"}
                | {verdict: f"verdicts.{sender} = '{verdict}'" for verdict in VERDICTS},
                "verdicts IS NOT NULL") for sender in SENDERS]


def _misconfigurations() -> list[Part]:
    every = " OR ".join(f"coalesce({when}, false)" for when, _ in PARTS.values())
    parts = {part: (when, f"first_failure LIKE '{layer}.%'")
             for part, (when, layer) in PARTS.items()} | {
        "any": (every, "first_failure IS NOT NULL")}
    return [_by({"part": f"'{part}'"},
                {"domains": "true", "first": first, "enforce": "enforce",
                 "refused": "verdict = 'refused'"}, f"record AND ({when})")
            for part, (when, first) in parts.items()]


def _each(label: str, words: str, columns: dict[str, str], where: str) -> list[Part]:
    """A row for each word of a list, and one for any of them."""
    source = f"(SELECT *, explode({words}) AS word FROM facts)"
    return [_by({label: "word"}, columns, "true", source), _by({label: "'any'"}, columns, where)]


def _trait(labels: dict[str, str], where: str = "true") -> list[Part]:
    """Hosts by a trait, and the domains whose mail goes to such a host first."""
    return [_by(labels, {"hosts": "true"}, where, "traits"),
            _by(labels, ENFORCED, f"mail AND {where}", FIRST_HOSTS)]


TABLES: dict[str, list[Part]] = {
    "funnel": _funnel(),
    "verdicts": [_by({"verdict": "verdict"}, {"domains": "true"}, "verdict IS NOT NULL"),
                 _by({"verdict": "postfix_verdict"}, {"from_postfix": "true"},
                     "postfix_verdict IS NOT NULL")],
    "reasons": [_by({"verdict": "verdict", "reason": "verdict_reason"}, {"domains": "true"},
                    "verdict IS NOT NULL")],
    "senders": [_by({"verdict": "verdict", "postfix_verdict": "postfix_verdict"},
                    {"domains": "true"}, "depends_on_sender")],
    "sender_verdicts": _senders(),
    "modes": [_by({"mode": "mode"}, {"domains": "true"} | {
        verdict: f"verdict = '{verdict}'" for verdict in VERDICTS}, "mode IS NOT NULL")],
    "tlds": [_by({"tld": TLD}, ADOPTION, "scanned")],
    "ranks": [_by({"rank": RANK}, ADOPTION, "scanned")],
    "ranks_cumulative": [_by({"ranks": "ranks"}, ADOPTION, "true", CUMULATIVE)],
    "tld_ranks": [_by({"tld": TLD, "rank": RANK}, ADOPTION, "scanned AND rank IS NOT NULL")],
    "max_age": [_by({"max_age": AGE}, {"domains": "true"} | MODES, "mode IS NOT NULL")],
    "max_age_values": [_by({"max_age": "CAST(sts_max_age AS STRING)"},
                           {"domains": "true"} | MODES, "mode IS NOT NULL")],
    "first_failures": [_by({"first_failure": "first_failure"}, ENFORCED,
                           "first_failure IS NOT NULL")],
    "misconfigurations": _misconfigurations(),
    "records": [_by({"sts_record_status": "sts_record_status"},
                    {"domains": "true", "with_mail": "mail"}, "scanned")],
    "policy_errors": [_by(
        {"layer": LAYER, "reason": "CASE WHEN policy_fetch_status = 'ok' THEN policy_status"
                                   " ELSE policy_fetch_status END"},
        {"domains": "true"}, "record AND policy_status IS DISTINCT FROM 'ok'")],
    "policy_layers": [_by({"layer": LAYER}, {"domains": "true"}, "record"),
                      _by({"layer": "'records'"}, {"domains": "true"}, "record")],
    "mx_certificates": _each("error", "bad", WITH_RECORD | {
        "all": "record AND all_bad", "partial": "record AND NOT all_bad",
        "enforce_all": "enforce AND all_bad", "enforce_partial": "enforce AND NOT all_bad",
    }, "is_bad"),
    "mx_mismatches": _each("near_miss", "misses", {
        "domains": "true", "all": "all_missed", "partial": "NOT all_missed", "enforce": "enforce",
        "testing": "mode = 'testing'"}, "is_missed"),
    "dane": [_by({"dane_status": "dane_status"}, WITH_POLICY | {
        "protected_dane": "verdict = 'protected_dane'"}, "mail AND dane_status IS NOT NULL")],
    "tlsrpt": [_by({"tlsrpt_status": "tlsrpt_status"}, WITH_POLICY, "scanned")],
    "tlsrpt_results": [_by({"tlsrpt_result": "tlsrpt_result"}, ENFORCED,
                           "tlsrpt_result IS NOT NULL")],
    "findings": [Part({"layer": "x.layer", "code": "x.code", "severity": "x.severity"},
                      {"domains": "count(DISTINCT index)"},
                      source="(SELECT index, explode(findings) AS x FROM facts)")],
    "hosts": [_by({"status": "status"}, {"hosts": "true"}, "true", "host")],
    "host_certificates": [
        _by({"certificate_status": "certificate_status"}, {"hosts": "true"},
            "certificate_status IS NOT NULL", "host"),
        _by({"certificate_status": "error"}, {"with_error": "true"}, "true",
            "(SELECT explode(certificate_errors) AS error FROM host)")],
    "host_tls": [_by({"tls_version": "coalesce(tls_version, '(none)')"}, {"hosts": "true"} | {
        f"dane_{word}": f"dane_status = '{word}'" for word in HOST_DANE}, "true", "host")],
    "host_versions": _trait({"tls_version": "coalesce(tls_version, CASE WHEN status ="
                             " 'tls_old_version' THEN 'TLSv1.1 or older' ELSE '(none)' END)"}),
    "host_groups": _trait({"tls_group": "coalesce(tls_group, '(none)')"}),
    "host_requiretls": _trait({"requiretls": "coalesce(CAST(requiretls AS STRING), '(none)')"}),
    "host_keys": _trait({"key_type": "certificate.key_type",
                         "key_bits": "CAST(certificate.key_bits AS STRING)"}, SHOWN),
    "host_lifetimes": _trait({"lifetime_days": LIFETIME}, SHOWN),
    "host_lifetime_left": _trait({"percent_left": LEFT}, SHOWN),
    "host_dane_failures": _trait({"dane_failure": "dane_failure"}, "dane_failure IS NOT NULL"),
    "host_issuers": _trait({"issuer_organization": ISSUER.format("issuer_organization")}, SHOWN),
    "host_authorities": _trait({"issuer_organization": ISSUER.format("issuer_organization"),
                                "issuer": ISSUER.format("issuer")}, SHOWN),
    "microsoft_mx": [_by({"mx_names": MICROSOFT}, {
        "domains": "true", "mx_secure": "dane_status IN ('none', 'ok', 'partial', 'failed',"
        " 'unusable', 'tempfail')", "dane": OF_MAIL["dane"], "records": "record",
        "policies": "policy", "enforce": "enforce", "mismatch": "is_missed",
        "protected_dane": "verdict = 'protected_dane'",
        "protected_sts": "verdict = 'protected_sts'", "refused": "verdict = 'refused'",
    }, "mail AND (has_outlook OR has_microsoft)")],
}


def count(session: Any) -> dict[str, list[dict[str, Any]]]:
    """The tables of the views `domain` and `host`."""
    views = {"facts": session.sql(FACTS).cache(), "traits": session.sql(TRAITS).cache()}
    for name, view in views.items():
        view.createOrReplaceTempView(name)
    tables = {name: [row.asDict() for row in session.sql(table_query(parts)).collect()]
              for name, parts in TABLES.items()}
    for view in views.values():
        view.unpersist()
    return tables
