public import DNS
public import Findings
public import MTASTS
public import Observations
package import SMTP

/// One MX host of one domain, judged.
public struct HostJudgement: Sendable {
    /// The name as the MX record has it.
    public var host: DomainName
    /// The preference of the MX record; 0 for an implicit MX.
    public var preference: UInt16
    /// The number of the observation of the host that this is judged by; nil without one.
    public var observation: Int?
    /// How the probe ended.
    public var status: ProbeStatus
    /// `ok` or the first error of the certificate; nil where none was shown.
    public var certificate: CertificateStatus?
    /// How the policy's patterns match; nil without a policy in force or under test.
    public var policyMatch: MXMatch?
    /// How a host that no pattern matches is similar to one.
    public var nearMiss: NearMiss?
    /// What DANE says of the host.
    public var dane: HostDANEStatus
    /// The same for senders that begin TLS after another 2xx than 220; nil where none was sent.
    var daneAfterAnySuccess: HostDANEStatus?
    /// Why its TLSA records are not met; nil where they are, and where that is not known.
    public var daneFailure: DANEFailure?
    /// What becomes of mail to the host.
    public var outcome: HostOutcome
    /// What a sender would report of the host (RFC 8460 §4.3); nil where nothing is to report.
    public private(set) var tlsrptResult: TLSRPTResult?
    /// The outcome from `Sender.postfix`.
    public internal(set) var postfixOutcome: HostOutcome
    /// Whether a key of the certificate's chain is too weak for some senders (RFC 9325 §4.5).
    package private(set) var hasWeakKey: Bool
    /// The whole days left of a valid certificate of whose lifetime less than a tenth is left; nil
    /// for any other.
    package private(set) var daysLeftLast: Int?
    /// The addresses that fail, where the one that counts is good.
    package private(set) var failingAddresses: [FailingAddress]
    /// How the replies of the host differ from the grammar.
    package private(set) var deviations: [ReplyDeviation]
    /// The TLSA records bind a sender: the MX RRset is validated and records were found.
    package var isDANEInForce: Bool
    /// The TLSA records would bind, but none can be used, and an enforced policy decides.
    package private(set) var isDANELeftToPolicy: Bool
    /// Where DANE decides, what senders that do not validate it and go by the policy refuse; nil
    /// where they refuse nothing.
    package private(set) var failureWithoutDANE: FirstFailure?
    /// Whether DANE is in force is not known.
    private(set) var isDANEOpen: Bool
}

/// An address of a host that fails where another is good.
package struct FailingAddress: Sendable {
    /// The address.
    package let address: IPAddress
    /// The value of the vocabulary that says how.
    package let failure: String
}

/// The status of a host's certificate for a sender (RFC 8461 §4.2).
public enum CertificateStatus: String, DocumentedValue {
    case ok
    case expired
    case notYetValid = "not_yet_valid"
    case selfSigned = "self_signed"
    case chainIncomplete = "chain_incomplete"
    case untrusted
    case invalid
    case nameMismatch = "name_mismatch"
    case cnOnly = "cn_only"

    /// The status that the errors of a certificate show: the first.
    init(_ errors: [CertificateError]) {
        switch errors.first {
        case nil: self = .ok
        case .expired: self = .expired
        case .notYetValid: self = .notYetValid
        case .selfSigned: self = .selfSigned
        case .chainIncomplete: self = .chainIncomplete
        case .untrusted: self = .untrusted
        case .invalid: self = .invalid
        case .nameMismatch: self = .nameMismatch
        case .cnOnly: self = .cnOnly
        }
    }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .ok: "The certificate verifies for the host's name (RFC 8461 §4.2)."
        case .expired: CertificateError.expired.meaning
        case .notYetValid: CertificateError.notYetValid.meaning
        case .selfSigned: CertificateError.selfSigned.meaning
        case .chainIncomplete: CertificateError.chainIncomplete.meaning
        case .untrusted: CertificateError.untrusted.meaning
        case .invalid: CertificateError.invalid.meaning
        case .nameMismatch: CertificateError.nameMismatch.meaning
        case .cnOnly: CertificateError.cnOnly.meaning
        }
    }
}

extension HostObservation {
    /// The certificate that the host showed.
    package var certificate: CertificateObservation? {
        decisive(byDANE: false).flatMap { sessions[$0].tls?.certificate }
    }

    /// Its status; nil where none was shown.
    public var certificateStatus: CertificateStatus? { certificateStatus(byDANE: false) }

    // Sessions and certificates are large, and judged for each domain: they are read in place.

    /// Whether a key of the chain that counts has less than the strength that RFC 9325 §4.5
    /// requires.
    fileprivate func hasWeakKey(byDANE: Bool) -> Bool {
        guard let place = decisive(byDANE: byDANE),
            let bits = sessions[place].tls?.certificate?.securityBits
        else { return false }
        return bits < CertificateAdvice.strengthMin
    }

    /// The whole days left, where the certificate that counts is valid and near the end of its
    /// lifetime.
    fileprivate func daysLeftLast(byDANE: Bool) -> Int? {
        guard let place = decisive(byDANE: byDANE),
            sessions[place].tls?.certificate?.errors.isEmpty == true,
            let notBefore = sessions[place].tls?.certificate?.notBefore,
            let notAfter = sessions[place].tls?.certificate?.notAfter
        else { return nil }
        let validity = ValidityPeriod(from: notBefore, through: notAfter)
        guard let left = validity.percentLeft(at: observedAt),
            left < CertificateAdvice.percentLeftMin
        else { return nil }
        return validity.daysLeft(at: observedAt)
    }

    fileprivate func certificateStatus(byDANE: Bool) -> CertificateStatus? {
        guard let place = decisive(byDANE: byDANE),
            let errors = sessions[place].tls?.certificate?.errors
        else { return nil }
        return CertificateStatus(errors)
    }

    /// The status in the session that counts.
    func status(byDANE: Bool) -> ProbeStatus {
        decisive(byDANE: byDANE).map { sessions[$0].status } ?? status
    }

    fileprivate func deviations(byDANE: Bool) -> [ReplyDeviation] {
        decisive(byDANE: byDANE).map { sessions[$0].deviations } ?? []
    }

    fileprivate func failingAddresses(byDANE: Bool) -> [FailingAddress] {
        failing(byDANE: byDANE).map { place in
            let session = sessions[place]
            guard session.status == .ok else {
                return FailingAddress(
                    address: session.address, failure: session.status.rawValue)
            }
            let error = session.tls?.certificate?.errors.first?.rawValue
            return FailingAddress(
                address: session.address,
                failure: byDANE ? HostDANEStatus.failed.rawValue : error ?? session.status.rawValue)
        }
    }
}

extension HostJudgement {
    /// A host before its outcome is judged: what was seen, and what is required of it.
    init(
        _ exchange: MXExchange, seen: HostObservation?, policy: PolicyMatcher?,
        dane: HostDANEStatus, isMXSecure: Bool
    ) {
        let isEnforced = policy?.isEnforced == true
        // RFC 8461 §2: only a failing validation by DANE must not be overridden, and there is none.
        isDANELeftToPolicy = isMXSecure && dane == .unusable && isEnforced
        isDANEInForce = isMXSecure && dane.decides && !isDANELeftToPolicy
        let byDANE = isDANEInForce
        let status =
            seen?.status(byDANE: byDANE)
            ?? (MXTarget.classify(exchange.name).isJunk ? .junkName : .notProbed)
        host = exchange.name
        preference = exchange.preference
        observation = seen.flatMap { $0.number > 0 ? $0.number : nil }
        self.status = status
        certificate = seen?.certificateStatus(byDANE: byDANE)
        hasWeakKey = seen?.hasWeakKey(byDANE: byDANE) == true
        daysLeftLast = seen?.daysLeftLast(byDANE: byDANE)
        failingAddresses = seen?.failingAddresses(byDANE: byDANE) ?? []
        deviations = seen?.deviations(byDANE: byDANE) ?? []
        self.dane = dane
        daneFailure = seen?.daneFailure(dane)
        failureWithoutDANE = nil
        if let policy {
            policyMatch = policy.match(host)
            if policyMatch == MXMatch.none {
                nearMiss = policy.nearMiss(of: host, certificate: seen?.certificate)
            }
        }
        // Not contacted, so that the TLSA that would decide was not looked up.
        let isLeftAlone = status == .notProbed || status == .blocked
        isDANEOpen = isMXSecure && isLeftAlone && dane == .notAsked
        (outcome, postfixOutcome) = (.unknown, .unknown)
        outcome = isDANEInForce ? outcomeByDANE : outcomeBySTS(isEnforced: isEnforced)
        postfixOutcome = outcome
        if isDANEInForce && policy != nil { failureWithoutDANE = policyFailure(seen) }
        tlsrptResult = result(of: seen)
    }

    /// What a sender that knows the policy alone refuses of a host (RFC 8461 §5).
    private func policyFailure(_ seen: HostObservation?) -> FirstFailure? {
        if policyMatch == MXMatch.none { return .mxMatch }
        guard let seen, seen.status(byDANE: false) == .ok, let found = seen.certificateStatus,
            found != .ok
        else { return nil }
        return .certificate(found)
    }

    /// DANE decides alone: MTA-STS neither rescues nor refuses such a host (RFC 8461 §2).
    var outcomeByDANE: HostOutcome {
        switch dane {
        case .ok: return .protectedDANE
        case .failed: return .refused
        // RFC 7672 §2.1.1: delivery is deferred, and the next try may succeed or fail.
        case .tempfail: return .unknown
        case .unusable where status == .ok: return .encrypted
        case .unusable where status.isReached: return .refused
        default: return .unreached
        }
    }

    private func outcomeBySTS(isEnforced: Bool) -> HostOutcome {
        guard isEnforced else { return status.isReached ? .opportunistic : .unreached }
        // RFC 8461 §5: in enforce mode a sender must not deliver to hosts that fail MX matching
        // or certificate validation, or that do not support STARTTLS.
        guard policyMatch != MXMatch.none else { return isDANEOpen ? .unreached : .refused }
        guard status.isReached else { return .unreached }
        return meetsPolicy ? .protectedSTS : .refused
    }

    /// Whether the host meets an enforced policy (RFC 8461 §4.1, §4.2).
    var meetsPolicy: Bool {
        policyMatch != MXMatch.none && status == .ok && certificate == .ok
    }
}
