import Testing

@testable import Lint

private func record(_ texts: String...) -> LintReport {
    LintReport(records: texts.map { Array($0.utf8) })
}

private func policy(_ text: String) -> LintReport { LintReport(policy: Array(text.utf8)) }

private func mx(_ host: String, _ patterns: String...) -> LintReport {
    LintReport(host: Array(host.utf8), patterns: patterns.map { Array($0.utf8) })
}

@Suite struct `lint JSON` {
    @Test func `of what is valid says what the text says`() {
        #expect(record("v=STSv1; id=a1;").json == #"{"status":"ok","id":"a1"}"#)
        let reports = LintReport(reportRecords: [Array("v=TLSRPTv1; rua=mailto:a@b.c".utf8)])
        #expect(reports.json == #"{"status":"ok","rua":["mailto:a@b.c"]}"#)
        #expect(
            policy("version: STSv1\nmode: none\nmax_age: 86400").json
                == #"{"status":"ok","policy":{"version":"STSv1","mode":"none","#
                + #""max_age":86400,"mx":[]},"findings":[]}"#)
        #expect(
            mx("MX.a.example.", "*.A.example").json
                == #"{"status":"ok","match":"wildcard","pattern":"*.a.example"}"#)
    }

    @Test func `of what is not valid names rule and offset`() {
        #expect(
            record("v=STSv1; id=a-1").json
                == #"{"status":"bad_id","findings":[{"code":"bad_id","section":"RFC 8461 §3.1","#
                + #""offset":13,"message":"an id is 1 to 32 letters and digits"}]}"#)
        #expect(
            mx("mx.a.example.com", "*.example.com").json.hasPrefix(
                #"{"status":"not_allowed","near_miss":"extra_labels","findings":[{"#))
    }

    @Test func `keeps advice on a valid record, and says which of several texts it is in`() {
        let json = record("v=spf1 -all", "v=STSv1; id=1; x=y").json
        #expect(json.contains(#""status":"ok","id":"1","findings":[{"code":"unknown_field""#))
        #expect(json.hasSuffix(#""argument":1}]}"#))
    }

    @Test func `names a status that the judgement has no finding for`() {
        #expect(record("v=spf1").json.contains(#""findings":[{"code":"unrelated""#))
        #expect(record().json.contains(#""findings":[{"code":"absent""#))
    }
}

@Suite struct `lint text` {
    @Test func `has a caret under the octet`() {
        #expect(
            record("v=STSv1; id=a-1").text == """
                not valid: bad_id

                error: an id is 1 to 32 letters and digits
                  bad_id at offset 13, RFC 8461 §3.1
                    v=STSv1; id=a-1
                                 ^
                """)
        #expect(
            policy("version: STSv1\r\nmode: report\r\nmx: a.b\r\nmax_age: 1").text.hasPrefix(
                """
                not valid: mode_report

                error: mode report is that of old drafts; the RFC's is testing
                  mode_report at line 2, offset 22, RFC 8461 §3.2
                    mode: report
                          ^
                """))
    }

    @Test func `says what lacks at the end of the last line`() {
        let lines = policy("version: STSv1\nmode: none\r\n").text.split(separator: "\n")
        #expect(lines.suffix(2) == ["    mode: none", "              ^"])
    }

    @Test(
        arguments: [
            ("allowed: literal match of mx.a.example", mx("mx.a.example", "mx.a.example")),
            ("allowed: wildcard match of *.a.example", mx("mx.a.example", "*.a.example")),
            ("not allowed: not_allowed (nearest pattern: typo)", mx("mx.a.example", "m.a.example")),
            ("not valid: mx_leading_dot", mx("mx.a.example", "*.a.example", ".a.example")),
            ("not valid: bad_host", mx("192.0.2.1", "*.0.2.1")),
            ("not valid: bad_host", mx("", "a.example")),
            ("valid: mode none, max_age 9, no mx", policy("version:STSv1\nmode:none\nmax_age:9")),
        ])
    func `begins with what it comes to`(headline: String, report: LintReport) {
        #expect(report.text.prefix { $0 != "\n" } == headline)
    }

    @Test func `holds visible characters only, and a long line in part`() {
        let octets = [UInt8](UInt8.min...UInt8.max)
        for report in [
            LintReport(records: [octets, Array("v=STSv1;".utf8) + octets]),
            LintReport(policy: Array("a:b\n".utf8) + octets),
            LintReport(policy: octets.filter { $0 != 0 && $0 < 0x80 }),
            LintReport(reportRecords: [Array("v=TLSRPTv1;".utf8) + octets]),
            LintReport(host: octets, patterns: [octets, octets]),
        ] {
            let isShown = report.text.unicodeScalars.allSatisfy {
                (0x20..<0x7F).contains($0.value) || $0 == "\n" || $0 == "§" || $0 == "…"
            }
            #expect(isShown)
            #expect(report.text.split(separator: "\n").allSatisfy { $0.utf8.count < 300 })
            #expect(!report.isValid)
        }
    }
}

@Suite struct `an excerpt` {
    @Test(
        arguments: [
            ("", 0, "", 0), ("\n\n", 2, "", 0), ("a\r\nb", 1, "a", 1), ("a\nb\n", 2, "b", 0),
            ("a\\b", 2, "a\\\\b", 3), ("a\0b", 2, "a\\000b", 5), ("abc", 3, "abc", 3),
        ])
    func `shows the line and the column`(text: String, offset: Int, line: String, column: Int) {
        let excerpt = Excerpt(of: Array(text.utf8), around: offset)
        #expect((excerpt.line, excerpt.column) == (line, column))
    }

    @Test func `cuts what is far from the octet`() {
        let excerpt = Excerpt(of: [UInt8](repeating: 0x61, count: 1000), around: 500)
        let reach = String(repeating: "a", count: Excerpt.reach)
        #expect(excerpt.line == "…\(reach)\(reach)…")
        #expect(excerpt.column == Excerpt.reach + 1)
    }
}
