internal import Archive

/// The scans in folders below one that holds none: what is meant as often as not.
struct ScansBelow {
    private static let examinedMax = 4096
    private static let listedMax = 3

    private var found: [String] = []

    /// Looks into the folders of a folder with these names, and where none is a scan into theirs.
    init(_ folder: String, _ names: [String]) {
        var level = Self.paths(in: folder, names)
        for _ in 0..<2 where found.isEmpty {
            var next: [String] = []
            for path in level {
                guard (try? fileStatus(path).kind) == .folder, let inside = try? fileNames(in: path)
                else { continue }
                if inside.contains(where: ScanFolder.isOfScan) { found.append(path) }
                next += Self.paths(in: path, inside)
            }
            level = Array(next.prefix(Self.examinedMax))
        }
    }

    private static func paths(in folder: String, _ names: [String]) -> [String] {
        let folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        return names.filter { !$0.hasPrefix(".") }.prefix(examinedMax).map { "\(folder)/\($0)" }
    }

    /// What to add to a message; empty where there are none.
    var words: String {
        guard !found.isEmpty else { return "" }
        let more = found.count - Self.listedMax
        return "; below it are scans: " + found.prefix(Self.listedMax).joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }
}
