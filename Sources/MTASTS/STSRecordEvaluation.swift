public import Findings
internal import TextRecords

/// The judgement of all TXT records at one `_mta-sts.` name.
public struct STSRecordEvaluation: Hashable, Sendable {
    /// Their status; of several faults the first in the text.
    public var status: STSRecordSyntax
    /// The record; nil unless the status is `ok`.
    public var record: STSRecord?
    /// The id as written in the only candidate, valid or not.
    public var id: [UInt8]?
    /// How many TXT records begin with `v=STSv1;`.
    public var candidateCount: Int
    /// The TXT record that the findings' offsets count in, by its position; nil where none fits.
    public var selected: Int?
    /// Faults in the order of the text, then advice; offsets count in the joined strings.
    public var findings: [Finding]

    /// Judges TXT records, each given by its character-strings (RFC 8461 §3.1).
    public init(records: [[[UInt8]]]) {
        let selection = RecordSelection(
            records, prefix: STSRecordParser.prefix, likeness: "v=STS")
        candidateCount = selection.candidateCount
        selected = selection.selected
        findings = []
        switch selection.outcome {
        case .absent: status = .absent
        case .unrelated: status = .unrelated
        case .badVersion: status = .badVersion
        case .multiple: status = .multiple
        case .one(let text):
            var parser = STSRecordParser(text: text)
            record = parser.parse()
            status = parser.status
            id = parser.id.map(Array.init)
            findings = parser.faults + parser.advice
        }
        if status == .badVersion || status == .multiple { findings = [status.at(0)] }
        if let offset = selection.contestedDelimiter {
            findings.append(STSRecordAdvice.versionDelimiter.at(offset))
        }
    }
}
