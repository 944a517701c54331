/// A company whose hosts take mail or serve policies for the domains of others.
public struct Provider: Hashable, Sendable {
    /// What a provider mainly does for its customers' domains.
    public enum Kind: String, CaseIterable, Hashable, Sendable, Decodable {
        /// Mailboxes.
        case mailbox
        /// Filters mail and forwards it to the mailboxes of another.
        case filter
        /// Forwards mail, or feeds it to programs.
        case forwarder
        /// Hosts policies and takes reports; takes no mail.
        case policyHost = "policy_host"
        /// A registrar or web host, which offers mail with the domain.
        case registrar
        /// Internet access, with mail for its customers.
        case internetAccess = "internet_access"
    }

    /// The stable name for programs.
    public let id: String
    /// The name for people.
    public let name: String
    /// What it mainly does.
    public let kind: Kind
    /// Its MX hosts are these names or below them.
    public let mx: [String]
    /// The targets of the CNAMEs of `mta-sts.` and `_mta-sts.` are these names or below them.
    public let policy: [String]
    /// Its hosts are at these addresses.
    public let addresses: [String]
    /// Where this is known from: keys of the catalogue's sources.
    public let sources: [String]
}
