/// A list of public suffixes (publicsuffix.org).
public protocol PublicSuffixes: Sendable {
    /// The public suffix of a name and one label more, all in lower case; nil where the name is a
    /// public suffix itself.
    func registrableDomain(of name: String) -> String?
}
