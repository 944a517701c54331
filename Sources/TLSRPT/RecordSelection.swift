internal import DNS
public import Findings

/// The judgement of all TXT records at one `_smtp._tls.` name.
public struct RecordEvaluation: Hashable, Sendable {
    /// Their status; of several faults the first in the text.
    public var status: RecordStatus
    /// The record; nil unless the status is `ok`.
    public var record: Record?
    /// How many TXT records begin with `v=TLSRPTv1;`.
    public var candidateCount: Int
    /// The TXT record that the findings' offsets count in, by its position; nil where none fits.
    public var selected: Int?
    /// Faults in the order of the text, then advice; offsets count in the joined strings.
    public var findings: [Finding]

    /// Judges TXT records, each given by its character-strings (RFC 8460 §3).
    public init(records: [[[UInt8]]]) {
        // RFC 8460 §3: strings are "concatenated without adding spaces".
        let texts = records.map { Array($0.joined()) }
        let candidates = texts.indices.filter { texts[$0].starts(with: RecordParser.prefix) }
        let contested = texts.indices.filter { delimiterAfterWhitespace(texts[$0]) != nil }
        candidateCount = candidates.count
        selected = candidates.first ?? contested.first ?? texts.firstIndex(where: isTLSRPTLike)
        findings = []
        // RFC 8460 §3: others are discarded, and exactly one must remain.
        switch (candidates.count, selected) {
        case (0, nil):
            status = texts.isEmpty ? .absent : .unrelated
        case (0, _?):
            status = .badVersion
            findings = [status.at(0)]
        case (1, let index?):
            var parser = RecordParser(text: texts[index])
            record = parser.parse()
            status = parser.status
            findings = parser.faults + parser.advice
        default:
            status = .multiple
            selected = candidates.last
            findings = [status.at(0)]
        }
        if let index = contested.first, let offset = delimiterAfterWhitespace(texts[index]) {
            findings.append(
                RecordAdvice.versionDelimiter.at(index == selected ? offset : 0))
        }
    }
}

/// Whether somebody meant the text for TLSRPT: `v=TLSRPT…` in any case, after white space or quotes.
private func isTLSRPTLike(_ text: [UInt8]) -> Bool {
    let start = text.firstIndex { !$0.isWhitespace && $0 != UInt8(ascii: "\"") }
    guard let start else { return false }
    let letters = text[start...].lazy.filter { !$0.isWhitespace }.prefix(8)
    return Array(letters)[...].spells(ignoringCase: "v=TLSRPT")
}

/// Where the semicolon of a record that begins with version, white space, semicolon stands.
///
/// The ABNF of RFC 8460 §3 allows it, the text discards it (erratum 6285); so does this survey.
private func delimiterAfterWhitespace(_ text: [UInt8]) -> Int? {
    let version = RecordParser.prefix.dropLast()
    guard text.starts(with: version), let next = text.dropFirst(version.count).first,
        next.isWhitespace
    else { return nil }
    let offset = text[version.count...].firstIndex { !$0.isWhitespace }
    return offset.flatMap { text[$0] == UInt8(ascii: ";") ? $0 : nil }
}
