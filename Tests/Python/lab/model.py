"""What the lab is made of: hosts, policies, domains. Plain data, filled by `population`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Record:
    """A resource record; `owner` is relative to its domain, `@` the domain itself.

    `tampered` is what the data becomes after signing: then validation fails.
    """

    owner: str
    type: str
    data: str
    tampered: str | None = None


@dataclass(frozen=True)
class Operator:
    """Who runs hosts, as statistics name them: a provider of the catalogue, or a domain."""

    name: str
    kind: str


@dataclass(frozen=True)
class Host:
    """An MX host: how its server behaves, and what DNS says of it.

    `operator` is None where the host is of its domain's own name and no alias leads elsewhere.
    """

    name: str
    server: str
    certificate: str | None = None
    address: str | None = None
    is_signed: bool = False
    tlsa: str | None = None
    operator: Operator | None = None
    # The name that the certificate is made for, where it is another.
    shown: str | None = None


@dataclass
class Policy:
    """The policy of a domain: how its fetch ends, and its body."""

    host: str
    fetch: str
    status: str | None = None
    body: bytes = b""
    mode: str | None = None
    max_age: int | None = None
    patterns: list[str] = field(default_factory=list)
    http_status: int = 200
    content_type: str = "text/plain"
    certificate: str | None = None
    # The kind of body, of `policies`.
    kind: str = "ok"
    # Whose name `mta-sts.` is an alias of, and where the policy host is.
    operator: Operator | None = None
    address: str | None = None


@dataclass
class Domain:
    """A domain of the list with all that it has."""

    name: str
    case: str
    is_signed: bool
    mx_status: str = "has_mx"
    mx: list[tuple[int, Host]] = field(default_factory=list)
    record_status: str = "absent"
    record_id: str | None = None
    # The kind of record, of `policies`; whose name `_mta-sts.` is an alias of.
    record_kind: str = "absent"
    record_operator: Operator | None = None
    tlsrpt_status: str = "absent"
    tlsrpt_kind: str = "absent"
    policy: Policy | None = None
    records: list[Record] = field(default_factory=list)
    # What is wrong with the server of a name: servfail, refused or timeout.
    faults: dict[str, str] = field(default_factory=dict)

    def add(self, owner: str, kind: str, data: str, tampered: str | None = None) -> None:
        """Adds a resource record."""
        self.records.append(Record(owner, kind, data, tampered))


@dataclass
class World:
    """Everything that the servers are made from."""

    domains: dict[str, Domain]
    hosts: dict[str, Host]
    # Mail hosts of providers, and where providers and domains serve policies: all nginx's.
    provider_hosts: list[Host] = field(default_factory=list)
    policy_addresses: set[str] = field(default_factory=set)
    # Addresses of own mail hosts that nginx hands on to Postfix.
    forwarded: set[str] = field(default_factory=set)
    # Records of names that belong to no domain of the list: those of providers.
    infrastructure: list[Record] = field(default_factory=list)
    # Providers' domains that are delegated without DS, and their records.
    unsigned: dict[str, list[Record]] = field(default_factory=dict)
