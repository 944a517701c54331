internal import Glibc

/// The names of an archive's files, which sort in the order of writing.
enum ArchiveName {
    private static let suffix = ".ndjson.zst"

    /// `domains-00000.ndjson.zst` for the first file of the stem `domains`.
    static func name(_ stem: String, _ number: Int) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 5 - digits.count))
        return "\(stem)-\(zeros)\(digits)\(suffix)"
    }

    /// The number of a file of the stem; nil where it is another file.
    static func number(_ name: String, of stem: String) -> Int? {
        guard name.hasPrefix("\(stem)-"), name.hasSuffix(suffix) else { return nil }
        let digits = name.dropFirst(stem.utf8.count + 1).dropLast(suffix.utf8.count)
        guard let number = Int(digits), self.name(stem, number) == name else { return nil }
        return number
    }

    /// The names of an archive's files in a folder, in the order of writing.
    static func names(in directory: String, stem: String) throws(ArchiveError) -> [String] {
        let files = try fileNames(in: directory).compactMap { name in
            number(name, of: stem).map { (number: $0, name: name) }
        }
        return files.sorted { $0.number < $1.number }.map(\.name)
    }
}

/// The name of an archive's file: `domains-00000.ndjson.zst` for the first of the stem `domains`.
public func archiveName(stem: String, number: Int) -> String { ArchiveName.name(stem, number) }

/// The names of what is in a folder, sorted; without `.` and `..`.
public func fileNames(in directory: String) throws(ArchiveError) -> [String] {
    guard let folder = unsafe opendir(directory) else {
        throw ArchiveError(.list, directory, errno: errno)
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}
