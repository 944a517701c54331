import DNS
import Records
import Testing

/// Domains of which many parts of the records are the same and no two records are.
private let scenes: [Scene] =
    (1...12).map { count in
        var scene = Scene(host())
        scene.mx = Lookup(
            status: .found,
            records: (0..<count).map {
                .mx(preference: UInt16($0), exchange: DomainName(canonical: "mx\($0).example"))
            }, ttl: UInt32(count))
        return scene
    } + [
        Scene(.servfail), Scene(.nodata), Scene(host(), host("b.example")).policy("enforce", "*"),
        Scene(host()).policy("testing", "mx.example.com"), Scene(host()).record(.timeout),
        Scene(host()).record("v=STSv1; id=1;"), Scene(host()).record("v=STSv1; id=2;"),
    ]

@Suite struct `an encoder that remembers` {
    @Test func `writes what a new one does`() {
        let records = scenes.map { record($0) }
        let encoder = RecordEncoder(Schema.domain)
        // Near and far repetitions: each record after each other one.
        for step in 1..<records.count {
            for index in records.indices {
                let record = records[index * step % records.count]
                var line = LineBuffer()
                encoder.appendLine(record, to: &line)
                var expected = LineBuffer()
                RecordEncoder(Schema.domain).appendLine(record, to: &expected)
                #expect(line.text == expected.text)
            }
        }
    }
}

@Suite struct `text that needs an escape` {
    @Test(arguments: [
        (0x00, #"\u0000"#), (0x1F, #"\u001f"#), (0x22, #"\""#), (0x5C, #"\\"#), (0x7F, #"\u007f"#),
        (0x80, #"\u0080"#), (0xA0, "\u{A0}"), (0xFF, "ÿ"), (0x202E, #"\u202e"#), (0x20AC, "€"),
        (0x20, " "), (0x21, "!"), (0x23, "#"), (0x5B, "["), (0x5D, "]"), (0x7E, "~"),
    ])
    func `has it at each place`(scalar: UInt32, expected: String) throws {
        let odd = String(Character(try #require(Unicode.Scalar(scalar))))
        for count in 0..<20 {
            for place in 0...count {
                let before = String(repeating: "a", count: place)
                let after = String(repeating: "z", count: count - place)
                #expect(json(before + odd + after) == "\"\(before)\(expected)\(after)\"")
            }
        }
    }
}

@Suite struct `numbers` {
    @Test(arguments: [99, 100, 101, 65_535, 4_294_967_295, -99, -100])
    func `have all their digits`(value: Int) { #expect(json(value) == "\(value)") }
}

@Suite struct `what most records have not` {
    @Test func `is null in each of them`() {
        let nulls = #""policy":null,"preload":null,"previous":null,"#
        #expect(line(record(Scene(host())), .domain).contains(nulls))
        let fetched = line(record(Scene(host()).policy("enforce", "*")), .domain)
        #expect(fetched.contains(#""policy":{"host":"#))
        #expect(fetched.contains(#""preload":null,"previous":null,"#))
    }
}
