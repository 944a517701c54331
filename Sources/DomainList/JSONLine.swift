/// The members of a JSON object on a line (RFC 8259, or RFC 7464 with a mark before it), found
/// without a copy of it.
struct JSONLine {
    /// A member whose value is no object and no array; or an element of an array, which is none.
    struct Member {
        /// Its key; dots lead into objects.
        var key: String
        /// The bytes of the value on the line, those of a string without its quotes.
        var value: Range<Int>
        /// Whether it is a string.
        var isString: Bool
        /// Whether a string has escapes (RFC 8259 §7).
        var hasEscapes: Bool
        /// Whether it is an element of the array that has the key.
        var isElement = false
    }

    /// What stands before each text of a sequence (RFC 7464 §2.2).
    private static let recordSeparator: UInt8 = 0x1E

    /// Objects deeper than this are passed over.
    private static let depthMax = 8
    /// Lines with deeper nesting are no lists of domains.
    private static let nestingMax = 64

    /// The members, in their order.
    private(set) var members: [Member] = []
    private var index = 0

    /// The members of the object on a line; nil where it holds no whole object.
    init?(_ line: Span<UInt8>) {
        if !line.isEmpty, line[0] == Self.recordSeparator { index = 1 }
        skipBlanks(line)
        guard index < line.count, line[index] == UInt8(ascii: "{"),
            object(line, below: "", depth: 1)
        else { return nil }
        skipBlanks(line)
        // A line of an array of objects ends with a comma.
        if index < line.count, line[index] == UInt8(ascii: ",") { index += 1 }
        skipBlanks(line)
        guard index == line.count else { return nil }
    }

    /// The first member with a key.
    func member(_ key: String) -> Member? { members.first { $0.key == key } }

    /// The first member with a key, or all elements of an array.
    func members(_ key: String) -> [Member] {
        guard let first = member(key) else { return [] }
        return first.isElement ? members.filter { $0.key == key && $0.isElement } : [first]
    }

    private mutating func object(_ line: Span<UInt8>, below path: String, depth: Int) -> Bool {
        index += 1
        skipBlanks(line)
        if take(line, "}") { return true }
        while true {
            skipBlanks(line)
            guard let key = quoted(line) else { return false }
            skipBlanks(line)
            guard take(line, ":") else { return false }
            let name = Self.text(key.range, hasEscapes: key.hasEscapes, of: line)
            guard value(line, at: path.isEmpty ? name : "\(path).\(name)", depth: depth) else {
                return false
            }
            skipBlanks(line)
            if take(line, "}") { return true }
            guard take(line, ",") else { return false }
        }
    }

    private mutating func value(_ line: Span<UInt8>, at path: String, depth: Int) -> Bool {
        skipBlanks(line)
        guard index < line.count else { return false }
        switch line[index] {
        case UInt8(ascii: "\""):
            guard let string = quoted(line) else { return false }
            members.append(
                Member(
                    key: path, value: string.range, isString: true,
                    hasEscapes: string.hasEscapes))
            return true
        case UInt8(ascii: "{") where depth < Self.depthMax:
            return object(line, below: path, depth: depth + 1)
        case UInt8(ascii: "["): return array(line, at: path)
        case UInt8(ascii: "{"): return skipNested(line)
        default: return literal(line, at: path)
        }
    }

    /// A number, `true`, `false` or `null`, which has no member.
    private mutating func literal(_ line: Span<UInt8>, at path: String) -> Bool {
        let start = index
        while index < line.count, !isBlank(line[index]), line[index] != UInt8(ascii: ","),
            line[index] != UInt8(ascii: "}"), line[index] != UInt8(ascii: "]")
        {
            index += 1
        }
        guard index > start else { return false }
        if line[start] != UInt8(ascii: "n") {
            members.append(
                Member(key: path, value: start..<index, isString: false, hasEscapes: false))
        }
        return true
    }

    /// An array, whose elements are members, save those that are objects and arrays.
    private mutating func array(_ line: Span<UInt8>, at path: String) -> Bool {
        index += 1
        skipBlanks(line)
        if take(line, "]") { return true }
        while true {
            skipBlanks(line)
            guard index < line.count else { return false }
            if line[index] == UInt8(ascii: "{") || line[index] == UInt8(ascii: "[") {
                guard skipNested(line) else { return false }
            } else {
                let count = members.count
                // No object begins here, so nothing is deeper.
                guard value(line, at: path, depth: Self.depthMax) else { return false }
                for place in count..<members.count { members[place].isElement = true }
            }
            skipBlanks(line)
            if take(line, "]") { return true }
            guard take(line, ",") else { return false }
        }
    }

    /// Passes over an array or an object.
    private mutating func skipNested(_ line: Span<UInt8>) -> Bool {
        var depth = 0
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "\""):
                guard quoted(line) != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            index += 1
            if depth == 0 { return true }
            guard depth <= Self.nestingMax else { return false }
        }
        return false
    }

    private mutating func quoted(
        _ line: Span<UInt8>
    ) -> (range: Range<Int>, hasEscapes: Bool)? {
        guard take(line, "\"") else { return nil }
        let start = index
        var hasEscapes = false
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "\""):
                index += 1
                return (start..<(index - 1), hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                index += 2
            default: index += 1
            }
        }
        return nil
    }

    private mutating func take(_ line: Span<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard index < line.count, line[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipBlanks(_ line: Span<UInt8>) {
        while index < line.count, isBlank(line[index]) { index += 1 }
    }

    /// The text of a member's value.
    static func text(_ member: Member, of line: Span<UInt8>) -> String {
        text(member.value, hasEscapes: member.hasEscapes, of: line)
    }

    private static func text(
        _ range: Range<Int>, hasEscapes: Bool, of line: Span<UInt8>
    ) -> String {
        let text = string(line.extracting(range))
        return hasEscapes ? unescaped(text) : text
    }

    /// A string without its escapes; half a surrogate pair becomes U+FFFD.
    private static func unescaped(_ text: String) -> String {
        var units: [UInt16] = []
        var rest = text.utf16[...]
        while let unit = rest.popFirst() {
            guard unit == 0x5C, let escape = rest.popFirst() else {
                units.append(unit)
                continue
            }
            switch Unicode.Scalar(escape) {
            case "n": units.append(0x0A)
            case "t": units.append(0x09)
            case "r": units.append(0x0D)
            case "b": units.append(0x08)
            case "f": units.append(0x0C)
            case "u":
                let digits = String(decoding: rest.prefix(4), as: UTF16.self)
                rest = rest.dropFirst(4)
                units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
            default: units.append(escape)
            }
        }
        return String(decoding: units, as: UTF16.self)
    }
}
