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
            FoundMistake(
                .leadingBlanks, at: 0, "the record begins with blanks",
                fix: "begin it with 'v=\(form.rawValue)'"))
    }
    if let offset = record.offset(of: "\\;") {
        found.append(
            FoundMistake(
                .escapedSemicolon, at: offset,
                "a backslash stands before the semicolon: an escape of zone files that was "
                    + "published as it is",
                fix: "write ';' alone where your provider asks for the text of the record"))
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
        return FoundMistake(
            .zoneLine, at: record.startIndex, "this is the line of a zone file",
            fix: "give the text between the quotation marks alone")
    }
    if let offset = record.quotationMark {
        return FoundMistake(
            .quotes, at: offset, "there is a quotation mark in the record",
            fix: "write the text without quotation marks: zone files have them, the record has not")
    }
    guard lower.hasPrefix("version:") || lower.hasPrefix("version ") else { return nil }
    return FoundMistake(
        .policyAsRecord, at: record.startIndex,
        "this is a policy, which belongs on https://mta-sts.DOMAIN/.well-known/mta-sts.txt",
        fix: form == .mtaSTS
            ? "publish 'v=STSv1; id=' and an id of letters and digits in DNS"
            : "publish 'v=TLSRPTv1; rua=mailto:' and a mailbox in DNS")
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
            FoundMistake(
                .colonSign, at: start, "a colon follows the v", fix: "write '\(wanted)'")
        ]
    }
    if lower.hasPrefix("v="), squeezed.hasPrefix("v=\(version)") {
        return [
            FoundMistake(
                .recordVersion, at: start, "the version has other capitals than the RFC's",
                fix: "write '\(wanted)'")
        ]
    }
    if squeezed.hasPrefix("v=\(version)") {
        return [
            FoundMistake(
                .blanksAroundEquals, at: start, "there are blanks around the equals sign",
                fix: "write '\(wanted)'")
        ]
    }
    let nearly = ["v=sts1", "v=mta-sts", "v=mtasts", "v=sts", "v=tlsrpt", "v=tls-rpt", "v=tls"]
    let isMeant =
        nearly.contains(where: squeezed.hasPrefix) || squeezed.hasPrefix(version)
        || record.lowered.filter { !$0.isWhitespace }.contains("v=\(version)")
    guard isMeant else { return [] }
    return [
        FoundMistake(
            .recordVersion, at: start, "the record does not begin with its version",
            fix: "begin it with '\(wanted);'")
    ]
}

private func fieldMistakes(_ field: Octets, _ form: RecordForm) -> [FoundMistake] {
    let lower = field.lowered
    let next = form == .mtaSTS ? "id" : "rua"
    if lower.hasPrefix("v="), let offset = separatorlessField(field, next) {
        return [
            FoundMistake(
                .missingSemicolon, at: offset, "no semicolon stands before '\(next)'",
                fix: "write 'v=\(form.rawValue); \(next)='")
        ]
    }
    if form == .tlsrpt, lower.hasPrefix("mailto:") || lower.hasPrefix("https:") {
        return [
            FoundMistake(
                .ruaList, at: field.startIndex, "a semicolon stands between two URIs",
                fix: "separate several URIs by a comma")
        ]
    }
    guard let sign = field.offset(ofAny: "=:") else { return [] }
    let key = field[..<sign].withoutBlanks
    let value = field[(sign + 1)...].withoutBlanks
    if form == .tlsrpt, ["p", "sp", "ruf", "pct", "adkim", "aspf", "fo"].contains(key.lowered) {
        return [
            FoundMistake(
                .dmarcTag, at: field.startIndex, "'\(key.words)' is a tag of DMARC",
                fix: "keep only v and rua: a record for TLS reports has nothing else")
        ]
    }
    guard key.lowered == next else { return [] }
    if field[sign] == UInt8(ascii: ":") {
        return [
            FoundMistake(
                .colonSign, at: sign, "a colon follows '\(next)'", fix: "write '\(next)='")
        ]
    }
    if !key.elementsEqual(next.utf8) || key.endIndex < sign
        || value.startIndex > sign + 1
    {
        return [
            FoundMistake(
                .blanksAroundEquals, at: field.startIndex,
                "'\(field[...sign].words)' has blanks or capitals",
                fix: "write '\(next)=' right before the value")
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
            FoundMistake(
                .idValue, at: value.startIndex + 32, "the id has \(value.count) signs",
                fix: "shorten it to 32 letters and digits")
        ]
    }
    let cleaned = Array(value.filter(isAllowed).prefix(32))[...]
    return [
        FoundMistake(
            .idValue, at: offset, "the id has '\(value[offset...offset].words)' in it",
            fix: cleaned.isEmpty
                ? "write letters and digits, such as a date and time"
                : "write letters and digits alone: 'id=\(cleaned.words)'")
    ]
}

private func ruaMistakes(_ value: Octets) -> [FoundMistake] {
    let lower = value.lowered
    if let offset = value.offset(of: "mailto://") {
        let rest = value[(offset + 9)...].prefix { $0 != 0x2C }
        return [
            FoundMistake(
                .mailtoSlashes, at: offset + 7, "two slashes follow mailto:",
                fix: "write 'mailto:\(rest.words)'")
        ]
    }
    if lower.hasPrefix("http://") {
        return [
            FoundMistake(
                .unencryptedURI, at: value.startIndex, "reports cannot be sent to http:",
                fix: "use an https: URI or a mailto: one")
        ]
    }
    if value.last == UInt8(ascii: ",") {
        return [
            FoundMistake(
                .ruaList, at: value.endIndex - 1, "a comma ends the list of URIs",
                fix: "remove it")
        ]
    }
    if value.contains(UInt8(ascii: "@")), !lower.contains("mailto:"), !lower.contains("://") {
        return [
            FoundMistake(
                .missingMailto, at: value.startIndex, "a mailbox stands without mailto:",
                fix: "write 'rua=mailto:\(value.words)'")
        ]
    }
    guard let blank = value.firstIndex(where: { $0 == 0x20 || $0 == 0x09 }),
        !value[..<blank].withoutTrailingBlanks.lowered.hasSuffix(",")
    else { return [] }
    let isAfterScheme = value[..<blank].lowered.hasSuffix("mailto:")
    return [
        FoundMistake(
            .ruaList, at: blank, "there is a blank in a URI",
            fix: isAfterScheme
                ? "write the mailbox right after 'mailto:'"
                : "separate several URIs by a comma")
    ]
}
