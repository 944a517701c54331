internal import DNS

/// Reads a zone file line by line (RFC 1035 §5.1) for the owners of its NS records.
///
/// Files of CZDS, of AXFR by dig and others, of BIND and NSD: absolute and relative names, upper
/// case, `$ORIGIN`, `$TTL`, an owner left blank, a TTL and a class in either order or none,
/// parentheses over several lines, comments, quoted strings, escapes, types and classes by number
/// (RFC 3597). The apex of a zone is no delegation, nor is its wildcard.
struct ZoneFile {
    /// What a line of a zone file is.
    enum Line: Equatable {
        case blank
        case comment
        /// `$ORIGIN`, `$TTL`.
        case directive
        /// `$INCLUDE` (RFC 1035 §5.1) or BIND's `$GENERATE`, which stand for records that are not
        /// in the file.
        case otherRecords
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
    /// Whether a record has named its owner, so that those after it can leave it blank.
    private var hasOwner = false
    /// The name of the zone, which is no delegation of it: the owner of its SOA record.
    private var apex: [UInt8]?
    /// Whether a name was relative to an origin that nothing has said.
    private(set) var lacksOrigin = false
    /// Parentheses that are open.
    private var depth = 0
    /// Whether a quoted string is open.
    private var isInString = false
    private var continuations = 0
    private var stringContinuations = 0
    /// Whether the type of the record is still to come, in parentheses on a line that follows.
    private var awaitsType = false

    /// The most lines of one record.
    private static let continuationsMax = 10_000
    /// The most lines that a string ends later: each has an octet at least (RFC 1035 §3.3).
    private static let stringContinuationsMax = 255

    /// A file whose relative names are below `origin`, and whose zone is `apex`; without them, the
    /// file says it.
    init(origin: String?, apex: String?) {
        self.origin = origin.map(Self.suffix)
        self.apex = (apex ?? origin).map { Array($0.utf8) }
        owner = Array((origin ?? "").utf8)
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
        if depth > 0 || isInString { return continuation(line) }
        continuations = 0
        guard let first = line.indices.first(where: { !isBlank(line[$0]) }) else { return .blank }
        switch line[first] {
        case UInt8(ascii: ";"): return .comment
        // Zone files have no such comments, the tools that make them from others do.
        case UInt8(ascii: "#"): return .comment
        case UInt8(ascii: "$"): return directive(line, from: first)
        default: return record(line, hasName: first == 0, from: first)
        }
    }

    /// A line of a record that began on a line before.
    private mutating func continuation(_ line: Span<UInt8>) -> Line {
        continuations += 1
        let isTyped = awaitsType
        let begun = awaitsType ? restOfRecord(line) : .continuation
        skipRest(line, from: 0)
        // Beyond this a parenthesis was never meant to be one.
        if continuations > Self.continuationsMax { (depth, isInString) = (0, false) }
        if depth == 0 { awaitsType = false }
        return isTyped ? begun : .continuation
    }

    private mutating func directive(_ line: Span<UInt8>, from start: Int) -> Line {
        var index = start
        guard let word = Self.nextWord(line, &index) else { return .unknown }
        if Self.isWord(line, word, "$ttl") { return .directive }
        if Self.isWord(line, word, "$include") || Self.isWord(line, word, "$generate") {
            return .otherRecords
        }
        guard Self.isWord(line, word, "$origin"), let name = Self.nextWord(line, &index) else {
            return .unknown
        }
        // A record with a blank owner after it is still of the owner before it.
        let (before, hadOwner) = (owner, hasOwner)
        let isFirst = origin == nil
        setOwner(line, name)
        origin = owner.isEmpty ? [] : [Self.dot] + owner
        // A file without an SOA record is of the zone of its first origin.
        if isFirst, apex == nil, !owner.isEmpty { apex = owner }
        if hadOwner { owner = before }
        hasOwner = hadOwner
        return .directive
    }

    private mutating func record(
        _ line: Span<UInt8>, hasName: Bool, from start: Int
    ) -> Line {
        var index = start
        guard let first = Self.nextWord(line, &index) else { return .unknown }
        let word = hasName ? Self.nextWord(line, &index) : first
        guard let word = Self.typeWord(line, from: word, &index) else {
            return untyped(line, owner: hasName ? first : nil, from: start)
        }
        guard let type = Self.type(line, word) else { return .unknown }
        if hasName {
            setOwner(line, first)
        } else if !hasOwner, origin == nil {
            lacksOrigin = true
        }
        skipRest(line, from: hasName ? first.upperBound : start)
        return record(of: type)
    }

    /// The first word, from one on, that is neither a TTL nor a class, nor the age that Windows
    /// writes as `[AGE:3590000]`; nil where the line has none.
    private static func typeWord(
        _ line: Span<UInt8>, from first: Range<Int>?, _ index: inout Int
    ) -> Range<Int>? {
        var word = first
        while let current = word,
            isTTL(line, current) || isClass(line, current)
                || line[current.lowerBound] == UInt8(ascii: "[")
        {
            word = nextWord(line, &index)
        }
        return word
    }

    /// A line without a type: the beginning of a record where a parenthesis is open at its end.
    private mutating func untyped(
        _ line: Span<UInt8>, owner name: Range<Int>?, from start: Int
    ) -> Line {
        skipRest(line, from: name?.upperBound ?? start)
        guard depth > 0 else { return .unknown }
        if let name { setOwner(line, name) }
        awaitsType = true
        return .continuation
    }

    /// The rest of a record whose type was still to come.
    private mutating func restOfRecord(_ line: Span<UInt8>) -> Line {
        var index = 0
        let first = Self.nextWord(line, &index)
        guard let word = Self.typeWord(line, from: first, &index) else { return .continuation }
        awaitsType = false
        return Self.type(line, word).map { record(of: $0) } ?? .unknown
    }

    private mutating func record(of type: RecordType) -> Line {
        switch type {
        case .soa:
            apex = owner
            return .otherRecord
        case .ns:
            return owner.isEmpty || owner == apex || isWildcardOfApex
                ? .otherRecord : .delegation
        case .other: return .otherRecord
        }
    }

    /// Whether the owner is the wildcard of the zone (RFC 4592 §2.1.1), which names nothing else.
    private var isWildcardOfApex: Bool {
        guard owner.first == UInt8(ascii: "*") else { return false }
        return owner.count == 1 || owner[1] == Self.dot && owner[2...] == (apex ?? [])[...]
    }

    /// Follows parentheses, strings and comments to the line's end, which does not end a string
    /// (RFC 1035 §5.1: any character can be in it).
    private mutating func skipRest(_ line: Span<UInt8>, from start: Int) {
        stringContinuations = isInString ? stringContinuations + 1 : 0
        if stringContinuations > Self.stringContinuationsMax { isInString = false }
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
    private mutating func setOwner(_ line: Span<UInt8>, _ name: Range<Int>) {
        hasOwner = true
        let word = Self.withoutQuotes(line, name)
        let isOrigin = word.count == 1 && line[word.lowerBound] == UInt8(ascii: "@")
        owner.removeAll(keepingCapacity: true)
        if isOrigin {
            if origin == nil { lacksOrigin = true }
            owner.append(contentsOf: (origin ?? []).dropFirst())
            return
        }
        let isAbsolute = appendOwner(line, word)
        if isAbsolute {
            owner.removeLast()
        } else if let origin {
            owner.append(contentsOf: origin)
        }
    }

    /// A name without the quotes that BIND takes around it.
    private static func withoutQuotes(_ line: Span<UInt8>, _ word: Range<Int>) -> Range<Int> {
        let quote = UInt8(ascii: "\"")
        guard word.count > 2, line[word.lowerBound] == quote, line[word.upperBound - 1] == quote
        else { return word }
        return word.dropFirst().dropLast()
    }

    /// Appends a word to the owner; whether a dot that is no part of a label ends it.
    ///
    /// Escapes of what names of hosts have are undone; others stay, and are no name then.
    private mutating func appendOwner(_ line: Span<UInt8>, _ word: Range<Int>) -> Bool {
        var index = word.lowerBound
        var endsInDot = false
        while index < word.upperBound {
            let byte = line[index]
            endsInDot = byte == Self.dot
            guard byte == UInt8(ascii: "\\"), index + 1 < word.upperBound else {
                owner.append(lowerCase(byte))
                index += 1
                continue
            }
            let (value, length) = Self.escaped(line, index + 1, word.upperBound)
            if let value, Self.isHostCharacter(value) {
                owner.append(lowerCase(value))
            } else {
                for place in index...(index + length) { owner.append(line[place]) }
            }
            index += 1 + length
        }
        return endsInDot
    }

    /// What an escape stands for, and how many bytes it has behind the backslash.
    private static func escaped(
        _ line: Span<UInt8>, _ start: Int, _ end: Int
    ) -> (value: UInt8?, length: Int) {
        guard isDigit(line[start]) else { return (line[start], 1) }
        guard start + 3 <= end, isDigit(line[start + 1]), isDigit(line[start + 2]) else {
            return (nil, 1)
        }
        let number = (0..<3).reduce(0) { $0 * 10 + Int(line[start + $1] - UInt8(ascii: "0")) }
        return (UInt8(exactly: number), 3)
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowerCase(byte))
    }

    private enum RecordType { case soa, ns, other }

    /// The type that a word names; nil where it is no type.
    private static func type(_ line: Span<UInt8>, _ word: Range<Int>) -> RecordType? {
        // RFC 3597 §5: a type may be a number
        if isWord(line, word, "ns") || isWord(line, word, "type2") { return .ns }
        if isWord(line, word, "soa") || isWord(line, word, "type6") { return .soa }
        let isOther = packed(line, word).map(otherTypes.contains) ?? false
        return isOther || word.count > 4 && isWord(line, word.prefix(4), "type") ? .other : nil
    }

    /// Types that zones have (IANA's registry of DNS parameters), packed.
    private static let otherTypes = Set(
        """
        A A6 AAAA AFSDB AMTRELAY APL ATMA AVC CAA CDNSKEY CDS CERT CNAME CSYNC DHCID DLV DNAME \
        DNSKEY DOA DS DSYNC EID EUI48 EUI64 GPOS HINFO HIP HTTPS IPSECKEY ISDN KEY KX L32 L64 LOC \
        LP MB MD MF MG MINFO MR MX NAPTR NID NIMLOC NINFO NSAP NSEC NSEC3 NSEC3PARAM NULL NXT \
        OPENPGPKEY PTR PX RESINFO RKEY RP RRSIG RT SIG SINK SMIMEA SPF SRV SSHFP SVCB TA TALINK \
        TLSA TSIG TXT UINFO URI WALLET WKS X25 ZONEMD
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
        if isWord(line, word, "in") || isWord(line, word, "ch") || isWord(line, word, "hs") {
            return true
        }
        // RFC 3597 §5: a class may be a number
        guard word.count > 5, isWord(line, word.prefix(5), "class") else { return false }
        return word.dropFirst(5).allSatisfy { isDigit(line[$0]) }
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
