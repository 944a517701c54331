internal import Archive
internal import FoundationEssentials
internal import Records

/// Why the manifest or the checkpoint cannot be read; the words do not name the file.
enum StoredFileError: Error {
    /// There is no such file.
    case missing
    /// It cannot be read, or is not what was written.
    case damaged(String)
    /// It is of a version that this program does not read.
    case version(String)

    /// What is wrong, to be put after the file's name.
    var words: String {
        switch self {
        case .missing: "is not there"
        case .damaged(let words), .version(let words): words
        }
    }

    /// The whole text of a file.
    static func read(_ path: String, limit: Int) throws(StoredFileError) -> [UInt8] {
        do throws(ArchiveError) {
            return try readWhole(path, limit: limit, regular: true)
        } catch {
            throw error.isMissing ? .missing : .damaged("cannot be read: \(error.reason)")
        }
    }
}

extension ChecksumLine {
    /// What to say of a text that does not have its checksum, or that must have one and has none;
    /// nil where nothing is wrong.
    static func alteration(of text: [UInt8], isRequired: Bool) -> String? {
        switch check(text) {
        case .matches: nil
        case .absent:
            isRequired
                ? "was altered: its last member is no '\(key)' on a line of its own" : nil
        case .differs(let said, let digest):
            "was altered: its '\(key)' is \(said), and that of its text is \(digest)"
        }
    }
}

/// What to say of records of another schema version; nil where it is this program's.
func otherVersion(_ version: Int) -> String? {
    let known = readableSchemaVersions
    guard !known.contains(version) else { return nil }
    return "is of schema version \(version), this program reads \(known.lowerBound) to "
        + "\(known.upperBound): use the version of stsurvey that wrote it"
}

/// Why a text cannot be decoded, with the key.
public func decodingWords(_ error: any Error) -> String {
    func key(_ path: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
        let keys = path + [last].compactMap(\.self)
        return keys.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case DecodingError.keyNotFound(let missing, let context):
        return "has no key '\(key(context.codingPath, missing))'"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
        let path = key(context.codingPath)
        return path.isEmpty
            ? "is no JSON object" : "has a value of another type under the key '\(path)'"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
        return "has a value out of range under the key '\(key(context.codingPath))'"
    default: return "is not JSON"
    }
}
