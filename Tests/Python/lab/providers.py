"""The providers that many domains share: mail hosts and hosts of policies."""

from __future__ import annotations

from dataclasses import dataclass

from . import servers
from .model import Host, Operator, Record


def _filled(form: str, domain: str) -> str:
    return form.format(
        domain=domain, dashed=domain.replace(".", "-"), underscored=domain.replace(".", "_"))


class _Operated:
    """What has a name of its own, and a label and a kind where statistics name it otherwise."""

    name: str
    label: str | None
    kind: str

    @property
    def operator(self) -> Operator:
        """The provider as statistics name it."""
        return Operator(self.label or self.name, self.kind)


@dataclass(frozen=True)
class PolicyProvider(_Operated):
    """A provider of policy hosts: what its customers make `mta-sts.` an alias of.

    `record_form` is the same of `_mta-sts.`; a form without a domain is one name for all.
    """

    name: str
    form: str
    record_form: str | None = None
    # The name and the kind that statistics give it: those of the catalogue, or its domain.
    label: str | None = None
    kind: str = "domain"
    weight: float = 1

    @property
    def has_own_names(self) -> bool:
        """Whether each customer's alias leads to a name of its own."""
        return "{" in self.form

    def target(self, domain: str) -> str:
        """The name that the policy host of a customer is an alias of."""
        return _filled(self.form, domain)

    def record_target(self, domain: str) -> str:
        """The name that the record of a customer is an alias of."""
        return _filled(self.record_form or "", domain)


@dataclass(frozen=True)
class Provider(_Operated):
    """A mail provider: all its hosts are of one kind, but that the last may differ.

    `customer` is the form of the MX name that each customer has to itself; the hosts then are
    those with these names, with a certificate for all of them.
    """

    name: str
    hosts: int
    group: str
    is_signed: bool = False
    certificate: str | None = "ok"
    last_certificate: str | None = None
    server: str = "nginx"
    names: tuple[str, ...] = ()
    customer: str | None = None
    label: str | None = None
    kind: str = "domain"
    weight: float = 1

    def host_names(self) -> tuple[str, ...]:
        """The names of its hosts."""
        return self.names or tuple(f"mx{n}.{self.name}" for n in range(1, self.hosts + 1))

    def customer_name(self, domain: str) -> str:
        """The MX name of a customer."""
        return _filled(self.customer or "", domain)


# Represent the providers of the survey of 2024, with the forms of their CNAME targets.
POLICY_PROVIDERS = (
    PolicyProvider("tutapost.lab", "mta-sts.tutapost.lab"),
    PolicyProvider("dmarcinput.lab", "{dashed}.mta-sts.dmarcinput.lab"),
    PolicyProvider("powermta.lab", "{dashed}._mta.mta-sts.powermta.lab"),
    PolicyProvider("easyinput.lab", "{underscored}__mta_sts.easyinput.lab"),
    PolicyProvider("mailharden.lab", "{domain}._mta-sts.mailharden.lab",
                   "{domain}._mta-sts.mailharden.lab"),
    PolicyProvider("uriwatch.lab", "{dashed}._mta-sts.uriwatch.lab"),
    PolicyProvider("sdmail.lab", "{domain}._mta-sts.sdmail.lab"),
    PolicyProvider("smart-demand.lab", "_mta-sts.{domain}._mta-sts.smart-demand.lab"),
)

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


def hosts(provider: Provider, number: int) -> list[Host]:
    """The MX hosts of a provider, each on an address of its own that its number gives."""
    names = provider.host_names()
    made = []
    for index, name in enumerate(names, start=1):
        certificate = provider.last_certificate if index == len(names) else None
        tlsa = {"rsa": "rsa"}.get(provider.certificate or "", "ok")
        made.append(Host(
            name=name, server=provider.server, certificate=certificate or provider.certificate,
            address=f"127.{1 if number < 256 else 16 + (number >> 8)}.{number & 255}.{index}",
            is_signed=provider.is_signed, tlsa=tlsa if provider.group == "dane" else None,
            operator=provider.operator))
    return made


def policy_address(index: int) -> str:
    """The address that a provider serves policies on."""
    return f"127.5.1.{index + 1}"


def zone_records() -> list[Record]:
    """The records that the infrastructure has besides what customers cause."""
    return [
        Record("ns.lab.", "A", servers.DNS_ADDRESS),
        Record("reports.lab.", "A", servers.REFUSED_ADDRESS),
        Record("scanner.lab.test.", "A", "127.0.0.1"),
    ]
