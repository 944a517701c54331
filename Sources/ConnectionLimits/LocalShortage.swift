internal import Glibc

/// Why this machine had no room for a connection: no fact about the peer, so that the connection is
/// begun again after a while.
public struct LocalShortage: Error {
    /// How often such a connection is begun.
    public static let triesMax = 12
    private static let pauseMilliseconds = 50
    private static let pauseMillisecondsMax = 10_000

    /// The system's error number.
    private let code: Int32

    /// What `socket`, `bind` or `connect` failed with; nil where that says something about the
    /// peer, or the way to it.
    public init?(_ error: Int32, isV4: Bool) {
        switch error {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: break
        // Of IPv6, connect(2) says it also where the machine has no address that would do.
        case EADDRNOTAVAIL where isV4: break
        default: return nil
        }
        code = error
    }

    /// How long the pause is after so many tries: twice the one before.
    public static func pauseMilliseconds(after tries: Int) -> Int {
        min(pauseMilliseconds << (tries - 1), pauseMillisecondsMax)
    }

    /// The shortage in the system's words.
    public var text: String {
        unsafe "this machine had no room for a connection: " + String(cString: strerror(code))
    }
}
