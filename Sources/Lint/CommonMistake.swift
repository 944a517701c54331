internal import Explanations
internal import Records

/// A mistake that many make, and that the rules alone do not name: what was done, what to do.
enum CommonMistake: String, CaseIterable {
    // Of policies and records alike.
    case utf16
    case byteOrderMark = "byte_order_mark"
    case quotes
    case leadingBlanks = "leading_blanks"
    case trailingBlanks = "trailing_blanks"
    case strangeSign = "strange_sign"

    // Of policies.
    case recordAsPolicy = "record_as_policy"
    case jsonPolicy = "json_policy"
    case comment
    case webPage = "web_page"
    case literalLineEnds = "literal_line_ends"
    case carriageReturns = "carriage_returns"
    case oneLine = "one_line"
    case equalsSign = "equals_sign"
    case blankBeforeColon = "blank_before_colon"
    case capitalKey = "capital_key"
    case misspeltKey = "misspelt_key"
    case trailingSeparator = "trailing_separator"
    case versionValue = "version_value"
    case modeValue = "mode_value"
    case maxAgeValue = "max_age_value"

    // Of mx patterns.
    case mxList = "mx_list"
    case mxPreference = "mx_preference"
    case mxTrailingDot = "mx_trailing_dot"
    case mxMailbox = "mx_mailbox"
    case mxURL = "mx_url"
    case mxPort = "mx_port"
    case mxAddress = "mx_address"
    case mxWildcard = "mx_wildcard"
    case mxUnicode = "mx_unicode"
    case mxPlaceholder = "mx_placeholder"

    // Of TXT records.
    case policyAsRecord = "policy_as_record"
    case zoneLine = "zone_line"
    case escapedSemicolon = "escaped_semicolon"
    case colonSign = "colon_sign"
    case blanksAroundEquals = "blanks_around_equals"
    case missingSemicolon = "missing_semicolon"
    case recordVersion = "record_version"
    case idValue = "id_value"
    case mailtoSlashes = "mailto_slashes"
    case missingMailto = "missing_mailto"
    case ruaList = "rua_list"
    case unencryptedURI = "unencrypted_uri"
    case dmarcTag = "dmarc_tag"
}

/// A mistake where it stands in a text.
struct FoundMistake: Sendable {
    let mistake: CommonMistake
    /// The octet, from 0.
    let offset: Int
    /// What is there, a sentence without its full stop.
    let message: String
    /// What to do, a sentence without its full stop.
    let remedy: String
    /// The text's position among those given; nil where there is only one.
    var argument: Int?

    /// A mistake in the words of its explanation: `value` is what stands there, `wanted` what is to
    /// be written, as far as one can say.
    init(
        _ mistake: CommonMistake, at offset: Int, value: String? = nil, wanted: String? = nil
    ) {
        self.mistake = mistake
        self.offset = offset
        var evidence = Evidence()
        evidence[.value] = value
        evidence[.wanted] = wanted
        let explanation = mistake.explanation
        message = Self.clause(explanation.found.filled(with: evidence))
        remedy = Self.clause(explanation.steps.first?.filled(with: evidence))
    }

    /// A sentence without its capital and its full stop.
    private static func clause(_ sentence: String?) -> String {
        guard let sentence, let first = sentence.first else { return "" }
        return first.lowercased() + sentence.dropFirst().dropLast()
    }
}

/// The fields of the objects in `mistakes`.
let mistakeFields: [Field<FoundMistake>] = [
    Field("code", "The stable name.", "lint") { $0.mistake.rawValue },
    Field("offset", "The octet, from 0.", "lint") { $0.offset },
    Field("message", "What is there.", "lint") { $0.message },
    Field("remedy", "What to do.", "lint") { $0.remedy },
]

// MARK: What texts have in common

/// Octets of a text, with their offsets in it.
typealias Octets = ArraySlice<UInt8>

extension Octets {
    private static let blanks: Set<UInt8> = [0x20, 0x09]
    /// How many octets of a text a sentence repeats.
    private static let wordsMax = 64

    /// As text that is safe to print; `…` marks a cut.
    var words: String {
        prefix(Self.wordsMax).visibleText + (count > Self.wordsMax ? "…" : "")
    }
    /// Letters in lower case.
    var lowered: String { String(decoding: self, as: UTF8.self).lowercased() }
    var withoutLeadingBlanks: Octets { drop { Self.blanks.contains($0) } }
    var withoutTrailingBlanks: Octets {
        guard let last = lastIndex(where: { !Self.blanks.contains($0) }) else { return prefix(0) }
        return self[...last]
    }
    var withoutBlanks: Octets { withoutLeadingBlanks.withoutTrailingBlanks }

    /// The offset of the first occurrence of `text`.
    func offset(of text: String) -> Int? {
        let sought = Array(text.utf8)
        guard !sought.isEmpty, count >= sought.count else { return nil }
        return (startIndex...(endIndex - sought.count)).first {
            self[$0..<($0 + sought.count)].elementsEqual(sought)
        }
    }

    /// The offset of the first octet that is one of `signs`.
    func offset(ofAny signs: String) -> Int? {
        let signs = Array(signs.utf8)
        return firstIndex { signs.contains($0) }
    }

    /// A quotation mark at either end, plain or typographic.
    var quotationMark: Int? {
        let marks = ["\"", "'", "\u{201C}", "\u{201D}", "\u{2018}", "\u{2019}", "\u{201E}"]
        for mark in marks.map({ Array($0.utf8) }) {
            if starts(with: mark) { return startIndex }
            if suffix(mark.count).elementsEqual(mark) { return endIndex - mark.count }
        }
        return nil
    }
}

/// Signs that look like others, or like nothing, as texts have them that were copied; with what
/// they are taken for.
private let strangeSigns: [(octets: [UInt8], name: String, instead: String)] = [
    ("\u{A0}", "a no-break space", "a plain blank"), ("\u{200B}", "a zero-width space", "nothing"),
    ("\u{200E}", "a mark of direction", "nothing"),
    ("\u{200F}", "a mark of direction", "nothing"),
    ("\u{2060}", "a word joiner", "nothing"), ("\u{FEFF}", "a byte order mark", "nothing"),
    ("\u{AD}", "a soft hyphen", "nothing"), ("\u{FF1A}", "a wide colon", "':'"),
    ("\u{FF1B}", "a wide semicolon", "';'"), ("\u{FF1D}", "a wide equals sign", "'='"),
].map { (Array($0.0.utf8), $0.1, $0.2) }

/// The first sign of a text that looks like another, or like nothing.
func strangeSign(in text: Octets) -> FoundMistake? {
    guard let first = text.firstIndex(where: { $0 >= 0x80 }) else { return nil }
    for offset in first..<text.endIndex {
        for sign in strangeSigns where text[offset...].starts(with: sign.octets) {
            return FoundMistake(
                .strangeSign, at: offset, value: sign.name,
                wanted: sign.instead == "nothing" ? nil : sign.instead)
        }
    }
    return nil
}

/// What is wrong with the encoding of a text, if anything.
func encodingMistakes(_ text: [UInt8]) -> [FoundMistake] {
    if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF])
        || (text.count > 3 && text.count { $0 == 0 } * 3 >= text.count)
    {
        return [
            FoundMistake(.utf16, at: 0)
        ]
    }
    guard text.starts(with: [0xEF, 0xBB, 0xBF]) else { return [] }
    return [
        FoundMistake(.byteOrderMark, at: 0)
    ]
}
