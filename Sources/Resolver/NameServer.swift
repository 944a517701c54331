public import DNS

/// Where questions are sent: the address and port of a recursive resolver.
public struct NameServer: Hashable, Sendable, CustomStringConvertible {
    /// The resolver's address.
    public let address: IPAddress
    /// Its port, 53 by default.
    public let port: UInt16

    /// A resolver at `address` and `port`.
    public init(_ address: IPAddress, port: UInt16 = 53) {
        self.address = address
        self.port = port
    }

    /// A resolver from `1.2.3.4`, `1.2.3.4:5353`, `2001:db8::1` or `[2001:db8::1]:5353`.
    public init?(_ text: String) {
        if let address = IPAddress(text) {
            self.init(address)
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)) else { return nil }
        self.init(address, port: port)
    }

    /// Whether the path to the resolver cannot be tampered with: only then its AD bit counts
    /// without `--trust-ad` (RFC 4035 §4.9.3).
    public var isLoopback: Bool { address.isLoopback }

    /// The address with its port.
    public var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }

    /// The name servers of a resolv.conf(5) text, at most three as resolvers take them.
    public static func fromResolverConfiguration(_ text: String) -> [NameServer] {
        let servers = text.split(whereSeparator: \.isNewline).compactMap { line -> NameServer? in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            return IPAddress(String(words[1])).map { NameServer($0) }
        }
        return Array(servers.prefix(3))
    }
}

extension IPAddress {
    fileprivate var isLoopback: Bool {
        switch self {
        case .v4(let address): address >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }
}
