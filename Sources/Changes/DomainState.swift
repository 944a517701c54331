internal import Explanations
public import Findings
public import Judgement
public import MTASTS
public import Observations
public import Records

/// What one scan knows of a domain, as far as another scan is compared with it: a few statuses
/// instead of a record.
public struct DomainState: Sendable {
    /// Whether there was a record at `_mta-sts.`.
    public enum RecordState: String, DocumentedValue, FieldValue {
        case absent
        case valid
        case invalid
        /// The lookup failed.
        case unknown
    }

    /// The result of the fetch of the policy.
    public enum PolicyState: String, DocumentedValue, FieldValue {
        /// No record called for a fetch.
        case notAsked = "not_asked"
        case valid
        /// It was served, and its text is not valid.
        case invalid
        /// There is no policy host, or it has no such file.
        case gone
        /// The fetch failed permanently: for a reason that lasts until it is repaired.
        case failing
        /// The fetch failed for a reason that may be the network's, or transient.
        case unknown
        /// It was not fetched: a sender would still have it from before.
        case carriedOver = "carried_over"
    }

    /// What is in a policy, whatever its wording.
    public struct Terms: Hashable, Sendable {
        /// What a sender does with hosts that fail it.
        public var mode: Mode
        /// How long a sender remembers it, in seconds.
        public var maxAge: Int
        /// A digest of the set of its mx patterns.
        public var patterns: UInt64

        /// A policy of this content.
        public init(mode: Mode, maxAge: Int, patterns: UInt64) {
            self.mode = mode
            self.maxAge = maxAge
            self.patterns = patterns
        }
    }

    /// When the domain was scanned, seconds since 1970.
    public var scannedAt: Int64
    /// The record.
    public var record: RecordState
    /// The id of a valid record.
    public var id: String?
    /// The policy.
    public var policy: PolicyState
    /// What is in a valid policy.
    public var terms: Terms?
    /// What becomes of mail to the domain.
    public var verdict: Verdict
    /// The reason for that; nil where the domain was not looked up.
    public var reason: VerdictReason?
    /// The first cause of the verdict; nil where nothing fails.
    public var failure: FirstFailure?
    /// The first host that the cause is about; nil where it is about none.
    public var failingHost: String?
    /// The TLSRPT record.
    public var tlsrpt = RecordState.unknown
    /// What DANE says of the domain; nil where nothing.
    public var dane: DomainDANEStatus?
    /// The first error of the MX hosts' certificates, `ok` where all of them are valid; nil where
    /// no host showed one, or one that has none could not be reached.
    public var certificate: CertificateStatus?
    /// Whether a pattern matches every host; nil where none was compared with a policy.
    public var isWhollyMatched: Bool?
    /// The registrable domains of the MX hosts, divided by spaces; nil where there is none, or it
    /// is not known where mail goes.
    public var mxProviders: String?
    /// The registrable domain of the policy host's alias, empty where it has none; nil where the
    /// policy host was not found.
    public var policyProvider: String?

    /// A state without a record.
    public init(scannedAt: Int64, record: RecordState, verdict: Verdict) {
        self.scannedAt = scannedAt
        self.record = record
        self.verdict = verdict
        policy = .notAsked
    }
}

extension DomainState {
    /// Whether there is a record, valid or not.
    public var hasRecord: Bool { record.isThere }

    /// Whether the policy is one that senders have: served now, or remembered.
    var hasPolicy: Bool { terms != nil }

    /// Whether mail is protected, or would be if the policy were enforced.
    var works: Bool {
        switch verdict {
        case .protectedSTS, .protectedDANE, .testingOK: true
        default: false
        }
    }

    /// Whether the domain's mail should be protected, and is not.
    var fails: Bool {
        switch verdict {
        case .refused, .partial, .testingWouldFail: true
        case .opportunistic: hasRecord && policy != .unknown && terms?.mode != Mode.none
        default: false
        }
    }
}

// MARK: What is compared of domains without a record too

extension DomainState {
    /// Whether TLSA decides: usable records, below validated MX records; nil where not known.
    var usesDANE: Bool? {
        switch dane {
        case .ok, .partial, .failed: true
        case .some(.none), .insecure, .hostOnly, .unusable: false
        case .unknown, .tempfail, nil: nil
        }
    }

    /// Whether something is to be mended.
    var need: Need { reason.map { Headline(verdict, $0).need } ?? .unknown }

    var isProtected: Bool { verdict == .protectedSTS || verdict == .protectedDANE }

    /// Whether there is something to compare of a domain without an MTA-STS record.
    ///
    /// Two states of which neither is remarkable do not differ in anything that is a change.
    public var isRemarkable: Bool {
        usesDANE == true || tlsrpt.isThere || isProtected || need == .mending
            || (certificate != nil && certificate != .ok)
    }

    /// A code of all that is compared of a domain without an MTA-STS record, the same within one
    /// run of the program.
    public var code: UInt32 {
        var hasher = Hasher()
        hasher.combine(verdict)
        hasher.combine(reason)
        hasher.combine(failure)
        hasher.combine(tlsrpt)
        hasher.combine(dane)
        hasher.combine(certificate)
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }
}

// MARK: Words

extension DomainState {
    /// What becomes of mail, in words; nil where the domain was not looked up.
    public func result(for domain: String) -> String? {
        guard let reason else { return nil }
        let text = Headline(verdict, reason).text
        return text.filled(with: evidence(domain)) ?? text.general
    }

    /// The first cause of the verdict, in words; nil where nothing fails.
    public func cause(for domain: String) -> String? {
        guard let failure else { return nil }
        let explanation = Catalogue.explanation(failure.layer, failure.word)
        return explanation?.found.filled(with: evidence(domain)) ?? failure.meaning
    }

    private func evidence(_ domain: String) -> Evidence {
        var evidence = Evidence()
        evidence[.domain] = domain
        evidence[.policyHost] = "mta-sts.\(domain)"
        evidence[.policyURL] = "https://mta-sts.\(domain)/.well-known/mta-sts.txt"
        evidence[.host] = failingHost
        return evidence
    }
}

extension DomainState.RecordState {
    /// Whether there is a record, valid or not.
    public var isThere: Bool { self == .valid || self == .invalid }

    /// The result of the records' status.
    public init(_ status: STSRecordStatus) {
        if status.isUnknown {
            self = .unknown
        } else if !status.callsForFetch {
            self = .absent
        } else {
            self = status == .ok ? .valid : .invalid
        }
    }

    /// The result of the status of TLSRPT records.
    public init(_ status: TLSRPTStatus) {
        switch status {
        case .absent, .unrelated: self = .absent
        case .ok: self = .valid
        case .multiple, .badVersion, .missingRUA, .badRUA, .badExtension: self = .invalid
        case .servfail, .refused, .timeout, .unreachable, .dnsError: self = .unknown
        }
    }
}

extension DomainState.PolicyState {
    /// What the end of a fetch says of the policy; `isValid` is about the text that came.
    public init(_ fetch: PolicyFetchStatus, httpStatus: Int?, isValid: Bool) {
        switch fetch {
        case .ok: self = isValid ? .valid : .invalid
        case .dnsNXDomain, .dnsNoData, .http404: self = .gone
        case .http4xx: self = Self(clientError: httpStatus)
        case .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError, .notContacted, .blocked,
            .notFetched, .tcpTimeout,
            .tcpReset, .tcpUnreachable, .tlsTimeout, .tlsClosed, .http5xx, .httpTimeout,
            .httpClosed:
            self = .unknown
        case .tcpRefused, .tlsAlert, .tlsProtocol, .tlsOldVersion, .tlsName, .tlsCNOnly,
            .tlsExpired,
            .tlsNotYetValid, .tlsSelfSigned, .tlsChainIncomplete, .tlsUntrusted, .tlsInvalid,
            .http3xx, .httpOther, .httpProtocol, .tooLarge:
            self = .failing
        }
    }

    /// What a 4xx other than 404 says.
    private init(clientError status: Int?) {
        switch status {
        case 410: self = .gone  // RFC 9110 §15.5.11
        case 408, 429: self = .unknown  // RFC 9110 §15.5.9, RFC 6585 §4
        default: self = .failing
        }
    }
}
