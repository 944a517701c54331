internal import Glibc
internal import RecordReading
internal import Records

/// A schema in the form that records are compared with.
struct RecordShape: Sendable {
    /// One key.
    struct Member: Sendable {
        let name: String
        let key: [UInt8]
        let shape: ValueShape
        let isNullable: Bool
        /// Whether it may have been added after records of this version were first written.
        ///
        /// New keys alone do not raise the version; what a record lacks is read as null.
        let mayLack: Bool
    }

    /// What a value must be.
    indirect enum ValueShape: Sendable {
        case string, integer, boolean, timestamp
        case word(StringTable)
        case array(ValueShape)
        case object(RecordShape)
        case map
    }

    let members: [Member]

    /// The shape of records of a version of the schema.
    init(_ descriptions: [FieldDescription], version: Int = schemaVersion) {
        members = descriptions.filter { $0.since <= version }.map {
            Member(
                name: $0.name, key: Array($0.name.utf8), shape: ValueShape($0.type, version),
                isNullable: $0.isNullable, mayLack: $0.isNullable && $0.since == version)
        }
    }

    /// The first thing in which an object differs; nil where it meets the shape.
    ///
    /// Keys may stand in any order; in the order of the schema they are found at once.
    func violation(of object: JSONObject) -> Violation? {
        var expected = 0
        for unsafe(key, value) in unsafe object {
            guard expected < members.count, unsafe members[expected].hasKey(key) else {
                return violationInAnyOrder(of: object)
            }
            if let found = members[expected].violation(of: value) { return found }
            expected += 1
        }
        return expected == members.count ? nil : violationInAnyOrder(of: object)
    }

    private func violationInAnyOrder(of object: JSONObject) -> Violation? {
        var isThere = Array(repeating: false, count: members.count)
        for unsafe(key, value) in unsafe object {
            guard let index = members.firstIndex(where: { unsafe $0.hasKey(key) }) else {
                let name = unsafe String(decoding: key, as: UTF8.self)
                return Violation("the key '\(name)' is not in the schema")
            }
            guard !isThere[index] else {
                return Violation("the key '\(members[index].name)' stands there twice")
            }
            isThere[index] = true
            if let found = members[index].violation(of: value) { return found }
        }
        return isThere.indices.first { !isThere[$0] && !members[$0].mayLack }.map {
            Violation("the key '\(members[$0].name)' is missing")
        }
    }
}

/// How a record differs from its schema, and where in the record.
struct Violation {
    /// The keys from the record down, as `mx[1].host`.
    private(set) var path: String
    let reason: String

    init(_ reason: String) {
        path = ""
        self.reason = reason
    }

    func within(_ key: String) -> Violation {
        var outer = self
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        outer.path = key + separator + path
        return outer
    }

    var message: String { path.isEmpty ? reason : "\(path) \(reason)" }
}

extension RecordShape.Member {
    func hasKey(_ octets: UnsafeBufferPointer<UInt8>) -> Bool {
        guard octets.count == key.count, let start = octets.baseAddress else {
            return octets.isEmpty && key.isEmpty
        }
        return unsafe memcmp(start, key, key.count) == 0
    }

    func violation(of value: JSONValue) -> Violation? {
        if value.isNull { return isNullable ? nil : Violation("is null").within(name) }
        return shape.violation(of: value)?.within(name)
    }
}

extension RecordShape.ValueShape {
    init(_ type: FieldType, _ version: Int) {
        self =
            switch type {
            case .string: .string
            case .integer: .integer
            case .boolean: .boolean
            case .timestamp: .timestamp
            case .enumeration(let terms): .word(StringTable(terms.map(\.word)))
            case .array(let element): .array(Self(element, version))
            case .object(let fields): .object(RecordShape(fields, version: version))
            case .map: .map
            }
    }

    func violation(of value: JSONValue) -> Violation? {
        switch self {
        case .string: return value.kind == .string ? nil : .wrong(value, "a string")
        case .integer: return value.kind == .integer ? nil : .wrong(value, "an integer")
        case .boolean: return value.bool == nil ? .wrong(value, "a boolean") : nil
        case .timestamp:
            guard let text = unsafe value.utf8 else { return .wrong(value, "a timestamp") }
            return unsafe isTimestamp(text) ? nil : .wrong(value, "a timestamp")
        case .word(let table):
            guard let word = unsafe value.utf8 else { return .wrong(value, "a word") }
            return unsafe table[word] == nil ? .wrong(value, "a word of its vocabulary") : nil
        case .array(let element):
            guard value.kind == .array else { return .wrong(value, "an array") }
            for (index, item) in value.elements.enumerated() {
                if let found = element.violation(of: item) { return found.within("[\(index)]") }
            }
            return nil
        case .object(let shape):
            guard let object = value.object else { return .wrong(value, "an object") }
            return shape.violation(of: object)
        case .map:
            guard let object = value.object else { return .wrong(value, "an object") }
            for unsafe(key, value) in unsafe object where !value.isNull && value.string == nil {
                let name = unsafe String(decoding: key, as: UTF8.self)
                return .wrong(value, "a string").within(name)
            }
            return nil
        }
    }
}

extension Violation {
    fileprivate static func wrong(_ value: JSONValue, _ expected: String) -> Violation {
        let found = value.string.map { "\"\($0.prefix(100))\"" } ?? "\(value.kind)"
        return Violation("is \(found), not \(expected)")
    }
}

/// Whether a text is RFC 3339 as the records have it: `2026-11-23T20:00:00Z`.
private func isTimestamp(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let form = StaticString("dddd-dd-ddTdd:dd:ddZ")
    guard text.count == form.utf8CodeUnitCount else { return false }
    for index in 0..<text.count {
        let wanted = unsafe form.utf8Start[index]
        let isDigit = unsafe UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[index]
        guard unsafe wanted == UInt8(ascii: "d") ? isDigit : wanted == text[index] else {
            return false
        }
    }
    func number(_ index: Int) -> Int {
        unsafe Int(text[index] - 48) * 10 + Int(text[index + 1] - 48)
    }
    return 1...12 ~= number(5) && 1...31 ~= number(8) && number(11) < 24 && number(14) < 60
        && number(17) < 60
}
