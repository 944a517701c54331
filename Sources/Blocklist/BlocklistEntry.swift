public import DNS

/// What one line of a blocklist excludes.
public enum BlocklistEntry: Hashable, Sendable {
    /// `example.org`: the name and everything below it.
    case domain(DomainName)
    /// `.example.org` or `*.example.org`: everything below the name, and not the name.
    case suffix(DomainName)
    /// `=example.org`: the name alone.
    case name(DomainName)
    /// `192.0.2.0/24`, `2001:db8::/32` or an address alone: the addresses whose first bits are
    /// the same.
    case block(IPAddress, length: Int)
}

/// Why a line of a blocklist is no entry.
public struct BlocklistFault: Error, Hashable, Sendable {
    /// The reason, which shows the value at fault.
    public let reason: String
    /// The line, from 1.
    public internal(set) var line = 0

    /// A fault for this reason.
    public init(_ reason: String) { self.reason = reason }
}

/// Reads a domain name as people write it.
public typealias NameParser = (String) throws(BlocklistFault) -> DomainName

extension BlocklistEntry {
    /// An entry from its text; `parse` reads the names.
    public init(_ text: String, _ parse: NameParser) throws(BlocklistFault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if let address = IPAddress(String(parts[0])) {
            let bits = address.isV4 ? 32 : 128
            guard parts.count == 2 else {
                self = .block(address, length: bits)
                return
            }
            let digits = parts[1]
            guard digits.utf8.count <= 3, digits.utf8.allSatisfy({ $0.isDigit }),
                let length = Int(digits), length <= bits
            else { throw BlocklistFault("'\(text)': a prefix length is 0 to \(bits)") }
            self = .block(address, length: length)
        } else if parts.count == 2 {
            throw BlocklistFault("'\(text)': what stands before the slash is no address")
        } else if text.hasPrefix("=") {
            self = .name(try parse(String(text.dropFirst())))
        } else if text.hasPrefix("*.") {
            self = .suffix(try parse(String(text.dropFirst(2))))
        } else if text.hasPrefix(".") {
            self = .suffix(try parse(String(text.dropFirst())))
        } else {
            self = .domain(try parse(text))
        }
    }
}
