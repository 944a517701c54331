/// Reads the lines of an archive back, file by file in the order of writing; blocks on reads.
///
/// Lines are given out a whole frame at a time, so none comes from a frame that is not whole.
public final class ArchiveReader {
    /// The files that stop inside a frame, of those read so far.
    public private(set) var tornTails: [TornTail] = []

    private var waiting: ArraySlice<String>
    private var frames: FrameReader?
    private var lines: [UInt8] = []
    private var position = 0

    /// An archive's files in a folder.
    public convenience init(directory: String, stem: String) throws(ArchiveError) {
        let names = try Self.names(in: directory, stem: stem)
        self.init(paths: names.map { "\(directory)/\($0)" })
    }

    /// Files in the given order.
    public init(paths: [String]) { waiting = paths[...] }

    /// The next line without its line feed; nil at the end of the last file.
    ///
    /// A file that stops inside a frame is noted in `tornTails`; one that is corrupt is an error
    /// that names its last whole frame, and reading may go on with the next file.
    public func next() throws(ArchiveError) -> ArraySlice<UInt8>? {
        while true {
            if let line = takeLine() { return line }
            guard let frames = try currentFile() else { return nil }
            lines.removeSubrange(..<position)
            position = 0
            guard try !read(frames) else { continue }
            if let tail = frames.tornTail { tornTails.append(tail) }
            self.frames = nil
        }
    }

    private func takeLine() -> ArraySlice<UInt8>? {
        let rest = lines[position...]
        if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            position = end + 1
            return rest[..<end]
        }
        // Between files there is no more to come.
        guard frames == nil, !rest.isEmpty else { return nil }
        position = lines.endIndex
        return rest
    }

    private func currentFile() throws(ArchiveError) -> FrameReader? {
        if frames == nil, let path = waiting.popFirst() { frames = try FrameReader(path) }
        return frames
    }

    private func read(_ frames: FrameReader) throws(ArchiveError) -> Bool {
        do throws(ArchiveError) {
            return try frames.appendFrame(to: &lines)
        } catch {
            self.frames = nil
            throw error
        }
    }

    /// The names of an archive's files in a folder, in the order of writing.
    static func names(in directory: String, stem: String) throws(ArchiveError) -> [String] {
        let files = try fileNames(in: directory).compactMap { name in
            ArchiveName.number(name, of: stem).map { (number: $0, name: name) }
        }
        return files.sorted { $0.number < $1.number }.map(\.name)
    }
}
