public import Findings
internal import TextRecords

/// The judgement of all TXT records at one `_smtp._tls.` name.
public struct TLSRPTRecordEvaluation: Hashable, Sendable {
    /// Their status; of several faults the first in the text.
    public var status: TLSRPTRecordSyntax
    /// The record; nil unless the status is `ok`.
    public var record: TLSRPTRecord?
    /// How many TXT records begin with `v=TLSRPTv1;`.
    public var candidateCount: Int
    /// The TXT record that the findings' offsets count in, by its position; nil where none fits.
    public var selected: Int?
    /// Faults in the order of the text, then advice; offsets count in the joined strings.
    public var findings: [Finding]

    /// Judges TXT records, each given by its character-strings (RFC 8460 §3).
    public init(records: [[[UInt8]]]) {
        let selection = RecordSelection(
            records, prefix: TLSRPTRecordParser.prefix, likeness: "v=TLSRPT")
        candidateCount = selection.candidateCount
        selected = selection.selected
        findings = []
        switch selection.outcome {
        case .absent: status = .absent
        case .unrelated: status = .unrelated
        case .badVersion: status = .badVersion
        case .multiple: status = .multiple
        case .one(let text):
            var parser = TLSRPTRecordParser(text: text)
            record = parser.parse()
            status = parser.status
            findings = parser.faults + parser.advice
        }
        if status == .badVersion || status == .multiple { findings = [status.at(0)] }
        if let offset = selection.contestedDelimiter {
            findings.append(TLSRPTRecordAdvice.versionDelimiter.at(offset))
        }
    }
}
