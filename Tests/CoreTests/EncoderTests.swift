import DNS
import Observations
import Records
import SMTP
import Testing

/// The JSON form of a value.
func json(_ value: some FieldValue) -> String {
    var line = LineBuffer()
    value.appendJSON(to: &line)
    return line.text
}

/// A record of the entry `example.com` on line 1.
func record(_ scene: Scene, input: [UInt8] = Array("example.com".utf8)) -> DomainRecord {
    let entry = DomainRecord.Entry(index: 0, source: "list", line: 1, input: input, domain: domain)
    return DomainRecord(
        entry: entry, scannedAt: 1_795_467_600, durationMS: 5, observation: scene.observation,
        judgement: scene.judged())
}

/// The line of a record, its line feed cut.
func line<Root>(_ root: Root, _ schema: Schema<Root>) -> String {
    var line = LineBuffer()
    RecordEncoder(schema).appendLine(root, to: &line)
    return String(line.text.dropLast())
}

/// TXT strings as they come and as they are written.
private let txtStrings: [([UInt8], String)] = [
    (Array("v=STSv1; id=1".utf8), #""v=STSv1; id=1""#),
    (Array(#"a"b\c"#.utf8), #""a\\\"b\\\\c""#),
    ([0, 9, 10, 27, 127, 128, 255], #""\\000\\009\\010\\027\\127\\128\\255""#),
    (Array(repeating: 65, count: 4096), "\"" + String(repeating: "A", count: 4096) + "\""),
    (Array(repeating: 65, count: 4097), "\"" + String(repeating: "A", count: 4096) + "…\""),
]

/// Greetings as they come and as they are written.
private let greetings: [([UInt8], String)] = [
    (Array("one\ntwo".utf8), #""one\ntwo""#),
    (Array("\u{1B}[2J\r".utf8), #""\\027[2J\\013""#),
    (Array(repeating: 66, count: 600), "\"" + String(repeating: "B", count: 512) + "…\""),
    (
        Array(repeating: 10, count: 99),
        "\"" + String(repeating: #"\n"#, count: 64) + "…\""
    ),
]

/// Bodies, their text, their base64 and their size.
private let bodies: [([UInt8], String, String, Int)] = [
    (Array("ok".utf8), #""ok""#, "null", 2),
    ([0x61, 0xFF, 0x62], #""a�b""#, #""Yf9i""#, 3),
    ([0xC3], #""�""#, #""ww==""#, 1),
    ([0xE2, 0x82], #""�""#, #""4oI=""#, 2),
    ([0x00], #""\u0000""#, "null", 1),
]

@Suite struct `JSON` {
    @Test(arguments: [
        ("", #""""#),
        ("plain", #""plain""#),
        ("ü €", #""ü €""#),
        (#"a"b\c"#, #""a\"b\\c""#),
        ("\0\u{1}\u{1F}", #""\u0000\u0001\u001f""#),
        ("a\tb\r\n", #""a\tb\r\n""#),
        ("\u{1B}[31mred\u{7F}", #""\u001b[31mred\u007f""#),  // no terminal is coloured by a peer
    ])
    func `escapes strings`(text: String, expected: String) {
        #expect(json(text) == expected)
    }

    @Test(arguments: [
        (0, "0"), (9, "9"), (10, "10"), (-1, "-1"), (Int.max, "9223372036854775807"),
        (Int.min, "-9223372036854775808"),
    ])
    func `writes integers`(value: Int, expected: String) {
        #expect(json(value) == expected)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),  // 2000 was a leap year
        (1_795_467_661, "2026-11-23T21:01:01Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),  // 2100 is none
        (-1, "1969-12-31T23:59:59Z"),
        (Int64.max, "9999-12-31T23:59:59Z"),  // the last that four digits can say
        (Int64.min, "0000-01-01T00:00:00Z"),
    ])
    func `writes instants by RFC 3339`(seconds: Int64, expected: String) {
        #expect(json(Timestamp(epochSeconds: seconds)) == "\"\(expected)\"")
    }

    @Test func `writes null and arrays`() {
        #expect(json([Int]()) == "[]")
        #expect(json([1, 2]) == "[1,2]")
        #expect(json(String?.none) == "null")
        #expect(json([true, false]) == "[true,false]")
        #expect(json(DomainName.root) == #"".""#)
        #expect(json(IPAddress.v6(high: 0, low: 1)) == #""::1""#)
    }
}

@Suite struct `octets` {
    @Test(arguments: txtStrings)
    func `of TXT are in the escapes of RFC 1035 §5.1`(octets: [UInt8], expected: String) {
        var scene = Scene(host())
        scene.record = Lookup(status: .found, records: [.txt([octets])])
        #expect(line(record(scene), .domain).contains(#""records":[[\#(expected)]]"#))
    }

    @Test(arguments: greetings)
    func `of SMTP are cut by line`(greeting: [UInt8], expected: String) {
        var session = SessionObservation(address: .v4(1), status: .greeting5xx)
        session.replies.greeting = ReplyText(code: nil, bytes: greeting)
        #expect(line(hostRecord(session), .host).contains(#""greeting":\#(expected),"#))
    }

    @Test func `of too many EHLO lines are cut`() {
        var session = SessionObservation(address: .v4(1), status: .ok)
        session.extensions = Array(repeating: Array("X".utf8), count: 65)
        let kept = Array(repeating: "\"X\"", count: 64) + ["\"…\""]
        let expected = "\"extensions\":[" + kept.joined(separator: ",") + "]"
        #expect(line(hostRecord(session), .host).contains(expected))
    }

    private func hostRecord(_ session: SessionObservation) -> HostRecord {
        let seen = HostObservation(
            name: domain, addresses: nil, tlsa: nil, tlsaBase: nil, status: session.status,
            sessions: [session], observedAt: 0, durationMS: 0)
        return HostRecord(seen, trustsAD: true)
    }

    @Test(arguments: bodies)
    func `of a body are repaired and kept`(
        body: [UInt8], text: String, base64: String, count: Int
    ) {
        var scene = Scene(host()).policy("none")
        scene.policy?.body = body
        let expected = #""body":\#(text),"body_base64":\#(base64),"body_bytes":\#(count)"#
        #expect(line(record(scene), .domain).contains(expected))
    }

    @Test func `of a long body are cut between characters`() {
        var scene = Scene(host()).policy("none")
        scene.policy?.body = [0x61] + Array(String(repeating: "ü", count: 40000).utf8)
        let text = line(record(scene), .domain)
        #expect(text.contains("üü…\",\"body_base64\":null,\"body_bytes\":80001"))
    }

    @Test func `of a line of the list are repaired`() {
        let text = line(record(Scene(host()), input: [0xFF, 0x2C]), .domain)
        #expect(text.contains(#""input":"�,""#))
    }
}
