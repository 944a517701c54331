internal import DNS
internal import Findings
internal import Lint
internal import MTASTS
internal import TLSRPT

/// Records stand between NUL octets, their strings between octets 1.
func takeRecords(_ octets: [UInt8]) {
    let records = split(octets)
    let evaluation = STSRecordEvaluation(records: records)
    precondition((evaluation.record != nil) == (evaluation.status == .ok))
    check(evaluation.findings, in: records, evaluation.selected)
    check(LintReport(records: records.map { Array($0.joined()) }))
}

/// Records stand between NUL octets, their strings between octets 1.
func takeReportRecords(_ octets: [UInt8]) {
    let records = split(octets)
    let evaluation = TLSRPTRecordEvaluation(records: records)
    precondition((evaluation.record != nil) == (evaluation.status == .ok))
    precondition(evaluation.record?.rua.isEmpty != true)
    check(evaluation.findings, in: records, evaluation.selected)
    check(LintReport(reportRecords: records.map { Array($0.joined()) }))
}

/// The octets are the body; its patterns judge each other's domains.
func takePolicy(_ octets: [UInt8]) {
    let evaluation = PolicyEvaluation(body: octets)
    precondition((evaluation.policy != nil) == (evaluation.status == .ok))
    precondition(evaluation.findings.allSatisfy { (0...octets.count).contains($0.offset) })
    let patterns = evaluation.fields.mx.prefix(8)
    for pattern in patterns {
        precondition((try? MXPattern(parsing: Array(pattern.description.utf8))) == pattern)
        _ = NearMiss(host: pattern.domain, patterns: Array(patterns))
    }
    _ = PolicyResponse.findings(contentType: octets)
    check(LintReport(policy: octets))
    let lines = octets.split(separator: UInt8(ascii: "\n")).prefix(8).map(Array.init)
    check(LintReport(host: lines.first ?? [], patterns: lines))
}

private func split(_ octets: [UInt8]) -> [[[UInt8]]] {
    octets.split(separator: 0, omittingEmptySubsequences: false).prefix(8).map { record in
        record.split(separator: 1, omittingEmptySubsequences: false).map(Array.init)
    }
}

/// Findings stand inside the record that was selected.
private func check(_ findings: [Finding], in records: [[[UInt8]]], _ selected: Int?) {
    guard let selected else { return precondition(findings.isEmpty) }
    let count = records[selected].reduce(0) { $0 + $1.count }
    precondition(findings.allSatisfy { (0...count).contains($0.offset) })
}

/// What is printed has no control character but line feeds, and JSON is one line.
private func check(_ report: LintReport) {
    precondition(report.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
    precondition(report.json.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    precondition(report.isValid == report.json.hasPrefix("{\"status\":\"ok\""))
}
