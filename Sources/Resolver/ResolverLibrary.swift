internal import CAres

/// The version of c-ares that the program runs with, and whether it measures rightly with that.
public enum ResolverLibrary {
    /// Such as `c-ares/1.18.1`.
    public static var version: String { "c-ares/\(running)" }

    /// Why the version cannot be used, and what to install; nil where it can.
    public static var fault: String? {
        fault(
            of: running, builtWith: LibraryVersion(number: Int(cares_built_version())),
            setsLongestLimit: cares_sets_longest_limit(),
            needsLaterSockets: cares_needs_later_sockets())
    }

    private static var running: LibraryVersion {
        var number: Int32 = 0
        unsafe ares_version(&number)
        return LibraryVersion(number: Int(number))
    }

    /// The oldest version: that of Debian 12.
    private static let oldest = LibraryVersion(1, 18, 0)
    /// From here on the time limit is c-ares's own unless its upper bound is set.
    private static let firstWithOwnLimits = LibraryVersion(1, 31, 0)
    /// From here on the sockets' interface is another.
    private static let firstWithLaterSockets = LibraryVersion(1, 34, 0)

    /// Why the `running` version cannot be used by a program that was built with another.
    static func fault(
        of running: LibraryVersion, builtWith built: LibraryVersion, setsLongestLimit: Bool,
        needsLaterSockets: Bool
    ) -> String? {
        if running < oldest {
            return "c-ares \(running) is too old: install 1.18.1 or later (Debian 12 and later)"
        }
        if needsLaterSockets, running < firstWithLaterSockets {
            return """
                c-ares \(running) is too old for this program, which was built with \(built): \
                install c-ares \(built) or later, or build stsurvey on this machine
                """
        }
        if !setsLongestLimit, running >= firstWithOwnLimits {
            return """
                c-ares \(running) ends questions by time limits of its own, which this program, \
                built with c-ares \(built), cannot set: build stsurvey on this machine, or install \
                a c-ares from 1.18.1 to 1.30
                """
        }
        return nil
    }
}

/// A version of a library, such as 1.18.1.
struct LibraryVersion: Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int
    let patch: Int

    init(_ major: Int, _ minor: Int, _ patch: Int) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// The version of a number that has an octet for each part.
    init(number: Int) { self.init(number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF) }

    var description: String { "\(major).\(minor).\(patch)" }

    static func < (left: LibraryVersion, right: LibraryVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
