internal import Archive
internal import EventLoop
internal import RecordReading
internal import ScanFolder
internal import Synchronization

/// Reads the targets of a run, a line each, on a thread of its own.
///
/// An input is a text of names or records, compressed or not, a pipe, or a scan's folder, whose
/// host records are read. Blank lines and # comments are skipped. A line that names nothing ends
/// the reading; the lines before are observed.
final class TargetReader: Sendable {
    private static let batchLines = 64

    /// How far the reading is.
    struct State: Sendable {
        /// Lines that name a target.
        var lines = 0
        var isAtEnd = false
        /// Why it ended early.
        var failure: String?
    }

    private let kind: TargetKind
    private let files: [ArchiveFile]
    private let queue: BoundedQueue<[Target]>
    private let state = Mutex(State())

    /// A reader of files, pipes and folders; `-` is standard input.
    init(
        _ inputs: [String], of kind: TargetKind, into queue: BoundedQueue<[Target]>
    ) throws(ScanError) {
        self.kind = kind
        self.queue = queue
        var files: [ArchiveFile] = []
        for input in inputs { files += try Self.files(of: input, kind) }
        self.files = files
    }

    private static func files(
        of input: String, _ kind: TargetKind
    ) throws(ScanError) -> [ArchiveFile] {
        do throws(ArchiveError) {
            guard input != "-", try fileStatus(input).kind == .folder else {
                return [ArchiveFile(framesOrText: input)]
            }
            let files = try ArchiveFile.files(in: input, stem: kind.stem)
            guard files.isEmpty else { return files }
        } catch {
            throw .missingInput("\(error)")
        }
        throw .missingInput("\(input) holds no \(kind.words): no \(kind.stem)-*.ndjson.zst")
    }

    /// The state so far.
    var current: State { state.withLock { $0 } }

    /// Reads until the end of the last input, or until targets are no longer accepted.
    func run() {
        defer {
            queue.finish()
            Signals.wake()
        }
        let decoder = FrameDecoder(unsafe FrameQueue(files))
        var batch: [Target] = []
        do {
            var line = 0
            var file = 0
            while let place = try decoder.next() {
                if place.file != file { (file, line) = (place.file, 0) }
                let content = unsafe Array(decoder.content)
                for octets in content.split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                {
                    line += 1
                    let text = Self.trimmed(octets)
                    guard let first = text.first, first != UInt8(ascii: "#") else { continue }
                    do throws(TargetFault) {
                        batch.append(try Target(line: text, of: kind))
                    } catch {
                        throw TargetFault("\(name(file)), line \(line): \(error)")
                    }
                    guard batch.count == Self.batchLines else { continue }
                    guard pass(&batch) else { return }
                }
                // What follows the last line feed is no line yet.
                line -= 1
                // Targets of a pipe are not held back until more arrive.
                guard pass(&batch) else { return }
            }
            state.withLock { $0.isAtEnd = true }
        } catch {
            _ = pass(&batch)
            state.withLock { $0.failure = "\(error)" }
        }
    }

    private func name(_ file: Int) -> String {
        files[file].path == "-" ? "standard input" : files[file].path
    }

    /// Hands the batch over; false where targets are no longer accepted.
    private func pass(_ batch: inout [Target]) -> Bool {
        guard !batch.isEmpty else { return true }
        defer { batch = [] }
        let count = batch.count
        guard queue.putBlocking(batch) else { return false }
        state.withLock { $0.lines += count }
        return true
    }

    /// The octets without white space at both ends.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0D }
        let rest = line.drop(while: isSpace)
        let spaces = rest.reversed().prefix(while: isSpace).count
        return Array(rest.dropLast(spaces))
    }
}
