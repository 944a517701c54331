internal import Observations

/// An instant in whole seconds, written as RFC 3339 in UTC.
public struct Timestamp: FieldValue, Hashable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let epochSeconds: Int64

    /// The instant so many seconds after 1970.
    public init(epochSeconds: Int64) { self.epochSeconds = epochSeconds }

    /// The instant as RFC 3339 has it, such as `2026-11-23T20:00:00Z`.
    public var text: String {
        var quoted = LineBuffer()
        appendJSON(to: &quoted)
        return String(quoted.text.dropFirst().dropLast())
    }

    /// A timestamp.
    public static var fieldType: FieldType { .timestamp }

    /// Appends the instant as a JSON string; years outside 0 to 9999 at the nearest end.
    public func appendJSON(to line: inout LineBuffer) {
        // RFC 3339 §5.6 has four digits for the year.
        let seconds = min(max(epochSeconds, -62_167_219_200), 253_402_300_799)
        let date = CivilDate(daysSince1970: floorDivide(seconds, 86400))
        let second = UInt64(seconds - floorDivide(seconds, 86400) * 86400)
        line.append(UInt8(ascii: "\""))
        line.appendDigits(UInt64(date.year), width: 4)
        line.append(UInt8(ascii: "-"))
        line.appendDigits(UInt64(date.month), width: 2)
        line.append(UInt8(ascii: "-"))
        line.appendDigits(UInt64(date.day), width: 2)
        line.append(UInt8(ascii: "T"))
        line.appendDigits(second / 3600, width: 2)
        line.append(UInt8(ascii: ":"))
        line.appendDigits(second / 60 % 60, width: 2)
        line.append(UInt8(ascii: ":"))
        line.appendDigits(second % 60, width: 2)
        line.append(UInt8(ascii: "Z"))
        line.append(UInt8(ascii: "\""))
    }
}
