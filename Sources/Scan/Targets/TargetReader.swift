internal import Archive
internal import DomainList
internal import EventLoop
internal import RecordReading
internal import ScanFolder
internal import Synchronization

/// Reads the targets of a run, a line each, on a thread of its own.
///
/// An input is a text of names or records, compressed or not, a pipe, or a scan's folder, whose
/// records are read. Blank lines and # comments are skipped. A line that names nothing ends the
/// reading; the lines before are observed.
///
/// A resumed run reads its inputs from the start again, and leaves out what is finished. Targets
/// are held back until the bytes read before have proved to be the same. Few are held, since a
/// checkpoint is never far behind the reading.
final class TargetReader: Sendable {
    private static let batchLines = 64
    /// A bound for the targets held back, far beyond what can be unfinished at a checkpoint.
    private static let heldMax = 10_000_000

    /// How far the reading is.
    struct State: Sendable {
        /// Targets that were read and may be observed, those finished before included.
        var numbered = 0
        /// Targets that were handed over in this run.
        var handedOver = 0
        /// Each input as far as it was read.
        var identities: [FileIdentity] = []
        var isAtEnd = false
        /// Why it ended early.
        var failure: String?
        /// Why the inputs are not those that the run began with.
        var refusal: String?
    }

    /// A file or a pipe: what messages and manifest call it, and what is read.
    private typealias Input = (name: String, file: ArchiveFile)

    private let kind: TargetKind
    private let files: [ArchiveFile]
    private let names: [String]
    private let finished: FinishedSet
    private let digests: OwnDigests
    private let queue: BoundedQueue<[NumberedTarget]>
    private let state = Mutex(State())

    /// A reader of files, pipes and folders; `-` is standard input.
    init(
        _ inputs: [ListLocation], of kind: TargetKind, into queue: BoundedQueue<[NumberedTarget]>,
        after resumed: Checkpoint?
    ) throws(ScanError) {
        self.kind = kind
        self.queue = queue
        finished = resumed?.progress.finished ?? FinishedSet()
        var all: [Input] = []
        for input in inputs { all += try Self.files(of: input, kind) }
        files = all.map(\.file)
        names = all.map(\.name)
        digests = OwnDigests(list: ListDigests(names, expecting: resumed?.lists ?? []))
    }

    private static func files(
        of input: ListLocation, _ kind: TargetKind
    ) throws(ScanError) -> [Input] {
        let stem = kind.record.rawValue
        do throws(ArchiveError) {
            guard input.path != "-", try fileStatus(input.path).kind == .folder else {
                return [(input.name, ArchiveFile(framesOrText: input.path))]
            }
            let files = try ArchiveFile.files(in: input.path, stem: stem)
            guard files.isEmpty else {
                return files.map {
                    (input.name + $0.path.dropFirst(input.path.count), $0)
                }
            }
        } catch {
            throw .missingInput("\(error)")
        }
        throw .missingInput("\(input.name) holds no \(kind.words): no \(stem)-*.ndjson.zst")
    }

    /// The state so far.
    var current: State { state.withLock { $0 } }

    /// How many targets had their record before this run.
    var finishedBefore: Int { finished.count }

    /// Reads until the end of the last input, or until targets are no longer accepted.
    func run() {
        defer {
            queue.finish()
            Signals.wake()
        }
        let decoder = FrameDecoder(
            unsafe FrameQueue(files) { [digests] file, octets in
                unsafe digests.list.update(file, octets)
            })
        var position = Position()
        var failure: String?
        do throws(ArchiveError) {
            while failure == nil, let place = try decoder.next() {
                failure = read(decoder, of: place.file, &position)
                guard pass(&position) else { return }
            }
        } catch {
            failure = "\(error)"
        }
        end(position, failure)
    }

    /// Where the reading is, and what is held back.
    private struct Position {
        var file = 0
        /// The lines of the file that were read whole.
        var lines = 0
        /// The number of the next target.
        var next = 0
        var held: [NumberedTarget] = []
    }

    /// Reads the lines of a frame, or of a part of a text; what is wrong with one of them, nil
    /// where nothing is.
    ///
    /// Of a text, what was read before a line that is wrong may go on when that line is mended.
    private func read(
        _ decoder: FrameDecoder, of file: Int, _ position: inout Position
    ) -> String? {
        if position.file != file { (position.file, position.lines) = (file, 0) }
        let content = unsafe Array(decoder.content)
        var failure: String?
        var start = 0
        while start < content.count, failure == nil {
            let end = content[start...].firstIndex(of: UInt8(ascii: "\n")) ?? content.count
            do throws(TargetFault) {
                try read(content[start..<end], &position)
                start = min(end + 1, content.count)
            } catch {
                failure = "\(name(file)), line \(position.lines + 1): \(error)"
            }
        }
        guard decoder.isText else { return failure }
        unsafe content[..<start].withUnsafeBytes { unsafe digests.list.update(file, $0) }
        return failure
    }

    private func read(
        _ line: ArraySlice<UInt8>, _ position: inout Position
    ) throws(TargetFault) {
        let text = Self.trimmed(line)
        if let first = text.first, first != UInt8(ascii: "#") {
            let target = try Target(line: text, of: kind)
            if !finished.contains(position.next) {
                position.held.append(NumberedTarget(number: position.next, target: target))
            }
            position.next += 1
        }
        position.lines += 1
    }

    private func name(_ file: Int) -> String {
        names[file] == "-" ? "standard input" : names[file]
    }

    /// Hands over what is held, unless it must wait; false where no more is accepted.
    private func pass(_ position: inout Position) -> Bool {
        if let refusal = digests.list.refusal(isAtEnd: false) {
            state.withLock { $0.refusal = refusal }
            return false
        }
        if digests.list.isPending, position.held.count < Self.heldMax { return true }
        let identities = digests.list.identities
        state.withLock { $0.identities = identities }
        return handOver(&position)
    }

    /// Hands over what is held; targets of a pipe are not held back until more arrive.
    private func handOver(_ position: inout Position) -> Bool {
        var left = position.held[...]
        position.held = []
        while !left.isEmpty {
            let batch = Array(left.prefix(Self.batchLines))
            left = left.dropFirst(batch.count)
            guard queue.putBlocking(batch) else { return false }
            state.withLock {
                $0.handedOver += batch.count
                $0.numbered = (batch.last?.number ?? 0) + 1
            }
        }
        state.withLock { $0.numbered = position.next }
        return true
    }

    /// Notes how the reading has ended.
    private func end(_ position: Position, _ failure: String?) {
        let refusal = digests.list.refusal(isAtEnd: failure == nil)
        state.withLock {
            $0.refusal = refusal
            $0.failure = failure
            $0.isAtEnd = failure == nil && refusal == nil
        }
    }

    /// The octets without white space at both ends.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0D }
        let rest = line.drop(while: isSpace)
        let spaces = rest.reversed().prefix(while: isSpace).count
        return Array(rest.dropLast(spaces))
    }
}

/// The digests of the inputs.
///
/// `@unchecked Sendable`: only the reader's thread touches them.
private struct OwnDigests: @unchecked Sendable {
    let list: ListDigests
}
