import Findings
import MTASTS
import Testing

/// Every text that differs from `text` in one octet, or ends early.
private func mutations(_ text: String) -> [[UInt8]] {
    let octets = Array(text.utf8)
    var all = octets.indices.map { Array(octets[..<$0]) }
    for index in octets.indices {
        for value in UInt8.min...UInt8.max {
            var changed = octets
            changed[index] = value
            all.append(changed)
        }
    }
    return all
}

@Suite struct `any octets` {
    @Test func `are judged as records, with findings inside the text`() {
        for text in mutations("v=STSv1; id=a1 ; x-1=y;") {
            let evaluation = STSRecordEvaluation(records: [[text]])
            #expect((evaluation.record != nil) == (evaluation.status == .ok))
            #expect(evaluation.findings.allSatisfy { (0...text.count).contains($0.offset) })
        }
    }

    @Test func `are judged as policies, with findings inside the text`() {
        for text in mutations("version: STSv1\r\nmode: none\nmx: *.a.b\nmax_age: 10\nx: y") {
            let evaluation = PolicyEvaluation(body: text)
            #expect((evaluation.policy != nil) == (evaluation.status == .ok))
            #expect(evaluation.findings.allSatisfy { (0...text.count).contains($0.offset) })
        }
    }

    @Test func `are judged as mx patterns and types`() {
        for text in mutations("*.[IPv6:a-b.c:1.2.3.4]") { _ = try? MXPattern(parsing: text) }
        for text in mutations("text/plain; charset=\"utf-8\"") {
            #expect(PolicyResponse.findings(contentType: text).count <= 1)
        }
    }
}
