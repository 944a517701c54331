import Testing

@testable import Statistics

@Suite struct ProviderCatalogueTests {
    let catalogue: ProviderCatalogue

    init() throws { catalogue = try ProviderCatalogue.builtIn() }

    @Test func theCatalogueIsLargeEnough() {
        let mail = catalogue.providers.filter { !$0.mx.isEmpty }
        #expect(mail.count >= 60)
        #expect(Set(catalogue.providers.map(\.kind)) == Set(Provider.Kind.allCases))
    }

    @Test(arguments: [
        ("aspmx.l.google.com", "google"),
        ("alt1.aspmx.l.google.com", "google"),  // a name below a pattern
        ("aspmx2.googlemail.com", "google"),
        ("example-com.mail.protection.outlook.com", "microsoft-365"),
        ("example-com.b-v1.mx.microsoft", "microsoft-365"),
        ("outlook-com.olc.protection.outlook.com", "outlook-com"),  // beside the one above
        ("mta5.am0.yahoodns.net", "yahoo"),
        ("mx01.mail.icloud.com", "apple-icloud"),
        ("mail.protonmail.ch", "proton"),
        ("in1-smtp.messagingengine.com", "fastmail"),
        ("mail.tutanota.de", "tuta"),
        ("mx.zoho.eu", "zoho"),
        ("mx.yandex.net", "yandex"),
        ("mxext1.mailbox.org", "mailbox-org"),
        ("mx1.emailsrvr.com", "rackspace"),
        ("inbound-smtp.eu-west-1.amazonaws.com", "amazon"),
        ("mx1.titan.email", "titan"),
        ("mx0a-00000000.pphosted.com", "proofpoint"),
        ("mx1-us1.ppe-hosted.com", "proofpoint"),
        ("eu-smtp-inbound-1.mimecast.com", "mimecast"),
        ("d000.a.ess.de.barracudanetworks.com", "barracuda"),
        ("mx1.hc000-00.eu.iphmx.com", "cisco"),
        ("cluster1.eu.messagelabs.com", "messagelabs"),
        ("mx01.hornetsecurity.com", "hornetsecurity"),
        ("route1.mx.cloudflare.net", "cloudflare"),
        ("mx1.improvmx.com", "improvmx"),
        ("smtp.secureserver.net", "godaddy"),
        ("fwd1.porkbun.com", "porkbun"),
        ("mx00.ionos.de", "ionos"),
        ("mx1.mail.ovh.net", "ovh"),
        ("spool.mail.gandi.net", "gandi"),
        ("mx01.mail.one.com", "one-com"),
        ("mx1.hostpoint.ch", "hostpoint"),
        ("mx1.infomaniak.ch", "infomaniak"),
        ("mx1.simply.com", "simply-com"),
        ("mx.domeneshop.no", "domeneshop"),
    ])
    func aHostBelongsTo(host: String, id: String) {
        #expect(catalogue.provider(ofHost: host).map { catalogue.providers[$0].id } == id)
    }

    @Test(arguments: [
        "notgoogle.com",  // ends like a pattern within a label
        "google.com.example.net",  // begins like one
        "ec2-192-0-2-1.compute-1.amazonaws.com",  // a rented machine is its tenant's
        "outlook.com", "com", "",
    ])
    func aHostBelongsToNone(host: String) {
        #expect(catalogue.provider(ofHost: host) == nil)
    }

    @Test(arguments: [
        ("mta-sts.tutanota.com", "tuta"), ("_mta-sts.tutanota.de", "tuta"),
        ("a-com.mta-sts.dmarcinput.com", "dmarcreport"),
        ("a-com._mta.mta-sts.tech", "powerdmarc"),
        ("a_com__mta_sts.easydmarc.pro", "easydmarc"),
        ("a.com._mta-sts.mailhardener.com", "mailhardener"),
        ("a-com._mta-sts.uriports.com", "uriports"),
        ("a.com._mta-sts.sdmarc.net", "sendmarc"),
        ("_mta-sts.a.com._mta-sts.smart.ondmarc.com", "ondmarc"),
    ])
    func aPolicyTargetBelongsTo(target: String, id: String) {
        #expect(catalogue.provider(ofPolicyTarget: target).map { catalogue.providers[$0].id } == id)
    }

    @Test(arguments: [
        (#"{"version": 2, "sources": {}, "providers": []}"#, "version 2 is not 1"),
        (entry(#""id": "a", "mx": ["a.example", "a.example"]"#), "a.example stands twice under mx"),
        (entry(#""id": "a", "mx": ["A.example"]"#), "provider a: A.example cannot stand under mx"),
        (entry(#""id": "a", "mx": ["example"]"#), "provider a: example cannot stand under mx"),
        (
            entry(#""id": "a", "mx": ["a.example."]"#),
            "provider a: a.example. cannot stand under mx"
        ),
        (entry(#""id": "a""#), "provider a has no mx, policy or addresses"),
        (
            entry(#""id": "a", "addresses": ["192.0.2.256"]"#),
            "provider a: 192.0.2.256 cannot stand under addresses"
        ),
    ])
    func aBadCatalogueSaysWhy(json: String, reason: String) {
        #expect {
            try ProviderCatalogue(json: Array(json.utf8))
        } throws: { ($0 as? CatalogueError)?.text == reason }
    }
}

/// A catalogue of one provider with these members.
private func entry(_ members: String) -> String {
    """
    {"version": 1, "sources": {"s": {"title": "t"}}, "providers": [
    {"name": "n", "kind": "mailbox", "sources": ["s"], \(members)}]}
    """
}
