internal import DNS
internal import Findings
internal import TextRecords

/// Reads a TXT record that begins with `v=TLSRPTv1;`, one function for each production.
///
/// Faults are noted in the order of the text; reading goes on after them.
struct TLSRPTRecordParser {
    private var fields: FieldReader
    private let count: Int
    private(set) var faults: [Finding] = []
    private(set) var advice: [Finding] = []
    private(set) var status = TLSRPTRecordSyntax.ok
    private var rua: [String] = []
    private var ruaOffset: Int?
    private var extensions: [ExtensionField] = []

    /// How a record begins: the version, and the semicolon that the RFC wants directly after it.
    static let prefix = Array("v=TLSRPTv1;".utf8)

    init(text: [UInt8]) {
        count = text.count
        fields = FieldReader(text, after: Self.prefix.count)
    }

    /// RFC 8460 §3: `tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]`.
    mutating func parse() -> TLSRPTRecord? {
        while let field = fields.next() { parse(field) }
        if let offset = fields.strayWhitespace { note(.badExtension, at: offset) }
        // RFC 8460 §3: rua is required.
        if ruaOffset == nil { note(.missingRUA, at: count) }
        // RFC 8460 §3: mailto and https are the URIs that reports go to.
        if let ruaOffset, rua.isEmpty, status == .ok { note(.badRUA, at: ruaOffset) }
        return status == .ok ? TLSRPTRecord(rua: rua, extensions: extensions) : nil
    }

    private mutating func note(_ fault: TLSRPTRecordSyntax, at offset: Int) {
        if status == .ok { status = fault }
        faults.note(fault, at: offset)
    }

    /// RFC 8460 §3: `tlsrpt-field = tlsrpt-rua / tlsrpt-extension`.
    private mutating func parse(_ field: ArraySlice<UInt8>) {
        guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else {
            return note(.badExtension, at: field.startIndex)
        }
        let name = field[..<equals]
        let value = field[(equals + 1)...]
        let isFirst = fields.isFirst(name)
        if !isFirst { advice.note(TLSRPTRecordAdvice.dupField, at: name.startIndex) }
        if name.spells("rua") {
            // RFC 8460 §3: "more than one rua" may be declared, and each is a destination.
            parseRUA(value)
        } else {
            parseExtension(name, value, isFirst: isFirst)
        }
    }

    /// RFC 8460 §3: `tlsrpt-rua = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)`.
    private mutating func parseRUA(_ value: ArraySlice<UInt8>) {
        ruaOffset = ruaOffset ?? value.startIndex
        let items = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        for (index, item) in items.enumerated() {
            // White space is around commas only.
            let start = index == 0 ? item : item.drop(while: \.isWhitespace)
            let text = start.droppingTrailingWhitespace
            let uri = ReportURI(text)
            if let fault = uri.fault {
                note(.badRUA, at: fault)
            } else if uri.isSupported {
                rua.append(String(decoding: text, as: UTF8.self))
            } else {
                advice.note(TLSRPTRecordAdvice.unknownScheme, at: text.startIndex)
            }
        }
    }

    /// RFC 8460 §3: `tlsrpt-extension = tlsrpt-ext-name "=" tlsrpt-ext-value`.
    private mutating func parseExtension(
        _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, isFirst: Bool
    ) {
        if let offset = ExtensionField.fault(name, value) {
            return note(.badExtension, at: offset)
        }
        guard isFirst else { return }
        advice.note(TLSRPTRecordAdvice.unknownField, at: name.startIndex)
        extensions.append(ExtensionField(name: name, value: value))
    }
}
