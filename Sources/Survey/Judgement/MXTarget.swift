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
        if exchange.text.isEmpty { return .null }
        let labels = exchange.text.utf8.split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if isLocalhost(labels) { return .localhost }
        if isAddressLiteral(labels) { return .addressLiteral }
        return labels.count == 1 ? .singleLabel : .host
    }

    /// Whether no mail can go there and no lookup is worth its while.
    public var isJunk: Bool { self != .host && self != .null }
}

private func isLocalhost(_ labels: [Substring.UTF8View]) -> Bool {
    guard let last = labels.last else { return false }
    if last.elementsEqual("localhost".utf8) { return true }
    return labels.count == 2 && labels[0].elementsEqual("localhost".utf8)
        && last.elementsEqual("localdomain".utf8)
}

private func isAddressLiteral(_ labels: [Substring.UTF8View]) -> Bool {
    // RFC 5321 §4.1.3: an address literal stands in brackets.
    if labels.first?.first == UInt8(ascii: "[") { return true }
    if labels.contains(where: { $0.contains(UInt8(ascii: ":")) }) { return true }
    return labels.count == 4 && labels.allSatisfy { isDecimalOctet($0) }
}

private func isDecimalOctet(_ label: Substring.UTF8View) -> Bool {
    (1...3).contains(label.count)
        && label.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
}
