/// A JSON value as read back; objects keep the order of their keys.
indirect enum JSONValue: Equatable {
    case null, boolean(Bool), number(String), string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Equatable {
        var key: String
        var value: JSONValue
    }

    /// The value of a key.
    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The keys of an object, in order.
    var keys: [String] {
        guard case .object(let members) = self else { return [] }
        return members.map(\.key)
    }

    /// The elements of an array.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The text of a string.
    var text: String? { if case .string(let text) = self { text } else { nil } }
}

/// Reads JSON strictly (RFC 8259), for tests.
struct JSONReader {
    enum Failure: Error { case unexpected(at: Int) }

    private let octets: [UInt8]
    private var position = 0

    /// The value of a text that is nothing but one value.
    static func read(_ text: String) throws -> JSONValue {
        var reader = JSONReader(octets: Array(text.utf8))
        let value = try reader.value()
        reader.skipSpace()
        guard reader.position == reader.octets.count else { throw reader.failure }
        return value
    }

    private init(octets: [UInt8]) { self.octets = octets }

    private var failure: Failure { .unexpected(at: position) }

    private var next: UInt8? { position < octets.count ? octets[position] : nil }

    private mutating func skipSpace() {
        while let octet = next, [0x20, 0x0A, 0x0D, 0x09].contains(octet) { position += 1 }
    }

    private mutating func take(_ word: String) throws {
        guard octets[position...].starts(with: word.utf8) else { throw failure }
        position += word.utf8.count
    }

    private mutating func value() throws -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try list("{", "}") { try $0.member() })
        case UInt8(ascii: "["): return .array(try list("[", "]") { try $0.value() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "n"):
            try take("null")
            return .null
        case UInt8(ascii: "t"):
            try take("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try take("false")
            return .boolean(false)
        default: return .number(try number())
        }
    }

    private mutating func list<Item>(
        _ open: String, _ close: String, _ item: (inout JSONReader) throws -> Item
    ) throws -> [Item] {
        try take(open)
        skipSpace()
        var items: [Item] = []
        if next == close.utf8.first {
            try take(close)
            return items
        }
        while true {
            items.append(try item(&self))
            skipSpace()
            guard next == UInt8(ascii: ",") else { break }
            position += 1
        }
        try take(close)
        return items
    }

    private mutating func member() throws -> JSONValue.Member {
        skipSpace()
        let key = try string()
        skipSpace()
        try take(":")
        return JSONValue.Member(key: key, value: try value())
    }

    private mutating func number() throws -> String {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        while let octet = next, (0x30...0x39).contains(octet) { position += 1 }
        guard let last = octets[start..<position].last, last != UInt8(ascii: "-") else {
            throw failure
        }
        return String(decoding: octets[start..<position], as: UTF8.self)
    }

    private mutating func string() throws -> String {
        try take("\"")
        var text: [UInt8] = []
        while let octet = next, octet != UInt8(ascii: "\"") {
            guard octet >= 0x20 else { throw failure }
            position += 1
            text += octet == UInt8(ascii: "\\") ? try escape() : [octet]
        }
        try take("\"")
        guard let string = String(validating: text, as: UTF8.self) else { throw failure }
        return string
    }

    private mutating func escape() throws -> [UInt8] {
        guard let letter = next else { throw failure }
        position += 1
        switch letter {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [letter]
        case UInt8(ascii: "u"):
            let digits = String(decoding: octets[position...].prefix(4), as: UTF8.self)
            guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
                throw failure
            }
            position += 4
            return Array(String(Character(scalar)).utf8)
        default: throw failure
        }
    }
}
