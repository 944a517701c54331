"""The providers of the field, by their names in datasets/providers.json, and invented ones.

Nothing leaves loopback: the lab is the root of its name space. Sizes of those with DANE are the
domains that the survey of DANE counted, of policy hosts those of table 2 of the IMC 2025 study. No
source gives the sizes of the large mailbox providers; theirs, and the invented hosters', are a
guess: some thirds of all mail at the first two, a long tail after them.
"""

from __future__ import annotations

from typing import Any

from .providers import PolicyProvider, Provider

# How many invented hosters follow the known ones; the n-th has 1/n of the first's customers.
HOSTERS = 240
HOSTER_WEIGHT = 60
# The domains with DANE, in all, and the mail providers' weight that they represent.
DANE_DOMAINS, DANE_WEIGHT = 4_158_589, 29
# What is wrong with an invented hoster's hosts, by its number; the first ones are well.
_BAD: dict[int, dict[str, Any]] = {
    1: {"certificate": "self_signed"}, 2: {"server": "plain", "certificate": None},
    3: {"last_certificate": "expired"}, 4: {"certificate": "untrusted"},
    5: {"certificate": "name"}, 6: {"certificate": "leaf_only"},
}


def _known(
    weight: float, zone: str, label: str, kind: str, *names: str, group: str = "good",
    customer: str | None = None, is_signed: bool = False,
) -> Provider:
    certificate = "wildcard" if customer else "ok"
    return Provider(
        zone, len(names), group, is_signed, certificate, names=names, customer=customer,
        label=label, kind=kind, weight=weight)


def _dane(domains: int, zone: str, label: str) -> Provider:
    return Provider(
        zone, 2, "dane", is_signed=True, label=label, kind="registrar",
        weight=DANE_WEIGHT * domains / DANE_DOMAINS)


def _hoster(number: int) -> Provider:
    zone = f"mail{number}-hosting.net"
    weight = HOSTER_WEIGHT / number
    if number % 11 == 0:
        return Provider(zone, 2, "dane", is_signed=True, weight=weight)
    wrong: dict[str, Any] = _BAD.get(number % 12, {}) if number > 12 else {}
    return Provider(zone, 1 + number % 3, "bad" if wrong else "good", weight=weight, **wrong)


MAIL = (
    _known(240, "google.com", "Google", "mailbox", "aspmx.l.google.com",
           "alt1.aspmx.l.google.com", "alt2.aspmx.l.google.com", "alt3.aspmx.l.google.com",
           "alt4.aspmx.l.google.com"),
    _known(210, "protection.outlook.com", "Microsoft 365", "mailbox",
           "edge1.mail.protection.outlook.com", "edge2.mail.protection.outlook.com",
           customer="{dashed}.mail.protection.outlook.com"),
    # Deeper than the `*.mx.microsoft` that customers' policies name.
    _known(3, "mx.microsoft", "Microsoft 365", "mailbox", "edge1.h-v1.mx.microsoft",
           group="dane", customer="{dashed}.h-v1.mx.microsoft", is_signed=True),
    _known(45, "secureserver.net", "GoDaddy", "registrar", "smtp.secureserver.net",
           "mailstore1.secureserver.net"),
    _known(30, "registrar-servers.com", "Namecheap and eNom", "registrar",
           *(f"eforward{n}.registrar-servers.com" for n in range(1, 6))),
    _known(28, "ionos.de", "IONOS (1&1)", "registrar", "mx00.ionos.de", "mx01.ionos.de"),
    _known(26, "ovh.net", "OVHcloud", "registrar", "mx1.mail.ovh.net", "mx2.mail.ovh.net"),
    _known(20, "hostinger.com", "Hostinger", "registrar", "mx1.hostinger.com",
           "mx2.hostinger.com"),
    _known(16, "yandex.net", "Yandex", "mailbox", "mx.yandex.net"),
    _known(15, "zoho.com", "Zoho Mail", "mailbox", "mx.zoho.com", "mx2.zoho.com", "mx3.zoho.com"),
    _known(13, "pphosted.com", "Proofpoint", "filter", "edge1.gslb.pphosted.com",
           customer="mx0a-{dashed}.gslb.pphosted.com"),
    _known(12, "mx.cloudflare.net", "Cloudflare Email Routing", "forwarder",
           *(f"route{n}.mx.cloudflare.net" for n in range(1, 4))),
    _known(12, "qq.com", "Tencent QQ Mail", "mailbox", "mxbiz1.qq.com", "mxbiz2.qq.com"),
    _known(10, "mimecast.com", "Mimecast", "filter", "eu-smtp-inbound-1.mimecast.com",
           "eu-smtp-inbound-2.mimecast.com"),
    _known(10, "emailsrvr.com", "Rackspace Email", "mailbox", "mx1.emailsrvr.com",
           "mx2.emailsrvr.com"),
    _known(8, "gandi.net", "Gandi", "registrar", "spool.mail.gandi.net", "fb.mail.gandi.net"),
    _known(8, "mail.ru", "Mail.ru", "mailbox", "emx.mail.ru"),
    _known(6, "messagingengine.com", "Fastmail", "mailbox", "in1-smtp.messagingengine.com",
           "in2-smtp.messagingengine.com"),
    _known(6, "protonmail.ch", "Proton Mail", "mailbox", "mail.protonmail.ch",
           "mailsec.protonmail.ch", group="dane", is_signed=True),
    _known(6, "amazonaws.com", "Amazon SES and WorkMail", "mailbox",
           "inbound-smtp.us-east-1.amazonaws.com"),
    _known(5, "privateemail.com", "Namecheap Private Email", "mailbox", "mx1.privateemail.com",
           "mx2.privateemail.com"),
    _known(5, "icloud.com", "Apple iCloud", "mailbox", "mx01.mail.icloud.com",
           "mx02.mail.icloud.com"),
    _known(4, "improvmx.com", "ImprovMX", "forwarder", "mx1.improvmx.com", "mx2.improvmx.com"),
    _known(4, "barracudanetworks.com", "Barracuda", "filter",
           "d1.ess.barracudanetworks.com", "d2.ess.barracudanetworks.com"),
    _known(3, "iphmx.com", "Cisco Secure Email", "filter", "mx1.hc1.iphmx.com"),
    _known(3, "hornetsecurity.com", "Hornetsecurity", "filter", "mx01.hornetsecurity.com",
           "mx02.hornetsecurity.com"),
    _known(3, "migadu.com", "Migadu", "mailbox", "aspmx1.migadu.com", "aspmx2.migadu.com"),
    _known(2, "mailbox.org", "mailbox.org", "mailbox", "mxext1.mailbox.org",
           "mxext2.mailbox.org"),
    # Takes the mail of those whose policies it serves.
    _known(1, "tutanota.de", "Tuta (Tutanota)", "mailbox", "mail.tutanota.de", group="tuta"),
    _dane(1_299_886, "one.com", "one.com"), _dane(311_818, "hostpoint.ch", "Hostpoint"),
    _dane(231_981, "infomaniak.ch", "Infomaniak"), _dane(200_783, "jouwweb.nl", "JouwWeb"),
    _dane(173_600, "transip.nl", "TransIP"), _dane(170_737, "mijndomein.nl", "Mijndomein"),
    _dane(166_585, "simply.com", "Simply.com"), _dane(131_424, "argewebhosting.nl", "Argeweb"),
    _dane(112_252, "hostnet.nl", "Hostnet"), _dane(110_565, "domeneshop.no", "Domeneshop"),
    _dane(106_658, "loopia.se", "Loopia"),
    *map(_hoster, range(1, HOSTERS + 1)),
)

TUTA, DMARCREPORT, PORKBUN = "tutanota.com", "dmarcinput.com", "porkbun.com"

POLICY = (
    PolicyProvider(TUTA, "mta-sts.tutanota.com", "_mta-sts.tutanota.de", "Tuta (Tutanota)",
                   "mailbox", 7614),
    PolicyProvider(DMARCREPORT, "{dashed}.mta-sts.dmarcinput.com", None, "DMARCReport",
                   "policy_host", 7293),
    PolicyProvider("mta-sts.tech", "{dashed}._mta.mta-sts.tech", "{dashed}._rec.mta-sts.tech",
                   "PowerDMARC", "policy_host", 3753),
    PolicyProvider("easydmarc.pro", "{underscored}__mta_sts.easydmarc.pro", None, "EasyDMARC",
                   "policy_host", 2222),
    PolicyProvider("mailhardener.com", "{domain}._mta-sts.mailhardener.com",
                   "{domain}._record.mailhardener.com", "Mailhardener", "policy_host", 1558),
    PolicyProvider("uriports.com", "{dashed}._mta-sts.uriports.com",
                   "{dashed}._record.uriports.com", "URIports", "policy_host", 1100),
    PolicyProvider("sdmarc.net", "{domain}._mta-sts.sdmarc.net", None, "Sendmarc",
                   "policy_host", 805),
    PolicyProvider("ondmarc.com", "_mta-sts.{domain}._mta-sts.smart.ondmarc.com", None,
                   "Red Sift OnDMARC", "policy_host", 451),
    # The rest of the study's 28,591 third-party policy hosts, by no name there.
    PolicyProvider("dmarcdkim.io", "{dashed}.mta-sts.dmarcdkim.io", None, "DmarcDkim.com",
                   "policy_host", 1400),
    PolicyProvider("mimeprotect.com", "mta-sts.mimeprotect.com", None, "MimeProtect",
                   "policy_host", 900),
    *(PolicyProvider(f"policy{n}-hosting.net", f"{{dashed}}.sts.policy{n}-hosting.net",
                     weight=700 / n) for n in range(1, 9)),
    # Parked domains of a registrar: 7,237 of the study's, outside its 28,591.
    PolicyProvider(PORKBUN, "pixie.porkbun.com", None, "Porkbun", "registrar", 7237),
)

# What becomes of a policy once its domain has left the provider (section 4.4 of the study).
RESIDUE = {
    TUTA: ("stale",), DMARCREPORT: ("empty",), "mta-sts.tech": ("gone", "record_gone", "none"),
    "easydmarc.pro": ("stale",), "mailhardener.com": ("gone", "record_gone", "none"),
    "uriports.com": ("gone", "record_gone"), "sdmarc.net": ("stale",), "ondmarc.com": ("stale",),
}
