import RecordReading
import Testing

/// The values of simdjson's tape, read where they lie.
struct JSONTests {
    @Test("A value tells its kind, and nothing as another kind")
    func kinds() throws {
        let text = """
            {"null":null,"true":true,"false":false,"int":-9223372036854775808,
             "unsigned":18446744073709551615,"double":1.5,"string":"x","array":[],"object":{}}
            """
        try JSONParser().withValue(of: text.utf8) { value in
            #expect(value["null"]?.isNull == true)
            #expect(value["null"]?.bool == nil)
            #expect(value["true"]?.bool == true)
            #expect(value["false"]?.bool == false)
            #expect(value["int"]?.int == .min)
            #expect(value["unsigned"]?.int == nil)
            #expect(value["unsigned"]?.kind == .unsigned)
            #expect(value["double"]?.int == nil)
            #expect(value["double"]?.kind == .double)
            #expect(value["string"]?.string == "x")
            #expect(value["string"]?.int == nil)
            #expect(value["array"]?.object == nil)
            #expect(value["object"]?.object != nil)
            #expect(value["object"]?.elements.map(\.kind) == [])
            #expect(value["absent"] == nil)
            #expect(value["string"]?["x"] == nil)
        }
    }

    @Test(
        "Strings come without escapes",
        arguments: [
            (#""""#, ""), (#""\"\\\/""#, "\"\\/"), (#""\b\f\n\r\t""#, "\u{8}\u{C}\n\r\t"),
            (#""\u0000x""#, "\0x"), (#""\u00e9""#, "é"), (#""\ud83d\ude00""#, "😀"),
            (#""😀""#, "😀"), (#""…""#, "…"), (#""\u001b[31m""#, "\u{1B}[31m"),
            (#""\u007f""#, "\u{7F}"),
        ])
    func strings(json: String, expected: String) throws {
        try JSONParser().withValue(of: json.utf8) { #expect($0.string == expected) }
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "01", "1.", "+1", "NaN",
            "nul", "\"", "\"\\x\"", "\"\\ud800\"", "\"\n\"", "\"\u{0}\"", "1 2", "{}{}",
            "{\"a\" 1}", "[1 2]", "18446744073709551616",
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSONParser().withValue(of: text.utf8) { _ in } }
    }

    @Test("Nesting that is too deep is refused")
    func depth() {
        let text = String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
        #expect(throws: JSONError.self) { try JSONParser().withValue(of: text.utf8) { _ in } }
    }

    @Test(
        "What is not UTF-8 is refused",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80],
        ])
    func notUTF8(octets: [UInt8]) {
        let text = [0x22] + octets + [0x22]
        #expect(throws: JSONError.self) { try JSONParser().withValue(of: text) { _ in } }
    }

    @Test("Keys are found in any order, behind nested values, and in the end not at all")
    func keys() throws {
        let text = #"{"a":{"b":[1,{"c":2}],"":3},"b":[[],[4]],"c":5,"é":6,"ab":7}"#
        try JSONParser().withValue(of: text.utf8) { value in
            var object = try #require(value.object)
            #expect(object["ab"]?.int == 7)
            #expect(object["é"]?.int == 6)
            #expect(object["c"]?.int == 5)
            #expect(object["d"] == nil)
            #expect(object["a"]?[""]?.int == 3)
            #expect(object["c"]?.int == 5)
            #expect(object["a"]?["b"]?.elements.map(\.kind) == [.integer, .object])
            #expect(object["b"]?.elements.map { $0.elements.map(\.int) } == [[], [4]])
            #expect(
                value.object?.map { String(decoding: $0.key, as: UTF8.self) }
                    == ["a", "b", "c", "é", "ab"])
        }
    }

    @Test("A parser is used again, for texts of any size, after a refusal too")
    func again() throws {
        let parser = JSONParser()
        for size in [1, 100_000, 0, 70_000, 3] {
            let text = "[\"" + String(repeating: "x", count: size) + "\"]"
            try parser.withValue(of: text.utf8) {
                #expect($0.elements.map { $0.utf8?.count } == [size])
            }
            #expect(throws: JSONError.self) { try parser.withValue(of: "{".utf8) { _ in } }
        }
    }
}
