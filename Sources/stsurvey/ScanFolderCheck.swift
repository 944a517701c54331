import Glibc

/// A folder that is to hold a scan, looked at before it is read.
enum ScanFolderCheck {
    private static let listedMax = 3
    private static let examinedMax = 4096

    /// Refuses a folder that is not there, cannot be opened, or holds no scan; where scans lie in
    /// folders below it, they are named.
    static func require(_ folder: String) throws(CommandFailure) {
        let names: [String]
        do throws(FileError) {
            names = try entries(of: folder)
        } catch {
            throw CommandFailure(.missingInput, "\(folder) holds no scan: \(error.reason)")
        }
        guard !holdsScan(names) else { return }
        throw CommandFailure(
            .missingInput,
            "\(folder) holds no scan: there is no manifest.json and no domains-*.ndjson.zst"
                + scansBelow(folder, names))
    }

    /// What is to be added to a message about a folder that holds no scan.
    static func scansBelow(_ folder: String) -> String {
        guard let names = try? entries(of: folder), !holdsScan(names) else { return "" }
        return scansBelow(folder, names)
    }

    private static func scansBelow(_ folder: String, _ names: [String]) -> String {
        var found: [String] = []
        var level = names.sorted().prefix(examinedMax).map { "\(folder)/\($0)" }
        // Scans are looked for in the folders of this one, and in theirs.
        for _ in 0..<2 where found.isEmpty {
            var next: [String] = []
            for path in level where isFolder(path) {
                guard let inside = try? entries(of: path) else { continue }
                if holdsScan(inside) { found.append(path) }
                next += inside.sorted().map { "\(path)/\($0)" }
            }
            level = Array(next.prefix(examinedMax))
        }
        guard !found.isEmpty else { return "" }
        let more = found.count - listedMax
        return "; below it are scans: " + found.prefix(listedMax).joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }

    private static func holdsScan(_ names: [String]) -> Bool {
        names.contains {
            $0 == "manifest.json" || $0 == "checkpoint.json"
                || $0.hasPrefix("domains-") && $0.hasSuffix(".ndjson.zst")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var state = stat()
        return lstat(path, &state) == 0 && state.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, the hidden ones left out.
    private static func entries(of folder: String) throws(FileError) -> [String] {
        guard let stream = opendir(folder) else { throw FileError(code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream), names.count < examinedMax {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
