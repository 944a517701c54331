"""A query, or some that add up, for each table of `stats`; columns bear the names it gives them.

Texts are labels, numbers are counts. `f` has a row for each record, `m` and `p` the operators.
"""

from __future__ import annotations

OF_MAIL = {
    "records": "record", "policies": "policy",
    "enforce": "enforce", "testing": "mode = 'testing'", "none": "mode = 'none'",
    "protected_sts": "verdict = 'protected_sts'", "protected_dane": "verdict = 'protected_dane'",
    "partial": "verdict = 'partial'", "refused": "verdict = 'refused'",
    "testing_would_fail": "verdict = 'testing_would_fail'", "bad_certificate": "record AND is_bad",
    "all_bad_certificates": "record AND all_bad", "enforce_bad_certificate": "enforce AND is_bad",
    "mismatch": "is_missed", "all_mismatch": "all_missed",
    "enforce_mismatch": "enforce AND is_missed", "tlsrpt": "tlsrpt_status = 'ok'",
    "dane": "dane_status IN ('ok', 'partial', 'failed')",
}
# All but the first are of domains that take mail.
ADOPTION = {"domains": "true", "mail": "mail"} | {
    column: f"mail AND ({when})" for column, when in OF_MAIL.items()}
VERDICTS = ("protected_dane", "protected_sts", "partial", "refused", "testing_ok",
            "testing_would_fail", "opportunistic", "no_mail", "unknown")
SENDERS = ("rfc", "postfix_legacy_tlspol", "postfix_legacy_mta_sts_resolver", "postfix_tlspol",
           "postfix_mta_sts_resolver", "mox", "exim", "stalwart", "kumomta")
CLASSES = ("third_party", "self", "unclear", "none")
HOST_DANE = ("ok", "failed", "unusable", "none", "insecure", "tempfail", "unreached", "unknown",
             "not_asked")
MODES = {mode: f"mode = '{mode}'" for mode in ("enforce", "testing", "none")}
RANK = """CASE WHEN rank IS NULL THEN 'unranked' WHEN rank <= 1000 THEN '1-1000'
    WHEN rank <= 10000 THEN '1001-10000' WHEN rank <= 100000 THEN '10001-100000'
    WHEN rank <= 1000000 THEN '100001-1000000' ELSE '1000001-' END"""
# Each domain once for each range from the first rank that it is in, as far as ranks go.
CUMULATIVE = """(SELECT f.*, r.ranks FROM f JOIN (VALUES (1000, 0, '1-1000'),
    (10000, 1000, '1-10000'), (100000, 10000, '1-100000'), (1000000, 100000, '1-1000000'),
    (9223372036854775807, 1000000, '1-')) AS r(last, before, ranks)
    ON scanned AND rank <= r.last AND (SELECT max(rank) FROM f WHERE scanned) > r.before)"""
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
    "answered": ("scanned", "mx_status NOT IN ('servfail', 'refused', 'timeout', 'unreachable', "
                            "'dns_error')"),
    "has_mail": ("answered", "mail"), "has_record": ("has_mail", "mail AND record"),
    "record_valid": ("has_record", "mail AND sts_record_status = 'ok'"),
    "has_policy": ("record_valid", "mail AND policy"),
    "enforce": ("has_policy", "mail AND enforce"),
    "testing": ("has_policy", "mail AND mode = 'testing'"),
    "none": ("has_policy", "mail AND mode = 'none'"),
    "enforce_protected": ("enforce", "mail AND enforce AND protected"),
    "verdict_known": ("scanned", "verdict <> 'unknown'"),
    "protected": ("verdict_known", "protected"),
    "policy_unused": ("has_record", "mail AND policy_status = 'ok' "
                                    "AND sts_record_status <> 'ok'"),
    "record_without_mail": ("scanned", "record AND NOT mail"),
}
PARTS = {
    "record": ("sts_record_status <> 'ok'", "record"),
    "policy_retrieval": ("policy_fetch_status <> 'ok'", "policy_fetch"),
    "policy_syntax": ("policy_status <> 'ok'", "policy"),
    "mx_certificate": ("is_bad", "certificate"), "mx_mismatch": ("is_unmatched", "mx_match"),
}


def _counts(columns: dict[str, str]) -> str:
    return ", ".join(f'count(*) FILTER ({when}) AS "{name}"' for name, when in columns.items())


def _by(labels: str, columns: dict[str, str], where: str = "true", source: str = "f") -> str:
    keys = ", ".join(str(column + 1) for column in range(labels.count("|") + 1))
    listed = labels.replace("|", ",")
    return f"SELECT {listed}, {_counts(columns)} FROM {source} WHERE {where} GROUP BY {keys}"


def _funnel() -> list[str]:
    def count(stage: str) -> str:
        return f"(SELECT count(*) FROM f WHERE {FUNNEL[stage][1]})"
    return [f"SELECT '{stage}', '{of}', {count(stage)} AS domains, "
            f"{count(of or stage)} AS of_domains" for stage, (of, _) in FUNNEL.items()]


def _senders() -> list[str]:
    """A row for each sender: how many domains have which verdict from it."""
    def columns(key: str) -> dict[str, str]:
        return {"protected": f"{key} IN ('protected_dane', 'protected_sts')"} | {
            verdict: f"{key} = '{verdict}'" for verdict in VERDICTS}
    return [_by(f"'{sender}'", columns(f"verdicts.{sender}"), "verdicts IS NOT NULL")
            for sender in SENDERS]


def _misconfigurations() -> list[str]:
    every = " OR ".join(f"coalesce({when}, false)" for when, _ in PARTS.values())
    parts = {part: (when, f"first_failure LIKE '{layer}.%'") for part, (when, layer)
             in PARTS.items()} | {"any": (every, "first_failure IS NOT NULL")}
    return [_by(f"'{part}'", {"domains": "true", "first": first, "enforce": "enforce",
                              "refused": "verdict = 'refused'"}, f"record AND ({when})")
            for part, (when, first) in parts.items()]


def _each(expression: str, columns: dict[str, str], where: str) -> list[str]:
    """A row for each word of a list, and one for `any`."""
    source = f"(SELECT *, unnest({expression}) AS word FROM f)"
    return [_by("word", columns, "true", source), _by("'any'", columns, where)]


RECORD_COLUMNS = {"domains": "true", "with_record": "record", "with_policy": "policy"}
ENFORCE_COLUMNS = {"domains": "true", "with_record": "record", "enforce": "enforce"}
WITH_MX, WITH_POLICY = "f JOIN m USING (index)", "f JOIN p USING (index)"
BY_CLASS = {"domains": "true"} | {name: f"class = '{name}'" for name in CLASSES}
LAYERS = ("ok", "dns", "tcp", "tls", "http", "syntax", "not_contacted")
PAIRS = """(SELECT f.*, CASE WHEN m.class = 'third_party' AND p.class = 'third_party' THEN
        CASE WHEN (m.provider, m.kind) = (p.provider, p.kind) OR EXISTS (
            FROM brand one JOIN brand two ON one.brand = two.brand
            WHERE (one.provider, one.kind) = (m.provider, m.kind)
            AND (two.provider, two.kind) = (p.provider, p.kind)) THEN 'same' ELSE 'different' END
    WHEN m.class = 'self' AND p.class = 'third_party' THEN 'mx_self'
    WHEN m.class = 'third_party' AND p.class = 'self' THEN 'policy_self'
    WHEN m.class = 'self' AND p.class = 'self' THEN 'both_self' ELSE 'unclear' END AS pair
    FROM f JOIN m USING (index) JOIN p USING (index) WHERE record AND mail)"""

RECORDS_ONLY = _by("provider| kind| class", {
    "records": "record", "domains": "true", "policies": "policy"}, "true", WITH_MX)

# Sums are whole where all weights are, and else in millionths.
UNIT = ("(SELECT CASE WHEN bool_or(weight <> trunc(weight)) THEN 1000000 ELSE 1 END "
        "FROM f WHERE scanned)")


def _sum(when: str) -> str:
    return (f"(coalesce(sum(weight) FILTER ({when}), 0)::DECIMAL(38, 6) * any_value(unit)"
            ")::HUGEINT")


def _weights() -> list[str]:
    """A row for each column of adoption, by weight and by domain, and what is unknown."""
    source = f"(SELECT *, {UNIT} AS unit FROM f WHERE scanned)"
    whole = {"domains": ("domains", "true"), "mail": ("domains", "true")}
    found = []
    for column, when in ADOPTION.items():
        of, of_when = whole.get(column, ("mail", "mail"))
        found.append(
            f"SELECT '{column}', '{of}', {_sum(when)} AS weight, {_sum(of_when)} AS of_weight, "
            f"count(*) FILTER ({when}) AS domains, count(*) FILTER ({of_when}) AS of_domains "
            f"FROM {source}")
    found.append(f"SELECT 'weight_unknown', 'domains', 0 AS weight, {_sum('true')} AS of_weight, "
                 f"count(*) FILTER (weight IS NULL) AS domains, count(*) AS of_domains "
                 f"FROM {source}")
    return found


def _group_weights() -> str:
    sums = ", ".join(f'{_sum(when)} AS "{name}"' for name, when in ADOPTION.items())
    return (f'SELECT "group", {sums} FROM (SELECT *, {UNIT} AS unit FROM f WHERE scanned) '
            "WHERE weight IS NOT NULL GROUP BY 1")


SHOWN = "certificate IS NOT NULL"
# Whole days from the first to the last second, both of which count.
LIFETIME = """CASE WHEN days < 0 THEN 'below 0' WHEN days <= 7 THEN '0-7'
    WHEN days <= 47 THEN '8-47' WHEN days <= 90 THEN '48-90' WHEN days <= 100 THEN '91-100'
    WHEN days <= 200 THEN '101-200' WHEN days <= 398 THEN '201-398' ELSE '399-' END"""
LEFT = """CASE WHEN observed_at > certificate.not_after THEN 'expired'
    WHEN observed_at < certificate.not_before THEN 'not_yet_valid' WHEN part < 10 THEN '0-9'
    WHEN part < 33 THEN '10-32' WHEN part < 67 THEN '33-66' ELSE '67-100' END"""
ISSUER = "CASE WHEN list_contains(certificate_errors, 'self_signed') THEN '(self-signed)' " \
    "ELSE coalesce(nullif(certificate.{}, ''), '(none)') END"
# The host that a domain's mail goes to first, by the observation that its record refers to.
FIRST_HOSTS = "t JOIN f ON t.host = f.first.host AND t.observation = f.first.observation"


def _trait(labels: str, where: str = "true") -> list[str]:
    """Hosts by a trait, and the domains whose mail goes to such a host first."""
    return [_by(labels, {"hosts": "true"}, where, "t"),
            _by(labels, {"domains": "true", "with_record": "record", "enforce": "enforce"},
                f"mail AND {where}", FIRST_HOSTS)]


# Where addresses are: a row for each AS or country of a host, of a domain's hosts, and of a policy.
SYSTEMS = "list_filter(flatten(list_transform({}, x -> list_prepend(x.asn, x.other_asns))), " \
    "s -> s IS NOT NULL)"
COUNTRIES = "list_filter(list_transform({}, x -> x.as_country), c -> c IS NOT NULL)"
TAKES_MAIL = "mx_status IN ('has_mx', 'implicit', 'null_mx_plus')"


def _places(expression: str, names: str) -> list[str]:
    """Hosts, domains that take mail, and policies by the places of their addresses."""
    located = ("EXISTS (FROM h WHERE networks IS NOT NULL) "
               "OR EXISTS (FROM d WHERE policy.networks IS NOT NULL)")
    each = "unnest(CASE WHEN len(l) = 0 THEN ['(unknown)'] ELSE list_distinct(l) END) AS place"

    def counted(column: str, source: str) -> str:
        return (f"SELECT place, {names} AS name, count(*) AS {column} FROM (SELECT {each} "
                f"FROM ({source})) WHERE {located} GROUP BY place")

    places = f"coalesce({expression}::VARCHAR[], [])"
    of_hosts = (
        f"SELECT host, flatten(list({places.format('networks')})) AS l FROM h GROUP BY host")
    of_domains = (
        "SELECT flatten(list(coalesce(o.l, []))) AS l FROM "
        f"(SELECT index, unnest(CASE WHEN len(mx) = 0 THEN [NULL] ELSE list_transform(mx, x -> "
        f"x.host) END) AS host FROM d WHERE {TAKES_MAIL}) m LEFT JOIN ({of_hosts}) o "
        "ON o.host = m.host GROUP BY index")
    return [
        counted("hosts", f"SELECT {places.format('networks')} AS l FROM h"),
        counted("domains", of_domains),
        counted("policy_domains", f"SELECT {places.format('policy.networks')} AS l FROM d "
                "WHERE policy IS NOT NULL"),
    ]


# Of several names of an AS the first in order.
NAMES = """coalesce((SELECT min(n.as_name) FROM (SELECT unnest(networks) AS n FROM h
    UNION ALL SELECT unnest(policy.networks) FROM d) WHERE n.asn::VARCHAR = place), '')"""

TABLES: dict[str, list[str]] = {
    "funnel": _funnel(),
    "verdicts": [_by("verdict", {"domains": "true"}, "scanned"),
                 _by("postfix_verdict", {"from_postfix": "true"}, "scanned")],
    "reasons": [_by("verdict|verdict_reason", {"domains": "true"}, "scanned")],
    "senders": [_by("verdict|postfix_verdict", {"domains": "true"}, "depends_on_sender")],
    "sender_verdicts": _senders(),
    "modes": [_by("mode", {"domains": "true"} | {v: f"verdict = '{v}'" for v in VERDICTS},
                  "mode IS NOT NULL")],
    "tlds": [_by("regexp_extract(domain, '[^.]+$')", ADOPTION, "scanned")],
    "ranks": [_by(RANK, ADOPTION, "scanned")],
    "ranks_cumulative": [_by("ranks", ADOPTION, "true", CUMULATIVE)],
    "tld_ranks": [_by(f"regexp_extract(domain, '[^.]+$')| {RANK}", ADOPTION,
                      "scanned AND rank IS NOT NULL")],
    "mx_providers": [_by("provider| kind| class", ADOPTION, "true", WITH_MX)],
    "mx_classes": [_by("class", ADOPTION, "true", WITH_MX)],
    "policy_providers": [_by(
        "provider| kind| class", {"domains": "true"} | MODES
        | {layer: f"{LAYER} = '{layer}'" for layer in LAYERS}
        | {"all_mismatch": "all_missed", "refused": "verdict = 'refused'"}, "record", WITH_POLICY)],
    "same_provider": [_by("pair", {
        "domains": "true", "policies": "policy", "mismatch": "is_missed",
        "all_mismatch": "all_missed", "bad_certificate": "is_bad",
        "refused": "verdict = 'refused'"}, "true", PAIRS)],
    "residue": [_by("provider| kind", {
        "domains": "true", "record_gone": "NOT record",
        "host_gone": "policy_fetch_status IN ('dns_nxdomain', 'dns_nodata') AND record",
        "certificate": "policy_fetch_status LIKE 'tls_%' AND record",
        "not_found": "policy_fetch_status = 'http_404' AND record",
        "empty": "policy_status = 'empty' AND record", "mode_none": "mode = 'none' AND record",
        "all_mismatch": "all_missed AND record"}, "class = 'third_party'", WITH_POLICY)],
    "record_only": [f"SELECT * EXCLUDE policies FROM ({RECORDS_ONLY}) WHERE records > 0 "
                    "AND policies = 0 AND kind NOT IN ('self', 'none')"],
    "max_age": [_by(AGE, {"domains": "true"} | MODES, "mode IS NOT NULL")],
    "max_age_values": [_by("sts_max_age::VARCHAR", {"domains": "true"} | MODES,
                           "mode IS NOT NULL")],
    "first_failures": [_by("first_failure", ENFORCE_COLUMNS, "first_failure IS NOT NULL")],
    "misconfigurations": _misconfigurations(),
    "records": [_by("sts_record_status", {"domains": "true", "with_mail": "mail"}, "scanned")],
    "policy_errors": [_by(
        f"{LAYER}| CASE WHEN policy_fetch_status = 'ok' THEN policy_status "
        "ELSE policy_fetch_status END", BY_CLASS,
        "record AND policy_status IS DISTINCT FROM 'ok'", WITH_POLICY)],
    "policy_layers": [_by(LAYER, BY_CLASS, "record", WITH_POLICY),
                      _by("'records'", BY_CLASS, "record", WITH_POLICY)],
    "mx_certificates": _each("bad", {
        "domains": "true", "with_record": "record", "all": "record AND all_bad",
        "partial": "record AND NOT all_bad", "enforce_all": "enforce AND all_bad",
        "enforce_partial": "enforce AND NOT all_bad"}, "is_bad"),
    "mx_mismatches": _each("misses", {
        "domains": "true", "all": "all_missed", "partial": "NOT all_missed", "enforce": "enforce",
        "testing": "mode = 'testing'"}, "is_missed"),
    "dane": [_by("dane_status", RECORD_COLUMNS | {"protected_dane": "verdict = 'protected_dane'"},
                 "mail AND dane_status IS NOT NULL")],
    "tlsrpt": [_by("tlsrpt_status", RECORD_COLUMNS, "scanned")],
    "tlsrpt_results": [_by("tlsrpt_result", ENFORCE_COLUMNS, "tlsrpt_result IS NOT NULL")],
    "findings": ["SELECT x.layer, x.code, x.severity, count(DISTINCT index) AS domains "
                 "FROM (SELECT index, unnest(findings) AS x FROM f) GROUP BY 1, 2, 3"],
    "hosts": [_by("status", {"hosts": "true"}, "true", "h")],
    "host_certificates": [
        _by("certificate_status", {"hosts": "true"}, "certificate_status IS NOT NULL", "h"),
        _by("error", {"with_error": "true"}, "true",
            "(SELECT unnest(certificate_errors) AS error FROM h)")],
    "host_tls": [_by("coalesce(tls_version, '(none)')", {"hosts": "true"} | {
        f"dane_{word}": f"dane_status = '{word}'" for word in HOST_DANE}, "true", "h")],
    "groups": [_by('"group"', ADOPTION, "scanned")],
    "weights": _weights(),
    "group_weights": [_group_weights()],
    "host_requiretls": _trait("coalesce(requiretls::VARCHAR, '(none)')"),
    "host_versions": _trait("coalesce(tls_version, CASE WHEN status = 'tls_old_version' "
                            "THEN 'TLSv1.1 or older' ELSE '(none)' END)"),
    "host_groups": _trait("coalesce(tls_group, '(none)')"),
    "host_keys": _trait("certificate.key_type| certificate.key_bits::VARCHAR", SHOWN),
    "host_lifetimes": _trait(LIFETIME, SHOWN),
    "host_lifetime_left": _trait(LEFT, SHOWN),
    "host_dane_failures": _trait("dane_failure", "dane_failure IS NOT NULL"),
    "host_issuers": _trait(f"{ISSUER.format('issuer_organization')}", SHOWN),
    "host_authorities": _trait(
        f"{ISSUER.format('issuer_organization')}| {ISSUER.format('issuer')}", SHOWN),
    "microsoft_mx": [_by("microsoft", {
        "domains": "true", "mx_secure": "dane_status IN ('none', 'ok', 'partial', 'failed', "
        "'unusable', 'tempfail')", "dane": ADOPTION["dane"], "records": "record",
        "policies": "policy", "enforce": "enforce", "mismatch": "is_missed",
        "protected_dane": "verdict = 'protected_dane'",
        "protected_sts": "verdict = 'protected_sts'", "refused": "verdict = 'refused'"},
        "mail AND microsoft IS NOT NULL")],
    "networks": _places(SYSTEMS, NAMES),
    "countries": [query.replace(" '' AS name,", "") for query in _places(COUNTRIES, "''")],
}
