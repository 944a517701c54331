internal import DNS
internal import Findings
internal import TextRecords

/// Reads a TXT record that begins with `v=STSv1;`, one function for each production of the ABNF.
///
/// Faults are noted in the order of the text; reading goes on after them.
struct STSRecordParser {
    private var fields: FieldReader
    private let count: Int
    private(set) var faults: [Finding] = []
    private(set) var advice: [Finding] = []
    private(set) var status = STSRecordSyntax.ok
    private(set) var id: ArraySlice<UInt8>?
    private var extensions: [ExtensionField] = []

    /// How a record begins: the version, and the semicolon that the RFC wants directly after it.
    static let prefix = Array("v=STSv1;".utf8)

    init(text: [UInt8]) {
        count = text.count
        fields = FieldReader(text, after: Self.prefix.count)
    }

    /// RFC 8461 §3.1: `sts-version 1*(sts-field-delim sts-field) [sts-field-delim]`.
    mutating func parse() -> STSRecord? {
        while let field = fields.next() { parse(field) }
        if let offset = fields.strayWhitespace { note(.badField, at: offset) }
        // RFC 8461 §3.1: id is REQUIRED.
        if id == nil { note(.missingID, at: count) }
        guard status == .ok, let id else { return nil }
        return STSRecord(id: String(decoding: id, as: UTF8.self), extensions: extensions)
    }

    private mutating func note(_ fault: STSRecordSyntax, at offset: Int) {
        if status == .ok { status = fault }
        faults.note(fault, at: offset)
    }

    /// RFC 8461 §3.1: `sts-field = sts-id / sts-extension`.
    private mutating func parse(_ field: ArraySlice<UInt8>) {
        if let offset = field.firstIndex(where: { $0 >= 0x80 }) {
            return note(.nonASCII, at: offset)
        }
        guard let equals = field.firstIndex(of: UInt8(ascii: "=")), equals > field.startIndex
        else { return note(.badField, at: field.startIndex) }
        let name = field[..<equals]
        let value = field[(equals + 1)...]
        let isFirst = fields.isFirst(name)
        // RFC 8461 §3.2: of duplicates all but the first are ignored, provided they are fields.
        if isFirst, name.spells("id") {
            parseID(value)
        } else {
            parseExtension(name, value, isFirst: isFirst)
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
        _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, isFirst: Bool
    ) {
        if let offset = ExtensionField.fault(name, value) {
            return note(.badExtension, at: offset)
        }
        advice.note(isFirst ? STSRecordAdvice.unknownField : .dupField, at: name.startIndex)
        if isFirst { extensions.append(ExtensionField(name: name, value: value)) }
    }
}
