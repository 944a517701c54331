internal import Glibc

/// The members of an object.
///
/// The search for a key starts after the key found last and wraps around at the end. All records
/// share one order of keys, so keys looked up in that order cost one step each.
public struct JSONObject: @unsafe Sequence, @unsafe IteratorProtocol {
    private let start: JSONValue
    private let end: JSONValue
    private var place: JSONValue

    init(start: JSONValue, end: JSONValue) {
        self.start = start
        self.end = end
        place = start
    }

    /// The members of what is no object: none.
    public static func empty(at value: JSONValue) -> JSONObject {
        JSONObject(start: value, end: value)
    }

    /// The value of a key; one of the values of a key that occurs twice.
    public subscript(key: JSONKey) -> JSONValue? {
        mutating get {
            let begun = place
            if let value = find(key, before: end) { return value }
            place = start
            return find(key, before: begun)
        }
    }

    /// The next member: iteration gives all of an object that was not searched yet.
    public mutating func next() -> (key: UnsafeBufferPointer<UInt8>, value: JSONValue)? {
        guard !place.isAt(end), let key = unsafe place.utf8 else { return nil }
        let value = place.next
        place = value.next
        return unsafe (key, value)
    }

    private mutating func find(_ key: JSONKey, before limit: JSONValue) -> JSONValue? {
        while !place.isAt(limit), let (name, value) = unsafe next() {
            if unsafe key.equals(name) { return value }
        }
        return nil
    }
}

/// The elements of an array in order.
public struct JSONElements: Sequence, IteratorProtocol {
    private var place: JSONValue
    private let end: JSONValue

    init(next: JSONValue, end: JSONValue) {
        place = next
        self.end = end
    }

    /// The next element.
    public mutating func next() -> JSONValue? {
        guard !place.isAt(end) else { return nil }
        defer { place = place.next }
        return place
    }
}

extension JSONObject {
    /// The value of a key that is not known when the program is built; nil where there is none.
    public func value(ofKey name: String) -> JSONValue? {
        var members = self
        let wanted = Array(name.utf8)
        while let member = unsafe members.next() {
            if unsafe member.key.elementsEqual(wanted) { return unsafe member.value }
        }
        return nil
    }
}

/// A key to look for: a literal of the program, compared octet by octet.
public struct JSONKey: ExpressibleByStringLiteral, Sendable {
    private let text: StaticString

    /// A key as written in the source.
    public init(stringLiteral text: StaticString) { self.text = text }

    /// The key as a string.
    public var name: String { text.description }

    func equals(_ octets: UnsafeBufferPointer<UInt8>) -> Bool {
        guard octets.count == text.utf8CodeUnitCount, let start = octets.baseAddress else {
            return false
        }
        return unsafe memcmp(start, text.utf8Start, octets.count) == 0
    }
}
