internal import DNS
internal import Findings
public import Records

/// Why facts cannot be read back from a record.
public struct ObservationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    /// Facts that cannot be read back for this reason.
    public init(_ reason: String) { description = reason }

    /// A key that is missing or not of its type.
    init(key: String) { self.init("the key '\(key)' is missing or not as the schema has it") }
}

/// The members of one object of a record, each read as what the schema says it is.
struct RecordMembers {
    private var object: JSONObject

    init(_ value: JSONValue) { object = value.object ?? .empty(at: value) }

    mutating func value(_ key: JSONKey) throws(ObservationError) -> JSONValue {
        guard let value = object[key] else { throw ObservationError(key: key.name) }
        return value
    }

    /// A value that may be null.
    mutating func optional<Value>(
        _ key: JSONKey, _ read: (JSONValue) -> Value?
    ) throws(ObservationError) -> Value? {
        let value = try value(key)
        guard !value.isNull else { return nil }
        guard let read = read(value) else { throw ObservationError(key: key.name) }
        return read
    }

    /// A value that records of earlier programs lack; nil there.
    mutating func later<Value>(
        _ key: JSONKey, _ read: (JSONValue) -> Value?
    ) throws(ObservationError) -> Value? {
        object[key] == nil ? nil : try optional(key, read)
    }

    mutating func required<Value>(
        _ key: JSONKey, _ read: (JSONValue) -> Value?
    ) throws(ObservationError) -> Value {
        guard let value = try optional(key, read) else { throw ObservationError(key: key.name) }
        return value
    }

    /// An object that may be null.
    mutating func child<Value>(
        _ key: JSONKey, _ read: (JSONValue) throws(ObservationError) -> Value
    ) throws(ObservationError) -> Value? {
        let value = try value(key)
        return value.isNull ? nil : try read(value)
    }

    mutating func elements<Value>(
        _ key: JSONKey, _ read: (JSONValue) -> Value?
    ) throws(ObservationError) -> [Value] {
        var values: [Value] = []
        for element in try value(key).elements {
            guard let value = read(element) else { throw ObservationError(key: key.name) }
            values.append(value)
        }
        return values
    }

    /// The elements of an array that records of earlier programs lack; none there.
    mutating func laterElements<Value>(
        _ key: JSONKey, _ read: (JSONValue) -> Value?
    ) throws(ObservationError) -> [Value] {
        object[key] == nil ? [] : try elements(key, read)
    }

    mutating func word<Word: DocumentedValue>(
        _ key: JSONKey, _ words: EnumTable<Word>
    ) throws(ObservationError) -> Word {
        try required(key) { words[$0] }
    }

    mutating func integer<Value: FixedWidthInteger>(
        _ key: JSONKey
    ) throws(ObservationError) -> Value {
        try required(key) { $0.int.flatMap { Value(exactly: $0) } }
    }
}

/// What texts of records say.
extension JSONValue {
    /// A domain name as the record has it: canonical, a dot for the root.
    var domainName: DomainName? {
        string.map { $0 == "." ? .root : DomainName(canonical: $0) }
    }

    /// An object of strings, as columns of a list are recorded.
    public var listColumns: ListColumns? {
        guard let object else { return nil }
        var names: [String] = []
        var values: [String?] = []
        for unsafe(key, value) in unsafe object {
            guard value.isNull || value.string != nil else { return nil }
            unsafe names.append(String(decoding: key, as: UTF8.self))
            values.append(value.string)
        }
        return ListColumns(names: names, values: values)
    }

    var address: IPAddress? { string.flatMap { IPAddress($0) } }

    /// The octets of a text as written.
    var octets: [UInt8]? { unsafe utf8.map { unsafe Array($0) } }

    /// The octets of a text in the escapes of RFC 1035 §5.1.
    ///
    /// The mark of a cut, which no escaped text has, stays as its UTF-8: written again, such a text
    /// is cut at the same position.
    var escapedOctets: [UInt8]? {
        guard let utf8 = unsafe utf8 else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(utf8.count)
        var place = 0
        while place < utf8.count {
            guard unsafe utf8[place] == UInt8(ascii: "\\"), place + 1 < utf8.count else {
                unsafe octets.append(utf8[place])
                place += 1
                continue
            }
            let digits = unsafe utf8[(place + 1)..<min(place + 4, utf8.count)]
            if unsafe digits.count == 3, unsafe digits.allSatisfy({ 0x30...0x39 ~= $0 }) {
                let number = unsafe digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
                octets.append(UInt8(truncatingIfNeeded: number))
                place += 4
            } else {
                unsafe octets.append(utf8[place + 1])
                place += 2
            }
        }
        return octets
    }

    /// The octets of hexadecimal digits.
    var hexOctets: [UInt8]? {
        guard let utf8 = unsafe utf8, utf8.count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        for place in stride(from: 0, to: utf8.count, by: 2) {
            guard let high = unsafe hexValue(utf8[place]),
                let low = unsafe hexValue(utf8[place + 1])
            else {
                return nil
            }
            octets.append(high << 4 | low)
        }
        return octets
    }

    /// The octets of base64 (RFC 4648 §4).
    var base64Octets: [UInt8]? {
        guard let utf8 = unsafe utf8 else { return nil }
        var octets: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for index in utf8.indices {
            let digit = unsafe utf8[index]
            guard digit != UInt8(ascii: "=") else { continue }
            guard let value = base64Value(digit) else { return nil }
            (bits, count) = (bits << 6 | UInt32(value), count + 6)
            if count >= 8 {
                count -= 8
                octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return octets
    }

    /// Seconds since 1970 of a timestamp such as `2026-11-23T20:00:00Z`.
    var epochSeconds: Int64? { unsafe utf8.flatMap { unsafe Timestamp($0)?.epochSeconds } }
}

private func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}

private func base64Value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
