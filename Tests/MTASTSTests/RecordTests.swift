import Findings
import MTASTS
import Testing

/// Judges TXT records of one string each.
private func evaluate(_ texts: String...) -> STSRecordEvaluation {
    STSRecordEvaluation(records: texts.map { [Array($0.utf8)] })
}

@Suite struct `records` {
    @Test(arguments: [
        ("v=STSv1; id=20160831085700Z;", "20160831085700Z"),  // RFC 8461 §3.1, the example
        ("v=STSv1;id=a", "a"),  // no white space, no last semicolon
        ("v=STSv1;\tid=a\t;\t", "a"),  // WSP is tab too, and stands around semicolons
        ("v=STSv1; x=y; id=a", "a"),  // id need not come first
        ("v=STSv1; id=a; a-b_c.d=!~:<>", "a"),  // extension with every kind of octet
        ("v=STSv1; id=12345678901234567890123456789012", "12345678901234567890123456789012"),
        ("v=STSv1; id=a; id=b", "a"),  // the first counts
        ("v=STSv1; id=a; id=2024-01-01", "a"),  // a duplicate is any extension
        ("v=STSv1; v=STSv1; id=a", "a"),  // so is a second version
        ("v=STSv1; ID=x; id=a", "a"),  // names are case-sensitive: ID is unknown
    ])
    func `are valid`(text: String, id: String) {
        let evaluation = evaluate(text)
        #expect(evaluation.status == .ok)
        #expect(evaluation.record?.id == id)
    }

    @Test(arguments: [
        ("v=STSv1;", STSRecordSyntax.missingID, 8),
        ("v=STSv1; x=y", .missingID, 12),
        ("v=STSv1; ID=a", .missingID, 13),
        ("v=STSv1; id=", .badID, 12),
        ("v=STSv1; id=-", .badID, 12),
        ("v=STSv1; id=2024-01-01", .badID, 16),  // 61 % of all bad records
        ("v=STSv1; id=a b", .badID, 13),
        ("v=STSv1; id=\"a\"", .badID, 12),
        ("v=STSv1; id=a,x=y", .badID, 13),
        ("v=STSv1; id=123456789012345678901234567890123", .badID, 12),  // 33 characters
        ("v=STSv1; id=a;;", .badField, 14),  // an empty field
        ("v=STSv1;; id=a", .badField, 8),
        ("v=STSv1; id=a ", .badField, 13),  // WSP at the end only behind a semicolon
        ("v=STSv1; id", .badField, 9),
        ("v=STSv1; =a; id=a", .badField, 9),
        ("v=STSv1; id =a", .badExtension, 11),  // no WSP around =
        ("v=STSv1; id=a; x=", .badExtension, 17),
        ("v=STSv1; id=a; x=y=z", .badExtension, 18),
        ("v=STSv1; id=a; -x=y", .badExtension, 15),
        ("v=STSv1; id=a; x=y z", .badExtension, 18),
        ("v=STSv1; id=a; \(String(repeating: "x", count: 33))=y", .badExtension, 47),
        ("v=STSv1; id=ä", .nonASCII, 12),
    ])
    func `are invalid at the first fault`(text: String, status: STSRecordSyntax, offset: Int) {
        let evaluation = evaluate(text)
        #expect(evaluation.status == status)
        #expect(evaluation.record == nil)
        #expect(evaluation.findings.first?.code == status.rawValue)
        #expect(evaluation.findings.first?.offset == offset)
    }

    @Test(arguments: [
        "v=STSv1", "v=STSv1 ; id=a", "v=STSv2; id=a", "V=STSv1; id=a", "v=stsv1; id=a",
        " v=STSv1; id=a", "\"v=STSv1; id=a\"", "v = STSv1; id=a", "v=STSv1, id=a", "v=STS1; id=a",
    ])
    func `have a bad version`(text: String) {
        #expect(evaluate(text).status == .badVersion)
    }

    @Test func `are chosen among other TXT records`() {
        #expect(STSRecordEvaluation(records: []).status == .absent)
        #expect(evaluate("v=spf1 -all", "").status == .unrelated)
        let chosen = evaluate("v=spf1 -all", "v=STSv1; id=a")
        #expect(chosen.status == .ok)
        #expect(chosen.selected == 1)
        let multiple = evaluate("v=STSv1; id=a", "v=STSv1; id=a")
        #expect(multiple.status == .multiple)
        #expect(multiple.candidateCount == 2)
        #expect(evaluate("v=STSv1; id=a", "v=STSv2; id=b").status == .ok)  // discarded
    }

    @Test func `join strings without spaces`() {
        let strings = ["v=ST", "Sv1; i", "", "d=a", "b"].map { Array($0.utf8) }
        #expect(STSRecordEvaluation(records: [strings]).record?.id == "ab")
    }

    @Test func `name what is contested and what is ignored`() {
        let contested = evaluate("v=STSv1 ; id=a").findings.last
        #expect(contested?.code == "version_delimiter")
        #expect(contested?.offset == 8)
        #expect(contested?.isContested == true)
        let ignored = evaluate("v=STSv1; id=a; x=y; x=z; id=b").findings
        #expect(ignored.map(\.code) == ["unknown_field", "dup_field", "dup_field"])
        #expect(ignored.map(\.offset) == [15, 20, 25])
    }

    @Test func `keep a bad id for counting`() {
        #expect(evaluate("v=STSv1; id=2024-01-01").id == Array("2024-01-01".utf8))
    }
}
