internal import Judgement
internal import Observations

/// What the session with a host showed of its TLS and its certificate, as tables count it.
struct HostTraits: Hashable, Sendable {
    /// The protocol version that the server chose; nil without TLS.
    var version: String?
    /// The key exchange group; nil where none was agreed on.
    var group: String?
    /// Whether REQUIRETLS is offered inside TLS; nil where nothing was offered there.
    var offersREQUIRETLS: Bool?
    /// Why its TLSA records are not met; nil where they are, and where that is not known.
    var daneFailure: DANEFailure?
    /// The certificate; nil where none was shown.
    var certificate: CertificateTraits?

    /// The version of a host that has none from TLS 1.2 on, and whose ServerHello says no more.
    static let oldVersion = "TLSv1.1 or older"

    init(_ host: HostFacts) {
        version = host.tlsVersion ?? (host.status == .tlsOldVersion ? Self.oldVersion : nil)
        group = host.tlsGroup
        offersREQUIRETLS = host.offersREQUIRETLS
        daneFailure = host.daneFailure
        certificate = host.shown.map { CertificateTraits($0, host) }
    }
}

/// Who issued a certificate, its key, and its time.
struct CertificateTraits: Hashable, Sendable {
    /// The organization of the CA.
    var organization: String
    /// The name of the CA, as long as `issuerLimit` characters.
    var issuer: String
    var keyType: String
    var keyBits: Int
    var lifetime: LifetimeBucket
    var left: RemainingLifetime

    /// How many characters of an issuer's name are shown.
    private static let issuerLimit = 160

    /// Names of their own, which say nothing of an authority, would be as many as hosts.
    private static let selfSigned = "(self-signed)"

    init(_ certificate: HostFacts.Certificate, _ host: HostFacts) {
        let isSelfSigned = host.certificateErrors.contains(.selfSigned)
        organization =
            isSelfSigned ? Self.selfSigned : Self.label(certificate.organization ?? "")
        issuer = isSelfSigned ? Self.selfSigned : Self.label(certificate.issuer)
        keyType = Self.label(certificate.keyType)
        keyBits = certificate.keyBits
        lifetime = LifetimeBucket(days: certificate.validity.lifetimeDays)
        left = RemainingLifetime(certificate.validity, at: host.observedAt)
    }

    private static func label(_ text: String) -> String {
        guard text.count > issuerLimit else { return text.isEmpty ? "(none)" : text }
        return text.prefix(issuerLimit) + "…"
    }

    /// The same without names, which anybody can choose.
    var unnamed: CertificateTraits {
        var traits = self
        (traits.organization, traits.issuer) = (HostTraitTotals.others, HostTraitTotals.others)
        return traits
    }
}

/// Lifetimes of certificates in whole days, in the steps that the CA/Browser Forum's Baseline
/// Requirements (§6.3.2) and the large authorities draw.
enum LifetimeBucket: String, CaseIterable, Hashable, Sendable {
    case reversed = "below 0"
    /// Short-lived certificates, which need not be revocable.
    case week = "0-7"
    /// The most from March 2029 on.
    case until47 = "8-47"
    case until90 = "48-90"
    /// The most from March 2027 on.
    case until100 = "91-100"
    /// The most from March 2026 on.
    case until200 = "101-200"
    /// The most until March 2026.
    case until398 = "201-398"
    /// No public authority issues these since September 2020.
    case longer = "399-"

    init(days: Int) {
        switch days {
        case ..<0: self = .reversed
        case ..<8: self = .week
        case ..<48: self = .until47
        case ..<91: self = .until90
        case ..<101: self = .until100
        case ..<201: self = .until200
        case ..<399: self = .until398
        default: self = .longer
        }
    }

    /// The bucket as text.
    var words: String {
        switch self {
        case .reversed: "ends before it begins"
        case .week: "a week, such as 6 days"
        case .until47: "up to 47 days"
        case .until90: "up to 90 days"
        case .until100: "up to 100 days"
        case .until200: "up to 200 days"
        case .until398: "up to 398 days"
        case .longer: "longer than public authorities may issue"
        }
    }
}

/// How much of a certificate's lifetime is left, in percent: 3 of 6 days are as much as 45 of 90.
enum RemainingLifetime: String, CaseIterable, Hashable, Sendable {
    case notYetValid = "not_yet_valid"
    case most = "67-100"
    case half = "33-66"
    /// ACME clients renew when a third is left.
    case third = "10-32"
    case tenth = "0-9"
    case expired

    init(_ validity: ValidityPeriod, at time: Int64) {
        switch validity.percentLeft(at: time) {
        case nil: self = time > validity.notAfter ? .expired : .notYetValid
        case .some(..<10): self = .tenth
        case .some(..<33): self = .third
        case .some(..<67): self = .half
        default: self = .most
        }
    }

    /// The bucket as text.
    var words: String {
        switch self {
        case .notYetValid: "not yet valid"
        case .most: "more than two thirds left"
        case .half: "a third to two thirds left"
        case .third: "less than a third left"
        case .tenth: "less than a tenth left"
        case .expired: "expired"
        }
    }
}

/// How many hosts have the same traits, and how many domains send their mail to such a host.
struct HostTraitCounts: Sendable {
    var hosts = 0
    /// Domains that take mail, by the host that a sender tries first.
    var domains = 0
    /// Those of them with a record.
    var withRecord = 0
    /// Those with a policy in force.
    var enforce = 0

    /// The columns of tables.
    static let columns: [StatsTable.Column] = [
        .hosts, .init("domains", "Domains that take mail at such a host first."),
        .init("with_record", "Those with a record, valid or not.", of: .column("domains")),
        .init("enforce", "Those with a valid policy in mode enforce.", of: .column("domains")),
    ]

    var row: [Int] { [hosts, domains, withRecord, enforce] }

    mutating func add(_ other: HostTraitCounts) {
        hosts += other.hosts
        domains += other.domains
        withRecord += other.withRecord
        enforce += other.enforce
    }
}

/// Hosts and domains by what hosts showed.
///
/// Bounded: beyond `combinationsMax` combinations issuers have no names.
struct HostTraitTotals: Sendable {
    /// The most combinations with names that are kept apart.
    static let combinationsMax = 1 << 18
    /// What stands for issuers beyond that.
    static let others = "(others)"

    private(set) var counts: [HostTraits: HostTraitCounts] = [:]

    /// Adds counts of hosts with these traits.
    mutating func add(_ more: HostTraitCounts, of traits: HostTraits) {
        var traits = traits
        if counts.count >= Self.combinationsMax, counts[traits] == nil {
            traits.certificate = traits.certificate?.unnamed
        }
        counts[traits, default: HostTraitCounts()].add(more)
    }

    /// Adds the counts of another part of the scan.
    mutating func merge(_ other: HostTraitTotals) {
        for (traits, more) in other.counts { add(more, of: traits) }
    }

    /// The counts by a trait; those without it are left out.
    func by<Trait: Hashable>(_ trait: (HostTraits) -> Trait?) -> [Trait: [Int]] {
        var sums: [Trait: HostTraitCounts] = [:]
        for (traits, more) in counts {
            if let value = trait(traits) { sums[value, default: HostTraitCounts()].add(more) }
        }
        return sums.mapValues(\.row)
    }

    /// The sum of the hosts that have a trait.
    func hosts(where condition: (HostTraits) -> Bool) -> Int {
        counts.reduce(0) { condition($1.key) ? $0 + $1.value.hosts : $0 }
    }
}
