public import DNS

/// What the name on the right side of an MX record is good for.
public enum MXTarget: String, Sendable, CaseIterable {
    /// A name that can have addresses.
    case host
    /// The root: the domain takes no mail (RFC 7505 §3).
    case null
    /// `localhost`, or a name below it (RFC 6761 §6.3).
    case localhost
    /// An IP address where RFC 1035 §3.3.9 wants a name.
    case addressLiteral = "address_literal"
    /// A single label, `~` among them: no public host has such a name.
    case singleLabel = "single_label"

    /// What `exchange` is good for.
    public static func classify(_ exchange: DomainName) -> MXTarget {
        let text = exchange.text.utf8
        if text.isEmpty { return .null }
        if isLocalhost(text) { return .localhost }
        if isAddressLiteral(text) { return .addressLiteral }
        return text.contains(UInt8(ascii: ".")) ? .host : .singleLabel
    }

    /// Whether no mail can go there and no lookup is worth its while.
    public var isJunk: Bool { self != .host && self != .null }
}

private func isLocalhost(_ text: String.UTF8View) -> Bool {
    // Most names end otherwise, and the last octet tells.
    guard text.last == UInt8(ascii: "t") || text.last == UInt8(ascii: "n") else { return false }
    return text.elementsEqual("localhost".utf8) || text.suffix(10).elementsEqual(".localhost".utf8)
        || text.elementsEqual("localhost.localdomain".utf8)
}

private func isAddressLiteral(_ text: String.UTF8View) -> Bool {
    // RFC 5321 §4.1.3: an address literal stands in brackets; without them it is as wrong here.
    if text.first == UInt8(ascii: "[") || text.contains(UInt8(ascii: ":")) { return true }
    return text.allSatisfy {
        $0 == UInt8(ascii: ".") || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")
    }
}
