internal import DNS
internal import Findings
public import TextRecords

/// What could be read of a policy, valid or not.
public struct PolicyFields: Hashable, Sendable {
    /// The mode, if it is one.
    public var mode: Mode?
    /// max_age in seconds, if it is a number; perhaps out of range.
    public var maxAge: Int?
    /// The mx values as written.
    public var mxTexts: [[UInt8]] = []
    /// The patterns among them.
    public var mx: [MXPattern] = []
    /// The unknown fields, in order.
    public var extensions: [ExtensionField] = []
}

/// Reads the lines of a policy, one function for each production of the ABNF.
///
/// Faults are noted in the order of the text; reading goes on after them.
struct PolicyParser {
    private let text: [UInt8]
    private(set) var fields = PolicyFields()
    private(set) var faults: [Finding] = []
    private(set) var advice: [Finding] = []
    private(set) var status = PolicyStatus.ok
    private var keys: Set<[UInt8]> = []
    private var maxAgeOffset = 0
    private var endsInLF = false
    private var endsInCRLF = false

    init(text: [UInt8]) { self.text = text }

    private mutating func note(_ fault: PolicyStatus, at offset: Int) {
        if status == .ok { status = fault }
        faults.note(fault, at: offset)
    }

    /// RFC 8461 §3.2: fields, each ended by a term; the last term may be missing.
    mutating func parse() -> Policy? {
        var rest = text[...]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) {
            note(.badLine, at: 0)
            advice.note(PolicyAdvice.bom, at: 0)
            rest = rest.dropFirst(3)
        }
        while !rest.isEmpty { parseField(nextLine(&rest)) }
        noteMissing()
        noteAdvice()
        guard status == .ok, let mode = fields.mode, let maxAge = fields.maxAge else { return nil }
        return Policy(mode: mode, maxAge: maxAge, mx: fields.mx, extensions: fields.extensions)
    }

    /// RFC 8461 §3.2: `sts-policy-term = LF / CRLF`.
    private mutating func nextLine(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let end = rest.firstIndex(of: 0x0A) else {
            defer { rest = rest[rest.endIndex...] }
            return rest
        }
        let line = rest[..<end]
        rest = rest[(end + 1)...]
        let isCRLF = line.last == 0x0D
        let wasMixed = endsInLF && endsInCRLF
        endsInCRLF = endsInCRLF || isCRLF
        endsInLF = endsInLF || !isCRLF
        // Erratum 6253: each line may have either end.
        if endsInLF, endsInCRLF, !wasMixed {
            advice.note(PolicyAdvice.mixedLineEnds, at: isCRLF ? end - 1 : end)
        }
        return isCRLF ? line.dropLast() : line
    }

    /// RFC 8461 §3.2: `sts-policy-field *WSP`.
    private mutating func parseField(_ whole: ArraySlice<UInt8>) {
        let line = whole.droppingTrailingWhitespace
        guard !line.isEmpty else {
            note(.badLine, at: whole.startIndex)
            advice.note(PolicyAdvice.blankLine, at: whole.startIndex)
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            return note(.badLine, at: line.startIndex)
        }
        let key = line[..<colon]
        // RFC 8461 §3.2: sts-policy-field-delim = ":" *WSP
        let value = line[(colon + 1)...].drop(while: \.isWhitespace)
        if let offset = key.fieldNameFault { return note(.badLine, at: offset) }
        if key.spells("mx") { return parseMX(value) }
        // RFC 8461 §3.2: of duplicates all but the first are ignored, provided they are fields.
        guard keys.insert(Array(key)).inserted else {
            advice.note(PolicyAdvice.dupKey, at: key.startIndex)
            return checkExtension(value)
        }
        if key.spells("version") {
            parseVersion(value)
        } else if key.spells("mode") {
            parseMode(value)
        } else if key.spells("max_age") {
            parseMaxAge(value)
        } else {
            advice.note(PolicyAdvice.unknownKey, at: key.startIndex)
            checkExtension(value)
            fields.extensions.append(ExtensionField(name: key, value: value))
        }
    }

    /// RFC 8461 §3.2: `sts-policy-version-value = %s"STSv1"`.
    private mutating func parseVersion(_ value: ArraySlice<UInt8>) {
        if !value.spells("STSv1") { note(.badVersion, at: value.startIndex) }
    }

    /// RFC 8461 §3.2: `sts-policy-mode-value = %s"testing" / %s"enforce" / %s"none"`.
    private mutating func parseMode(_ value: ArraySlice<UInt8>) {
        fields.mode = Mode(rawValue: String(decoding: value, as: UTF8.self))
        guard fields.mode == nil else { return }
        note(value.spells("report") ? .modeReport : .badMode, at: value.startIndex)
    }

    /// RFC 8461 §3.2: `sts-policy-max-age-value = 1*10(DIGIT)`, at most 31557600.
    private mutating func parseMaxAge(_ value: ArraySlice<UInt8>) {
        maxAgeOffset = value.startIndex
        guard (1...10).contains(value.count), value.allSatisfy(\.isDigit) else {
            return note(.badMaxAge, at: value.startIndex)
        }
        let seconds = value.reduce(0) { $0 * 10 + Int($1 & 15) }
        fields.maxAge = seconds
        if seconds > Policy.maxAgeLimit {
            note(.maxAgeRange, at: value.startIndex)
        } else if value.count > 8 {
            advice.note(PolicyAdvice.maxAgeDigits, at: value.startIndex)
        }
    }

    /// RFC 8461 §3.2: `sts-policy-mx-value = ["*."] Domain`.
    private mutating func parseMX(_ value: ArraySlice<UInt8>) {
        fields.mxTexts.append(Array(value))
        do throws(MXPatternError) {
            fields.mx.append(try MXPattern(parsing: value))
        } catch {
            note(PolicyStatus(error), at: value.startIndex)
        }
    }

    /// RFC 8461 §3.2: `sts-policy-ext-value = sts-policy-vchar [*(%x20 / sts-policy-vchar)
    /// sts-policy-vchar]`, UTF-8 included.
    private mutating func checkExtension(_ value: ArraySlice<UInt8>) {
        if let offset = value.firstIndex(where: { $0 < 0x20 || $0 == 0x7F }) {
            note(.badLine, at: offset)
        } else if value.isEmpty {
            note(.badLine, at: value.startIndex)
        }
    }

    /// RFC 8461 §3.2: version, mode and max_age are required, mx unless the mode is none.
    private mutating func noteMissing() {
        let required: [(String, PolicyStatus)] = [
            ("version", .missingVersion), ("mode", .missingMode), ("max_age", .missingMaxAge),
        ]
        for (key, fault) in required where !keys.contains(Array(key.utf8)) {
            note(fault, at: text.count)
        }
        if fields.mxTexts.isEmpty, fields.mode != Mode.none { note(.missingMX, at: text.count) }
    }

    /// RFC 8461 §3.2: max_age is expected "in the range of weeks or greater".
    private mutating func noteAdvice() {
        guard let maxAge = fields.maxAge, let mode = fields.mode, mode != Mode.none else { return }
        if maxAge < (mode == .enforce ? 604_800 : 86400) {
            advice.note(PolicyAdvice.shortMaxAge, at: maxAgeOffset)
        }
    }
}
