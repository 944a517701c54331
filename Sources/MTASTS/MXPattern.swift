public import DNS
public import Findings

/// Why a text is no mx pattern; the raw values are those of `PolicyStatus`.
public enum MXPatternError: String, Error, FindingCode {
    case empty = "mx_empty"
    /// The suffix form of the drafts before May 2018.
    case leadingDot = "mx_leading_dot"
    case trailingDot = "mx_trailing_dot"
    case email = "mx_email"
    case ip = "mx_ip"
    case uLabel = "mx_ulabel"
    case badWildcard = "mx_bad_wildcard"
    case bad = "mx_bad"

    /// The rule.
    public var section: String { self == .badWildcard ? "RFC 8461 §4.1" : "RFC 8461 §3.2" }

    /// The rule as text.
    public var message: String {
        switch self {
        case .empty: "mx names no host"
        case .leadingDot: "a leading dot is the suffix form of old drafts; the RFC's is *."
        case .trailingDot: "a pattern has no trailing dot"
        case .email: "mx names a host, not an e-mail address"
        case .ip: "mx names a host, not an address"
        case .uLabel: "an internationalised name stands as A-labels (xn--)"
        case .badWildcard: "a wildcard is the whole leftmost label: *. and a domain"
        case .bad: "mx is a domain name of letters, digits and hyphens"
        }
    }
}

/// A pattern of MX host names that a policy allows.
///
/// RFC 8461 §4.1: a wildcard matches exactly one leftmost label, so `*.example.com` matches
/// `mx.example.com` but neither `example.com` nor `a.b.example.com`.
public enum MXPattern: Hashable, Sendable, CustomStringConvertible {
    case host(DomainName)
    case wildcard(under: DomainName)

    /// RFC 8461 §3.2: `sts-policy-mx-value = ["*."] Domain`.
    public init(parsing text: some Collection<UInt8>) throws(MXPatternError) {
        let octets = Array(text)
        guard let first = octets.first, let last = octets.last else { throw .empty }
        if octets.contains(where: { $0 >= 0x80 }) { throw .uLabel }
        if octets.contains(UInt8(ascii: "@")) { throw .email }
        if isAddress(octets) { throw .ip }
        let isWildcard = octets.starts(with: Array("*.".utf8))
        let domain = isWildcard ? octets[2...] : octets[...]
        if domain.isEmpty || domain.contains(UInt8(ascii: "*")) { throw .badWildcard }
        if octets.count > 1, first == UInt8(ascii: ".") { throw .leadingDot }
        guard domain.allSatisfy(isDomainOctet) else { throw .bad }
        if octets.count > 1, last == UInt8(ascii: ".") { throw .trailingDot }
        guard let name = try? DomainName(presentation: Array(domain)), isDomain(domain) else {
            throw .bad
        }
        self = isWildcard ? .wildcard(under: name) : .host(name)
    }

    /// Whether the pattern allows `host`, the name as in the MX record.
    public func matches(_ host: DomainName) -> Bool {
        switch self {
        case .host(let name): name == host
        case .wildcard(let suffix): host.parent == suffix
        }
    }

    /// The domain of the pattern, without the wildcard.
    public var domain: DomainName {
        switch self {
        case .host(let name), .wildcard(let name): name
        }
    }

    /// The pattern in lower case.
    public var description: String {
        switch self {
        case .host(let name): name.text
        case .wildcard(let suffix): "*." + suffix.text
        }
    }
}

/// An address, bare or as an address literal of RFC 5321 §4.1.3.
private func isAddress(_ octets: [UInt8]) -> Bool {
    var text = octets[...]
    if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") {
        text = text.dropFirst().dropLast()
        if text.prefix(5).spells(ignoringCase: "IPv6:") { text = text.dropFirst(5) }
    }
    return IPAddress(String(decoding: text, as: UTF8.self)) != nil
}

private func isDomainOctet(_ octet: UInt8) -> Bool {
    octet.isAlphanumeric || octet == UInt8(ascii: "-") || octet == UInt8(ascii: ".")
}

/// RFC 5321 §4.1.2: `sub-domain = Let-dig [Ldh-str]`, so a hyphen is inside a label only.
private func isDomain(_ text: ArraySlice<UInt8>) -> Bool {
    text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
        $0.first?.isAlphanumeric == true && $0.last?.isAlphanumeric == true
    }
}
