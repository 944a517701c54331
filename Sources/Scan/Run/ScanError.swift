public import Networks
public import Preload
public import ScanFolder

/// Why a scan could not begin, or did not end well.
public enum ScanError: Error, CustomStringConvertible, Sendable {
    /// The options do not make sense together, or the folder to write is taken.
    case usage(String)
    /// A list, or another file that was read, is damaged or broke off; a scan's folder is damaged.
    case input(String)
    /// A list, a file or a folder to be read is not there, or cannot be opened.
    case missingInput(String)
    /// The system gave no thread, no memory or no descriptor.
    case system(String)
    /// The output cannot be written, or no name server answers.
    case output(String)

    /// The message, which names file and value.
    public var description: String {
        switch self {
        case .usage(let text), .input(let text), .missingInput(let text), .system(let text),
            .output(let text):
            text
        }
    }

    /// The same error of what an option names.
    func prefixed(_ option: String) -> ScanError {
        switch self {
        case .usage(let text): .usage("\(option): \(text)")
        case .input(let text): .input("\(option): \(text)")
        case .missingInput(let text): .missingInput("\(option): \(text)")
        case .system(let text): .system("\(option): \(text)")
        case .output(let text): .output("\(option): \(text)")
        }
    }

    /// What `body` gives, its error one of a scan.
    static func rethrowing<Value>(
        _ body: () throws(FolderError) -> Value
    ) throws(ScanError) -> Value {
        do throws(FolderError) {
            return try body()
        } catch {
            throw ScanError(error)
        }
    }

    /// The same error of a preload list.
    public init(_ error: PreloadError) {
        switch error {
        case .missing(let text): self = .missingInput(text)
        case .refused(let text): self = .usage(text)
        }
    }

    /// The same error of a file that says where addresses are.
    public init(_ error: NetworkFileError) {
        switch error {
        case .missing(let text): self = .missingInput(text)
        case .refused(let text): self = .usage(text)
        }
    }

    /// The same error of a folder.
    public init(_ error: FolderError) {
        switch error {
        case .missing(let text): self = .missingInput(text)
        case .damaged(let text): self = .input(text)
        case .refused(let text): self = .usage(text)
        case .unwritable(let text): self = .output(text)
        }
    }
}

/// How a scan ended.
public enum ScanEnd: Sendable {
    /// Every line of the lists has its record.
    case complete
    /// The same, and some domains have a verdict that was not to occur, as the text says.
    case foundVerdicts(String)
    /// Stopped by a signal: what was written is whole, the rest is missing.
    case stopped
    /// A list is truncated; the entries before are finished.
    case inputBroken(String)
    /// The lists are not those that the scan began with: nothing was done.
    case inputChanged(String)
    /// Records could not be written.
    case outputFailed(String)
    /// No name server answered for longer than the scan may wait: it can be resumed.
    case nameServersDown
    /// Nothing went on any more, for the reason given: it can be resumed.
    case stalled(String)
    /// All name servers give answers that are not true, as the text says: it can be resumed.
    case nameServersLie(String)
}

extension ScanEnd {
    /// What the manifest says of this end.
    var state: ScanState {
        switch self {
        case .complete, .foundVerdicts: .complete
        case .stopped, .inputBroken, .inputChanged, .nameServersDown, .nameServersLie, .stalled:
            .stopped
        case .outputFailed: .failed
        }
    }
}

/// What stops a scan before its lists end.
enum ScanStop: Sendable {
    /// SIGINT or SIGTERM.
    case signal
    /// No name server has answered for too long.
    case outage
    /// Nothing went on any more.
    case standstill(StallReport)
    /// All name servers give answers that are not true, as the text says.
    case lies(String)

    /// How a scan ends that this stopped.
    var end: ScanEnd {
        switch self {
        case .signal: .stopped
        case .outage: .nameServersDown
        case .lies(let reason): .nameServersLie(reason)
        case .standstill(let standstill): .stalled(standstill.description)
        }
    }
}
