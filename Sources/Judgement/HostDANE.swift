public import DNS
internal import Observations

extension HostObservation {
    /// What DANE says of the host, whatever the security of the MX records that name it.
    ///
    /// A DANE-TA chain must have one of `names`, the TLSA base domain or the host itself (RFC 7672
    /// §3.2.2). TLS after another 2xx than 220 counts where `takesAnySuccess`.
    package func daneStatus(
        trustsAD: Bool, names: @autoclosure () -> [DomainName] = [], takesAnySuccess: Bool = false
    ) -> HostDANEStatus {
        guard let addresses, addresses.hasAddresses else { return .notAsked }
        guard trustsAD else { return .unknown }
        // RFC 7672 §2.2.2: without validated addresses TLSA is not looked up.
        guard addresses.isSecure, let tlsa else { return .insecure }
        switch tlsa.status {
        case .nodata, .nxdomain: return tlsa.isAuthenticated ? .none : .insecure
        case .found: break
        // RFC 7672 §2.1.1: a failed lookup is never an absence.
        default: return .tempfail
        }
        guard tlsa.isAuthenticated else { return .insecure }
        // RFC 7672 §2.2: without a usable record, TLS is mandatory and not authenticated.
        guard !tlsa.usableTLSA.isEmpty else { return .unusable }
        return match(names: names(), takesAnySuccess)
    }

    private func match(names: [DomainName], _ takesAnySuccess: Bool) -> HostDANEStatus {
        guard let session = sessionByDANE, session.status.isReached else { return .unreached }
        // RFC 7672 §2.2: a usable record makes STARTTLS mandatory.
        let hasTLS = session.status == .ok || session.status == .starttls2xx && takesAnySuccess
        guard hasTLS, let tls = session.tls else { return .failed }
        // The verifier took none of the records: their data is no certificate and no key.
        guard let dane = tls.dane else { return .unusable }
        guard dane.isMatch, dane.error == nil else { return .failed }
        // RFC 7672 §3.1.1: with DANE-EE neither names nor dates count.
        guard dane.usage == 2 else { return .ok }
        // RFC 7672 §3.2.2: with DANE-TA the certificate must have a reference identifier.
        let references = [tlsaBase ?? name, name] + names
        return tls.certificate?.bears(oneOf: references) == true ? .ok : .failed
    }
}

extension DomainDANEStatus {
    /// The roll-up of the hosts; nil where mail goes to none.
    init?(of hosts: [HostJudgement], isMXSecure: Bool, trustsAD: Bool) {
        guard !hosts.isEmpty else { return nil }
        guard trustsAD else {
            self = .unknown
            return
        }
        // RFC 7672 §2.2.1: TLSA of hosts named by an insecure MX RRset does not bind a sender.
        guard isMXSecure else {
            self = hosts.contains(where: \.dane.hasUsableRecord) ? .hostOnly : .insecure
            return
        }
        let weighed = Set(hosts.compactMap(\.weighedDANE))
        // A host whose addresses are unknown may have TLSA or not.
        let isOpen = weighed.isEmpty && hosts.contains(where: \.isUnasked)
        self = isOpen ? .unknown : DomainDANEStatus(of: weighed)
    }

    private init(of statuses: Set<HostDANEStatus>) {
        let decided = statuses.subtracting([.unreached])
        switch decided.first {
        case nil: self = statuses.isEmpty ? .none : .unknown
        case .some(let only) where decided.count == 1: self = DomainDANEStatus(alone: only)
        case .some: self = decided.contains(where: \.decides) ? .partial : .none
        }
    }

    private init(alone status: HostDANEStatus) {
        switch status {
        case .ok: self = .ok
        case .failed: self = .failed
        case .unusable: self = .unusable
        case .tempfail: self = .tempfail
        case .none, .insecure, .notAsked: self = .none
        case .unreached, .unknown: self = .unknown
        }
    }
}

extension HostJudgement {
    /// The host's status where it counts for the domain: a host without TLSA only where reached.
    fileprivate var weighedDANE: HostDANEStatus? {
        dane.decides || status.isReached ? dane : nil
    }

    /// Whether TLSA was not looked up although the host may have addresses.
    fileprivate var isUnasked: Bool {
        guard dane == .notAsked else { return false }
        switch status {
        case .notProbed, .blocked, .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError: return true
        default: return false
        }
    }
}

extension Lookup {
    /// The TLSA records that a sender can use.
    public var usableTLSA: [TLSARecord] {
        records.compactMap {
            if case .tlsa(let record) = $0, record.isUsable { record } else { nil }
        }
    }
}
