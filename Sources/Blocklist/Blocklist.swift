public import DNS

/// Domains and addresses that a scan does not contact.
public final class Blocklist: Sendable {
    /// What an entry of a name excludes.
    private struct Reach: OptionSet {
        let rawValue: UInt8
        static let name = Reach(rawValue: 1)
        static let below = Reach(rawValue: 2)
    }

    private let names: [DomainName: Reach]
    private let v4: AddressRanges<UInt32>
    private let v6: AddressRanges<UInt128>
    /// How many entries there are.
    public let count: Int

    /// A list of these entries.
    public init(_ entries: [BlocklistEntry] = []) {
        var names: [DomainName: Reach] = [:]
        var v4: [ClosedRange<UInt32>] = []
        var v6: [ClosedRange<UInt128>] = []
        for entry in entries {
            switch entry {
            case .domain(let name): names[name, default: []].formUnion([.name, .below])
            case .suffix(let name): names[name, default: []].insert(.below)
            case .name(let name): names[name, default: []].insert(.name)
            case .block(.v4(let value), let length): v4.append(value.block(length: length))
            case .block(.v6(let high, let low), let length):
                v6.append(wide(high, low).block(length: length))
            }
        }
        self.names = names
        self.v4 = AddressRanges(v4)
        self.v6 = AddressRanges(v6)
        count = entries.count
    }

    /// A list from the octets of a file: an entry a line, `#` begins a comment; the first fault is
    /// thrown with its line.
    public convenience init(
        reading octets: [UInt8], _ parse: NameParser
    ) throws(BlocklistFault) {
        var entries: [BlocklistEntry] = []
        let lines = octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard let text = content(of: line) else { continue }
            do throws(BlocklistFault) {
                entries.append(try BlocklistEntry(text, parse))
            } catch {
                var fault = error
                fault.line = index + 1
                throw fault
            }
        }
        self.init(entries)
    }

    /// Whether the name is excluded, by itself or by one above it.
    public func excludes(_ name: DomainName) -> Bool {
        guard !names.isEmpty else { return false }
        if names[name]?.contains(.name) == true { return true }
        var ancestor = name.parent
        while let current = ancestor {
            if names[current]?.contains(.below) == true { return true }
            ancestor = current.parent
        }
        return false
    }

    /// Whether the address is excluded, by itself or as the IPv4 address that it embeds.
    public func excludes(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let value): v4.contains(value)
        case .v6(let high, let low):
            v6.contains(wide(high, low)) || embedded(high, low).map(v4.contains) == true
        }
    }
}

private func wide(_ high: UInt64, _ low: UInt64) -> UInt128 { UInt128(high) << 64 | UInt128(low) }

/// The IPv4 address after the mapped prefix (RFC 4291 §2.5.5.2) or that of NAT64 (RFC 6052 §2.1).
private func embedded(_ high: UInt64, _ low: UInt64) -> UInt32? {
    let isMapped = high == 0 && low >> 32 == 0xFFFF
    let isTranslated = high == 0x0064_FF9B_0000_0000 && low >> 32 == 0
    return isMapped || isTranslated ? UInt32(truncatingIfNeeded: low) : nil
}

/// What a line says, without comment and white space; nil where that is nothing.
private func content(of line: ArraySlice<UInt8>) -> String? {
    let said = line.prefix { $0 != UInt8(ascii: "#") }
        .drop { isBlank($0) }
    guard let end = said.lastIndex(where: { !isBlank($0) }) else { return nil }
    return String(decoding: said[...end], as: UTF8.self)
}

private func isBlank(_ octet: UInt8) -> Bool {
    octet.isWhitespace || octet == UInt8(ascii: "\r")
}
