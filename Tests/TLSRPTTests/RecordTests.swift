import Findings
import TLSRPT
import Testing

/// Judges TXT records of one string each.
private func evaluate(_ texts: String...) -> TLSRPTRecordEvaluation {
    TLSRPTRecordEvaluation(records: texts.map { [Array($0.utf8)] })
}

@Suite struct `tlsrpt records` {
    @Test(arguments: [
        ("v=TLSRPTv1;rua=mailto:reports@example.com", ["mailto:reports@example.com"]),  // RFC 8460
        ("v=TLSRPTv1; rua=https://r.example/v1/tlsrpt;", ["https://r.example/v1/tlsrpt"]),
        ("v=TLSRPTv1; rua=mailto:a@b.c,https://d.e", ["mailto:a@b.c", "https://d.e"]),
        ("v=TLSRPTv1; rua=mailto:a@b.c , \tHTTPS://d.e", ["mailto:a@b.c", "HTTPS://d.e"]),
        ("v=TLSRPTv1; x=y; rua=mailto:a@b.c", ["mailto:a@b.c"]),
        ("v=TLSRPTv1; rua=https://d.e/?k=v%2C%21%3B", ["https://d.e/?k=v%2C%21%3B"]),  // encoded
        ("v=TLSRPTv1; rua=mailto:a@b.c?subject=x", ["mailto:a@b.c?subject=x"]),
        ("v=TLSRPTv1; rua=mailto:a%2Fb@b.c", ["mailto:a%2Fb@b.c"]),  // RFC 6068 §2, 1
        ("v=TLSRPTv1; rua=mailto:%22a%40b%22@b.c", ["mailto:%22a%40b%22@b.c"]),
        ("v=TLSRPTv1; rua=mailto:a@%5B192.0.2.1%5D", ["mailto:a@%5B192.0.2.1%5D"]),
        ("v=TLSRPTv1; rua=mailto:a+b.c_d@e.f", ["mailto:a+b.c_d@e.f"]),
        ("v=TLSRPTv1; rua=mailto:a@b.c?x=y&cc=d%40e.f", ["mailto:a@b.c?x=y&cc=d%40e.f"]),
        ("v=TLSRPTv1; rua=https://u@d.e:8443/x", ["https://u@d.e:8443/x"]),
        ("v=TLSRPTv1; rua=https://[2001:db8::1]/x", ["https://[2001:db8::1]/x"]),
        ("v=TLSRPTv1; rua=mailto:a@b.c,ftp://d.e", ["mailto:a@b.c"]),  // one scheme will do
        ("v=TLSRPTv1; rua=ftp://d.e; rua=mailto:a@b.c", ["mailto:a@b.c"]),
        ("v=TLSRPTv1; rua=mailto:a@b.c;rua=mailto:d@e.f", ["mailto:a@b.c", "mailto:d@e.f"]),
    ])
    func `are valid`(text: String, rua: [String]) {
        #expect(evaluate(text).status == .ok)
        #expect(evaluate(text).record?.rua == rua)
    }

    @Test(arguments: [
        ("v=TLSRPTv1;", TLSRPTRecordSyntax.missingRUA, 11),
        ("v=TLSRPTv1; RUA=mailto:a@b.c", .missingRUA, 28),  // names are case-sensitive
        ("v=TLSRPTv1; rua=", .badRUA, 16),
        ("v=TLSRPTv1; rua=reports@example.com", .badRUA, 16),  // no scheme
        ("v=TLSRPTv1; rua=mailto:", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:a", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:@b.c", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto://tls@example.com", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:/tls@example.com", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:tls@example.com/", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:tls@example.com.", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:tls@example..com", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:.tls@example.com", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:a@b@example.com", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:mailto:a@b.c", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:a%20b@b.c", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:%22a@b.c", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:a@[192.0.2.1]", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:a@b.c&d@e.f", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:a@b.c?", .badRUA, 23),
        ("v=TLSRPTv1; rua=mailto:a@b.c?subject", .badRUA, 23),
        ("v=TLSRPTv1; rua=https://@/x", .badRUA, 22),
        ("v=TLSRPTv1; rua=https://a@b@c/x", .badRUA, 22),
        ("v=TLSRPTv1; rua=https://d.e:x/", .badRUA, 22),
        ("v=TLSRPTv1; rua=https://[d.e]/", .badRUA, 22),
        ("v=TLSRPTv1; rua=https:d.e", .badRUA, 22),
        ("v=TLSRPTv1; rua=https:///x", .badRUA, 22),
        ("v=TLSRPTv1; rua=http://d.e", .badRUA, 16),  // not a scheme of RFC 8460
        ("v=TLSRPTv1; rua=mailto:a@b.c!10m", .badRUA, 28),  // DMARC's size limit
        ("v=TLSRPTv1; rua=mailto:a@b.c,", .badRUA, 29),
        ("v=TLSRPTv1; rua=mailto:a@b.c,d@e.f", .badRUA, 29),
        ("v=TLSRPTv1; rua=mailto:a@b.c mailto:d@e.f", .badRUA, 28),
        ("v=TLSRPTv1; rua= mailto:a@b.c", .badRUA, 16),
        ("v=TLSRPTv1; rua=https://d.e/%2", .badRUA, 28),
        ("v=TLSRPTv1; rua=https://ü.e", .badRUA, 24),
        ("v=TLSRPTv1; rua=mailto:a@b.c;;", .badExtension, 29),
        ("v=TLSRPTv1; rua=mailto:a@b.c; x", .badExtension, 30),
        ("v=TLSRPTv1; rua=mailto:a@b.c; x=", .badExtension, 32),
        ("v=TLSRPTv1; rua=mailto:a@b.c ", .badExtension, 28),
        ("v=TLSRPTv1; -=y; rua=mailto:a@b.c", .badExtension, 12),
    ])
    func `are invalid at the first fault`(text: String, status: TLSRPTRecordSyntax, offset: Int) {
        let evaluation = evaluate(text)
        #expect(evaluation.status == status)
        #expect(evaluation.record == nil)
        #expect(evaluation.findings.first?.code == status.rawValue)
        #expect(evaluation.findings.first?.offset == offset)
    }

    @Test(arguments: [
        "v=TLSRPTv1", "v=TLSRPTv1 ; rua=mailto:a@b.c", "v=TLSRPTv2; rua=mailto:a@b.c",
        "v=tlsrptv1; rua=mailto:a@b.c", "\"v=TLSRPTv1; rua=mailto:a@b.c\"", "v=TLSRPT1;",
    ])
    func `have a bad version`(text: String) {
        #expect(evaluate(text).status == .badVersion)
    }

    @Test func `are chosen among other TXT records`() {
        #expect(TLSRPTRecordEvaluation(records: []).status == .absent)
        #expect(evaluate("v=STSv1; id=a").status == .unrelated)
        #expect(evaluate("x", "v=TLSRPTv1; rua=mailto:a@b.c").selected == 1)
        let valid = "v=TLSRPTv1; rua=mailto:a@b.c"
        #expect(evaluate(valid, valid).status == .multiple)
        let strings = ["v=TLSRPTv1; rua=mail", "to:a@b.c"].map { Array($0.utf8) }
        #expect(TLSRPTRecordEvaluation(records: [strings]).status == .ok)
    }

    @Test func `name what is ignored and what is contested`() {
        let findings = evaluate("v=TLSRPTv1; rua=mailto:a@b.c,x:y; a=b; rua=mailto:d@e.f").findings
        #expect(findings.map(\.code) == ["unknown_scheme", "unknown_field", "dup_field"])
        #expect(findings.map(\.isContested) == [false, false, true])
        #expect(evaluate("v=TLSRPTv1 ; rua=mailto:a@b.c").findings.last?.isContested == true)
    }
}

@Suite struct `any octets` {
    @Test func `are judged, with findings inside the text`() {
        let valid = Array("v=TLSRPTv1; rua=mailto:a@b.c?d=%41 , https://e/; x=y".utf8)
        for index in valid.indices {
            for value in UInt8.min...UInt8.max {
                var text = valid
                text[index] = value
                let evaluation = TLSRPTRecordEvaluation(records: [[text]])
                #expect((evaluation.record != nil) == (evaluation.status == .ok))
                #expect(evaluation.findings.allSatisfy { (0...text.count).contains($0.offset) })
            }
            _ = TLSRPTRecordEvaluation(records: [[Array(valid[..<index])]])
        }
    }
}
