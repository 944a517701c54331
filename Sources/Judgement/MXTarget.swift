public import DNS
public import Findings

/// What the name on the right side of an MX record is good for.
public enum MXTarget: String, DocumentedValue {
    case host
    case null
    case localhost
    case addressLiteral = "address_literal"
    case singleLabel = "single_label"

    /// What `exchange` is good for.
    public static func classify(_ exchange: DomainName) -> MXTarget {
        let text = exchange.text.utf8.span
        if text.isEmpty { return .null }
        if isLocalhost(exchange.text, text) { return .localhost }
        var hasDot = false
        var isNumeric = true
        for index in text.indices {
            let octet = text[index]
            // Letters, by far the most frequent, are above all that matter.
            if octet > UInt8(ascii: ":") {
                isNumeric = false
            } else if octet == UInt8(ascii: ".") {
                hasDot = true
            } else if octet == UInt8(ascii: ":") {
                // RFC 5321 §4.1.3: an address literal is in brackets; without them it is as wrong.
                return .addressLiteral
            } else if octet < UInt8(ascii: "0") {
                isNumeric = false
            }
        }
        if isNumeric || text[0] == UInt8(ascii: "[") { return .addressLiteral }
        return hasDot ? .host : .singleLabel
    }

    /// Whether no mail can go there, so that no lookup is made.
    public var isJunk: Bool { self != .host && self != .null }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .host: "A name that can have addresses (RFC 5321 §5.1)."
        case .null: "The root: the domain takes no mail (RFC 7505 §3)."
        case .localhost: "`localhost`, or a name below it (RFC 6761 §6.3)."
        case .addressLiteral: "An address where a name belongs (RFC 1035 §3.3.9)."
        case .singleLabel: "A single label, which no public host has (RFC 5321 §2.3.5)."
        }
    }
}

private func isLocalhost(_ text: String, _ octets: Span<UInt8>) -> Bool {
    // Most names have another end, so the last octets decide first.
    guard octets.count >= 9 else { return false }
    switch (octets[octets.count - 2], octets[octets.count - 1]) {
    case (UInt8(ascii: "s"), UInt8(ascii: "t")), (UInt8(ascii: "i"), UInt8(ascii: "n")): break
    default: return false
    }
    return text == "localhost" || text.hasSuffix(".localhost") || text == "localhost.localdomain"
}
