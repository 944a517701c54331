"""What the senders of today make of a case whose policy is what it is about."""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from ..host_truth import host_truth
from ..model import Domain, Host, Policy
from ..policy_readers import Reading, Response, senders_differ
from ..sender_truth import SENDERS
from ..truth import sender_verdict
from .model import BODY, RECORD, SHARED, SHARED_MX, Case
from .peers_https import LARGEST

# What the scripted policy hosts answer, as far as a sender may read a policy in it.
PEERS = {
    "http-206": Response(BODY[:20], 206),
    "http-304": Response(b"", 304, None),
    "http-404-policy": Response(BODY, 404),
    "http-gzip": Response(gzip.compress(BODY), coding="gzip", decoded=BODY),
    "http-bad-gzip": Response(BODY, coding="gzip"),
    "http-no-coding": Response(BODY, coding="x-none"),
    "http-bomb": Response(gzip.compress(b""), coding="gzip"),
    "http-large": Response(b"", is_cut=True),
    "http-endless": Response(b"", is_cut=True),
    "http-largest": Response(LARGEST),
    "http-octets": Response(BODY, media="application/octet-stream"),
    "http-type-case": Response(BODY, media="TEXT/PLAIN"),
    "http-charset": Response(BODY, media="text/plain; charset=iso-8859-1"),
    "http-no-type": Response(BODY, media=None),
    **dict.fromkeys(("tls-twelve", "http-one", "http-zero", "http-chunked", "http-hints",
                     "http-slow"), Response(BODY)),
}


@dataclass
class Seen:
    """The verdict for each sender, and whether they read different policies."""

    verdicts: dict[str, str]
    differ: bool


def _answer(case: Case) -> Response | None:
    web = case.web
    if web is None or case.expect["policy_fetch_status"] is None:
        return None
    if web.peer:
        return PEERS.get(web.peer)
    is_answered = case.expect["policy_fetch_status"] == "ok" or (
        case.expect["policy_fetch_status"].startswith("http_") and web.http_status != 444)
    is_ok = case.expect["policy_fetch_status"] == "ok"
    if not is_answered or (web.http_status in (200, 400) and not is_ok):
        return None
    # With another status nginx has a page of its own.
    body = web.body if web.http_status == 200 else b"<html></html>"
    return Response(body, web.http_status, web.content_type)


def senders_of(case: Case) -> Seen | None:
    """What each sender makes of a case at the shared host; None where it is about other things."""
    answer = _answer(case)
    is_plain = case.mx == SHARED_MX and case.txt == RECORD and not case.signed
    if answer is None or not is_plain:
        return None
    mode = case.expect["sts_mode"]
    texts = [line.partition(b":")[2].strip().decode().lower()
             for line in (answer.decoded or answer.body).splitlines() if line.startswith(b"mx:")]
    rfc: Reading = (mode, frozenset(texts)) if mode in ("enforce", "testing") else "none"
    policy = Policy("", "ok", body=answer.body, mode=mode or "none", patterns=texts)
    host = Host(SHARED, "postfix", "ok")
    domain = Domain(case.domain, "zoo", False, mx=[(10, host)], record_status="ok", policy=policy)
    truth = host_truth(host, policy if rfc != "none" else None, False)
    verdicts = {
        sender: sender_verdict(sender, domain, [host], [truth], answer)[0]
        for sender in SENDERS if sender != "rfc"}
    return Seen(verdicts | {"rfc": case.expect["verdict"]}, senders_differ(answer, rfc))
