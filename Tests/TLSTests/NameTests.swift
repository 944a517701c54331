import COpenSSL
import DNS
import Testing

@testable import Judgement
@testable import Observations
@testable import TLS

/// Numbers that are the same in each run (Steele and others, OOPSLA 2014).
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A certificate of nothing but names, which is all that OpenSSL looks at to compare them.
private final class NamedCertificate {
    let certificate: OpaquePointer

    init(dnsNames: [[UInt8]], commonNames: [[UInt8]]) throws {
        certificate = try #require(X509_new())
        let subject = X509_get_subject_name(certificate)
        for name in commonNames {
            X509_NAME_add_entry_by_NID(
                subject, NID_commonName, V_ASN1_UTF8STRING, name, Int32(name.count), -1, 0)
        }
        guard !dnsNames.isEmpty else { return }
        let names = dnsNames.reduce(into: [UInt8]()) { $0 += [0x82, UInt8($1.count)] + $1 }
        let length = [UInt8(names.count >> 8), UInt8(names.count & 0xFF)]
        try addAlternatives([0x30, 0x82] + length + names)
    }

    /// Adds a subjectAltName of these octets, be they one or not.
    func addAlternatives(_ octets: [UInt8]) throws {
        let value = try #require(ASN1_OCTET_STRING_new())
        defer { ASN1_OCTET_STRING_free(value) }
        ASN1_OCTET_STRING_set(value, octets, Int32(octets.count))
        let item = X509_EXTENSION_create_by_NID(nil, NID_subject_alt_name, 0, value)
        defer { X509_EXTENSION_free(item) }
        X509_add_ext(certificate, item, -1)
    }

    deinit { X509_free(certificate) }

    /// What a survey records of it.
    var observation: CertificateObservation {
        withExtendedLifetime(self) {
            CertificateReader.read(certificate, chain: nil, length: 1, ChainErrors(failure: ""))
        }
    }

    /// Whether OpenSSL takes it for the host's, the CN counting where there is no dNSName.
    func isOpenSSLs(_ host: String) -> Bool {
        let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        return withExtendedLifetime(self) {
            X509_check_host(certificate, host, host.utf8.count, flags, nil) == 1
        }
    }
}

/// Names out of few parts, so that many pairs are near to each other.
private func inventedName(_ numbers: inout SplitMix64) -> [UInt8] {
    let parts = [
        "a", "B", "a-", "-a", "a_b", "xn--a", "*", "*a", "a*", "", "1", "\u{212A}", "\u{17F}", "k",
        "s", "a\0", "=", ",", "+", "\\", "#", " ", "…", "example", "EXAMPLE", "com", "x,CN=a",
    ]
    let count = Int.random(in: 1...4, using: &numbers)
    let labels = (0..<count).map { _ in parts.randomElement(using: &numbers) ?? "" }
    return Array(labels.joined(separator: ".").utf8)
}

private func inventedHost(_ numbers: inout SplitMix64) -> String {
    let labels = ["a", "b", "a-", "a_b", "xn--a", "1", "k", "s", "example", "com", "*"]
    let count = Int.random(in: 1...4, using: &numbers)
    return (0..<count).map { _ in labels.randomElement(using: &numbers) ?? "" }
        .joined(separator: ".")
}

@Suite struct `names of certificates` {
    @Test func `stand for the hosts that OpenSSL takes them for`() throws {
        var numbers = SplitMix64(state: 16)
        var good = [true: 0, false: 0]
        for _ in 0..<30_000 {
            let isNamed = Bool.random(using: &numbers)
            let host = inventedHost(&numbers)
            var name = inventedName(&numbers)
            switch Int.random(in: 0..<8, using: &numbers) {
            case 0: name = Array(host.utf8)
            case 1: name = Array("*".utf8) + host.utf8.drop { $0 != UInt8(ascii: ".") }
            case 2: name = host.uppercased().utf8 + name
            default: break
            }
            if name.isEmpty { continue }
            // Octets that are no UTF-8.
            let odd = inventedName(&numbers) + [0xE1]
            let certificate = try NamedCertificate(
                dnsNames: isNamed ? [odd, inventedName(&numbers), name] : [],
                commonNames: [name, inventedName(&numbers)].filter { !$0.isEmpty })
            let wanted = certificate.isOpenSSLs(host)
            let found = certificate.observation.bears(oneOf: [DomainName(canonical: host)])
            #expect(found == wanted, "\(String(decoding: name, as: UTF8.self)) for \(host)")
            good[isNamed, default: 0] += wanted ? 1 : 0
        }
        #expect(good.values.allSatisfy { $0 > 1000 })
    }

    /// RFC 6125 §6.4.4: the CN replaces names that are absent, not those that nobody can read.
    @Test func `that cannot be read or stand there twice are there all the same`() throws {
        let empty: [UInt8] = [0x30, 0]
        for (alternatives, isAbsent) in [
            ([], true), ([empty], true), ([[0x30, 5, 0x82, 9]], false), ([empty, empty], false),
        ] {
            let named = try NamedCertificate(dnsNames: [], commonNames: [Array("a".utf8)])
            for octets in alternatives { try named.addAlternatives(octets) }
            let found = withExtendedLifetime(named) { copenssl_has_no_dns_name(named.certificate) }
            #expect((found == 1) == isAbsent, "\(alternatives)")
        }
    }

    @Test func `are all kept, however many`() throws {
        let names = (0..<2500).map { "\($0).many.example" }
        let certificate = try NamedCertificate(
            dnsNames: names.map { Array($0.utf8) }, commonNames: [])
        let isKept = certificate.observation.names == names
        #expect(isKept)  // Not the arrays: a failure would print both.
    }
}
