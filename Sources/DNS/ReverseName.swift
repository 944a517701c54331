extension IPAddress {
    /// The name at which PTR gives the address's name: RFC 1035 §3.5, RFC 3596 §2.5.
    public var reverseName: DomainName {
        let labels: [String]
        switch self {
        case .v4: labels = bytes.reversed().map { String($0) } + ["in-addr", "arpa"]
        case .v6:
            labels =
                bytes.reversed().flatMap { [$0 & 15, $0 >> 4] }.map { String($0, radix: 16) }
                + ["ip6", "arpa"]
        }
        return DomainName(canonical: labels.joined(separator: "."))
    }
}
