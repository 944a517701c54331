/// The keys that a policy has (RFC 8461 §3.2).
private let keys = ["version", "mode", "mx", "max_age"]

/// The mistakes in the body of a policy, in the order of the text.
func policyMistakes(_ body: [UInt8]) -> [FoundMistake] {
    let encoding = encodingMistakes(body)
    guard encoding.first?.mistake != .utf16 else { return encoding }
    let text = encoding.isEmpty ? body[...] : body[3...]
    if let whole = wholeMistake(text) { return encoding + [whole] }
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false).map {
        $0.last == 0x0D ? $0.dropLast() : $0
    }
    return encoding + lines.flatMap(lineMistakes)
}

/// A mistake that is one of the whole body, after which its lines say nothing more.
private func wholeMistake(_ text: Octets) -> FoundMistake? {
    let start = text.drop { $0 <= 0x20 }
    let first = start.startIndex
    if start.first == UInt8(ascii: "<") {
        return FoundMistake(.webPage, at: first)
    }
    if start.first == UInt8(ascii: "{") {
        return FoundMistake(.jsonPolicy, at: first)
    }
    if start.drop(while: { $0 == UInt8(ascii: "\"") }).lowered.hasPrefix("v=") {
        return FoundMistake(.recordAsPolicy, at: first)
    }
    if let offset = text.offset(of: "\\n") ?? text.offset(of: "\\r") {
        let cut = text.offset(of: "\\r\\n") ?? offset
        return FoundMistake(.literalLineEnds, at: min(cut, offset))
    }
    if !text.contains(0x0A), let offset = text.dropLast().firstIndex(of: 0x0D) {
        return FoundMistake(.carriageReturns, at: offset)
    }
    if let offset = text.offset(of: "\r\r\n") {
        return FoundMistake(.carriageReturns, at: offset)
    }
    return nil
}

private func lineMistakes(_ whole: Octets) -> [FoundMistake] {
    let line = whole.withoutBlanks
    guard !line.isEmpty else { return [] }
    if let sign = strangeSign(in: line) { return [sign] }
    if let offset = commentOffset(in: line) {
        return [
            FoundMistake(.comment, at: offset)
        ]
    }
    if let offset = secondField(in: line) {
        return [
            FoundMistake(.oneLine, at: offset)
        ]
    }
    var found: [FoundMistake] = []
    if line.startIndex > whole.startIndex {
        found.append(
            FoundMistake(.leadingBlanks, at: whole.startIndex))
    }
    if let offset = line.quotationMark {
        found.append(
            FoundMistake(.quotes, at: offset))
        return found
    }
    found += fieldMistakes(line)
    // Where a value is missing, the blank after the colon is not what is wrong.
    if line.endIndex < whole.endIndex, line.last != UInt8(ascii: ":") {
        found.append(
            FoundMistake(.trailingBlanks, at: line.endIndex))
    }
    return found
}

/// The offset of a comment as other files have it, at the beginning of a line or behind a blank.
private func commentOffset(in line: Octets) -> Int? {
    if line.starts(with: "#".utf8) || line.starts(with: "//".utf8) || line.starts(with: ";".utf8) {
        return line.startIndex
    }
    return line.offset(of: " # ").map { $0 + 1 }
}

/// The offset of a known key that begins in the middle of a line and is followed by its sign.
private func secondField(in line: Octets) -> Int? {
    let text = Array(line.lowered.utf8)[...]
    guard text.count == line.count else { return nil }
    let offsets = keys.compactMap { key -> Int? in
        var rest = text.dropFirst()
        while let offset = rest.offset(of: key) {
            let before = text[offset - 1]
            let after = text[(offset + key.utf8.count)...].withoutLeadingBlanks.first
            let isWord = [0x20, 0x09, UInt8(ascii: ";"), UInt8(ascii: ",")].contains(before)
            if isWord, after == UInt8(ascii: ":") || after == UInt8(ascii: "=") { return offset }
            rest = text[(offset + 1)...]
        }
        return nil
    }
    return offsets.min().map { line.startIndex + $0 }
}

private func fieldMistakes(_ line: Octets) -> [FoundMistake] {
    guard let sign = line.offset(ofAny: ":=") else { return [] }
    let written = line[..<sign]
    let key = written.withoutBlanks
    var found = keyMistakes(key)
    guard let name = knownKey(key.lowered) else { return found }
    if line[sign] == UInt8(ascii: "=") {
        found.append(
            FoundMistake(.equalsSign, at: sign, wanted: name))
    } else if key.endIndex < written.endIndex {
        found.append(
            FoundMistake(.blankBeforeColon, at: key.endIndex, wanted: name))
    }
    var value = line[(sign + 1)...].withoutBlanks
    if let offset = value.quotationMark {
        found.append(
            FoundMistake(.quotes, at: offset))
        return found
    }
    if let last = value.last, last == UInt8(ascii: ";") || last == UInt8(ascii: ",") {
        found.append(
            FoundMistake(.trailingSeparator, at: value.endIndex - 1))
        value = value.dropLast()
    }
    return found + valueMistakes(value, of: name)
}

private func keyMistakes(_ key: Octets) -> [FoundMistake] {
    let lower = key.lowered
    guard let name = knownKey(lower), !key.elementsEqual(name.utf8) else { return [] }
    if lower == name {
        return [
            FoundMistake(.capitalKey, at: key.startIndex, value: key.words, wanted: name)
        ]
    }
    return [
        FoundMistake(.misspeltKey, at: key.startIndex, value: key.words, wanted: name)
    ]
}

/// The key that a word in lower case is, or nearly is.
private func knownKey(_ word: String) -> String? {
    if keys.contains(word) { return word }
    let letters = word.filter { $0.isLetter || $0.isNumber }
    switch letters {
    case "maxage", "maxages", "max", "age", "ttl": return "max_age"
    case "mxs", "mxhost", "mx1", "mx2", "mxrecord": return "mx"
    case "v", "ver", "versions", "vesion", "verson", "stsversion": return "version"
    case "modes", "policy", "policymode": return "mode"
    default: return keys.first { $0.count > 2 && isOneEditApart(letters, $0.filter(\.isLetter)) }
    }
}

/// Whether one letter was left out, added or exchanged.
private func isOneEditApart(_ left: String, _ right: String) -> Bool {
    let (short, long) = left.count < right.count ? (left, right) : (right, left)
    guard long.count - short.count <= 1 else { return false }
    let prefix = zip(short, long).prefix { $0 == $1 }.count
    let restOfShort = short.dropFirst(short.count == long.count ? prefix + 1 : prefix)
    return restOfShort == long.dropFirst(prefix + 1)
}

private func valueMistakes(_ value: Octets, of key: String) -> [FoundMistake] {
    switch key {
    case "mx": return patternMistakes(value)
    case "version":
        guard !value.elementsEqual("STSv1".utf8), !value.isEmpty else { return [] }
        return [
            FoundMistake(.versionValue, at: value.startIndex, value: value.words)
        ]
    case "mode": return modeMistakes(value)
    default: return maxAgeMistakes(value)
    }
}

private func modeMistakes(_ value: Octets) -> [FoundMistake] {
    let modes = ["enforce", "testing", "none"]
    guard !modes.contains(where: { value.elementsEqual($0.utf8) }), !value.isEmpty else {
        return []
    }
    let word = value.lowered
    let meant: String? =
        switch word {
        case _ where modes.contains(word): word
        case "report", "report-only", "reporting", "monitor", "test", "tests": "testing"
        case "off", "disabled", "disable", "no": "none"
        case _ where word.hasPrefix("enforc") || isOneEditApart(word, "enforce"): "enforce"
        case _ where isOneEditApart(word, "testing"): "testing"
        default: nil
        }
    return [
        FoundMistake(.modeValue, at: value.startIndex, value: value.words, wanted: meant)
    ]
}

private func maxAgeMistakes(_ value: Octets) -> [FoundMistake] {
    let isNumber = value.allSatisfy { (0x30...0x39).contains($0) }
    guard !isNumber, let first = value.first, first != UInt8(ascii: "-") else { return [] }
    let text = value.lowered
    let digits = text.filter { $0.isASCII && $0.isNumber }
    let unit = text.drop { !$0.isLetter }.first
    let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    var seconds: String?
    if let number = Int(digits), number < 100_000_000, let factor = factors[unit ?? "s"],
        !text.contains(".")
    {
        seconds = String(number * factor)
    }
    return [
        FoundMistake(.maxAgeValue, at: value.startIndex, value: value.words, wanted: seconds)
    ]
}

/// The mistakes in one mx pattern.
func patternMistakes(_ value: Octets) -> [FoundMistake] {
    let start = value.startIndex
    if value.offset(ofAny: "<>{}$%") != nil {
        return [
            FoundMistake(.mxPlaceholder, at: start)
        ]
    }
    let names = value.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x2C || $0 == 0x3B }
    if names.count == 2, names[0].allSatisfy({ (0x30...0x39).contains($0) }) {
        return [
            FoundMistake(.mxPreference, at: start, wanted: names[1].words)
        ]
    }
    if names.count > 1 {
        return [
            FoundMistake(.mxList, at: names[1].startIndex)
        ]
    }
    if let offset = value.offset(of: "://") {
        return [
            FoundMistake(
                .mxURL, at: start,
                wanted: value[(offset + 3)...].prefix { $0 != 0x2F && $0 != 0x3A }.words)
        ]
    }
    if let offset = value.offset(of: "@") {
        return [
            FoundMistake(.mxMailbox, at: start, wanted: value[(offset + 1)...].words)
        ]
    }
    return nameMistakes(value)
}

private func nameMistakes(_ value: Octets) -> [FoundMistake] {
    let start = value.startIndex
    let isAddress =
        value.contains(0x2E) && value.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
    if isAddress || value.first == UInt8(ascii: "[") || value.count(where: { $0 == 0x3A }) > 1 {
        return [
            FoundMistake(.mxAddress, at: start)
        ]
    }
    if let offset = value.offset(ofAny: ":") {
        return [
            FoundMistake(.mxPort, at: offset, wanted: value[..<offset].words)
        ]
    }
    if value.contains(where: { $0 >= 0x80 }) {
        return [
            FoundMistake(.mxUnicode, at: start)
        ]
    }
    if value.last == UInt8(ascii: "."), value.count > 1 {
        return [
            FoundMistake(.mxTrailingDot, at: value.endIndex - 1, wanted: value.dropLast().words)
        ]
    }
    return wildcardMistakes(value)
}

/// RFC 8461 §4.1: a wildcard is the whole leftmost label, and stands for one label.
private func wildcardMistakes(_ value: Octets) -> [FoundMistake] {
    let rest = value.starts(with: "*.".utf8) ? value.dropFirst(2) : value
    let isWrong = rest.contains(UInt8(ascii: "*")) || rest.first == UInt8(ascii: ".")
    guard isWrong else { return [] }
    let labels = value.split(separator: 0x2E)
    let base = labels.drop { $0.contains(UInt8(ascii: "*")) }
    let isLeftmost = !base.contains { $0.contains(UInt8(ascii: "*")) }
    let name = isLeftmost ? base.map(\.words).joined(separator: ".") : ""
    return [
        FoundMistake(.mxWildcard, at: value.startIndex, wanted: name.contains(".") ? name : nil)
    ]
}
