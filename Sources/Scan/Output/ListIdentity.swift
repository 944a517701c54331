/// A list as it was read: enough to tell whether another scan read the same.
struct ListIdentity: Codable, Equatable, Sendable {
    let name: String
    /// Bytes as stored.
    let bytes: Int
    let sha256: String
}

/// How far a scan is.
enum ScanState: String, Sendable {
    case running
    case complete
    case stopped
    case failed
}

extension ScanEnd {
    /// What the manifest says of this end.
    var state: ScanState {
        switch self {
        case .complete: .complete
        case .stopped, .inputBroken, .inputChanged, .nameServersDown, .nameServersLie, .stalled:
            .stopped
        case .outputFailed: .failed
        }
    }
}
