"""The fetch of a policy (RFC 8461 §3.3), and everything that can come between."""

from __future__ import annotations

from typing import Any

from .. import servers
from .model import (
    CONNECT,
    DNS,
    ENFORCED,
    FETCH_FAILED,
    POLICY,
    POLICY_INVALID,
    TRIES,
    Case,
    Web,
    sts,
)


def _failed(name: str, what: str, status: str, web: Web | None, **other: Any) -> Case:
    failure = f"policy_fetch.{status}"
    expect = FETCH_FAILED | {
        "policy_fetch_status": status, "first_failure": failure, "findings": [failure]}
    return sts(f"fetch-{name}", what, expect | other.pop("but", {}), web=web, **other)


def _peer(name: str, what: str, status: str, **other: Any) -> Case:
    return _failed(name, what, status, Web(peer=name), **other)


def _good(name: str, what: str, web: Web, **other: Any) -> Case:
    return sts(f"fetch-{name}", what, ENFORCED | other.pop("but", {}), web=web, **other)


def _certificate(kind: str, what: str, status: str, *errors: str) -> Case:
    return _failed(
        f"certificate-{kind.replace('_', '-')}", what, status, Web(certificate=kind),
        but={"policy.certificate.errors": list(errors), "policy.http_status": None})


def _http(code: int, what: str, status: str, **but: Any) -> Case:
    return _failed(
        f"http-{code}", what, status, Web(http_status=code), but={"policy.http_status": code} | but)


_DNS = [
    _failed("dns-nxdomain", "the policy host does not exist", "dns_nxdomain", None),
    _failed("dns-nodata", "the policy host has no address", "dns_nodata", None,
            records=(("mta-sts", "TXT", '"no address"'),)),
    _failed("dns-servfail", "SERVFAIL", "dns_servfail", None, faults={"mta-sts": "servfail"}),
    _failed("dns-bogus", "a signature that does not verify", "dns_servfail", None, signed=True,
            records=(("mta-sts", "A", "127.4.0.1", "127.4.0.2"),), but={"dane_status": "none"}),
    _failed("dns-refused", "REFUSED (unbound)", "dns_refused", None,
            faults={"mta-sts": "refused"}),
    _failed("dns-timeout", "no answer (unbound)", "dns_timeout", None,
            faults={"mta-sts": "timeout"}, waits=DNS * TRIES),
    _failed("dns-rcode", "RCODE 4", "dns_error", None,
            script={"mta-sts A": {"rcode": 4}, "mta-sts AAAA": {"rcode": 4}}),
    _failed("dns-cname-loop", "aliases in a circle", "dns_error", None,
            script={"mta-sts A": {"aliases": 2, "loop": True},
                    "mta-sts AAAA": {"aliases": 2, "loop": True}}),
    _good("dns-aaaa-servfail", "SERVFAIL for AAAA alone", Web(),
          script={"mta-sts AAAA": {"rcode": 2}}, but={"policy.aaaa.status": "servfail"}),
    _good("dns-aaaa-timeout", "no answer for AAAA alone", Web(),
          script={"mta-sts AAAA": {"drop": True}}, waits=DNS * TRIES,
          but={"policy.aaaa.status": "timeout"}),
    _good("dns-two-addresses", "nothing listens at the first address", Web(),
          records=(("mta-sts", "A", "127.4.0.1"),)),
    _good("dns-silent-address", "no answer at one address, and a policy at the other", Web(),
          records=(("mta-sts", "A", "127.4.0.2"),)),
]

_TCP = [
    _failed("tcp-refused", "nothing listens", "tcp_refused", Web(address="127.4.0.1")),
    _failed("tcp-timeout", "no answer to the first packet", "tcp_timeout",
            Web(address="127.4.0.2"), waits=CONNECT),
    _failed("tcp-unreachable", "no way to the address", "tcp_unreachable",
            Web(address="224.0.0.1")),
]

_TLS = [
    _failed("tls-no-certificate", "no certificate for the name: an alert (nginx)", "tls_alert",
            Web(certificate="missing")),
    _failed("tls-plaintext", "HTTP without TLS (nginx)", "tls_protocol",
            Web(address="127.6.0.1")),
    _peer("tls-reset", "reset at once", "tls_closed"),
    _peer("tls-closed", "closed after the client's hello", "tls_closed"),
    _peer("tls-hello-reset", "reset after the client's hello", "tls_closed"),
    _peer("tls-half-hello", "closed in the middle of the server's hello", "tls_closed"),
    _peer("tls-alert", "the alert handshake_failure", "tls_alert",
          but={"policy.tls_alert": "handshake failure"}),
    _peer("tls-unrecognized-name", "the alert unrecognized_name", "tls_alert",
          but={"policy.tls_alert": "unrecognized name"}),
    _failed("tls-old", "TLS 1.1 alone (nginx)", "tls_old_version",
            Web(address=servers.OLD_POLICY_ADDRESS),
            but={"policy.tls_alert": "protocol version"}),
    _peer("tls-old-hello", "the hello of an old server: TLS 1.1", "tls_old_version",
          but={"policy.tls_version": "TLSv1.1"}),
    _peer("tls-garbage", "octets that are not TLS", "tls_protocol"),
    _failed("tls-client-certificate", "a certificate of the client is wanted (nginx)", "http_4xx",
            Web(listen=servers.ASKING_POLICY_ADDRESS), but={"policy.http_status": 400}),
    _peer("stall-connect", "silent from the start", "tls_timeout", waits=POLICY),
    _peer("stall-handshake", "silent in the middle of the server's hello", "tls_timeout",
          waits=POLICY),
    _good("tls-twelve", "TLS 1.2 alone", Web(peer="tls-twelve"),
          but={"policy.tls_version": "TLSv1.2"}),
]

_CERTIFICATES = [
    _good("certificate-wildcard", "a wildcard as the whole leftmost label",
          Web(certificate="wildcard")),
    _good("certificate-rsa", "an RSA key", Web(certificate="rsa")),
    _good("certificate-upper", "the name in upper case", Web(certificate="upper")),
    _certificate("name", "another name", "tls_name", "name_mismatch"),
    _certificate("cn_only", "the name in the CN alone", "tls_cn_only", "cn_only"),
    _certificate("cn_other", "the name in the CN, another as SAN", "tls_name", "name_mismatch"),
    _certificate("partial_wildcard", "a wildcard for a part of a label", "tls_name",
                 "name_mismatch"),
    _certificate("deep_wildcard", "a wildcard for two labels", "tls_name", "name_mismatch"),
    _certificate("expired", "expired", "tls_expired", "expired"),
    _certificate("expired_name", "expired, and for another name", "tls_expired", "expired",
                 "name_mismatch"),
    _certificate("expired_intermediate", "an expired intermediate", "tls_expired", "expired"),
    _certificate("not_yet_valid", "not yet valid", "tls_not_yet_valid", "not_yet_valid"),
    _certificate("self_signed", "self-signed", "tls_self_signed", "self_signed"),
    _certificate("self_signed_expired", "self-signed and expired", "tls_self_signed",
                 "self_signed", "expired"),
    _certificate("untrusted", "of an unknown authority", "tls_untrusted", "untrusted"),
    _certificate("leaf_only", "without the intermediate", "tls_chain_incomplete",
                 "chain_incomplete"),
    _certificate("purpose", "for clients only", "tls_invalid", "invalid"),
]

_HTTP = [
    _http(204, "no content", "http_other"),
    _http(301, "moved for good", "http_3xx",
          **{"policy.location": "https://elsewhere.lab/mta-sts.txt"}),
    _http(302, "moved for now", "http_3xx",
          **{"policy.location": "https://elsewhere.lab/mta-sts.txt"}),
    _http(307, "moved for now, the method kept", "http_3xx",
          **{"policy.location": "https://elsewhere.lab/mta-sts.txt"}),
    _http(401, "a password is wanted", "http_4xx"),
    _http(403, "forbidden", "http_4xx"),
    _http(404, "not found", "http_404"),
    _http(410, "gone", "http_4xx"),
    _http(429, "too many requests", "http_4xx"),
    _http(500, "an error of the server", "http_5xx"),
    _http(503, "not now", "http_5xx"),
    _failed("http-2-closed", "nginx closes the connection unanswered", "http_closed",
            Web(http_status=444)),
    _peer("http-206", "a part of the content", "http_other"),
    _peer("http-304", "not modified, though nobody asked for that", "http_3xx"),
    _peer("http-404-policy", "the policy as the body of a 404", "http_404"),
    _peer("http-reset", "reset after the request", "http_closed"),
    _peer("http-empty", "closed after the request", "http_closed"),
    _peer("http-short", "closed in the middle of the body", "http_closed"),
    _peer("http-cut", "no length, and closed without the end of TLS", "http_closed"),
    _peer("http-garbage", "no HTTP in the TLS", "http_protocol"),
    _peer("http-bad-chunk", "a chunk whose length is no number", "http_protocol"),
    _peer("http-half-chunks", "closed between two chunks", "http_closed"),
    _peer("http-big-header", "a header of 70 KiB", "http_protocol"),
    _peer("http-endless-header", "header lines without end", "http_protocol"),
    _peer("http-bad-gzip", "called gzip, and none", "http_protocol", but={
        "findings": ["policy_fetch.http_protocol", "policy_fetch.content_encoding"],
        "policy.body_is_coded": True}),
    _peer("http-no-coding", "a plain body under a coding that does not exist", "http_protocol",
          but={"findings": ["policy_fetch.http_protocol", "policy_fetch.content_encoding"],
               "policy.content_encoding": "x-none", "policy.body_is_coded": True}),
    _peer("http-bomb", "gzip of 10 MB", "too_large",
          but={"findings": ["policy_fetch.too_large", "policy_fetch.content_encoding"]}),
    _peer("http-large", "a body of 70 KB, as its length says", "too_large"),
    _peer("http-endless", "chunks without end", "too_large"),
    _peer("stall-request", "silent after the request", "http_timeout", waits=POLICY),
    _peer("stall-header", "silent in the middle of the header", "http_timeout", waits=POLICY),
    _peer("stall-body", "silent in the middle of the body", "http_timeout", waits=POLICY),
    _peer("drip", "an octet now and then", "http_timeout", waits=POLICY),
    _good("http-two", "HTTP/2 (nginx)", Web()),
    _good("http-one", "HTTP/1.1", Web(peer="http-one")),
    _good("http-zero", "HTTP/1.0, ended by the end of the connection", Web(peer="http-zero")),
    _good("http-chunked", "in chunks of an octet", Web(peer="http-chunked")),
    _good("http-gzip", "gzip, unasked for", Web(peer="http-gzip"),
          but={"findings": ["policy_fetch.content_encoding"]}),
    _good("http-hints", "103 before the 200", Web(peer="http-hints")),
    _good("http-slow", "a body in two parts, a second apart", Web(peer="http-slow")),
    _good("http-largest", "a body of exactly 64 KiB", Web(peer="http-largest"),
          but={"findings": ["policy.unknown_key"], "policy.body_bytes": 65536}),
    _good("http-type", "media type text/html", Web(content_type="text/html; charset=iso-8859-1"),
          but={"findings": ["policy_fetch.content_type"]}),
    _good("http-charset", "text/plain of another charset", Web(peer="http-charset"),
          but={"findings": ["policy_fetch.charset"]}),
    _good("http-type-case", "the media type in capitals", Web(peer="http-type-case")),
    _good("http-octets", "media type application/octet-stream", Web(peer="http-octets"),
          but={"findings": ["policy_fetch.content_type"]}),
    _good("http-no-type", "no media type", Web(peer="http-no-type"),
          but={"findings": ["policy_fetch.content_type"]}),
    sts("fetch-http-html", "a page for everything, as 200", POLICY_INVALID | {
        "policy_status": "html", "first_failure": "policy.html",
        "findings": ["policy.html", "policy_fetch.content_type"]},
        web=Web(b"<html><body>Welcome</body></html>\n", content_type="text/html")),
]

CASES = [*_DNS, *_TCP, *_TLS, *_CERTIFICATES, *_HTTP]
