"""The configuration of unbound for a survey, made for a machine's cores and memory.

What unbound.conf(5) and NLnet Labs' guide to large resolvers (howto-optimise) say is followed but
where a comment in the configuration says why not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
# unbound takes up to 2.5 times what its caches are given (howto-optimise).
OVERHEAD = 2.5
# Of 17 parts of the caches: messages, record sets (twice as much), keys, denials, name servers.
MESSAGES, RECORD_SETS, KEYS, DENIALS, SERVERS = 5, 10, 1, 0.5, 0.5
PARTS = MESSAGES + RECORD_SETS + KEYS + DENIALS + SERVERS
# What the cache of name servers takes for each.
SERVER_OCTETS = 400
# Sockets of a thread to name servers, each of them for one question.
RANGE_MAX = 8192
# Descriptors for everything but questions to name servers.
RESERVED_DESCRIPTORS = 512
BUFFER_WANTED = 8 * MIB
MEMORY_MIN = 64 * MIB
# unix(7): sun_path has 108 octets, the last of them zero.
SOCKET_PATH_MAX = 107


@dataclass(frozen=True)
class Machine:
    """What a machine has for its resolver."""

    threads: int
    # Octets of memory for the resolver as a whole.
    memory: int
    descriptors: int
    # The largest buffers of sockets that a process without privileges gets.
    receive_buffer: int
    send_buffer: int
    has_ipv6: bool

    @property
    def outgoing_range(self) -> int:
        """How many questions to name servers a thread can have open."""
        return min(RANGE_MAX, (self.descriptors - RESERVED_DESCRIPTORS) // self.threads)

    @property
    def slabs(self) -> int:
        """Into how many parts with locks of their own caches are split: a power of 2."""
        return 1 << (self.threads - 1).bit_length() if self.threads > 1 else 1

    def cache(self, parts: float) -> int:
        """Octets for a cache that gets so many parts."""
        return int(self.memory / OVERHEAD * parts / PARTS)

    def problem(self) -> str | None:
        """What keeps a resolver from running here, and what to do; None where nothing does."""
        if self.memory < MEMORY_MIN:
            return (f"--memory: {self.memory // MIB} MiB is too little for a survey; give it "
                    f"{MEMORY_MIN // MIB} MiB or more")
        if self.outgoing_range < 64:
            return (f"{self.descriptors} descriptors are too few for {self.threads} threads; "
                    "raise the limit ('ulimit -Hn') or name fewer by --threads")
        return None

    def cautions(self) -> list[str]:
        """Settings of the system that a large survey wants otherwise."""
        found = []
        for name, granted in (("rmem_max", self.receive_buffer), ("wmem_max", self.send_buffer)):
            if granted < BUFFER_WANTED:
                found.append(
                    f"net.core.{name} is {granted}: bursts of packets beyond that are lost; as "
                    f"root: sysctl -w net.core.{name}={BUFFER_WANTED}")
        if self.outgoing_range < RANGE_MAX:
            wanted = self.threads * RANGE_MAX + RESERVED_DESCRIPTORS
            found.append(
                f"the limit of descriptors is {self.descriptors}: each thread has "
                f"{self.outgoing_range} sockets for questions rather than {RANGE_MAX}; raise it to "
                f"{wanted} ('ulimit -Hn', LimitNOFILE=)")
        return found


@dataclass(frozen=True)
class Setup:
    """Where the resolver runs and listens, whom it answers, and where it begins."""

    folder: Path
    address: str
    port: int
    # Networks beside the machine itself that may ask.
    clients: tuple[str, ...]
    trust_anchor: Path
    # The root's servers, where they are not the Internet's.
    root_hints: Path | None = None
    minimises: bool = False
    reuses_port: bool = False
    # Whether unbound is of a version that limits what an address waits for.
    limits_waiting: bool = True

    @property
    def name(self) -> str:
        """Address and port as stsurvey takes them."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}"

    @property
    def control(self) -> Path:
        """The socket by which unbound-control asks."""
        return self.folder / "control"

    def problem(self) -> str | None:
        """What keeps a resolver from running there, and what to do; None where nothing does."""
        if len(str(self.control).encode()) > SOCKET_PATH_MAX:
            return f"--folder {self.folder}: too long for a socket's path; name another folder"
        return None

    @property
    def path(self) -> Path:
        """The file of the configuration."""
        return self.folder / "unbound.conf"

    @property
    def pid_file(self) -> Path:
        """The file with the process."""
        return self.folder / "unbound.pid"


# By default an address gets no answer that takes longer than 1.9 seconds, nor has more than 1,000
# questions open: measures against floods, and a scan is one address.
WITHOUT_WAIT_LIMITS = """\
  # A scan waits for more than 1,000 answers at once, and longer than 1.9 seconds.
  wait-limit: 0
  discard-timeout: 0
"""


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def text(setup: Setup, machine: Machine) -> str:
    """The whole configuration."""
    clients = "".join(f"\n  access-control: {network} allow" for network in setup.clients)
    hints = f'\n  root-hints: "{setup.root_hints}"' if setup.root_hints else ""
    in_thread = machine.outgoing_range // 2
    waiting = WITHOUT_WAIT_LIMITS if setup.limits_waiting else ""
    return f"""# unbound for a survey, written by 'scripts/resolver up'.
server:
  interface: {setup.address}@{setup.port}
  access-control: 0.0.0.0/0 refuse
  access-control: ::0/0 refuse
  access-control: 127.0.0.0/8 allow
  access-control: ::1 allow{clients}
  username: ""
  chroot: ""
  directory: "{setup.folder}"
  pidfile: "{setup.pid_file}"
  use-syslog: no
  logfile: "{setup.folder}/unbound.log"
  verbosity: 0

  num-threads: {machine.threads}
  msg-cache-slabs: {machine.slabs}
  rrset-cache-slabs: {machine.slabs}
  infra-cache-slabs: {machine.slabs}
  key-cache-slabs: {machine.slabs}
  # A scan asks from one socket a loop: with a socket for each thread the kernel would hand all of a
  # loop's questions to the same one.
  so-reuseport: {_yes(setup.reuses_port)}
  outgoing-range: {machine.outgoing_range}
  num-queries-per-thread: {in_thread}
{waiting}  so-rcvbuf: {min(BUFFER_WANTED, machine.receive_buffer)}
  so-sndbuf: {min(BUFFER_WANTED, machine.send_buffer)}
  outgoing-num-tcp: 256
  incoming-num-tcp: 64
  do-ip6: {_yes(machine.has_ipv6)}

  msg-cache-size: {machine.cache(MESSAGES)}
  rrset-cache-size: {machine.cache(RECORD_SETS)}
  key-cache-size: {machine.cache(KEYS)}
  neg-cache-size: {machine.cache(DENIALS)}
  infra-cache-numhosts: {max(10_000, machine.cache(SERVERS) // SERVER_OCTETS)}

  # A record says what is true in the hour in which it was made; nothing is kept fresh or given out
  # stale, since no domain is asked twice.
  cache-max-ttl: 3600
  cache-max-negative-ttl: 900
  prefetch: no
  prefetch-key: no
  serve-expired: no

  module-config: "validator iterator"
  auto-trust-anchor-file: "{setup.folder}/root.key"{hints}
  # A name below the domain is asked for in full: a zone's servers get more questions where it is
  # minimised, and its list is no secret from them.
  qname-minimisation: {_yes(setup.minimises)}
  # What is proven absent is not asked for again (RFC 8198, RFC 8020).
  aggressive-nsec: yes
  harden-below-nxdomain: yes
  # The reason of a failure, as a code (RFC 8914).
  ede: yes
  rrset-roundrobin: no
  minimal-responses: yes
  hide-identity: yes
  hide-version: yes
remote-control:
  control-enable: yes
  control-interface: "{setup.control}"
  control-use-cert: no
"""
