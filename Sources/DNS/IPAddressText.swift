extension IPAddress {
    /// An address from its text: four decimal octets, or RFC 4291 §2.2; nil for anything else.
    public init?(_ text: String) {
        let octets = Array(text.utf8)
        if octets.contains(UInt8(ascii: ":")) {
            guard let groups = ipv6Groups(octets[...]) else { return nil }
            self = .v6(
                high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
                low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
        } else {
            guard let value = ipv4Value(octets[...]) else { return nil }
            self = .v4(value)
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The address as text: dotted, or in the form of RFC 5952.
    public var description: String {
        switch self {
        case .v4(let value):
            return dotted(value)
        case .v6(0, let low) where low >> 32 == 0xFFFF:
            // RFC 5952 §5: a well-known prefix with an IPv4 address in it.
            return "::ffff:" + dotted(UInt32(truncatingIfNeeded: low))
        case .v6(let high, let low):
            return compressed(groups(high) + groups(low))
        }
    }
}

private func dotted(_ value: UInt32) -> String {
    "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
}

private func groups(_ value: UInt64) -> [UInt16] {
    [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: value >> UInt64($0)) }
}

/// RFC 5952 §4.2: `::` for the longest run of two or more zero groups, the first of equals.
private func compressed(_ groups: [UInt16]) -> String {
    func hex(_ slice: ArraySlice<UInt16>) -> String {
        slice.map { String($0, radix: 16) }.joined(separator: ":")
    }
    var longest = 0..<0
    var start = 0
    for index in 0...groups.count where index == groups.count || groups[index] != 0 {
        if index - start > longest.count { longest = start..<index }
        start = index + 1
    }
    guard longest.count >= 2 else { return hex(groups[...]) }
    return hex(groups[..<longest.lowerBound]) + "::" + hex(groups[longest.upperBound...])
}

private func ipv4Value(_ text: ArraySlice<UInt8>) -> UInt32? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
        // A leading zero is refused: some readers take the number as octal.
        guard (1...3).contains(part.count), part.allSatisfy(\.isDigit),
            part.count == 1 || part.first != UInt8(ascii: "0")
        else { return nil }
        let number = part.reduce(0) { $0 * 10 + UInt32($1 & 15) }
        guard number <= 255 else { return nil }
        value = value << 8 | number
    }
    return value
}

/// The eight groups of RFC 4291 §2.2, with or without `::` and a dotted end.
private func ipv6Groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
    let colon = UInt8(ascii: ":")
    let gaps = text.indices.dropLast().filter { text[$0] == colon && text[$0 + 1] == colon }
    guard gaps.count <= 1 else { return nil }
    guard let gap = gaps.first else {
        guard let groups = groupList(text), groups.count == 8 else { return nil }
        return groups
    }
    guard let head = groupList(text[..<gap], endsDotted: false),
        let tail = groupList(text[(gap + 2)...]), head.count + tail.count <= 7
    else { return nil }
    return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
}

private func groupList(_ text: ArraySlice<UInt8>, endsDotted: Bool = true) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
        if endsDotted, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
            guard let value = ipv4Value(part) else { return nil }
            groups += [UInt16(value >> 16), UInt16(value & 0xFFFF)]
        } else {
            guard (1...4).contains(part.count), part.allSatisfy({ $0.isDigit || $0.isHexLetter }),
                let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
            else { return nil }
            groups.append(group)
        }
    }
    return groups
}

extension UInt8 {
    fileprivate var isHexLetter: Bool {
        lowercased >= UInt8(ascii: "a") && lowercased <= UInt8(ascii: "f")
    }
}
