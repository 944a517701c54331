"""The servers of the load lab: nsd for the universe, HAProxy for policies, nginx for mail."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lab import nginx, nsd
from lab.certificates import Authority
from lab.zones import APEX

from . import lists
from .universe import HOSTS_EACH, Domain, Provider

DNS_ADDRESS, DNS_PORT = "127.0.0.54", 10054
HTTPS_PORT, SMTP_PORT = 10443, 10025
# What waits in the sockets of nsd while its process has no turn.
BUFFERS = ("receive-buffer-size: 4194304", "send-buffer-size: 4194304")


def ports(usual: int, own: int) -> list[int]:
    """Where a service listens: peers that know no other port find it at the usual one."""
    return [own, usual] if os.getuid() == 0 else [own]


def _zone_lines(domains: Iterable[Domain], providers: list[Provider]) -> Iterator[str]:
    yield f"$TTL 3600\n. SOA {APEX}\n. NS ns.lab.\nns.lab. A {DNS_ADDRESS}\n"
    for provider in providers:
        for number in range(HOSTS_EACH):
            host = provider.host(number)
            yield f"{host}. A {provider.address(number)}\n"
            if provider.has_tlsa:
                yield f"_25._tcp.{host}. TLSA 3 1 1 {'00' * 32}\n"
    for domain in domains:
        yield from _domain_lines(domain)


def _domain_lines(domain: Domain) -> Iterator[str]:
    name = domain.name
    if not domain.exists:
        return
    if not domain.provider:
        yield f'{name}. TXT "v=spf1 -all"\n'
        return
    for preference, number in enumerate(domain.hosts):
        yield f"{name}. MX {10 * preference + 10} {domain.provider.host(number)}.\n"
    if domain.has_tlsrpt:
        yield f'_smtp._tls.{name}. TXT "v=TLSRPTv1; rua=mailto:tls@{name}"\n'
    if domain.policy:
        yield f'_mta-sts.{name}. TXT "v=STSv1; id=20261124T000000;"\n'
        yield f"mta-sts.{name}. A {lists.policy_address(domain.policy)}\n"


def write_dns(folder: Path, domains: Iterable[Domain], providers: list[Provider]) -> list[str]:
    """Writes the zone, the root with all names in it; the command of its server."""
    folder.mkdir(parents=True)
    with (folder / "root.zone").open("w") as file:
        file.writelines(_zone_lines(domains, providers))
    addresses = [f"{DNS_ADDRESS}@{port}" for port in ports(53, DNS_PORT)]
    (folder / "nsd.conf").write_text(
        nsd.configuration(folder, addresses, [nsd.zone(".", "root.zone")], BUFFERS))
    return ["nsd", "-d", "-c", f"{folder}/nsd.conf"]


def write_policies(folder: Path, domains: list[Domain], authority: Authority) -> list[str]:
    """Writes a certificate and an answer for each policy host; the command of the server."""
    certificates = folder / "certificates"
    certificates.mkdir(parents=True)
    (certificates / "0.default.pem").write_bytes(authority.chain("mta-sts.lab", "default"))
    maps: dict[str, list[str]] = {"mode": [], "pattern": [], "age": [], "missing": []}
    for domain in domains:
        host, policy = f"mta-sts.{domain.name}", domain.policy
        if not policy:
            continue
        kind = "name" if policy.fetch == "name" else "ok"
        (certificates / f"{host}.pem").write_bytes(authority.chain(host, kind))
        maps["mode"].append(f"{host} {policy.mode}")
        maps["pattern"].append(f"{host} {policy.pattern}")
        maps["age"].append(f"{host} {policy.max_age}")
        if policy.fetch == "missing":
            maps["missing"].append(f"{host} 404")
    # One line each for SNI: where the certificate names another host it would not be found.
    (folder / "certificates.list").write_text(
        "".join(f"{certificates}/{name}.pem {name}\n" for name in
                (f"mta-sts.{domain.name}" for domain in domains)))
    for name, lines in maps.items():
        (folder / f"{name}.map").write_text("".join(f"{line}\n" for line in lines))
    addresses = ",".join(f"{lists.POLICY_ADDRESS}:{p}" for p in ports(443, HTTPS_PORT))
    value = {name: f"%[hdr(host),field(1,:),map({folder}/{name}.map)]" for name in maps}
    (folder / "haproxy.cfg").write_text(f"""global
  nbthread 1
  maxconn 4000
  tune.ssl.cachesize 0
  ssl-default-bind-options no-tls-tickets ssl-min-ver TLSv1.2
  pidfile {folder}/haproxy.pid
defaults
  mode http
  timeout client 60s
  timeout http-request 60s
frontend policies
  bind {addresses} ssl crt {certificates}/0.default.pem \
crt-list {folder}/certificates.list alpn http/1.1
  acl is_missing hdr(host),field(1,:),map({folder}/missing.map) -m found
  http-request return status 404 if is_missing
  http-request return status 200 content-type text/plain lf-string \
"version: STSv1\\r\\nmode: {value['mode']}\\r\\nmx: {value['pattern']}\\r\\n\
max_age: {value['age']}\\r\\n" if {{ path /.well-known/mta-sts.txt }}
  http-request return status 404
""")
    return ["haproxy", "-db", "-f", f"{folder}/haproxy.cfg"]


def _mail_server(folder: Path, provider: Provider, authority: Authority) -> str:
    listen = " ".join(
        f"listen {provider.address(n)}:{port};"
        for n in range(HOSTS_EACH) for port in ports(25, SMTP_PORT))
    tls = "starttls off;"
    if provider.quality != "plain":
        pem = folder / f"{provider.domain}.pem"
        kind = {"ok": "wildcard"}.get(provider.quality, provider.quality)
        pem.write_bytes(authority.chain(provider.host(0), kind))
        tls = f'starttls on; ssl_certificate "{pem}"; ssl_certificate_key "{pem}";'
    return f"  server {{ {listen} protocol smtp; server_name {provider.host(0)}; {tls} }}"


def write_mail(folder: Path, providers: list[Provider], authority: Authority) -> list[str]:
    """Writes a mail server for each provider's ten addresses; the command of the server."""
    folder.mkdir(parents=True)
    mail = "\n".join(_mail_server(folder, provider, authority) for provider in providers)
    (folder / "nginx.conf").write_text(nginx.head(folder, 1, 8192) + f"""mail {{
  auth_http 127.0.0.1:9/never;
  smtp_auth none;
  smtp_capabilities "SIZE 10485760" "8BITMIME" "PIPELINING";
  ssl_protocols TLSv1.2 TLSv1.3;
  timeout 60s;
{mail}
}}
""")
    return ["nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)]
