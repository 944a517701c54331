"""Where mail goes, by DNS: MX of every kind, and lookups of every end."""

from __future__ import annotations

from typing import Any

from .model import DNS, MX_UNKNOWN, NO_MAIL, PLAIN, SHARED, SHARED_MX, TRIES, ZONE, Case, Mail, row

MANY = 300
# So many hosts of one domain are looked at.
LOOKED_AT = 64


def _none(name: str, what: str, status: str, **other: Any) -> Case:
    expect = NO_MAIL | {
        "mx_status": status, "verdict_reason": status,
        # Nothing fails where a domain says that it takes no mail.
        "first_failure": None if status == "null_mx" else f"mx.{status}"}
    return Case(name, what, expect | other.pop("but", {}), **other)


def _unknown(name: str, what: str, status: str, **other: Any) -> Case:
    expect = MX_UNKNOWN | {"mx_status": status, "first_failure": f"mx.{status}"}
    return Case(name, what, expect | other.pop("but", {}), **other)


NOTHING_ANSWERS = {"sts_record_status": "timeout", "tlsrpt_status": "timeout"}
REFUSED_ALL = {"sts_record_status": "refused", "tlsrpt_status": "refused"}
SERVFAIL_ALL = {"sts_record_status": "servfail", "tlsrpt_status": "servfail"}

_NO_MAIL = [
    _none("mx-nxdomain", "the name does not exist", "nxdomain", mx=(), exists=False,
          but={"dns.mta_sts.inferred": "nxdomain_above", "dns.tlsrpt.inferred": "nxdomain_above"}),
    _none("mx-cname-nowhere", "an alias of a name that does not exist: itself it does", "nxdomain",
          mx=(), signed=True, records=(("@", "CNAME", "nowhere.zoo.lab."),),
          but={"dns.mta_sts.rcode": 3, "dns.mta_sts.inferred": None}),
    _none("mx-nodata", "neither MX nor address", "nodata", mx=(),
          records=(("@", "TXT", '"no mail here"'),)),
    _none("mx-null", "a null MX alone (RFC 7505)", "null_mx", mx=("0 .",)),
    _none("mx-null-preference", "a null MX of another preference", "null_mx", mx=("10 .",),
          but={"findings": ["mx.null_mx_preference"]}),
    _none("mx-junk-localhost", "the MX is localhost", "junk", mx=("10 localhost.",),
          but={"findings": ["mx.localhost"]}),
    _none("mx-junk-ip", "the MX is an IPv4 address", "junk", mx=("10 192.0.2.25.",),
          but={"findings": ["mx.address_literal"]}),
    _none("mx-junk-zero", "the MX is 0.0.0.0", "junk", mx=("10 0.0.0.0.",),
          but={"findings": ["mx.address_literal"]}),
    _none("mx-junk-tilde", "the MX is a tilde", "junk", mx=("10 ~.",),
          but={"findings": ["mx.single_label"]}),
    _none("mx-junk-label", "the MX is a single label", "junk", mx=("10 mail.",),
          but={"findings": ["mx.single_label"]}),
    _none("mx-junk-null", "a null MX beside localhost: no host at all", "junk",
          mx=("0 .", "10 localhost."), but={"findings": ["mx.localhost"]}),
]

_UNKNOWN = [
    _unknown("mx-servfail", "its zone cannot be loaded", "servfail", mx=(),
             faults={"@": "servfail"}, but=SERVFAIL_ALL),
    _unknown("mx-bogus", "the signature of the MX does not verify", "servfail",
             mx=(), signed=True, records=(("@", "MX", f"10 {SHARED}.", "10 forged.lab."),)),
    _unknown("mx-refused", "the resolver refuses (unbound)", "refused", mx=(),
             faults={"@": "refused"}, but=REFUSED_ALL),
    _unknown("mx-timeout", "the resolver is silent (unbound)", "timeout", mx=(),
             faults={"@": "timeout"}, but=NOTHING_ANSWERS, waits=2 * DNS * TRIES),
    _unknown("mx-rcode-formerr", "RCODE 1", "dns_error", script={"@ MX": {"rcode": 1}},
             but={"dns.mx.status": "rcode", "dns.mx.rcode": 1}),
    _unknown("mx-rcode-notimp", "RCODE 4", "dns_error", script={"@ MX": {"rcode": 4}},
             but={"dns.mx.status": "rcode", "dns.mx.rcode": 4}),
    _unknown("mx-rcode-refused", "RCODE 5 for MX alone", "refused",
             script={"@ MX": {"rcode": 5}}, but={"dns.mx.rcode": 5}),
    _unknown("mx-malformed", "an answer cut short", "dns_error", script={"@ MX": {"cut": True}},
             but={"dns.mx.status": "malformed"}),
    _unknown("mx-cname-loop", "aliases in a circle", "dns_error",
             script={"@ MX": {"aliases": 3, "loop": True}}, but={"dns.mx.status": "alias_loop"}),
    _unknown("mx-cname-endless", "more aliases than are followed", "dns_error",
             script={"@ MX": {"aliases": 17}}, but={"dns.mx.status": "alias_loop"}),
    _unknown("mx-cname-loop-real", "aliases in a circle, asked of unbound", "servfail", mx=(),
             records=(("@", "CNAME", f"mx-cname-loop-end.{ZONE}."),), signed=True,
             but={"sts_record_status": "absent"}),
    _unknown("mx-tc-silent", "truncated by UDP, silent by TCP", "timeout",
             script={"@ MX": {"truncate": "silent"}}, waits=DNS),
    _unknown("mx-implicit-servfail", "no MX, and SERVFAIL for the addresses", "servfail", mx=(),
             records=(("@", "TXT", '"no mail here"'),),
             script={"@ A": {"rcode": 2}, "@ AAAA": {"rcode": 2}}),
]


def _implicit(name: str, what: str, mail: Mail, **other: Any) -> Case:
    expect = PLAIN | {
        "mx_status": "implicit", "mx": [row(f"{name}.{ZONE}", preference=0)]}
    return Case(name, what, expect | other.pop("but", {}), mx=(), hosts={"@": mail}, **other)


_IMPLICIT = [
    _implicit("mx-implicit", "no MX: the address is used instead", Mail()),
    _implicit("mx-implicit-refused", "no MX, and nothing listens at the address",
              Mail("refused", None), but={
                  "verdict": "unknown", "verdict_reason": "mx_unreached", "mx_reached": 0,
                  "mx_tls": 0, "mx_certificate_ok": 0, "first_failure": "smtp.tcp_refused",
                  "mx": [row(f"mx-implicit-refused.{ZONE}", "tcp_refused", preference=0,
                             outcome="unreached")]}),
]

_NULL_PLUS = {"mx_status": "null_mx_plus"}
_JUNK_ROW = row("localhost", "junk_name", preference=20, dane_status="not_asked",
                outcome="unreached")

_ODD = [
    Case("mx-null-plus", "a null MX beside another", PLAIN | _NULL_PLUS |
         {"findings": ["mx.null_mx_plus"]}, mx=("0 .", *SHARED_MX)),
    Case("mx-junk-beside", "localhost beside a host", PLAIN | {
        "mx_count": 2, "mx": [row(), _JUNK_ROW], "findings": ["mx.localhost"]},
        mx=(*SHARED_MX, "20 localhost.")),
    Case("mx-junk-first", "localhost before a host at which nothing listens", PLAIN | {
        "verdict": "unknown", "verdict_reason": "mx_unreached",
        "first_failure": "smtp.junk_name", "mx_count": 2, "mx_reached": 0, "mx_tls": 0,
        "mx_certificate_ok": 0, "findings": ["mx.localhost"],
        "mx": [_JUNK_ROW | {"preference": 10},
               row(f"mx.mx-junk-first.{ZONE}", "tcp_refused", preference=20,
                   outcome="unreached")]},
        mx=("10 localhost.", "20 mx"), hosts={"mx": Mail("refused", None)}),
    Case("mx-twice", "the same host at two preferences is one host", PLAIN,
         mx=(*SHARED_MX, f"20 {SHARED}.")),
    Case("mx-upper-case", "the MX in upper case", PLAIN, mx=(f"10 {SHARED.upper()}.",)),
    Case("mx-ac-tc", "truncated by UDP, whole by TCP", PLAIN,
         script={"@ MX": {"truncate": "pass"}}),
    Case("mx-second-try", "silent at first: the second try is answered", PLAIN,
         script={"@ MX": {"first": {"drop": True}}}, waits=DNS),
    Case("mx-servfail-once", "SERVFAIL at first: the second try is answered", PLAIN,
         script={"@ MX": {"first": {"rcode": 2}}}),
    Case("mx-cname-domain", "the domain is an alias of one that has mail", PLAIN | {
        "dns.mx.cnames": [f"mx-cname-end.{ZONE}"], "dane_status": "none"},
        mx=(), records=(("@", "CNAME", f"mx-cname-end.{ZONE}."),), signed=True),
    Case("mx-cname-end", "the end of others' aliases", PLAIN | {"dane_status": "none"},
         signed=True),
    Case("mx-cname-chain", "an alias of an alias of one that has mail", PLAIN | {
        "dns.mx.cnames": [f"mx-cname-domain.{ZONE}", f"mx-cname-end.{ZONE}"],
        "dane_status": "none"},
        mx=(), records=(("@", "CNAME", f"mx-cname-domain.{ZONE}."),), signed=True),
    Case("mx-cname-sixteen", "as many aliases as are followed; nothing at their end",
         NO_MAIL | {"mx_status": "nodata", "verdict_reason": "nodata",
                    "first_failure": "mx.nodata", "dns.mx.status": "nodata"},
         script={"@ MX": {"aliases": 16}}),
    Case("mx-cname-loop-end", "the other half of a circle", MX_UNKNOWN | {
        "mx_status": "servfail", "first_failure": "mx.servfail"}, mx=(),
        records=(("@", "CNAME", f"mx-cname-loop-real.{ZONE}."),), signed=True),
    Case("mx-many", f"{MANY} MX: an answer for TCP, and more hosts than are looked at",
         PLAIN | {
             "mx_count": MANY, "mx_reached": LOOKED_AT, "mx_tls": LOOKED_AT,
             "mx_certificate_ok": 0, "findings": ["certificate.self_signed"],
             "mx": [row(f"mx{n:03d}.mx-many.{ZONE}", certificate_status="self_signed")
                    for n in range(LOOKED_AT)] +
                   [row(f"mx{n:03d}.mx-many.{ZONE}", "not_probed", dane_status="not_asked",
                        outcome="unreached") for n in range(LOOKED_AT, MANY)]},
         mx=tuple(f"10 mx{n:03d}" for n in range(MANY)),
         hosts={f"mx{n:03d}": Mail(certificate="default") for n in range(MANY)}),
]

CASES = [*_NO_MAIL, *_UNKNOWN, *_IMPLICIT, *_ODD]
