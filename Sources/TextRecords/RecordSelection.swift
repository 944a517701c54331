internal import DNS

/// Selects one of the TXT records at a name, by the version that it begins with.
package struct RecordSelection {
    /// What the records amount to.
    package enum Outcome {
        /// No TXT record.
        case absent
        /// None that resembles one of the mechanism.
        case unrelated
        /// One that resembles it, and does not begin with the version.
        case badVersion
        /// Exactly one that begins with the version.
        case one([UInt8])
        /// More than one.
        case multiple
    }

    /// What they amount to.
    package let outcome: Outcome
    /// How many begin with the version and a semicolon.
    package let candidateCount: Int
    /// The record that offsets count in, by its position; nil where none fits.
    package let selected: Int?
    /// The offset of the semicolon in the selected record, if that is the first record with white
    /// space between version and semicolon; 0 if another is; nil where there is none.
    ///
    /// The ABNF of RFC 8461 §3.1 and RFC 8460 §3 allows it, the text discards the record
    /// (erratum 6285); so does this survey.
    package let contestedDelimiter: Int?

    /// Selects among TXT records, each given by its character-strings; `prefix` is such as
    /// `v=STSv1;`, and `likeness` what every version of the mechanism would begin with.
    package init(_ records: [[[UInt8]]], prefix: [UInt8], likeness: StaticString) {
        // RFC 8461 §3.1, RFC 8460 §3: strings are "concatenated without adding spaces".
        let texts = records.map { Array($0.joined()) }
        let version = prefix.dropLast()
        let candidates = texts.indices.filter { texts[$0].starts(with: prefix) }
        let contested = texts.indices.first { delimiterBehindSpace(texts[$0], version) != nil }
        let selected =
            candidates.last ?? contested ?? texts.firstIndex { isLike($0, likeness) }
        candidateCount = candidates.count
        self.selected = selected
        // RFC 8461 §3.1, RFC 8460 §3: others are discarded, and exactly one must remain.
        switch (candidates.count, selected) {
        case (0, nil): outcome = texts.isEmpty ? .absent : .unrelated
        case (0, _?): outcome = .badVersion
        case (1, let index?): outcome = .one(texts[index])
        default: outcome = .multiple
        }
        contestedDelimiter = contested.flatMap { index in
            delimiterBehindSpace(texts[index], version).map { index == selected ? $0 : 0 }
        }
    }
}

/// Whether the text begins like `likeness` in any case, after white space or quotes.
private func isLike(_ text: [UInt8], _ likeness: StaticString) -> Bool {
    let start = text.firstIndex { !$0.isWhitespace && $0 != UInt8(ascii: "\"") }
    guard let start else { return false }
    let letters = text[start...].lazy.filter { !$0.isWhitespace }.prefix(likeness.utf8CodeUnitCount)
    return Array(letters)[...].spells(ignoringCase: likeness)
}

/// The offset of the semicolon of a record that begins with version, white space, semicolon.
private func delimiterBehindSpace(_ text: [UInt8], _ version: ArraySlice<UInt8>) -> Int? {
    guard text.starts(with: version), let next = text.dropFirst(version.count).first,
        next.isWhitespace
    else { return nil }
    let offset = text[version.count...].firstIndex { !$0.isWhitespace }
    return offset.flatMap { text[$0] == UInt8(ascii: ";") ? $0 : nil }
}
