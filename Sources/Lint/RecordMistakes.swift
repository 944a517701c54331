/// A kind of TXT record.
enum RecordForm: String {
    case mtaSTS = "STSv1"
    case tlsrpt = "TLSRPTv1"
}

/// The mistakes in one TXT record, in the order in which they are to be mended.
func recordMistakes(_ text: [UInt8], of form: RecordForm) -> [FoundMistake] {
    let encoding = encodingMistakes(text)
    guard encoding.isEmpty else { return encoding }
    let record = text[...].withoutBlanks
    let first = record.startIndex
    if let mistake = strangeSign(in: record) ?? copyMistake(record, form) { return [mistake] }
    var found: [FoundMistake] = []
    if first > 0 {
        found.append(
            FoundMistake(.leadingBlanks, at: 0, wanted: "v=\(form.rawValue)"))
    }
    if let offset = record.offset(of: "\\;") {
        found.append(
            FoundMistake(.escapedSemicolon, at: offset))
    }
    found += versionMistakes(record, form)
    let fields = record.split(separator: UInt8(ascii: ";")).map {
        $0.last == UInt8(ascii: "\\") ? $0.dropLast().withoutBlanks : $0.withoutBlanks
    }
    return found + fields.flatMap { fieldMistakes($0, form) }
}

/// A record that holds more than its text, or another text.
private func copyMistake(_ record: Octets, _ form: RecordForm) -> FoundMistake? {
    let lower = record.lowered
    if let quote = record.offset(of: "\""), quote > record.startIndex,
        lower.contains(" txt ") || lower.contains("\ttxt\t") || lower.contains("\ttxt ")
            || lower.contains(" txt\t") || lower.hasPrefix("txt ")
    {
        return FoundMistake(.zoneLine, at: record.startIndex)
    }
    if let offset = record.quotationMark {
        return FoundMistake(.quotes, at: offset)
    }
    guard lower.hasPrefix("version:") || lower.hasPrefix("version ") else { return nil }
    return FoundMistake(
        .policyAsRecord, at: record.startIndex,
        wanted: form == .mtaSTS ? "v=STSv1; id=" : "v=TLSRPTv1; rua=mailto:")
}

private func versionMistakes(_ record: Octets, _ form: RecordForm) -> [FoundMistake] {
    let wanted = "v=\(form.rawValue)"
    guard !record.starts(with: wanted.utf8) else { return [] }
    let start = record.startIndex
    let lower = String(record.lowered.prefix(24))
    let squeezed = lower.filter { !$0.isWhitespace }
    let version = form.rawValue.lowercased()
    if squeezed.hasPrefix("v:\(version)") {
        return [
            FoundMistake(.colonSign, at: start, value: "v", wanted: wanted)
        ]
    }
    if lower.hasPrefix("v="), squeezed.hasPrefix("v=\(version)") {
        return [
            FoundMistake(
                .recordVersion, at: start, value: record.prefix(wanted.utf8.count).words,
                wanted: wanted)
        ]
    }
    if squeezed.hasPrefix("v=\(version)") {
        return [
            FoundMistake(.blanksAroundEquals, at: start, value: "v=", wanted: wanted)
        ]
    }
    let nearly = ["v=sts1", "v=mta-sts", "v=mtasts", "v=sts", "v=tlsrpt", "v=tls-rpt", "v=tls"]
    let isMeant =
        nearly.contains(where: squeezed.hasPrefix) || squeezed.hasPrefix(version)
        || record.lowered.filter { !$0.isWhitespace }.contains("v=\(version)")
    guard isMeant else { return [] }
    return [
        FoundMistake(.recordVersion, at: start, wanted: wanted)
    ]
}

private func fieldMistakes(_ field: Octets, _ form: RecordForm) -> [FoundMistake] {
    let lower = field.lowered
    let next = form == .mtaSTS ? "id" : "rua"
    if lower.hasPrefix("v="), let offset = separatorlessField(field, next) {
        return [
            FoundMistake(
                .missingSemicolon, at: offset, value: next, wanted: "v=\(form.rawValue); \(next)=")
        ]
    }
    if form == .tlsrpt, lower.hasPrefix("mailto:") || lower.hasPrefix("https:") {
        return [
            FoundMistake(.ruaList, at: field.startIndex)
        ]
    }
    guard let sign = field.offset(ofAny: "=:") else { return [] }
    let key = field[..<sign].withoutBlanks
    let value = field[(sign + 1)...].withoutBlanks
    if form == .tlsrpt, ["p", "sp", "ruf", "pct", "adkim", "aspf", "fo"].contains(key.lowered) {
        return [
            FoundMistake(.dmarcTag, at: field.startIndex, value: key.words)
        ]
    }
    guard key.lowered == next else { return [] }
    if field[sign] == UInt8(ascii: ":") {
        return [
            FoundMistake(.colonSign, at: sign, value: next, wanted: "\(next)=")
        ]
    }
    if !key.elementsEqual(next.utf8) || key.endIndex < sign
        || value.startIndex > sign + 1
    {
        return [
            FoundMistake(
                .blanksAroundEquals, at: field.startIndex, value: field[...sign].words,
                wanted: "\(next)=")
        ]
    }
    return form == .mtaSTS ? idMistakes(value) : ruaMistakes(value)
}

/// The offset of a second field that follows the version without a semicolon.
private func separatorlessField(_ field: Octets, _ key: String) -> Int? {
    guard let offset = field.offset(of: key + "=") ?? field.offset(of: key + ":"),
        offset > field.startIndex,
        [0x20, 0x09, UInt8(ascii: ",")].contains(field[offset - 1])
    else { return nil }
    return offset
}

private func idMistakes(_ value: Octets) -> [FoundMistake] {
    let isAllowed = { (octet: UInt8) in
        (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet)
            || (0x61...0x7A).contains(octet)
    }
    guard let offset = value.firstIndex(where: { !isAllowed($0) }) else {
        guard value.count > 32 else { return [] }
        return [
            FoundMistake(.idValue, at: value.startIndex + 32)
        ]
    }
    let cleaned = Array(value.filter(isAllowed).prefix(32))[...]
    return [
        FoundMistake(
            .idValue, at: offset, value: value[offset...offset].words,
            wanted: cleaned.isEmpty ? nil : cleaned.words)
    ]
}

private func ruaMistakes(_ value: Octets) -> [FoundMistake] {
    let lower = value.lowered
    if let offset = value.offset(of: "mailto://") {
        let rest = value[(offset + 9)...].prefix { $0 != 0x2C }
        return [
            FoundMistake(.mailtoSlashes, at: offset + 7, wanted: rest.words)
        ]
    }
    if lower.hasPrefix("http://") {
        return [
            FoundMistake(.unencryptedURI, at: value.startIndex)
        ]
    }
    if value.last == UInt8(ascii: ",") {
        return [
            FoundMistake(.ruaList, at: value.endIndex - 1)
        ]
    }
    if value.contains(UInt8(ascii: "@")), !lower.contains("mailto:"), !lower.contains("://") {
        return [
            FoundMistake(.missingMailto, at: value.startIndex, wanted: value.words)
        ]
    }
    guard let blank = value.firstIndex(where: { $0 == 0x20 || $0 == 0x09 }),
        !value[..<blank].withoutTrailingBlanks.lowered.hasSuffix(",")
    else { return [] }
    return [
        FoundMistake(.ruaList, at: blank)
    ]
}
