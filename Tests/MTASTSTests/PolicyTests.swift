import Findings
import MTASTS
import Testing

private func evaluate(_ text: String) -> PolicyEvaluation {
    PolicyEvaluation(body: Array(text.utf8))
}

private let head = "version: STSv1\nmode: enforce\nmax_age: 1209600\n"

@Suite struct `policies` {
    @Test(arguments: [
        head + "mx: a.example\n",
        head + "mx: a.example",  // the last terminator is optional
        "version: STSv1\r\nmode: enforce\r\nmax_age: 1\r\nmx: a.example\r\n",
        "version: STSv1\r\nmode: enforce\nmax_age: 1\r\nmx: a.example\n",  // erratum 6253: mixed
        "version:STSv1\nmode:\t enforce\nmax_age:1 \t\nmx:a.example \n",  // *WSP around values
        "mx: *.example.com\nmax_age: 1\nmode: testing\nversion: STSv1\n",  // any order
        head + "mx: a.example\nmx: *.b.example\nmx: a.example\n",  // mx repeats
        head + "mx: a.example\nstuff: 1 2 ü\n",  // unknown keys are ignored
        head + "mx: a.example\nmode: testing\nmax_age: x\nversion: 2\n",  // first wins
        "version: STSv1\nmode: none\nmax_age: 86400\n",  // none does without mx
        "version: STSv1\nmode: none\nmax_age: 0\n",  // zero is a number of seconds
        "version: STSv1\nmode: none\nmax_age: 31557600\n",
        "version: STSv1\nmode: none\nmax_age: 0000000001\n",  // 1*10DIGIT
        head + "mx: A.Example\nmx: localhost\n",
        head + "mx: a.example\nSTSv1: x\n",
    ])
    func `are valid`(text: String) {
        #expect(evaluate(text).status == .ok)
        #expect(evaluate(text).policy != nil)
    }

    @Test(arguments: [
        ("", PolicyStatus.empty, 0),
        ("\r\n \n", .empty, 0),
        ("<!DOCTYPE html>", .html, 0),
        ("\n <html>", .html, 2),
        ("{\"version\": \"STSv1\"}", .jsonDraft, 0),  // drafts until July 2017
        ("{\\rtf1\\ansi version: STSv1\n", .badLine, 0),  // RTF has a brace too
        ("version: STSv1\0", .notText, 14),
        ("mode: enforce\nmax_age: 1\nmx: a.example\n", .missingVersion, 39),
        ("version: STSv1\nmax_age: 1\nmx: a.example\n", .missingMode, 40),
        ("version: STSv1\nmode: enforce\nmx: a.example\n", .missingMaxAge, 43),
        ("mx: a.example", .missingVersion, 13),  // the first missing of three
        (head, .missingMX, 46),
        ("version: STSv2\nmode: none\nmax_age: 1", .badVersion, 9),
        ("version: stsv1\nmode: none\nmax_age: 1", .badVersion, 9),
        ("version:\nmode: none\nmax_age: 1", .badVersion, 8),
        ("Version: STSv1\nmode: none\nmax_age: 1", .missingVersion, 36),  // keys have a case
        ("version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a.b", .badMode, 21),
        ("version: STSv1\nmode: enforce;\nmax_age: 1\nmx: a.b", .badMode, 21),
        ("version: STSv1\nmode: report\nmax_age: 1\nmx: a.b", .modeReport, 21),
        ("version: STSv1\nmode: none\nmax_age: 1 day", .badMaxAge, 35),
        ("version: STSv1\nmode: none\nmax_age: -1", .badMaxAge, 35),
        ("version: STSv1\nmode: none\nmax_age: 00000000001", .badMaxAge, 35),  // 11 digits
        ("version: STSv1\nmode: none\nmax_age: 31557601", .maxAgeRange, 35),
        ("version: STSv1\nmode: none\nmax_age: 9999999999", .maxAgeRange, 35),
        (head + "\nmx: a.example\n", .badLine, 46),  // blank line
        (head + "mx: a.example\n\n", .badLine, 60),  // blank line at the end
        (head + "# mx\nmx: a.example\n", .badLine, 46),  // comments do not exist
        (head + " mx: a.example\n", .badLine, 46),
        (head + "mx : a.example\n", .badLine, 48),
        (head + "mx: a.example\nx:\n", .badLine, 62),  // a value is not empty
        (head + "mx: a.example\nx: a\tb\n", .badLine, 64),
        (head + "mx: a.example\nmode:\n", .badLine, 65),  // even a duplicate
        ("version: STSv1\rmode: none\rmax_age: 1\r", .badVersion, 9),  // CR ends no line
        ("\u{FEFF}version: STSv1\nmode: none\nmax_age: 1\n", .badLine, 0),
    ])
    func `are invalid at the first fault`(text: String, status: PolicyStatus, offset: Int) {
        let evaluation = evaluate(text)
        #expect(evaluation.status == status)
        #expect(evaluation.policy == nil)
        #expect(evaluation.findings.first?.code == status.rawValue)
        #expect(evaluation.findings.first?.offset == offset)
    }

    @Test func `are UTF-8`() {
        let body = Array((head + "mx: a.example\nx: ").utf8) + [0xFC, 0x0A]
        #expect(PolicyEvaluation(body: body).status == .notText)
        #expect(PolicyEvaluation(body: body).findings.first?.offset == 63)
    }

    @Test(arguments: [
        ("", PolicyStatus.mxEmpty),
        (".example.com", .mxLeadingDot),  // drafts until May 2018
        ("a.example.", .mxTrailingDot),
        ("*.example.com.", .mxTrailingDot),
        ("admin@a.example", .mxEmail),
        ("192.0.2.1", .mxIP),
        ("[192.0.2.1]", .mxIP),
        ("[IPv6:2001:db8::1]", .mxIP),
        ("[mx]", .mxBad),
        ("2001:db8::1", .mxIP),
        ("bücher.example", .mxULabel),
        ("*", .mxBadWildcard),
        ("*.", .mxBadWildcard),
        ("*example.com", .mxBadWildcard),
        ("mail*.example.com", .mxBadWildcard),
        ("*.*.example.com", .mxBadWildcard),
        ("*.mx.*.com", .mxBadWildcard),
        (".", .mxBad),
        ("https://a.example", .mxBad),
        ("a.example:25", .mxBad),
        ("a.example, b.example", .mxBad),
        ("a_b.example", .mxBad),
        ("-a.example", .mxBad),
        ("a..example", .mxBad),
        ("10 a.example", .mxBad),
        (String(repeating: "a", count: 64) + ".example", .mxBad),
    ])
    func `name what is wrong with an mx`(value: String, status: PolicyStatus) {
        let evaluation = evaluate(head + "mx: \(value)\nmx: b.example\n")
        #expect(evaluation.status == status)
        #expect(evaluation.fields.mx.map(\.description) == ["b.example"])
        #expect(evaluation.fields.mxTexts.first == Array(value.utf8))
        #expect(PolicyStatus(rawValue: status.rawValue)?.message.isEmpty == false)
    }

    @Test func `tell the first fault in the text and then what is missing`() {
        let evaluation = evaluate("mx: .a\nmode: report\nmax_age: x\nfoo\n")
        let codes = evaluation.findings.map(\.code).joined(separator: " ")
        #expect(codes == "mx_leading_dot mode_report bad_max_age bad_line missing_version")
        #expect(evaluation.status == .mxLeadingDot)
    }

    @Test func `keep what can be read of an invalid one`() {
        let fields = evaluate("mode: enforce\nmax_age: 40000000\nmx: a.example\n").fields
        #expect(fields.mode == .enforce)
        #expect(fields.maxAge == 40_000_000)
        #expect(fields.mx.count == 1)
    }

    @Test(arguments: [
        (head + "mx: a.example\nmode: none\n", ["dup_key"]),
        (head + "mx: a.example\nid: 1\n", ["unknown_key"]),
        (head + "mx: a.example\r\n", ["mixed_line_ends"]),
        ("version: STSv1\nmode: enforce\nmax_age: 604799\nmx: a.b", ["short_max_age"]),
        ("version: STSv1\nmode: testing\nmax_age: 86399\nmx: a.b", ["short_max_age"]),
        ("version: STSv1\nmode: testing\nmax_age: 86400\nmx: a.b", []),
        ("version: STSv1\nmode: none\nmax_age: 0", []),
        ("version: STSv1\nmode: none\nmax_age: 00000000", []),
        ("version: STSv1\nmode: none\nmax_age: 000000000", ["max_age_digits"]),  // erratum 7282
        (head + "mx: a.example\n\n", ["bad_line", "blank_line"]),
        ("\u{FEFF}" + head + "mx: a.example", ["bad_line", "bom"]),
    ])
    func `advise`(text: String, codes: [String]) {
        #expect(evaluate(text).findings.map(\.code) == codes)
    }

    @Test func `say what is contested`() {
        let range = evaluate("version: STSv1\nmode: none\nmax_age: 31557601").findings.first
        #expect(range?.isContested == true)
        #expect(range?.section == "RFC 8461 §3.2, erratum 7282")
        #expect(evaluate(head + "mx: a.b\r\n").findings.first?.isContested == true)
    }

    @Test(arguments: ["mx: a.b\n", "\n", "x", "x: y\r\n", "version: STSv1\n", "mx:", "\r", " "])
    func `are bounded in what they report`(piece: String) {
        let body = Array(String(repeating: piece, count: 65536 / piece.utf8.count).utf8)
        let evaluation = PolicyEvaluation(body: body)
        #expect(evaluation.findings.count <= 64)
    }

    @Test(
        arguments: [
            (nil, ["content_type"]),
            ("text/plain", []),
            ("Text/Plain ; charset=\"UTF-8\"", []),
            ("text/plain; format=flowed; charset=us-ascii", []),
            ("text/plain; charset=iso-8859-1", ["charset"]),
            ("text/html; charset=utf-8", ["content_type"]),
            ("", ["content_type"]),
        ] as [(String?, [String])])
    func `come as text slash plain`(type: String?, codes: [String]) {
        let contentType = type.map { Array($0.utf8) }
        #expect(PolicyResponse.findings(contentType: contentType).map(\.code) == codes)
    }
}
