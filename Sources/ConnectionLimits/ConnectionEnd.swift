/// How a connection ended, as far as its destination is to be treated otherwise for it.
public enum ConnectionEnd: Hashable, Sendable {
    /// The peer answered.
    case good
    /// Nothing was learned of the peer.
    case untried
    /// 421, another 4xx greeting, a refusal or a reset: the destination is slowed.
    case pushedBack(ConnectionFailure?)
    /// The peer did not answer, or could not be reached.
    case failed(ConnectionFailure)

    var isPush: Bool { if case .pushedBack = self { true } else { false } }

    /// Whether nothing came back at all.
    var isLoss: Bool {
        if case .failed(let failure) = self { failure.phase == .connect } else { false }
    }

    var failure: ConnectionFailure? {
        switch self {
        case .good, .untried: nil
        case .pushedBack(let failure): failure
        case .failed(let failure): failure
        }
    }
}

/// A failure that others at the same addresses would have too.
public struct ConnectionFailure: Hashable, Sendable {
    /// When the peer failed.
    public enum Phase: Hashable, Sendable {
        /// It took no connection.
        case connect
        /// Before the server could know which name is requested.
        case beforeName
        /// In TLS or after it: another name may have another server at the same address.
        case afterName
        /// The server answered with a temporary refusal, or closed the connection.
        case pushback
    }

    /// The status of the session or fetch that failed so.
    public let status: String
    /// When it failed.
    public let phase: Phase

    /// A failure with this status in this phase.
    public init(_ status: String, _ phase: Phase) {
        self.status = status
        self.phase = phase
    }
}

/// What others have found at a peer just now.
public struct SharedFailure: Hashable, Sendable {
    /// The status of the sessions or fetches that failed.
    public let status: String
    /// How often in a row.
    public let times: Int

    /// Its text in the record.
    public var text: String {
        "found \(times) times in a row at this address, and not tried again"
    }
}
