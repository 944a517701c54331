internal import DNS
internal import FoundationEssentials

/// Which names belong to which provider: `datasets/providers.json`, or a file like it.
public struct ProviderCatalogue: Sendable {
    /// The version of the file's form that is read.
    public static let version = 1

    /// The providers in the order of the file.
    public let providers: [Provider]
    private let mx: SuffixTable
    private let policy: SuffixTable
    private let addresses: [AddressKey: Int]

    /// A catalogue from the octets of its JSON.
    public init(json: [UInt8]) throws(CatalogueError) {
        let document = try CatalogueDocument(json: json)
        try self.init(document.providers, sources: Set(document.sources.keys))
    }

    init(_ providers: [Provider], sources: Set<String>) throws(CatalogueError) {
        var ids: Set<String> = []
        for provider in providers {
            guard ids.insert(provider.id).inserted else { throw .twice(provider.id, "id") }
            for source in provider.sources where !sources.contains(source) {
                throw .unknownSource(provider.id, source)
            }
            guard !provider.sources.isEmpty else { throw .missing(provider.id, "sources") }
            guard !(provider.mx + provider.policy + provider.addresses).isEmpty else {
                throw .missing(provider.id, "mx, policy or addresses")
            }
        }
        self.providers = providers
        mx = try SuffixTable(providers, "mx", \.mx)
        policy = try SuffixTable(providers, "policy", \.policy)
        addresses = try Self.addresses(of: providers)
    }

    /// A catalogue that names nobody.
    private init() {
        (providers, mx, policy, addresses) = ([], SuffixTable(), SuffixTable(), [:])
    }

    static let empty = ProviderCatalogue()

    /// The index of the provider that an MX host belongs to; the longest pattern counts.
    func provider(ofHost host: String) -> Int? { mx[host] }

    /// The index of the provider that a CNAME's target belongs to; the longest pattern counts.
    func provider(ofPolicyTarget target: String) -> Int? { policy[target] }

    /// The index of the provider whose host is at an address.
    func provider(at address: AddressKey) -> Int? { addresses[address] }

    private static func addresses(
        of providers: [Provider]
    ) throws(CatalogueError) -> [AddressKey: Int] {
        var table: [AddressKey: Int] = [:]
        for (index, provider) in providers.enumerated() {
            for text in provider.addresses {
                guard let key = AddressKey(text) else { throw .bad(provider.id, "addresses", text) }
                guard table.updateValue(index, forKey: key) == nil else {
                    throw .twice(text, "addresses")
                }
            }
        }
        return table
    }
}

/// The fault of a catalogue.
public enum CatalogueError: Error, Hashable, Sendable {
    /// It is no JSON of the right form: where and why.
    case form(String)
    /// A value occurs twice: the value and its key.
    case twice(String, String)
    /// A provider lacks something: its id and what.
    case missing(String, String)
    /// A provider has a value that cannot be: its id, the key and the value.
    case bad(String, String, String)
    /// A provider names a source that is not declared: its id and the source.
    case unknownSource(String, String)

    /// The error as text.
    public var text: String {
        switch self {
        case .form(let reason): reason
        case .twice(let value, let key): "\(value) stands twice under \(key)"
        case .missing(let id, let what): "provider \(id) has no \(what)"
        case .bad(let id, let key, let value): "provider \(id): \(value) cannot stand under \(key)"
        case .unknownSource(let id, let source): "provider \(id): no source is called \(source)"
        }
    }
}

/// The file as written.
private struct CatalogueDocument: Decodable {
    struct Source: Decodable {
        var title: String
        var url: String?
    }

    struct Entry: Decodable {
        var id: String
        var name: String
        var kind: Provider.Kind
        var mx: [String]?
        var policy: [String]?
        var addresses: [String]?
        var sources: [String]
    }

    var version: Int
    var sources: [String: Source]
    var entries: [Entry]

    enum CodingKeys: String, CodingKey {
        case version, sources
        case entries = "providers"
    }

    init(json: [UInt8]) throws(CatalogueError) {
        do {
            self = try JSONDecoder().decode(CatalogueDocument.self, from: Data(json))
        } catch let error as DecodingError {
            throw .form(words(of: error))
        } catch {
            throw .form("\(error)")
        }
        guard version == ProviderCatalogue.version else {
            throw .form("version \(version) is not \(ProviderCatalogue.version)")
        }
    }

    var providers: [Provider] {
        entries.map {
            Provider(
                id: $0.id, name: $0.name, kind: $0.kind, mx: $0.mx ?? [], policy: $0.policy ?? [],
                addresses: $0.addresses ?? [], sources: $0.sources)
        }
    }
}

private func words(of error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }
        return path.isEmpty ? "" : path.joined(separator: ".") + ": "
    }
    switch error {
    case .keyNotFound(let key, let context):
        return place(context) + "there is no key '\(key.stringValue)'"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .dataCorrupted(let context):
        return place(context) + context.debugDescription
    @unknown default: return "\(error)"
    }
}

extension ProviderCatalogue {
    /// The catalogue that comes with the program: `datasets/providers.json`.
    public static func builtIn() throws(CatalogueError) -> ProviderCatalogue {
        try ProviderCatalogue(json: PackageResources.providers_json)
    }
}

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
