internal import DomainList
internal import Networks
internal import PolicyFetch
internal import PublicSuffix
internal import RecordReading
internal import Resolver

/// The libraries that the program runs with: what it measures may depend on them.
public enum LinkedLibraries {
    /// Name and version of each, such as `c-ares/1.18.1`, in a line; libcurl's are followed by
    /// those that it uses.
    public static var versions: String {
        let all =
            [ResolverLibrary.version]
            + PolicyFetcher.libraryVersion.split(separator: " ").map(String.init)
            + ListLibraries.versions
            + [NetworkFiles.libraryVersion, PublicSuffixList.libraryVersion]
            + [RecordLibrary.version, Allocator.version]
        var named: Set<String> = []
        return all.filter { named.insert($0).inserted }.joined(separator: " ")
    }
}
