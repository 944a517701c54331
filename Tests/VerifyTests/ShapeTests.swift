import RecordReading
import Testing

@testable import Records
@testable import Verify

/// A key that came when the version had been written before.
private let added: FieldDescription = {
    var description = FieldDescription(
        name: "n", type: .integer, isNullable: true, meaning: "", source: "")
    description.since = schemaVersion
    return description
}()

/// Small schemas, so that each case shows one rule.
private let shape = RecordShape([
    FieldDescription(
        name: "a", type: .integer, isNullable: false, meaning: "", source: ""),
    FieldDescription(
        name: "b",
        type: .array(
            .object([
                FieldDescription(
                    name: "c", type: .timestamp, isNullable: true, meaning: "", source: "")
            ])), isNullable: false, meaning: "", source: ""),
    FieldDescription(
        name: "d", type: .enumeration([Term(word: "x", meaning: "")]), isNullable: true,
        meaning: "", source: ""),
    added,
])

struct ShapeTests {
    @Test(
        "A record that meets the schema has no violation",
        arguments: [
            #"{"a":1,"b":[],"d":"x"}"#, #"{"a":-1,"b":[{"c":null}],"d":null}"#,
            #"{"d":null,"b":[{"c":"2024-02-29T23:59:59Z"}],"a":0}"#,
            #"{"a":1,"b":[],"d":"x","n":1}"#, #"{"n":null,"a":1,"b":[],"d":"x"}"#,
        ])
    func met(text: String) throws {
        #expect(try message(text) == nil)
    }

    @Test(
        "A violation is named by its path",
        arguments: [
            (#"{"a":1,"b":[]}"#, "the key 'd' is missing"),
            (#"{"b":[],"d":null}"#, "the key 'a' is missing"),
            (#"{}"#, "the key 'a' is missing"),
            (#"{"a":1,"b":[],"d":null,"e":1}"#, "the key 'e' is not in the schema"),
            (#"{"a":1,"b":[],"d":null,"a":1}"#, "the key 'a' stands there twice"),
            (#"{"a":null,"b":[],"d":null}"#, "a is null"),
            (#"{"a":1,"b":[],"d":null,"n":"1"}"#, #"n is "1", not an integer"#),
            (#"{"a":1.0,"b":[],"d":null}"#, "a is double, not an integer"),
            (#"{"a":18446744073709551615,"b":[],"d":null}"#, "a is unsigned, not an integer"),
            (#"{"a":1,"b":{},"d":null}"#, "b is object, not an array"),
            (#"{"a":1,"b":[{"c":null},{}],"d":null}"#, "b[1] the key 'c' is missing"),
            (#"{"a":1,"b":[null],"d":null}"#, "b[0] is null, not an object"),
            (
                #"{"a":1,"b":[{"c":"2024-02-30"}],"d":null}"#,
                #"b[0].c is "2024-02-30", not a timestamp"#
            ),
            (
                #"{"a":1,"b":[{"c":"2024-02-03T24:00:00Z"}],"d":null}"#,
                #"b[0].c is "2024-02-03T24:00:00Z", not a timestamp"#
            ),
            (#"{"a":1,"b":[],"d":"y"}"#, #"d is "y", not a word of its vocabulary"#),
            (#"{"a":1,"b":[],"d":true}"#, "d is true, not a word"),
        ])
    func violated(text: String, expected: String) throws {
        #expect(try message(text) == expected)
    }

    private func message(_ text: String) throws -> String? {
        try JSONParser().withValue(of: text.utf8) {
            shape.violation(of: try #require($0.object))?.message
        }
    }

    @Test("The recount has every key of the manifest's totals")
    func recount() {
        var keys = Set(RecountedTotals.domains().table.keys)
        keys.formUnion(["records", "host_status"])
        #expect(keys == Set(ScanTotals().table.keys))
        #expect(
            RecountedTotals.hosts().table["status"]?.keys == ScanTotals().table["host_status"]?.keys
        )
    }
}

struct IndexSetTests {
    @Test("Numbers are met once, over pages and in other sets")
    func insert() {
        var set = IndexSet()
        var other = IndexSet()
        for number in [0, 63, 64, 65_535, 65_536, 1 << 40] {
            let isNew = [set.insert(number), set.insert(number)]
            #expect(isNew == [true, false])
        }
        for number in [1, 63, 65_536, 1 << 41] { _ = other.insert(number) }
        let both = set.formUnion(other).sorted()
        #expect(both == [63, 65_536])
        #expect(set.count == 8)
        #expect(set.contains(1 << 41))
        #expect(!set.contains(2))
        #expect(set.missing(of: 0..<70, below: 70) == [2...62, 65...69])
        #expect(set.surplus(over: 0..<65_536, limit: 2) == [65_536, 1 << 40])
    }
}
