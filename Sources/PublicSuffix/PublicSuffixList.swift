internal import CPSL

/// The Public Suffix List, by libpsl: Debian's current copy, or the one that libpsl was built with.
@safe public final class PublicSuffixList: Sendable {
    // libpsl only reads a list that is loaded, from as many threads as like.
    private nonisolated(unsafe) let list: OpaquePointer

    /// The list as it is installed; nil where libpsl has none at all.
    public init?() {
        guard let list = unsafe psl_latest(nil) else { return nil }
        unsafe self.list = list
    }

    deinit { unsafe psl_free(list) }

    /// The public suffix of a name and one label more; nil where it is a public suffix itself.
    ///
    /// Suffixes of the private section (`github.io`) count: below them live strangers. A name
    /// under no rule has its last label as suffix.
    public func registrableDomain(of name: String) -> String? {
        unsafe name.withCString { name in
            unsafe psl_registrable_domain(list, name).map { unsafe String(cString: $0) }
        }
    }

    /// Whether a name of one label is a top-level domain by a rule of its own.
    public func isTLD(_ label: String) -> Bool {
        let types = PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE
        return unsafe label.withCString { unsafe psl_is_public_suffix2(list, $0, types) != 0 }
    }

    /// The release of libpsl, such as `libpsl/0.21.2`.
    public static var libraryVersion: String {
        let version = unsafe String(cString: psl_get_version())
        return "libpsl/\(version.prefix { $0 != " " })"
    }
}
