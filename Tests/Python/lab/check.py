"""Compares the truth with what dig, curl, openssl and posttls-finger say of the running lab."""

from __future__ import annotations

import json
import random
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from . import servers, truth

SECONDS = 5
# Verify return codes of openssl-verify(1), by what the truth calls them.
CODES = {
    "0": "ok", "62": "name_mismatch", "10": "expired", "9": "not_yet_valid", "18": "self_signed",
    "19": "untrusted", "20": "chain_incomplete", "21": "chain_incomplete",
}
PLAIN_CURL = {"7": "tcp_refused", "28": "tcp_timeout", "52": "http_closed", "92": "http_closed"}


def _run(*command: str, text: str = "QUIT\r\n") -> str:
    """Standard output and error of a command; a timeout is reported in the text."""
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=SECONDS, check=False,
            errors="replace")
    except subprocess.TimeoutExpired as late:
        return f"{(late.stdout or b'').decode(errors='replace')}\ntimed out"
    return done.stdout + done.stderr


@cache
def dig(name: str, kind: str) -> tuple[str, bool, tuple[str, ...]]:
    """Status, AD bit and data of a lookup."""
    text = _run(
        "dig", f"@{servers.RESOLVER_ADDRESS}", "-p", str(servers.RESOLVER_PORT), "+time=3",
        "+tries=1", "+adflag", "+noall", "+comments", "+answer", name, kind)
    code = re.search(r"status: (\w+)", text)
    if not code:
        return "timeout", False, ()
    data = tuple(
        line.split(None, 4)[4] for line in text.splitlines()
        if re.match(rf"\S+\s+\d+\s+IN\s+{kind}\s", line))
    status = code[1].lower() if code[1] != "NOERROR" else "found" if data else "nodata"
    return status, bool(re.search(r"flags:[^;]* ad[ ;]", text)), data


def _certificate(text: str) -> str | None:
    """The first error of verification, or `ok`."""
    code = re.search(r"verify error:num=(\d+)", text) or re.search(
        r"Verify return code: (\d+)", text)
    return CODES.get(code[1], code[1]) if code else None


def _s_client(address: str, port: int, name: str, ca: str, *more: str) -> str:
    return _run(
        "openssl", "s_client", "-connect", f"{address}:{port}", "-servername", name,
        "-verify_hostname", name, "-CAfile", ca, "-no-CApath", *more)


@cache
def smtp(address: str, host: str, ca: str) -> tuple[bool, str | None]:
    """Whether STARTTLS leads to TLS, and the status of the certificate."""
    text = _s_client(address, servers.SMTP_PORT, host, ca, "-starttls", "smtp")
    has_tls = "New, TLSv1" in text
    return has_tls, _certificate(text) if has_tls else None


@cache
def finger(address: str, host: str, ca: str) -> bool:
    """Whether posttls-finger calls the peer verified."""
    # Where Postfix was never configured there is no main.cf but the lab's.
    config = Path(ca).parent / "finger"
    text = _run(
        "env", f"MAIL_CONFIG={config}", "posttls-finger", "-c", "-l", "secure", "-F", ca,
        "-s", host, "-T", "4", f"[{address}]:{servers.SMTP_PORT}", host)
    return "Verified TLS connection established" in text


@cache
def dane_matches(address: str, host: str, ca: str, data: tuple[str, ...]) -> bool:
    """Whether openssl finds a TLSA record that the peer meets."""
    records = [part for line in data for part in ("-dane_tlsa_rrdata", line)]
    text = _s_client(
        address, servers.SMTP_PORT, host, ca, "-starttls", "smtp", "-dane_ee_no_namechecks",
        "-dane_tlsa_domain", host, *records)
    return "New, TLSv1" in text and "Verification: OK" in text


def fetch(domain: str, ca: str) -> tuple[str, bytes]:
    """How curl's fetch of the policy ends, in words of the truth, and the body."""
    host = f"mta-sts.{domain}"
    status, _, addresses = dig(host, "A")
    if status != "found":
        return f"dns_{status}", b""
    url = f"https://{host}:{servers.HTTPS_PORT}/.well-known/mta-sts.txt"
    body = subprocess.run(
        ["curl", "-s", "--cacert", ca, "-m", "4", "--max-filesize", "65536", "-w",
         "\n%{exitcode} %{http_code}", "--resolve", f"{host}:{servers.HTTPS_PORT}:{addresses[0]}",
         url], capture_output=True, check=False).stdout
    body, _, last = body.rpartition(b"\n")
    code, http = last.decode().split()
    if code == "0":
        word = {"200": "ok", "404": "http_404", "204": "http_other"}.get(http, f"http_{http[0]}xx")
        return word, body
    if code == "60":
        text = _s_client(addresses[0], servers.HTTPS_PORT, host, ca)
        word = _certificate(text) or "invalid"
        return "tls_" + {"name_mismatch": "name"}.get(word, word), b""
    return PLAIN_CURL.get(code, "too_large" if code == "63" else f"tls_{code}"), b""


def _mx_differences(known: dict[str, Any]) -> list[str]:
    status, has_ad, data = dig(known["domain"], "MX")
    wanted = {
        "implicit": "nodata", "nodata": "nodata", "nxdomain": "nxdomain", "servfail": "servfail",
        "refused": "refused", "timeout": "timeout"}.get(known["mx_status"], "found")
    found = [] if status == wanted else [f"MX: {status}, not {wanted}"]
    names = {line.split()[1].rstrip(".").lower() for line in data} - {""}
    listed = {host["host"] for host in known["mx"]}
    if known["mx_status"] == "has_mx" and names != listed:
        found.append(f"MX: {names} are not {listed}")
    if not has_ad and known["dane_status"] in ("ok", "failed", "partial", "tempfail"):
        found.append("MX: no AD")
    return found


def _host_differences(known: dict[str, Any], ca: str) -> list[str]:
    host = known["host"]
    if known["status"].startswith(("dns_", "junk")):
        status = dig(host, "A")[0] if known["status"] != "junk_name" else ""
        return [] if known["status"] in (f"dns_{status}", "junk_name") else [f"{host}: {status}"]
    _, has_ad, addresses = dig(host, "A")
    if not addresses:
        return [f"{host}: no address"]
    found = []
    if has_ad == (known["dane_status"] == "insecure"):
        found.append(f"{host}: AD is {has_ad}")
    has_tls, certificate = smtp(addresses[0], host, ca)
    if has_tls != (known["status"] == "ok"):
        found.append(f"{host}: TLS is {has_tls}, truth says {known['status']}")
    # openssl and Postfix take the CN where there is no SAN; RFC 8461 §4.2 does not.
    if known["certificate_status"] not in (certificate, "cn_only"):
        found.append(f"{host}: {certificate}, truth says {known['certificate_status']}")
    is_good = known["certificate_status"] in ("ok", "cn_only")
    if finger(addresses[0], host, ca) != is_good:
        found.append(f"{host}: posttls-finger does not say {known['certificate_status']}")
    return found + _dane_differences(known, addresses[0], ca)


def _dane_differences(known: dict[str, Any], address: str, ca: str) -> list[str]:
    host, wanted = known["host"], known["dane_status"]
    if wanted == "insecure":
        return []
    status, has_ad, data = dig(f"_25._tcp.{host}", "TLSA")
    if wanted == "tempfail":
        return [] if status == "servfail" else [f"{host}: TLSA {status}"]
    if not has_ad or (status == "found") == (wanted == "none"):
        return [f"{host}: TLSA {status}, AD {has_ad}, truth says {wanted}"]
    if wanted in ("ok", "failed") and dane_matches(address, host, ca, data) != (wanted == "ok"):
        return [f"{host}: TLSA does not say {wanted}"]
    return []


def _record_differences(known: dict[str, Any]) -> list[str]:
    status, _, data = dig(f"_mta-sts.{known['domain']}", "TXT")
    wanted = known["sts_record_status"]
    if wanted in ("servfail", "refused", "timeout", "absent"):
        good = status == wanted or (wanted == "absent" and status in ("nodata", "nxdomain"))
        return [] if good else [f"record: {status}, truth says {wanted}"]
    joined = [line.replace('" "', "") for line in data]
    is_there = any(f"id={known['sts_id']}" in line for line in joined)
    return [] if is_there or known["sts_id"] is None else [f"record: {joined}"]


def _policy_differences(known: dict[str, Any], ca: str) -> list[str]:
    wanted = known["policy_fetch_status"]
    if wanted is None:
        return []
    word, body = fetch(known["domain"], ca)
    coarse = {"tls_alert", "tls_protocol", "tls_closed", "tls_cn_only"}
    if word != wanted and not (wanted in coarse and word.startswith(("tls_", "ok"))):
        return [f"policy: {word}, truth says {wanted}"]
    if known["sts_mode"] and f"mode: {known['sts_mode']}".encode() not in body:
        return [f"policy: not of mode {known['sts_mode']}"]
    return []


def differences(known: dict[str, Any], ca: str) -> list[str]:
    """What the tools say otherwise than the truth about one domain."""
    if known["domain"] is None:
        return []
    found = _mx_differences(known) + _record_differences(known) + _policy_differences(known, ca)
    if known["mx_status"] in truth.WITH_HOSTS:
        for host in known["mx"]:
            found += _host_differences(host, ca)
    return found


def check(folder: Path, count: int, seed: int) -> tuple[int, list[str]]:
    """Checks `count` domains picked at random; how many there were, and the differences."""
    lines = (folder / "expected.ndjson").read_text().splitlines()
    picked = random.Random(seed).sample(lines, min(count, len(lines)))
    known = [json.loads(line) for line in picked]
    ca = str(folder / "ca.pem")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda domain: differences(domain, ca), known))
    return len(known), [
        f"{domain['domain']} ({domain['case']}): {difference}"
        for domain, found in zip(known, results, strict=True) for difference in found]
