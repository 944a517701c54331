internal import DNS
public import Findings

/// The judgement of the body of a policy.
public struct PolicyEvaluation: Hashable, Sendable {
    /// Its status; of several faults the first in the text, missing fields last.
    public var status: PolicyStatus
    /// The policy; nil unless the status is `ok`.
    public var policy: Policy?
    /// What could be read, whatever the status.
    public var fields: PolicyFields
    /// Faults in the order of the text, then advice.
    public var findings: [Finding]

    /// Judges a body (RFC 8461 §3.2).
    public init(body: [UInt8]) {
        if let (status, offset) = bodyClass(body) {
            self.status = status
            fields = PolicyFields()
            findings = [status.at(offset)]
            return
        }
        var parser = PolicyParser(text: body)
        policy = parser.parse()
        status = parser.status
        fields = parser.fields
        findings = parser.faults + parser.advice
    }
}

/// The kind of a body that is not an attempt at a policy of the RFC, and the offset that shows it.
private func bodyClass(_ body: [UInt8]) -> (PolicyStatus, Int)? {
    if let offset = body.firstIndex(of: 0) { return (.notText, offset) }
    do throws(UTF8.ValidationError) {
        _ = try UTF8Span(validating: body.span)
    } catch {
        return (.notText, error.byteOffsets.lowerBound)
    }
    let text = body.starts(with: [0xEF, 0xBB, 0xBF]) ? body[3...] : body[...]
    let first = text.firstIndex { !$0.isWhitespace && $0 != 0x0A && $0 != 0x0D }
    guard let first else { return (.empty, 0) }
    if body[first] == UInt8(ascii: "<") { return (.html, first) }
    return isJSONObject(body[first...]) ? (.jsonDraft, first) : nil
}

/// RFC 8259 §4: a brace, and a quoted name or the other brace next; RTF has a brace as well.
private func isJSONObject(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: "{") else { return false }
    let next = text.dropFirst().first { !$0.isWhitespace && $0 != 0x0A && $0 != 0x0D }
    return next == UInt8(ascii: "\"") || next == UInt8(ascii: "}")
}
