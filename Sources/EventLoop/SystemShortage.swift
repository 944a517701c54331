import Glibc

/// What the system did not give, and its error number.
public struct SystemShortage: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was requested, such as `a thread`.
    public let resource: String
    /// The system's error number.
    public let code: Int32

    /// A resource that was not to be had, for the reason in `errno` unless one is given.
    init(_ resource: String, code: Int32 = errno) {
        self.resource = resource
        self.code = code
    }

    /// The resource, the system's reason, and where its limits are set.
    public var description: String {
        let limits =
            switch code {
            case EMFILE: "'ulimit -n'"
            case ENFILE: "fs.file-max"
            default: "'ulimit -u', 'ulimit -v', and pids.max and memory.max of the control group"
            }
        return
            unsafe "the system gave no \(resource): \(String(cString: strerror(code))) "
            + "(see \(limits))"
    }
}
