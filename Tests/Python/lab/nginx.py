"""nginx: policy hosts with a certificate by name, and the providers' mail hosts."""

from __future__ import annotations

import os
from pathlib import Path

from . import servers
from .model import Host, Policy, World

# Answers other than a file, by status.
ANSWERS = {
    204: "return 204;", 301: "return 301 https://elsewhere.lab/mta-sts.txt;",
    302: "return 302 https://elsewhere.lab/mta-sts.txt;", 403: "return 403;", 410: "return 410;",
    307: "return 307 https://elsewhere.lab/mta-sts.txt;", 401: "return 401;", 429: "return 429;",
    500: "return 500;", 503: "return 503;", 444: "return 444;",
}
OLD_TLS = "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"
SUFFIXES = {
    "text/plain": "txt", "text/html": "html", "text/html; charset=iso-8859-1": "latin",
}
MAIL_MODULE = Path("/usr/lib/nginx/modules/ngx_mail_module.so")
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
MODULES = (MAIL_MODULE, STREAM_MODULE)
# How many addresses one nginx hands on: each takes a descriptor, of which a process may have few.
HANDED_ON_MAX = 6000


def head(
    folder: Path, workers: int, connections: int, has_stream: bool = False, name: str = "nginx",
) -> str:
    """The file's beginning: so many processes, each with so many connections."""
    user = "user root;" if os.getuid() == 0 else ""
    stream = f"load_module {STREAM_MODULE};" if has_stream else ""
    return f"""load_module {MAIL_MODULE};
{stream}
{user}
daemon off;
pid "{folder}/{name}.pid";
error_log stderr error;
worker_processes {workers};
worker_rlimit_nofile {2 * connections};
events {{ worker_connections {connections}; }}
"""


def _statuses(policies: list[Policy]) -> str:
    """One map from policy host to status; 200 and 404 follow from whether there is a file."""
    lines = [f"    {p.host} {p.http_status};" for p in policies if p.http_status in ANSWERS]
    return "\n".join(lines)


def _http(folder: Path, policies: list[Policy], addresses: set[str]) -> str:
    listen = "\n".join(f"    listen {a}:{servers.HTTPS_PORT} ssl http2;" for a in sorted(addresses))
    answers = "\n".join(
        f"      if ($answer = {status}) {{ {action} }}" for status, action in ANSWERS.items())
    temporary = "\n".join(
        f'  {kind}_temp_path "{folder}/tmp";'
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""http {{
{temporary}
  access_log off;
  log_format policies "$host $status";
  server_tokens off;
  types {{
    text/plain txt;
    text/html html;
    "text/html; charset=iso-8859-1" latin;
  }}
  map_hash_max_size 65536;
  map_hash_bucket_size 256;
  map $host $answer {{
    default 200;
{_statuses(policies)}
  }}
  ssl_certificate "{folder}/certificates/$ssl_server_name.pem";
  ssl_certificate_key "{folder}/certificates/$ssl_server_name.pem";
  server {{
{listen}
    ssl_protocols TLSv1.2 TLSv1.3;
    location = /.well-known/mta-sts.txt {{
      access_log "{folder}/policies.log" policies;
{answers}
      root "{folder}/policies";
      try_files /$host.txt /$host.html /$host.latin =404;
    }}
    location / {{ return 404; }}
  }}
  server {{
    listen {servers.OLD_POLICY_ADDRESS}:{servers.HTTPS_PORT} ssl;
    {OLD_TLS}
  }}
  server {{
    listen {servers.ASKING_POLICY_ADDRESS}:{servers.HTTPS_PORT} ssl;
    ssl_verify_client on;
    ssl_client_certificate "{folder.parent}/ca.pem";
  }}
  server {{
    listen {servers.PLAINTEXT_POLICY_ADDRESS}:{servers.HTTPS_PORT};
    location / {{ return 200 "no TLS here"; }}
  }}
}}
"""


def _mail_server(folder: Path, host: Host) -> str:
    tls = "starttls off;"
    if host.certificate:
        pem = f"{folder}/certificates/{host.name}.pem"
        tls = f'starttls on; ssl_certificate "{pem}"; ssl_certificate_key "{pem}";'
    return (f"  server {{ listen {host.address}:{servers.SMTP_PORT}; protocol smtp; "
            f"server_name {host.name}; {tls} }}")


def _mail(folder: Path, hosts: list[Host]) -> str:
    lines = "\n".join(_mail_server(folder, host) for host in hosts)
    # Any certificate will do: none is sent.
    pem = f"{folder}/certificates/{hosts[0].name}.pem"
    return f"""mail {{
  auth_http 127.0.0.1:9/never;
  smtp_auth none;
  smtp_capabilities "SIZE 10485760" "8BITMIME" "PIPELINING";
  ssl_protocols TLSv1.2 TLSv1.3;
  timeout 60s;
  server {{
    listen {servers.OLD_MAIL_ADDRESS}:{servers.SMTP_PORT}; protocol smtp; starttls on;
    ssl_certificate "{pem}"; ssl_certificate_key "{pem}"; {OLD_TLS}
  }}
{lines}
}}
"""


def _stream(addresses: list[str]) -> str:
    """Hands what comes at addresses of own mail hosts on to Postfix, which has their names."""
    if not addresses:
        return ""
    listen = "\n".join(f"    listen {address}:{servers.SMTP_PORT};" for address in addresses)
    pool = "\n".join(
        f"    server {address}:{servers.SMTP_PORT};" for address in servers.POSTFIX_ADDRESSES)
    return f"""stream {{
  upstream own {{
{pool}
  }}
  server {{
{listen}
    proxy_pass own;
    proxy_bind {servers.HANDING_ON_ADDRESS};
  }}
}}
"""


def write(world: World, folder: Path, extra_hosts: list[Host]) -> None:
    """Writes the bodies of the policies and the configuration.

    `extra_hosts` are mail hosts beside the providers', one for each address.
    """
    for name in ("tmp", "policies"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    policies = [d.policy for d in world.domains.values() if d.policy]
    for policy in policies:
        if policy.http_status == 200 and policy.certificate:
            suffix = SUFFIXES[policy.content_type]
            (folder / "policies" / f"{policy.host}.{suffix}").write_bytes(policy.body)
    hosts = world.provider_hosts + extra_hosts
    handed_on = sorted(world.forwarded)
    first = handed_on[:HANDED_ON_MAX]
    listening = len(world.policy_addresses) + len(first) + len(hosts)
    text = head(folder, 2, 4096 + listening, bool(first))
    text += _http(folder, policies, world.policy_addresses) + _mail(folder, hosts)
    (folder / "nginx.conf").write_text(text + _stream(first))
    for start in range(HANDED_ON_MAX, len(handed_on), HANDED_ON_MAX):
        part = handed_on[start:start + HANDED_ON_MAX]
        name = f"nginx-{start // HANDED_ON_MAX + 1}"
        text = head(folder, 1, 1024 + 2 * len(part), has_stream=True, name=name)
        (folder / f"{name}.conf").write_text(text + _stream(part))


def services(folder: Path) -> list[tuple[str, list[str]]]:
    """The processes of a folder that `write` has written: their names and how they are begun."""
    return [(file.stem, ["nginx", "-c", str(file), "-p", str(folder)])
            for file in sorted(folder.glob("nginx*.conf"))]
