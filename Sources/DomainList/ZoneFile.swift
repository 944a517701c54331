internal import DNS

/// Reads a zone file line by line (RFC 1035 §5.1) for the owners of its NS records.
///
/// Files of CZDS, of AXFR by dig and others, of BIND and NSD: absolute and relative names, upper
/// case, `$ORIGIN`, `$TTL`, an owner left blank, a TTL and a class in either order or none,
/// parentheses over several lines, comments, quoted strings. The apex of a zone is no delegation.
struct ZoneFile {
    /// What a line of a zone file is.
    enum Line: Equatable {
        case blank
        case comment
        /// `$ORIGIN`, `$TTL`.
        case directive
        /// The rest of a record that began on a line before.
        case continuation
        /// A record that is no delegation.
        case otherRecord
        /// An NS record of the delegation in `owner`.
        case delegation
        /// Nothing that a zone file has.
        case unknown
    }

    /// The origin of relative names, lower case, with a dot before it; nil for none.
    private var origin: [UInt8]?
    /// The owner of the last record, lower case, absolute, without the dot at its end.
    private(set) var owner: [UInt8] = []
    /// The name of the zone, which is no delegation of it: the owner of its SOA record.
    private var apex: [UInt8]?
    /// Parentheses that are open.
    private var depth = 0
    private var continuations = 0

    /// The most lines of one record.
    private static let continuationsMax = 10_000

    /// A file whose relative names are below `origin`, and whose zone is `apex`; without them, the
    /// file says it.
    init(origin: String?, apex: String?) {
        self.origin = origin.map(Self.suffix)
        self.apex = (apex ?? origin).map { Array($0.utf8) }
    }

    private static func suffix(_ origin: String) -> [UInt8] {
        origin.isEmpty ? [] : [dot] + Array(origin.utf8)
    }

    /// The name of the zone, as far as it is known.
    var zone: String? { apex.map { String(decoding: $0, as: UTF8.self) } }

    /// Whether relative names can be made absolute.
    var hasOrigin: Bool { origin != nil }

    private static let dot = UInt8(ascii: ".")

    /// What the next line is.
    mutating func read(_ line: Span<UInt8>) -> Line {
        if depth > 0 {
            continuations += 1
            skipRest(line, from: 0)
            // Beyond this a parenthesis was never meant to be one.
            if continuations > Self.continuationsMax { depth = 0 }
            return .continuation
        }
        continuations = 0
        guard let first = line.indices.first(where: { !isBlank(line[$0]) }) else { return .blank }
        switch line[first] {
        case UInt8(ascii: ";"): return .comment
        // Zone files have no such comments, the tools that make them from others do.
        case UInt8(ascii: "#"): return .comment
        case UInt8(ascii: "$"): return directive(line, from: first)
        default: return record(line, hasOwner: first == 0, from: first)
        }
    }

    private mutating func directive(_ line: Span<UInt8>, from start: Int) -> Line {
        var index = start
        guard let word = Self.nextWord(line, &index) else { return .unknown }
        if Self.isWord(line, word, "$ttl") { return .directive }
        guard Self.isWord(line, word, "$origin"), let name = Self.nextWord(line, &index) else {
            return .unknown
        }
        // A record with a blank owner after it is still of the owner before it.
        let before = owner
        let isFirst = origin == nil
        setOwner(line, name)
        origin = owner.isEmpty ? [] : [Self.dot] + owner
        // A file without an SOA record is of the zone of its first origin.
        if isFirst, apex == nil, !owner.isEmpty { apex = owner }
        owner = before
        return .directive
    }

    private mutating func record(
        _ line: Span<UInt8>, hasOwner: Bool, from start: Int
    ) -> Line {
        var index = start
        guard let first = Self.nextWord(line, &index) else { return .unknown }
        var word = hasOwner ? Self.nextWord(line, &index) : first
        while let current = word, Self.isTTL(line, current) || Self.isClass(line, current) {
            word = Self.nextWord(line, &index)
        }
        guard let word, let type = Self.type(line, word) else { return .unknown }
        if hasOwner { setOwner(line, first) }
        skipRest(line, from: hasOwner ? first.upperBound : start)
        switch type {
        case .soa:
            apex = owner
            return .otherRecord
        case .ns: return owner.isEmpty || owner == apex ? .otherRecord : .delegation
        case .other: return .otherRecord
        }
    }

    /// Follows parentheses, strings and comments to the line's end, which ends a string too.
    private mutating func skipRest(_ line: Span<UInt8>, from start: Int) {
        var isInString = false
        var index = start
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "\\"): index += 1
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "(") where !isInString: depth += 1
            case UInt8(ascii: ")") where !isInString: depth = max(0, depth - 1)
            case UInt8(ascii: ";") where !isInString: return
            default: break
            }
            index += 1
        }
    }

    /// Sets the owner to the absolute name of a word.
    private mutating func setOwner(_ line: Span<UInt8>, _ word: Range<Int>) {
        let isOrigin = word.count == 1 && line[word.lowerBound] == UInt8(ascii: "@")
        owner.removeAll(keepingCapacity: true)
        if isOrigin {
            owner.append(contentsOf: (origin ?? []).dropFirst())
            return
        }
        for index in word { owner.append(lowerCase(line[index])) }
        if owner.last == Self.dot {
            owner.removeLast()
        } else if let origin {
            owner.append(contentsOf: origin)
        }
    }

    private enum RecordType { case soa, ns, other }

    /// The type that a word names; nil where it is no type.
    private static func type(_ line: Span<UInt8>, _ word: Range<Int>) -> RecordType? {
        if isWord(line, word, "ns") { return .ns }
        if isWord(line, word, "soa") { return .soa }
        let isOther = packed(line, word).map(otherTypes.contains) ?? false
        // RFC 3597 §5: TYPE and a number
        return isOther || word.count > 4 && isWord(line, word.prefix(4), "type") ? .other : nil
    }

    /// Types that zones have (IANA's registry of DNS parameters), packed.
    private static let otherTypes = Set(
        """
        A AAAA AFSDB APL CAA CDNSKEY CDS CERT CNAME CSYNC DHCID DLV DNAME DNSKEY DS EUI48 EUI64 \
        HINFO HIP HTTPS IPSECKEY KEY KX LOC MX NAPTR NSEC NSEC3 NSEC3PARAM OPENPGPKEY PTR RP RRSIG \
        SIG SMIMEA SPF SRV SSHFP SVCB TLSA TSIG TXT URI ZONEMD
        """.split(separator: " ").compactMap {
            let bytes = Array($0.utf8)
            return packed(bytes.span, bytes.indices)
        })

    /// Up to ten letters and digits as a number, whatever their case; nil for more.
    private static func packed(_ line: Span<UInt8>, _ word: Range<Int>) -> UInt64? {
        guard word.count <= 10 else { return nil }
        var value: UInt64 = 0
        for index in word {
            let byte = lowerCase(line[index])
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0") + 27
            default: return nil
            }
            value = value << 6 | UInt64(digit)
        }
        return value
    }

    /// A number of seconds, or one with units as BIND takes it.
    private static func isTTL(_ line: Span<UInt8>, _ word: Range<Int>) -> Bool {
        guard isDigit(line[word.lowerBound]) else { return false }
        for index in word where !isDigit(line[index]) {
            switch lowerCase(line[index]) {
            case UInt8(ascii: "s"), UInt8(ascii: "m"), UInt8(ascii: "h"), UInt8(ascii: "d"),
                UInt8(ascii: "w"):
                continue
            default: return false
            }
        }
        return true
    }

    private static func isClass(_ line: Span<UInt8>, _ word: Range<Int>) -> Bool {
        isWord(line, word, "in") || isWord(line, word, "ch") || isWord(line, word, "hs")
    }

    /// The next word of a line before a comment, and moves behind it; parentheses are blanks.
    private static func nextWord(_ line: Span<UInt8>, _ index: inout Int) -> Range<Int>? {
        while index < line.count, isBlank(line[index]) || isParenthesis(line[index]) { index += 1 }
        let start = index
        while index < line.count, !isBlank(line[index]), !isParenthesis(line[index]),
            line[index] != UInt8(ascii: ";")
        {
            // RFC 1035 §5.1: what follows a backslash is no mark.
            index += line[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(index, line.count)
        return start < index ? start..<index : nil
    }

    private static func isParenthesis(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")")
    }

    /// Whether a word is these letters, which are lower case.
    private static func isWord(
        _ line: Span<UInt8>, _ word: Range<Int>, _ letters: StaticString
    ) -> Bool {
        guard word.count == letters.utf8CodeUnitCount else { return false }
        let start = unsafe letters.utf8Start
        for (place, index) in word.enumerated() {
            guard unsafe start[place] == lowerCase(line[index]) else { return false }
        }
        return true
    }
}
