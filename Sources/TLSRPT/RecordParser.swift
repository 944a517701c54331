internal import DNS
internal import Findings

/// Reads a TXT record that begins with `v=TLSRPTv1;`, one function for each production.
///
/// Faults are noted in the order of the text; reading goes on behind them.
struct RecordParser {
    private let text: [UInt8]
    private var position: Int
    private(set) var faults: [Finding] = []
    private(set) var advice: [Finding] = []
    private(set) var status = RecordStatus.ok
    private var rua: [String] = []
    private var ruaOffset: Int?
    private var extensions: [Extension] = []
    private var names: Set<[UInt8]> = [Array("v".utf8)]

    /// How a record begins: `tlsrpt-version` and the semicolon that RFC 8460 §3 wants right behind.
    static let prefix = Array("v=TLSRPTv1;".utf8)

    init(text: [UInt8]) {
        self.text = text
        position = Self.prefix.count
    }

    /// RFC 8460 §3: `tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]`.
    mutating func parse() -> Record? {
        skipWhitespace()
        while position < text.count {
            parseField()
            guard parseDelimiter() else { break }
        }
        // RFC 8460 §3: rua is required.
        if ruaOffset == nil { note(.missingRUA, at: text.count) }
        // RFC 8460 §3: mailto and https are the URIs that reports go to.
        if let ruaOffset, rua.isEmpty, status == .ok { note(.badRUA, at: ruaOffset) }
        return status == .ok ? Record(rua: rua, extensions: extensions) : nil
    }

    private mutating func note(_ fault: RecordStatus, at offset: Int) {
        if status == .ok { status = fault }
        faults.note(fault, at: offset)
    }

    /// RFC 8460 §3: `field-delim = *WSP ";" *WSP`; false at the end.
    private mutating func parseDelimiter() -> Bool {
        let start = position
        skipWhitespace()
        guard position < text.count else {
            // White space ends the record only behind a semicolon.
            if position > start { note(.badExtension, at: start) }
            return false
        }
        position += 1
        skipWhitespace()
        return true
    }

    private mutating func skipWhitespace() {
        while position < text.count, text[position].isWhitespace { position += 1 }
    }

    /// RFC 8460 §3: `tlsrpt-field = tlsrpt-rua / tlsrpt-extension`.
    private mutating func parseField() {
        let rest = text[position...]
        let whole = rest[..<(rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex)]
        let field = whole.droppingTrailingWhitespace
        position = field.endIndex
        guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else {
            return note(.badExtension, at: field.startIndex)
        }
        let name = field[..<equals]
        let value = field[(equals + 1)...]
        let isNew = names.insert(Array(name)).inserted
        if !isNew { advice.note(RecordAdvice.dupField, at: name.startIndex) }
        if name.spells("rua") {
            // RFC 8460 §3: "more than one rua" may be declared, and each is a destination.
            parseRUA(value)
        } else {
            parseExtension(name, value, isNew: isNew)
        }
    }

    /// RFC 8460 §3: `tlsrpt-rua = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)`.
    private mutating func parseRUA(_ value: ArraySlice<UInt8>) {
        ruaOffset = ruaOffset ?? value.startIndex
        let items = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        for (index, item) in items.enumerated() {
            // White space stands around commas only.
            let start = index == 0 ? item : item.drop(while: \.isWhitespace)
            let text = start.droppingTrailingWhitespace
            let uri = ReportURI(text)
            if let fault = uri.fault {
                note(.badRUA, at: fault)
            } else if uri.isSupported {
                rua.append(String(decoding: text, as: UTF8.self))
            } else {
                advice.note(RecordAdvice.unknownScheme, at: text.startIndex)
            }
        }
    }

    /// RFC 8460 §3: `tlsrpt-extension = tlsrpt-ext-name "=" tlsrpt-ext-value`.
    private mutating func parseExtension(
        _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, isNew: Bool
    ) {
        if let offset = name.fieldNameFault { return note(.badExtension, at: offset) }
        // tlsrpt-ext-value = 1*(%x21-3A / %x3C / %x3E-7E)
        if let offset = value.firstIndex(where: { !$0.isVisible || $0 == UInt8(ascii: "=") }) {
            return note(.badExtension, at: offset)
        }
        guard !value.isEmpty else { return note(.badExtension, at: value.startIndex) }
        guard isNew else { return }
        advice.note(RecordAdvice.unknownField, at: name.startIndex)
        extensions.append(Extension(name: Array(name), value: Array(value)))
    }
}
