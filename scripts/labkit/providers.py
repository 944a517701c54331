"""The providers that many domains share: mail hosts and hosts of policies."""

from __future__ import annotations

from dataclasses import dataclass

from . import servers
from .model import Host, Record

# Stand for the providers of the survey of 2024, with the forms of their CNAME targets.
POLICY_PROVIDERS = (
    ("tutapost.lab", "mta-sts.tutapost.lab"),
    ("dmarcinput.lab", "{dashed}.mta-sts.dmarcinput.lab"),
    ("powermta.lab", "{dashed}._mta.mta-sts.powermta.lab"),
    ("easyinput.lab", "{underscored}__mta_sts.easyinput.lab"),
    ("mailharden.lab", "{domain}._mta-sts.mailharden.lab"),
    ("uriwatch.lab", "{dashed}._mta-sts.uriwatch.lab"),
    ("sdmail.lab", "{domain}._mta-sts.sdmail.lab"),
    ("smart-demand.lab", "_mta-sts.{domain}._mta-sts.smart-demand.lab"),
)


@dataclass(frozen=True)
class Provider:
    """A mail provider: all its hosts are of one kind, but that the last may differ."""

    name: str
    hosts: int
    group: str
    is_signed: bool = False
    certificate: str | None = "ok"
    last_certificate: str | None = None
    server: str = "nginx"


# In order of size: the n-th has 1/n of the customers of the first.
PROVIDERS = (
    Provider("mailgrove.lab", 5, "good"),
    Provider("postamt.lab", 3, "good", is_signed=True),
    Provider("onemail.lab", 4, "dane", is_signed=True),
    Provider("inboxworks.lab", 2, "good", certificate="wildcard"),
    Provider("hostpunkt.lab", 2, "dane", is_signed=True, certificate="rsa"),
    Provider("larkmail.lab", 3, "good", certificate="rsa"),
    Provider("cheapmail.lab", 2, "bad", certificate="self_signed"),
    Provider("registro.lab", 2, "bad", server="plain", certificate=None),
    Provider("sternpost.lab", 2, "good"),
    Provider("transmail.lab", 3, "dane", is_signed=True),
    Provider("bluepigeon.lab", 4, "good"),
    Provider("schoolmail.lab", 2, "bad", last_certificate="expired"),
    Provider("govmail.lab", 2, "good", is_signed=True),
    Provider("kantonpost.lab", 2, "dane", is_signed=True),
    Provider("quayside.lab", 2, "good", certificate="wildcard"),
    Provider("oldisp.lab", 2, "bad", certificate="untrusted"),
    Provider("papermail.lab", 3, "good"),
    Provider("wrongname.lab", 2, "bad", certificate="name"),
    Provider("fjordpost.lab", 2, "good", is_signed=True),
    Provider("tinymail.lab", 2, "good"),
)


def group(name: str) -> list[Provider]:
    """The providers of a group; `any` is all."""
    return [provider for provider in PROVIDERS if name in ("any", provider.group)]


def hosts(provider: Provider) -> list[Host]:
    """The MX hosts of a provider, each on an address of its own."""
    number = PROVIDERS.index(provider) + 1
    made = []
    for index in range(1, provider.hosts + 1):
        is_last = index == provider.hosts
        certificate = provider.last_certificate if is_last else None
        tlsa = {"rsa": "rsa"}.get(provider.certificate or "", "ok")
        made.append(Host(
            name=f"mx{index}.{provider.name}", server=provider.server,
            certificate=certificate or provider.certificate,
            address=f"127.1.{number}.{index}", is_signed=provider.is_signed,
            tlsa=tlsa if provider.group == "dane" else None,
        ))
    return made


def policy_target(index: int, domain: str) -> str:
    """The name that the policy host of a customer is an alias of."""
    form = POLICY_PROVIDERS[index][1]
    return form.format(
        domain=domain, dashed=domain.replace(".", "-"), underscored=domain.replace(".", "_"))


def policy_address(index: int) -> str:
    """The address that a provider serves policies on."""
    return f"127.5.1.{index + 1}"


def policy_addresses() -> list[str]:
    """All addresses of providers of policies."""
    return [policy_address(index) for index in range(len(POLICY_PROVIDERS))]


def zone_records() -> list[Record]:
    """The records that the infrastructure has besides what customers cause."""
    return [
        Record("ns.lab.", "A", servers.DNS_ADDRESS),
        Record("reports.lab.", "A", servers.REFUSED_ADDRESS),
        Record("scanner.lab.test.", "A", "127.0.0.1"),
    ]
