/// A value of a parsed text, read in place: valid no longer than its text.
///
/// Cheap to make and to copy. Reading it as a type that it does not have gives nil.
@safe public struct JSONValue {
    /// What a value is.
    public enum Kind: UInt8, Sendable {
        case null = 0x6E
        case `true` = 0x74
        case `false` = 0x66
        /// An integer that fits `Int`.
        case integer = 0x6C
        /// An integer from 2⁶³ to 2⁶⁴ − 1.
        case unsigned = 0x75
        /// A number with a fraction or an exponent.
        case double = 0x64
        case string = 0x22
        case array = 0x5B
        case object = 0x7B
    }

    // simdjson's tape: the highest octet of a word is the type; the rest is the index after the end
    // of an array or object, or the offset of a string.
    private let tape: UnsafePointer<UInt64>
    private let strings: UnsafePointer<UInt8>
    private let index: Int

    init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, index: Int) {
        unsafe self.tape = tape
        unsafe self.strings = strings
        self.index = index
    }

    /// What the value is.
    public var kind: Kind { Kind(rawValue: tag) ?? .null }

    /// Whether the value is null.
    public var isNull: Bool { tag == Kind.null.rawValue }

    /// A boolean.
    public var bool: Bool? {
        switch tag {
        case Kind.true.rawValue: true
        case Kind.false.rawValue: false
        default: nil
        }
    }

    /// An integer that fits.
    public var int: Int? {
        guard tag == Kind.integer.rawValue else { return nil }
        return unsafe Int(truncatingIfNeeded: tape[index + 1])
    }

    /// A string's octets without escapes: UTF-8, without an allocation.
    public var utf8: UnsafeBufferPointer<UInt8>? {
        guard tag == Kind.string.rawValue else { return nil }
        let place = unsafe strings + Int(payload)
        let count = unsafe UnsafeRawPointer(place).loadUnaligned(as: UInt32.self)
        return unsafe UnsafeBufferPointer(start: place + 4, count: Int(count))
    }

    /// A string, copied.
    public var string: String? { unsafe utf8.map { unsafe String(decoding: $0, as: UTF8.self) } }

    /// An object.
    public var object: JSONObject? {
        tag == Kind.object.rawValue ? JSONObject(start: first, end: last) : nil
    }

    /// The elements of an array in order; none where the value is none.
    public var elements: JSONElements {
        tag == Kind.array.rawValue
            ? JSONElements(next: first, end: last) : JSONElements(next: self, end: self)
    }

    /// The value of an object's key; for many keys of a record, use one `object`.
    public subscript(key: JSONKey) -> JSONValue? {
        var object = object
        return object?[key]
    }

    /// Whether the value is a string of these octets.
    public func equals(_ key: JSONKey) -> Bool {
        guard let utf8 = unsafe utf8 else { return false }
        return unsafe key.equals(utf8)
    }

    private var tag: UInt8 { unsafe UInt8(truncatingIfNeeded: tape[index] >> 56) }
    private var payload: UInt64 { unsafe tape[index] & (1 << 56 - 1) }
    private var first: JSONValue { at(index + 1) }
    private var last: JSONValue { at(Int(UInt32(truncatingIfNeeded: payload)) - 1) }

    private func at(_ index: Int) -> JSONValue {
        unsafe JSONValue(tape: tape, strings: strings, index: index)
    }

    /// What follows the value on the tape.
    var next: JSONValue {
        switch tag {
        case 0x7B, 0x5B: at(Int(UInt32(truncatingIfNeeded: payload)))
        case 0x6C, 0x75, 0x64: at(index + 2)
        default: at(index + 1)
        }
    }

    func isAt(_ other: JSONValue) -> Bool { index == other.index }
}
