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
                == #"{"status":"bad_id","mistakes":[{"code":"id_value","offset":13,"#
                + #""message":"the id has '-' in it","#
                + #""remedy":"write letters and digits alone: 'id=a1'"}],"findings":[{"#
                + #""code":"bad_id","severity":"error","section":"RFC 8461 §3.1","#
                + #""offset":13,"message":"an id is 1 to 32 letters and digits","#
                + #""remedy":"Change it to letters and digits alone, without hyphens, colons or "#
                + #"spaces, such as \"v=STSv1; id=20260101T120000\"."}]}"#)
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

                mistake: the id has '-' in it
                  remedy: write letters and digits alone: 'id=a1'
                  id_value at offset 13
                    v=STSv1; id=a-1
                                 ^

                error: an id is 1 to 32 letters and digits
                  bad_id at offset 13, RFC 8461 §3.1
                    v=STSv1; id=a-1
                                 ^
                """)
        #expect(
            policy("version: STSv1\r\nmode: report\r\nmx: a.b\r\nmax_age: 1").text.hasPrefix(
                """
                not valid: mode_report

                mistake: 'report' is no mode
                  remedy: write 'mode: testing'
                  mode_value at line 2, offset 22
                    mode: report
                          ^

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

private func codes(_ report: LintReport) -> [String] { report.mistakes.map(\.mistake.rawValue) }

@Suite struct `lint names the mistake` {
    @Test(
        arguments: [
            ("version: STSv1\\r\\nmode: none\\r\\nmax_age: 1\\r\\n", ["literal_line_ends"]),
            ("version: STSv1\\nmode: none", ["literal_line_ends"]),
            ("version: STSv1; mode: none; max_age: 86400", ["one_line"]),
            ("version: STSv1 mode: none max_age: 86400\n", ["one_line"]),
            ("version: STSv1\rmode: none\rmax_age: 86400\r", ["carriage_returns"]),
            ("Version: STSv1\nmode: none\nMAX_AGE: 86400", ["capital_key", "capital_key"]),
            ("version : STSv1\nmode: none\nmax_age: 86400", ["blank_before_colon"]),
            ("version=STSv1\nmode: none\nmax_age: 86400", ["equals_sign"]),
            ("version: \"STSv1\"\nmode: none\nmax_age: 86400", ["quotes"]),
            ("\"version: STSv1\"\nmode: none\nmax_age: 86400", ["quotes"]),
            ("version: STSv1\n mode: none\nmax_age: 86400", ["leading_blanks"]),
            ("version: STSv1 \nmode: none\nmax_age: 86400", ["trailing_blanks"]),
            (
                "version: STSv1;\nmode: none,\nmax_age: 86400",
                Array(repeating: "trailing_separator", count: 2)
            ),
            (
                "version: stsv1\nmode: Enforce\nmx: a.b\nmax_age: 7d",
                ["version_value", "mode_value", "max_age_value"]
            ),
            ("version: STSv1\nmode: none\nmaxage: 86400", ["misspelt_key"]),
            ("version: STSv1\nmode: none\nmax-age: 86400", ["misspelt_key"]),
            ("\u{FEFF}version: STSv1\nmode: none\nmax_age: 86400", ["byte_order_mark"]),
            ("v=STSv1; id=1", ["record_as_policy"]), ("<!DOCTYPE html>", ["web_page"]),
            ("{\"version\":\"STSv1\"}", ["json_policy"]),
            ("version: STSv1\r\r\nmode: none\r\r\nmax_age: 86400\r\r\n", ["carriage_returns"]),
            (
                "# ours\nversion: STSv1\nmode: none # for now\nmax_age: 86400",
                ["comment", "comment"]
            ),
            (
                "version:\u{A0}STSv1\nmode: none\u{200B}\nmax_age: 86400",
                ["strange_sign", "strange_sign"]
            ),
            ("version\u{FF1A} STSv1\nmode: none\nmax_age: 86400", ["strange_sign"]),
            ("v: STSv1\nmode: none\nmax_age: 86400", ["misspelt_key"]),
            ("version: STSv1\nmode: none\nmax_age: ", []),
            ("mx: <your host>", ["mx_placeholder"]), ("mx: %{host}", ["mx_placeholder"]),
            ("mx: {{ mx }}", ["mx_placeholder"]), ("mx: a.example # b", ["comment"]),
            ("mx: a.example, b.example", ["mx_list"]), ("mx: 10 a.example", ["mx_preference"]),
            ("mx: a.example.", ["mx_trailing_dot"]), ("mx: me@a.example", ["mx_mailbox"]),
            ("mx: https://a.example/", ["mx_url"]), ("mx: a.example:25", ["mx_port"]),
            ("mx: 192.0.2.1", ["mx_address"]), ("mx: 2001:db8::1", ["mx_address"]),
            ("mx: .a.example", ["mx_wildcard"]), ("mx: a.*.example", ["mx_wildcard"]),
            ("mx: *a.example.com", ["mx_wildcard"]), ("mx: bücher.example", ["mx_unicode"]),
        ])
    func `of a policy`(text: String, expected: [String]) {
        #expect(codes(policy(text)) == expected)
    }

    @Test func `of a policy in UTF-16`() {
        let text = "version: STSv1\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        #expect(codes(LintReport(policy: text)) == ["utf16"])
    }

    @Test(
        arguments: [
            (#"v=STSv1\; id=1\;"#, "escaped_semicolon"), (#""v=STSv1; id=1""#, "quotes"),
            (#"_mta-sts 300 IN TXT "v=STSv1; id=1""#, "zone_line"),
            ("v=STSv1 id=1", "missing_semicolon"), ("v=STSv1, id=1", "missing_semicolon"),
            ("v=stsv1; id=1", "record_version"), ("V=STSv1; id=1", "record_version"),
            ("v=MTA-STSv1; id=1", "record_version"), ("v: STSv1; id=1", "colon_sign"),
            ("v=STSv1; id:1", "colon_sign"), ("v = STSv1; id=1", "blanks_around_equals"),
            ("v=STSv1; id= 1", "blanks_around_equals"), ("v=STSv1; id=1.2", "id_value"),
            ("version: STSv1", "policy_as_record"), (" v=STSv1; id=1", "leading_blanks"),
            ("v=STSv1\u{FF1B} id=1", "strange_sign"), ("v=STSv1;\u{A0}id=1", "strange_sign"),
            ("id=1; v=STSv1", "record_version"), ("TXT v=STSv1; id=1", "record_version"),
        ])
    func `of a record`(text: String, expected: String) {
        #expect(codes(record(text)) == [expected])
    }

    @Test(
        arguments: [
            ("v=TLSRPTv1; rua=mailto://a@b.example", "mailto_slashes"),
            ("v=TLSRPTv1; rua=a@b.example", "missing_mailto"),
            ("v=TLSRPTv1; rua=http://b.example/", "unencrypted_uri"),
            ("v=TLSRPTv1; rua=mailto:a@b.example mailto:c@d.example", "rua_list"),
            ("v=TLSRPTv1; p=none; rua=mailto:a@b.example", "dmarc_tag"),
            ("v=TLSRPTv1 rua=mailto:a@b.example", "missing_semicolon"),
            ("v=TLSRPT1; rua=mailto:a@b.example", "record_version"),
            ("rua=mailto:a@b.example; v=TLSRPTv1", "record_version"),
            ("v=TLSRPTv1; rua=mailto:a@b.example;mailto:c@d.example", "rua_list"),
            ("v=TLSRPTv1; rua=mailto:a@b.example,", "rua_list"),
        ])
    func `of a record for reports`(text: String, expected: String) {
        #expect(codes(LintReport(reportRecords: [Array(text.utf8)])) == [expected])
    }

    @Test func `and nothing where there is none`() {
        let example = ["version: STSv1", "mode: enforce", "mx: mail.example.com"]
        let rest = ["mx: *.example.net", "mx: backupmx.example.com", "max_age: 604800", ""]
        // RFC 8461 §3.2 and §3.1, RFC 8460 §3.
        #expect(policy((example + rest).joined(separator: "\r\n")).mistakes.isEmpty)
        #expect(record("v=STSv1; id=20160831085700Z;").mistakes.isEmpty)
        let reports = "v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/v1"
        #expect(LintReport(reportRecords: [Array(reports.utf8)]).mistakes.isEmpty)
        #expect(mx("a.example.", "*.example").mistakes.isEmpty)
    }

    /// Each line of the remedies is put in place of the line that it is about.
    @Test func `with a remedy that mends it`() {
        var lines = ["Version : stsv1", "mode= Enforced", "mx: 10 a.example", "max-age: 2 weeks"]
        var report = policy(lines.joined(separator: "\n"))
        var rounds = 0
        while let mistake = report.mistakes.last, rounds < 12 {
            rounds += 1
            let before = report.texts[0][..<mistake.offset]
            let line = before.count { $0 == 0x0A }
            let quoted = mistake.remedy.split(separator: "'", omittingEmptySubsequences: false)
            let text = String(quoted[1])
            let value = lines[line].drop { $0 != ":" && $0 != "=" }.dropFirst()
            switch mistake.mistake {
            case .capitalKey, .misspeltKey: lines[line] = "\(text): \(value)"
            case .equalsSign, .blankBeforeColon: lines[line] = text + value
            default: lines[line] = text
            }
            report = policy(lines.joined(separator: "\n"))
        }
        #expect(report.isValid && report.mistakes.isEmpty, "\(lines)")
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
