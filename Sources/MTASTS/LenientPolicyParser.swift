internal import DNS

/// Reads the text of a policy as a reader does that is not the RFC; see ``PolicyReader``.
///
/// Texts are compared by their scalars: to Swift's characters, CR and LF are one.
struct LenientPolicyParser {
    private let reader: PolicyReader
    private var fields: [String: String] = [:]
    private var patterns: [String] = []

    init(_ reader: PolicyReader) { self.reader = reader }

    /// The policy; nil where the reader takes the text for none.
    mutating func parse(_ text: String) -> ReadPolicy? {
        var carried = ""
        for line in lines(of: text) {
            let isBlank = line.allSatisfy(\.properties.isWhitespace)
            guard let colon = line.firstIndex(of: ":"), !isBlank else {
                switch isBlank ? reader.blankLines : reader.otherLines {
                case .refused: return nil
                case .skipped: continue
                case .skippedIfEmpty:
                    guard line.isEmpty else { return nil }
                case .joined: carried += String(line) + "\n"
                }
                continue
            }
            let key = carried + String(line[..<colon])
            carried = ""
            let value = line[line.index(after: colon)...]
            guard take(reader.trimsKeys ? trimmed(key.unicodeScalars[...]) : key, text: value)
            else { return nil }
        }
        return policy
    }

    private var policy: ReadPolicy? {
        guard fields["version"].map(isVersion) ?? !reader.needsVersion else { return nil }
        guard let mode = value(of: "mode", absent: .none, Mode.init(rawValue:)),
            let maxAge = value(of: "max_age", absent: 86_400, seconds)
        else { return nil }
        let needsMX = mode != .none || reader.alwaysNeedsMX
        guard !patterns.isEmpty || !needsMX else { return nil }
        return ReadPolicy(mode: mode, maxAge: maxAge, patterns: patterns)
    }

    /// The value of a field, nil where the policy is none because of it.
    private func value<Value>(
        of key: String, absent: Value, _ read: (String) -> Value?
    ) -> Value? {
        guard let text = fields[key] else { return reader.needsModeAndAge ? nil : absent }
        return read(text)
    }

    // MARK: Lines

    private func lines(of text: String) -> [Substring.UnicodeScalarView] {
        var lines: [Substring.UnicodeScalarView] = []
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(where: isLineEnd) ?? rest.endIndex
            var line = rest[..<end]
            let ender = end < rest.endIndex ? rest[end] : nil
            rest = rest[end...].dropFirst()
            if reader.lineEnds == .unicode {
                if ender == "\r", rest.first == "\n" { rest = rest.dropFirst() }
            } else if ender == "\n", line.last == "\r" {
                line = line.dropLast()
            }
            lines.append(line)
        }
        return lines
    }

    private func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        guard reader.lineEnds == .unicode else { return scalar == "\n" }
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: return true
        default: return false
        }
    }

    // MARK: Fields

    /// Takes a field; false where the policy is none because of it.
    private mutating func take(_ key: String, text: Substring.UnicodeScalarView) -> Bool {
        let value = reader.keepsGrammar ? trimmedOfBlanks(text) : trimmed(text)
        if key == "mx" { return takePattern(value) }
        let isFirst = fields[key] == nil
        var counts = isFirst
        switch reader.duplicates {
        case .first where !isFirst: return true
        case .refused where !isFirst && ["version", "mode", "max_age"].contains(key): return false
        case .last, .lastOfGood: counts = true
        case .first, .firstOfGood, .refused: break
        }
        if counts { fields[key] = value }
        return reader.duplicates == .last || isGood(key, value)
    }

    private func isGood(_ key: String, _ value: String) -> Bool {
        switch key {
        case "version": isVersion(value)
        case "mode": Mode(rawValue: value) != nil
        case "max_age": seconds(value) != nil
        default: !reader.keepsGrammar || isExtension(key, value)
        }
    }

    private func isVersion(_ value: String) -> Bool {
        value == "STSv1"
            || !reader.needsVersion && Array(value.utf8)[...].spells(ignoringCase: "STSv1")
    }

    private func seconds(_ text: String) -> Int? {
        let octets = Array(text.utf8)
        let isDigits = (1...10).contains(octets.count) && octets.allSatisfy(\.isDigit)
        switch reader.maxAges {
        case .capped: return isDigits ? Int(text).map { min($0, Policy.maxAgeLimit) } : nil
        case .int32: return isDigits ? Int32(text).map(Int.init) : nil
        case .pythonInteger:
            guard let number = pythonInteger(octets) else { return nil }
            return (0...Policy.maxAgeLimit).contains(number) ? number : nil
        case .uint64: return UInt64(text).map { Int(clamping: $0) }
        case .any: return UInt64(text).map { Int(clamping: $0) } ?? 86_400
        }
    }

    private mutating func takePattern(_ value: String) -> Bool {
        if reader.skipsEmptyPatterns, value.isEmpty || value == "*." { return true }
        patterns.append(value)
        let octets = Array(value.utf8)
        do throws(MXPatternError) {
            _ = try MXPattern(parsing: octets)
            return true
        } catch {
            switch reader.patterns {
            case .any: return true
            case .namesAndRootDot:
                let isRooted = octets.last == UInt8(ascii: ".")
                return isRooted && (try? MXPattern(parsing: octets.dropLast())) != nil
            case .namesAndDigits:
                return error == .ip
                    && octets.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
            }
        }
    }
}

/// RFC 8461 §3.2: `sts-policy-extension`.
private func isExtension(_ key: String, _ value: String) -> Bool {
    Array(key.utf8)[...].fieldNameFault == nil && !value.isEmpty
        && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
}

/// What Python's `int` takes: a sign, and digits that single underscores may stand between.
private func pythonInteger(_ text: [UInt8]) -> Int? {
    let isSigned = text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-")
    let groups = text[(isSigned ? 1 : 0)...].split(
        separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    guard groups.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isDigit) }) else { return nil }
    let sign = text.first == UInt8(ascii: "-") ? "-" : ""
    return Int(sign + String(decoding: groups.joined(), as: UTF8.self))
}

private func trimmed(_ text: Substring.UnicodeScalarView) -> String {
    var rest = text.drop(while: \.properties.isWhitespace)
    while rest.last?.properties.isWhitespace == true { rest = rest.dropLast() }
    return String(rest)
}

/// Without blanks and tabs at both ends (RFC 5234 §B.1, WSP).
private func trimmedOfBlanks(_ text: Substring.UnicodeScalarView) -> String {
    var rest = text.drop { $0 == " " || $0 == "\t" }
    while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
    return String(rest)
}
