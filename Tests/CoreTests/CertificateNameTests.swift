import DNS
internal import Judgement
internal import Observations
import Records
import Testing

/// Whether OpenSSL 3.0's `X509_check_host` takes a dNSName for a host, partial wildcards aside.
private let vectors: [(presented: String, host: String, isFor: Bool)] = [
    ("mx.example.com", "mx.example.com", true),
    ("MX.Example.COM", "mx.example.com", true),
    ("mx.example.com.", "mx.example.com", false),
    ("example.com", "mx.example.com", false),
    ("*.example.com", "mx.example.com", true),
    ("*.EXAMPLE.com", "mx.example.com", true),
    ("*.example.com", "a.mx.example.com", false),
    ("*.example.com", "example.com", false),
    ("*.com", "example.com", false),
    ("m*.example.com", "mx.example.com", false),
    ("*x.example.com", "mx.example.com", false),
    ("mx.*.com", "mx.example.com", false),
    ("*.*.com", "mx.example.com", false),
    ("*.example.com", "xn--bcher-kva.example.com", true),
    ("*.xn--bcher-kva.example", "mx.xn--bcher-kva.example", true),
    ("*.example.com", "mx_1.example.com", false),
    ("mx_1.example.com", "mx_1.example.com", true),
    ("*.a_b.example", "mx.a_b.example", false),
    ("*.-a.example", "mx.-a.example", false),
    ("*.example.com.", "mx.example.com", false),
    ("mx.\u{212A}elvin.example", "mx.kelvin.example", false),
    ("*.\u{212A}elvin.example", "mx.kelvin.example", false),
    ("mx.\u{17F}ervice.example", "mx.service.example", false),
    ("mx.example.com\0.example.net", "mx.example.com", false),
    ("mx.example.com\0", "mx.example.com", false),
    ("mx\\032a.example.com", "mx\\032a.example.com", false),
    ("", "mx.example.com", false),
    ("*", "mx", false),
    ("…", "mx.example.com", false),
]

@Suite struct `names of certificates` {
    @Test(arguments: vectors)
    func `stand for hosts by octets`(vector: (presented: String, host: String, isFor: Bool)) {
        let shown = certificate([vector.presented], [])
        #expect(shown.isFor(DomainName(canonical: vector.host)) == vector.isFor, "\(vector)")
    }

    /// RFC 7672 §3.2.3, by the subject as OpenSSL prints it (RFC 2253).
    @Test(arguments: [
        ("CN=example.com", true), ("O=Example,CN=example.com", true),
        ("CN=other.example+CN=example.com,O=Example", true), ("CN=*.com", false),
        ("CN=example.com\\00", false), ("CN=other\\,CN=example.com", false),
        ("CN=other\\+CN=example.com", false), ("O=CN=example.com", false),
        ("CN=#130B6578616D706C652E636F6D", false), ("OCN=example.com", false),
        ("CN=exam\\70le.com", true), ("CN=example.com\\", false), ("", false), ("CN=", false),
    ])
    func `stand in the subject only where there is no dNSName`(subject: String, isFor: Bool) {
        for (names, expected) in [([], isFor), (["other.example"], false)] {
            let seen = host(
                errors: [.nameMismatch], dane: .anchor(names: names), subject: subject)
            let judged = Scene(seen, secure: true).judged()
            #expect((judged.verdict == .protectedDANE) == expected, "\(subject)")
        }
    }
}
