internal import DNS

/// Finds the longest of many names that is a name itself or an ancestor of it.
struct SuffixTable: Sendable {
    private var owners: [String: Int] = [:]

    /// No pattern.
    init() {}

    /// The patterns of providers under one key of the catalogue.
    init(
        _ providers: [Provider], _ key: String, _ patterns: (Provider) -> [String]
    ) throws(CatalogueError) {
        for (index, provider) in providers.enumerated() {
            for pattern in patterns(provider) {
                guard isPattern(pattern) else { throw .bad(provider.id, key, pattern) }
                guard owners.updateValue(index, forKey: pattern) == nil else {
                    throw .twice(pattern, key)
                }
            }
        }
    }

    /// The provider whose pattern is nearest to a name in lower case.
    subscript(name: String) -> Int? {
        var rest = name[...]
        while true {
            if let owner = owners[String(rest)] { return owner }
            guard let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
            rest = rest[rest.utf8.index(after: dot)...]
        }
    }
}

/// A pattern is a name of two labels or more, as the records write names.
private func isPattern(_ text: String) -> Bool {
    guard let name = try? DomainName(text) else { return false }
    return name.text == text && name.labels.count > 1
}

/// A list of public suffixes (publicsuffix.org).
public protocol PublicSuffixes: Sendable {
    /// The public suffix of a name and one label more, all in lower case; nil where the name is a
    /// public suffix itself.
    func registrableDomain(of name: String) -> String?
}
