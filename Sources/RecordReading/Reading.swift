public import Archive

/// What was read of a frame.
public struct FrameCount: Sendable {
    /// The frame.
    public let place: FramePosition

    /// Its lines.
    public let records: Int

    /// The size of its content.
    public let bytes: Int
}

/// The result of reading files to their end.
public struct Reading<State: Sendable>: Sendable {
    /// The threads' states.
    public let states: [State]

    /// The files that were read.
    public let files: [ArchiveFile]

    /// The files that stop inside a frame, as those of a scan that is running or was killed.
    public let tornTails: [TornTail]

    /// The frames in the order of reading.
    public let frames: [FrameCount]

    /// What could not be read.
    public let faults: Faults

    init(
        states: [State], files: [ArchiveFile], tornTails: [TornTail], counts: [FrameCount],
        faults: Faults
    ) {
        self.states = states
        self.files = files
        self.tornTails = tornTails
        frames = counts.sorted { $0.place.sequence < $1.place.sequence }
        self.faults = faults
    }

    /// Whether everything could be read.
    public var isWhole: Bool { faults.count == 0 && tornTails.isEmpty }

    /// How many lines were read.
    public var records: Int { frames.reduce(0) { $0 + $1.records } }

    /// The size of what was read, decompressed.
    public var bytes: Int { frames.reduce(0) { $0 + $1.bytes } }

    /// The states merged into the first.
    public func merged(_ merge: (inout State, State) -> Void) -> State {
        var result = states[0]
        for state in states[1...] { merge(&result, state) }
        return result
    }

    /// The line of a record in its decompressed file, from 1.
    ///
    /// Lines are counted over the frames that could be read.
    public func line(of place: RecordPosition) -> Int {
        let before = frames.lazy.filter {
            $0.place.file == place.frame.file && $0.place.frame < place.frame.frame
        }
        return before.reduce(0) { $0 + $1.records } + place.line + 1
    }

    /// A position as text: file, line of the decompressed file, and frame, both from 1.
    public func words(for place: RecordPosition) -> String {
        let path = files[place.frame.file].path
        return "\(path): line \(line(of: place)) (frame \(place.frame.frame + 1))"
    }
}

/// What could not be read: all of it is counted, and the first of it kept.
public struct Faults: Sendable {
    /// Something that could not be read.
    public enum Fault: Sendable {
        /// A line, with what is wrong with it.
        case line(RecordPosition, String)
        /// A file or a frame.
        case file(ArchiveError)
    }

    /// How many are kept.
    public static let limit = 1000

    /// The first, of each thread that read.
    public private(set) var first: [Fault] = []

    /// How many there are.
    public private(set) var count = 0

    /// Nothing wrong yet.
    public init() {}

    mutating func add(_ fault: Fault) {
        count += 1
        if first.count < Self.limit { first.append(fault) }
    }

    mutating func merge(_ other: Faults) {
        count += other.count
        first += other.first
    }
}
