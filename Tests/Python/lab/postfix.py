"""Postfix: the domains' own mail hosts, each with its certificate by SNI.

Postfix's master insists on root. For an ordinary user it runs in a user namespace in which the
user is root and the other ids come from /etc/subuid; where that cannot be had, nginx serves the
hosts instead, each on an address of its own.
"""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
from pathlib import Path

from . import servers

CONCURRENCY = 200
PROBE_SECONDS = 5
NAMESPACE = ["unshare", "--user", "--map-root-user", "--map-auto"]


def as_root() -> list[str]:
    """What goes before a command that has to run as root."""
    return [] if os.getuid() == 0 else NAMESPACE


def is_possible() -> bool:
    """Whether Postfix can run here."""
    if not as_root():
        return True
    probe = [*as_root(), "setpriv", "--reuid=postfix", "--clear-groups", "true"]
    # An unshare that is forbidden leaves its helper running, which would keep a pipe open.
    process = subprocess.Popen(
        probe, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)
    try:
        return process.wait(PROBE_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def service(folder: Path) -> list[str]:
    """The command that runs Postfix in the foreground."""
    return [*as_root(), "postfix", "-c", str(folder), "start-fg"]


def remove(folder: Path) -> None:
    """Removes what Postfix has written under other ids."""
    if as_root() and folder.exists() and is_possible():
        subprocess.run([*as_root(), "rm", "-rf", str(folder)], check=False)


def _main_cf(folder: Path) -> str:
    return f"""compatibility_level = 3.6
mail_owner = postfix
setgid_group = postdrop
queue_directory = {folder}/queue
data_directory = {folder}/data
meta_directory = /etc/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mail.lab
mydestination =
mynetworks =
inet_interfaces = all
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_relay_restrictions = reject
smtpd_recipient_restrictions = reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_chain_files = {folder}/default.pem
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_session_cache_database =
tls_server_sni_maps = hash:{folder}/sni
default_process_limit = {CONCURRENCY}
max_use = 1000
"""


def _master_cf() -> str:
    addresses = [*servers.POSTFIX_ADDRESSES, servers.POSTFIX_PLAIN_ADDRESS]
    lines = []
    for address in addresses:
        is_plain = address == servers.POSTFIX_PLAIN_ADDRESS
        option = " -o smtpd_tls_security_level=none" if is_plain else ""
        lines.append(f"{address}:{servers.SMTP_PORT} inet n - n - - smtpd{option}")
    lines += [
        "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
        "tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite",
        "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce",
        "trace unix - - n - 0 bounce", "verify unix - - n - 1 verify",
        "proxymap unix - - n - - proxymap", "proxywrite unix - - n - 1 proxymap",
        "showq unix n - n - - showq", "error unix - - n - - error",
        "retry unix - - n - - error", "discard unix - - n - - discard",
        "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
        "postlog unix-dgram n - n - 1 postlogd",
    ]
    return "\n".join(lines) + "\n"


def write(folder: Path, certificates: dict[str, bytes], default: bytes) -> None:
    """Writes a whole configuration; the system's own is not looked at."""
    for name in ("queue", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "default.pem").write_bytes(default)
    (folder / "main.cf").write_text(_main_cf(folder))
    (folder / "master.cf").write_text(_master_cf())
    # What `postmap -F` would make of a file for each name.
    (folder / "sni").write_text("".join(
        f"{name} {base64.b64encode(pem).decode()}\n" for name, pem in certificates.items()))
    subprocess.run(
        ["postmap", "-c", str(folder), f"hash:{folder}/sni"], check=True, capture_output=True)
    subprocess.run([*as_root(), "chown", "postfix", str(folder / "data")], check=True)
