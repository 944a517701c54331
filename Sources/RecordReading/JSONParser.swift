internal import CSimdjson

/// Parses JSON texts one after another with simdjson, and keeps its memory between them.
///
/// UTF-8 is checked, numbers that fit neither 64-bit integers nor doubles are refused, and nesting
/// is limited to 1,024. To be used by one thread.
@safe public final class JSONParser {
    /// How many readable octets must follow a text.
    public static let padding = csimdjson_padding()

    private let parser: OpaquePointer

    /// A parser that has read nothing.
    public init() {
        guard let parser = unsafe csimdjson_new() else { preconditionFailure("csimdjson_new") }
        unsafe self.parser = parser
    }

    deinit { unsafe csimdjson_free(parser) }

    /// The value of a text that `padding` readable octets follow.
    ///
    /// It is in the parser's memory: the next call invalidates it.
    public func parse(_ text: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        var tape: UnsafePointer<UInt64>?
        var strings: UnsafePointer<UInt8>?
        let code = unsafe csimdjson_parse(parser, text.baseAddress, text.count, &tape, &strings)
        guard code == 0, let tape = unsafe tape, let strings = unsafe strings else {
            throw JSONError(code: code)
        }
        return unsafe JSONValue(tape: tape, strings: strings, index: 1)
    }

    /// Parses a text in memory of its own and passes its value to `body`.
    public func withValue<Result>(
        of text: some Sequence<UInt8>, _ body: (JSONValue) throws -> Result
    ) throws -> Result {
        let octets = Array(text)
        let padded = octets + Array(repeating: 0, count: Self.padding)
        return try unsafe padded.withUnsafeBytes {
            try unsafe body(try parse(UnsafeRawBufferPointer(rebasing: $0[..<octets.count])))
        }
    }
}

/// Why a text is not JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// simdjson's number of the error.
    let code: Int32

    /// simdjson's message for it.
    public var description: String { unsafe String(cString: csimdjson_words(code)) }
}

/// The library that parses records.
public enum RecordLibrary {
    /// Such as `simdjson/3.0.1`.
    public static var version: String {
        let number = csimdjson_version()
        return "simdjson/\(number / 10_000).\(number / 100 % 100).\(number % 100)"
    }
}
