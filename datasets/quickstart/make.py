#!/usr/bin/python3
"""Makes domains.txt: names known to everybody, and invented ones. See README.md."""

from __future__ import annotations

import random
from pathlib import Path

LENGTH = 1000
WELL_KNOWN = """
google.com youtube.com facebook.com wikipedia.org instagram.com amazon.com yahoo.com reddit.com
twitter.com x.com netflix.com linkedin.com microsoft.com live.com office.com bing.com apple.com
icloud.com github.com gitlab.com stackoverflow.com mozilla.org debian.org ubuntu.com kernel.org
gnu.org python.org swift.org rust-lang.org golang.org ietf.org iana.org icann.org rfc-editor.org
isoc.org w3.org ripe.net arin.net apnic.net lacnic.net afrinic.net internet.nl nlnetlabs.nl
sidn.nl nic.at denic.de switch.ch afnic.fr cira.ca nominet.uk jprs.jp verisign.com
cloudflare.com akamai.com fastly.com digitalocean.com hetzner.com ovh.com ovhcloud.com gandi.net
namecheap.com porkbun.com godaddy.com ionos.com strato.de one.com hostpoint.ch infomaniak.com
transip.nl hostnet.nl domeneshop.no loopia.se simply.com protonmail.com proton.me tuta.com
posteo.de mailbox.org fastmail.com zoho.com gmx.net web.de t-online.de freenet.de mail.ru
yandex.ru comcast.net xfinity.com att.com verizon.com t-mobile.com orange.fr free.fr sfr.fr
telefonica.com vodafone.com bt.com sky.com swisscom.ch bluewin.ch a1.net telekom.com kpn.com
ziggo.nl xs4all.nl telia.com telenor.no elisa.fi nytimes.com washingtonpost.com theguardian.com
bbc.co.uk bbc.com cnn.com reuters.com bloomberg.com ft.com economist.com lemonde.fr lefigaro.fr
spiegel.de zeit.de faz.net sueddeutsche.de heise.de golem.de nzz.ch tagesanzeiger.ch
derstandard.at orf.at rai.it repubblica.it corriere.it elpais.com elmundo.es publico.pt
aftonbladet.se dr.dk nrk.no yle.fi hs.fi nos.nl nu.nl lwn.net slashdot.org arstechnica.com
wired.com theverge.com techcrunch.com ebay.com etsy.com walmart.com target.com ikea.com
zalando.de otto.de allegro.pl mercadolibre.com alibaba.com taobao.com jd.com rakuten.co.jp
flipkart.com booking.com airbnb.com expedia.com tripadvisor.com lufthansa.com klm.com
ryanair.com sbb.ch bahn.de sncf.com oebb.at paypal.com stripe.com visa.com mastercard.com
chase.com bankofamerica.com wellsfargo.com hsbc.com barclays.co.uk ubs.com deutsche-bank.de
commerzbank.de ing.com rabobank.nl santander.com bbva.com bnpparibas.com nordea.com adobe.com
oracle.com sap.com ibm.com intel.com amd.com nvidia.com arm.com cisco.com hp.com dell.com
lenovo.com samsung.com sony.com nintendo.com siemens.com bosch.com philips.com ericsson.com
nokia.com bmw.com volkswagen.de mercedes-benz.com toyota.com honda.com tesla.com volvo.com
shell.com bp.com spotify.com soundcloud.com twitch.tv vimeo.com tiktok.com pinterest.com
tumblr.com wordpress.com wordpress.org medium.com blogger.com discord.com slack.com zoom.us
dropbox.com box.com notion.so figma.com canva.com trello.com atlassian.com salesforce.com
shopify.com squarespace.com wix.com weebly.com mailchimp.com sendgrid.com mailgun.com
hubspot.com archive.org duckduckgo.com eff.org aclu.org amnesty.org greenpeace.org redcross.org
unicef.org who.int nato.int un.org europa.eu esa.int cern.ch itu.int wto.org oecd.org nasa.gov
noaa.gov nist.gov cisa.gov fbi.gov irs.gov cdc.gov nih.gov usda.gov epa.gov house.gov senate.gov
whitehouse.gov loc.gov usps.com gov.uk ncsc.gov.uk bund.de bsi.bund.de admin.ch rijksoverheid.nl
regeringen.se canada.ca gouv.fr gob.es governo.it gov.br gov.au mit.edu stanford.edu harvard.edu
berkeley.edu princeton.edu yale.edu cornell.edu columbia.edu caltech.edu cmu.edu umich.edu
illinois.edu gatech.edu utexas.edu washington.edu ucla.edu ucsd.edu nyu.edu duke.edu
uchicago.edu upenn.edu ethz.ch epfl.ch uzh.ch tum.de lmu.de rwth-aachen.de kit.edu tu-berlin.de
ox.ac.uk cam.ac.uk ic.ac.uk ucl.ac.uk ed.ac.uk sorbonne-universite.fr ens.fr tudelft.nl uva.nl
kuleuven.be helsinki.fi kth.se uio.no ku.dk u-tokyo.ac.jp kyoto-u.ac.jp nus.edu.sg
unimelb.edu.au anu.edu.au utoronto.ca mcgill.ca usp.br uct.ac.za
""".split()
# U-labels, which a reader of the list has to convert (UTS 46).
INTERNATIONAL = [
    "MÜNCHEN-Brotzeit.example", "bücherstube.de", "café-du-port.fr", "пример-почта.рф",
    "日本語メール.jp", "Smørrebrød-aarhus.dk",
]
FIRST = """
alder amber anchor arbor aspen badger beacon birch bramble bridge cedar cinder clover cobalt
copper coral crane dapple delta drift eagle echo elder ember fable falcon fern finch flint forge
gable garnet glade granite harbor hazel heron hollow indigo iron ivory jasper juniper kestrel
kiln lantern larch lark linden lumen maple marble marsh meadow mercury mill moss nettle north
oak ochre olive onyx orchard otter pebble pine plume quarry quartz quill raven reed ridge river
rowan saddle sage silver slate sorrel spruce stone summit swift tallow tern thistle timber tulip
umber valley velvet violet walnut warren willow winter yarrow zephyr
""".split()
SECOND = """
bakery bikes books brewing capital care clinic coffee consult craft dairy dental design digital
energy farm films florist foods foundry freight garden gallery group health homes hosting
insurance joinery labs legal logistics machines media metals motors music nursery optics paper
partners pharma photo plumbing press print realty robotics roofing sailing school seeds soft
solar sports studio supply systems tea textiles tiles tools tours toys travel trust tutors vets
video wines works yoga
""".split()
ENDINGS = """
com net org de nl ch se fr uk.com co.uk it es eu info biz io dev app shop online agency cloud
email me at be dk no fi pl cz ca com.au co.nz com.br co.jp in us gov edu int museum swiss berlin
paris
""".split()
# Spelt as lists in the wild spell them: upper case, trailing dot, CRLF.
SPELLINGS = {
    "nasa.gov": "NASA.gov", "ietf.org": "IETF.ORG", "mit.edu": "MIT.edu",
    "debian.org": "debian.org.", "iana.org": "iana.org.", "kernel.org": "kernel.org\r",
    "eff.org": "eff.org\r",
}


def invented(count: int, rng: random.Random) -> list[str]:
    """Names made of two words and an ending; whether somebody owns them was not asked."""
    made: set[str] = set()
    while len(made) < count:
        joint = rng.choice(["", "-"])
        made.add(f"{rng.choice(FIRST)}{joint}{rng.choice(SECOND)}.{rng.choice(ENDINGS)}")
    return sorted(made)


def main() -> None:
    """Writes the list beside this file."""
    rng = random.Random(8461)
    names = WELL_KNOWN + invented(LENGTH - len(WELL_KNOWN) - len(INTERNATIONAL), rng)
    rng.shuffle(names)
    lines = [SPELLINGS.get(name, name) for name in names]
    for position, name in zip(sorted(rng.sample(range(50, 980), 6)), INTERNATIONAL, strict=True):
        lines.insert(position, name)
    lines.insert(0, "# 1,000 domains for the lab: real names and invented ones. See README.md.")
    lines[500:500] = ["", "# Half way: this comment and the blank line above carry no domain."]
    Path(__file__).with_name("domains.txt").write_bytes(("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
