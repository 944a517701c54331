"""A Postfix that only delivers: an SMTP client for each sender, with its policy socket."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

# Where the folder is seen from within the root.
INSIDE = "/mnt"
# The first version that compares MX hosts with patterns.
VERSION_MIN = (3, 10, 5)
WAIT_SECONDS = 300
SENDER_DOMAIN = "senders.lab"
# Names that no pattern is met by, of which the status says nothing.
UNNAMED = re.compile(r"postfix/\w+/smtp\[(\d+)\]: warning: (MX name .* does not match STS MX .*)$")
STATUS = re.compile(
    r"postfix/(\w+)/smtp\[(\d+)\]: \w+: to=<[^@]*@([^>]*)>.*? relay=([^,]*),.*? status=(\w+) "
    r"\((.*)\)$")
SESSION = re.compile(
    r"postfix/\w+/smtp\[(\d+)\]: (\w+) TLS connection established to ([^\[]*)\[")
# The reply to these is that of a host that mail is handed to.
HANDED_OVER = re.compile(r"in reply to (MAIL FROM|RCPT TO|DATA|end of DATA)|^250 |^delivered")


@dataclass(frozen=True)
class Delivery:
    """What became of mail to a domain."""

    relay: str
    # Of the TLS session that it went over, as Postfix says it; empty for none.
    level: str
    is_handed_over: bool
    reason: str


def version(root: Path) -> tuple[int, ...] | None:
    """The version of the Postfix below a root; None where there is none."""
    try:
        said = subprocess.run(
            ["chroot", root, "postconf", "-d", "-h", "mail_version"], capture_output=True,
            text=True, check=True).stdout
        return tuple(int(number) for number in re.findall(r"\d+", said)[:3])
    except (OSError, subprocess.CalledProcessError):
        return None


def _main_cf(senders: tuple[str, ...]) -> str:
    routes = " ".join(f"{{ {sender}@{SENDER_DOMAIN} = {sender}: }}" for sender in senders)
    return f"""compatibility_level = 3.6
queue_directory = {INSIDE}/queue
data_directory = {INSIDE}/data
maillog_file = {INSIDE}/mail.log
maillog_file_prefixes = {INSIDE}
myhostname = mail.{SENDER_DOMAIN}
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = all
smtp_address_preference = ipv4
sender_dependent_default_transport_maps = inline:{{ {routes} }}
transport_maps = inline:{{ {{ {SENDER_DOMAIN} = discard: }} }}
notify_classes =
smtp_dns_support_level = dnssec
smtp_host_lookup = dns
smtp_tls_security_level = dane
smtp_tls_CAfile = {INSIDE}/ca.pem
smtp_tls_loglevel = 1
smtp_tls_session_cache_database =
smtp_connection_cache_on_demand = no
smtp_connect_timeout = 4
smtp_helo_timeout = 8
smtp_starttls_timeout = 8
smtp_mail_timeout = 8
smtp_rcpt_timeout = 8
smtp_quit_timeout = 2
smtp_per_request_deadline = yes
smtp_mx_session_limit = 0
smtp_mx_address_limit = 0
smtp_balance_inet_protocols = no
default_process_limit = 40
default_destination_rate_delay = 0
minimal_backoff_time = 4h
maximal_backoff_time = 4h
queue_run_delay = 4h
"""


def _master_cf(senders: tuple[str, ...], port: int) -> str:
    lines = []
    for sender in senders:
        patterns = "no" if "legacy" in sender else "yes"
        lines.append(
            f"{sender} unix - - n - - smtp -o syslog_name=postfix/{sender}\n"
            f"  -o smtp_tls_policy_maps=socketmap:inet:127.0.0.1:{port}:{sender}\n"
            f"  -o smtp_tls_enforce_sts_mx_patterns={patterns}")
    lines += [
        "pickup unix n - n 1 1 pickup", "cleanup unix n - n - 0 cleanup",
        "qmgr unix n - n 300 1 qmgr", "tlsmgr unix - - n 1000? 1 tlsmgr",
        "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce",
        "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce",
        "proxymap unix - - n - - proxymap", "proxywrite unix - - n - 1 proxymap",
        "showq unix n - n - - showq", "error unix - - n - - error", "retry unix - - n - - error",
        "discard unix - - n - - discard", "smtp unix - - n - - smtp",
        "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
        "postlog unix-dgram n - n - 1 postlogd",
    ]
    return "\n".join(lines) + "\n"


class Postfix:
    """Runs below a root in mounts of its own; `with` starts and ends it."""

    def __init__(
        self, root: Path, folder: Path, senders: tuple[str, ...], port: int, authority: Path,
    ) -> None:
        self.root, self.folder, self.senders = root, folder, senders
        for name in ("queue", "data", "etc"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o755)
        shutil.copy(authority, folder / "ca.pem")
        (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions edns0 trust-ad\n")
        (folder / "etc/main.cf").write_text(_main_cf(senders))
        (folder / "etc/master.cf").write_text(_master_cf(senders, port))
        self.log = folder / "mail.log"

    def __enter__(self) -> Postfix:
        etc = (self.root / "etc/resolv.conf").resolve()
        script = (
            f'mount --bind "{self.folder}/resolv.conf" "{etc}"\n'
            f'mount --bind "{self.folder}" "{self.root}{INSIDE}"\n'
            f'[ "{self.root}" = / ] || mount -t proc proc "{self.root}/proc"\n'
            f'chroot "{self.root}" chown postfix {INSIDE}/data\n'
            f'exec chroot "{self.root}" postfix -c {INSIDE}/etc start-fg\n')
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script],
            start_new_session=True)
        deadline = time.monotonic() + 30
        while not (self.folder / "queue/public/pickup").exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self._stop()
                raise RuntimeError(f"Postfix does not start: {self._text()}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        """Ends master, and with it its processes, which are in its group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)

    def _text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def send(self, domains: list[str]) -> None:
        """Queues a message to all domains from each sender."""
        for sender in self.senders:
            subprocess.run(
                ["nsenter", "--mount", "--target", str(self.process.pid), "chroot", self.root,
                 "sendmail", "-C", f"{INSIDE}/etc", "-f", f"{sender}@{SENDER_DOMAIN}",
                 *(f"trial@{domain}" for domain in domains)],
                input=b"Subject: trial\n\nA trial.\n", check=True)

    def deliveries(self, count: int) -> dict[tuple[str, str], Delivery]:
        """What became of the mail, by sender and domain, once all that was queued was tried."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = read_log(self._text())
            if len(found) >= count * len(self.senders) or time.monotonic() > deadline:
                return found
            time.sleep(1)


def read_log(text: str) -> dict[tuple[str, str], Delivery]:
    """The first attempt of each message, by sender and domain."""
    found: dict[tuple[str, str], Delivery] = {}
    sessions: dict[str, tuple[str, str]] = {}
    warnings: dict[str, str] = {}
    for line in text.splitlines():
        if session := SESSION.search(line):
            process, level, host = session.groups()
            sessions[process] = (host, level)
        elif unnamed := UNNAMED.search(line):
            warnings[unnamed[1]] = unnamed[2]
        elif status := STATUS.search(line):
            sender, process, domain, relay, _, reason = status.groups()
            host, level = sessions.pop(process, ("", ""))
            warning = warnings.pop(process, "")
            if relay == "none" and warning:
                reason = f"{warning} ({reason})"
            is_over = relay.partition("[")[0] == host
            found.setdefault((sender, domain.lower()), Delivery(
                relay, level if is_over else "", bool(HANDED_OVER.search(reason)), reason))
    return found
