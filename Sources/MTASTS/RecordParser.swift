internal import DNS
internal import Findings

/// Reads a TXT record that begins with `v=STSv1;`, one function for each production of the ABNF.
///
/// Faults are noted in the order of the text; reading goes on behind them.
struct RecordParser {
    private let text: [UInt8]
    private var position: Int
    private(set) var faults: [Finding] = []
    private(set) var advice: [Finding] = []
    private(set) var status = RecordStatus.ok
    private(set) var id: ArraySlice<UInt8>?
    private var extensions: [Extension] = []
    private var names: Set<[UInt8]> = [Array("v".utf8)]

    /// How a record begins: `sts-version` and the semicolon that RFC 8461 §3.1 wants right behind.
    static let prefix = Array("v=STSv1;".utf8)

    init(text: [UInt8]) {
        self.text = text
        position = Self.prefix.count
    }

    /// RFC 8461 §3.1: `sts-version 1*(sts-field-delim sts-field) [sts-field-delim]`.
    mutating func parse() -> Record? {
        skipWhitespace()
        while position < text.count {
            parseField()
            guard parseDelimiter() else { break }
        }
        // RFC 8461 §3.1: id is REQUIRED.
        if id == nil { note(.missingID, at: text.count) }
        guard status == .ok, let id else { return nil }
        return Record(id: String(decoding: id, as: UTF8.self), extensions: extensions)
    }

    private mutating func note(_ fault: RecordStatus, at offset: Int) {
        if status == .ok { status = fault }
        faults.note(fault, at: offset)
    }

    /// RFC 8461 §3.1: `sts-field-delim = *WSP ";" *WSP`; false at the end.
    private mutating func parseDelimiter() -> Bool {
        let start = position
        skipWhitespace()
        guard position < text.count else {
            // White space ends the record only behind a semicolon.
            if position > start { note(.badField, at: start) }
            return false
        }
        position += 1
        skipWhitespace()
        return true
    }

    private mutating func skipWhitespace() {
        while position < text.count, text[position].isWhitespace { position += 1 }
    }

    /// RFC 8461 §3.1: `sts-field = sts-id / sts-extension`.
    private mutating func parseField() {
        let rest = text[position...]
        let whole = rest[..<(rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex)]
        let field = whole.droppingTrailingWhitespace
        position = field.endIndex
        if let offset = field.firstIndex(where: { $0 >= 0x80 }) {
            return note(.nonASCII, at: offset)
        }
        guard let equals = field.firstIndex(of: UInt8(ascii: "=")), equals > field.startIndex
        else { return note(.badField, at: field.startIndex) }
        let name = field[..<equals]
        let value = field[(equals + 1)...]
        let isNew = names.insert(Array(name)).inserted
        // RFC 8461 §3.2: of duplicates all but the first are ignored, provided they are fields.
        if isNew, name.spells("id") {
            parseID(value)
        } else {
            parseExtension(name, value, isNew: isNew)
        }
    }

    /// RFC 8461 §3.1: `sts-id = %s"id=" 1*32(ALPHA / DIGIT)`.
    private mutating func parseID(_ value: ArraySlice<UInt8>) {
        id = value
        if let offset = value.firstIndex(where: { !$0.isAlphanumeric }) {
            note(.badID, at: offset)
        } else if value.isEmpty || value.count > 32 {
            note(.badID, at: value.startIndex)
        }
    }

    /// RFC 8461 §3.1: `sts-extension = sts-ext-name "=" sts-ext-value`.
    private mutating func parseExtension(
        _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, isNew: Bool
    ) {
        if let offset = name.fieldNameFault { return note(.badExtension, at: offset) }
        // sts-ext-value = 1*(%x21-3A / %x3C / %x3E-7E)
        if let offset = value.firstIndex(where: { !$0.isVisible || $0 == UInt8(ascii: "=") }) {
            return note(.badExtension, at: offset)
        }
        guard !value.isEmpty else { return note(.badExtension, at: value.startIndex) }
        advice.note(isNew ? RecordAdvice.unknownField : .dupField, at: name.startIndex)
        if isNew { extensions.append(Extension(name: Array(name), value: Array(value))) }
    }
}
