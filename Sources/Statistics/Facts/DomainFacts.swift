public import Judgement
public import MTASTS
public import Observations
public import Records

/// What is counted of a domain record, under the names of the record's keys.
public struct DomainFacts: Sendable {
    /// One of the hosts that mail goes to.
    public struct Host: Hashable, Sendable {
        /// The host's name.
        public var name: String
        /// The number of the observation in the host's record; 0 without one.
        public var observation: Int
        /// `ok` or the first error of the certificate; nil where none was shown.
        public var certificate: CertificateStatus?
        /// How the policy's patterns match; nil without a policy.
        public var match: MXMatch?
        /// How a host that no pattern matches is similar to one.
        public var nearMiss: NearMiss?

        /// A host.
        public init(
            name: String, observation: Int = 0, certificate: CertificateStatus? = nil,
            match: MXMatch? = nil, nearMiss: NearMiss? = nil
        ) {
            self.name = name
            self.observation = observation
            self.certificate = certificate
            self.match = match
            self.nearMiss = nearMiss
        }
    }

    /// A finding without its offset and text.
    public struct Finding: Hashable, Sendable {
        /// The layer.
        public var layer: SurveyFinding.Layer
        /// What was found.
        public var code: String
        /// How much it weighs.
        public var severity: SurveyFinding.Severity

        /// A finding.
        public init(
            _ layer: SurveyFinding.Layer, _ code: String, _ severity: SurveyFinding.Severity
        ) {
            self.layer = layer
            self.code = code
            self.severity = severity
        }
    }

    /// Whether the line was scanned.
    public var status = DomainRecord.Status.scanned
    /// The rank, where the list has one.
    public var rank: Int?
    /// The group that a column of the list puts the domain in; nil where none is asked for.
    public var group: String?
    /// The weight of the domain; nil where none is asked for.
    public var weight: DomainWeight?
    /// The domain; nil where the line names none.
    public var domain: String?
    /// What becomes of mail from a sender that keeps to the RFCs.
    public var verdict: Verdict?
    /// The reason for it.
    public var reason: VerdictReason?
    /// The same from Postfix.
    public var postfixVerdict: Verdict?
    /// That from each sender.
    public var senderVerdicts = SenderVerdicts()
    /// Whether the verdict and that from Postfix differ.
    public var dependsOnSender = false
    /// The first failure, as `FirstFailure` writes it.
    public var firstFailure: FirstFailure?
    /// The first result that senders would report.
    public var tlsrptResult: TLSRPTResult?
    /// Where mail goes.
    public var mx: MXStatus?
    /// The status of the MTA-STS record.
    public var record: STSRecordStatus?
    /// How the fetch of the policy ended.
    public var fetch: PolicyFetchStatus?
    /// The status of the policy.
    public var policy: PolicyStatus?
    /// The mode of a valid policy.
    public var mode: Mode?
    /// The max_age of a valid policy, in seconds.
    public var maxAge: Int?
    /// The status of the TLSRPT record.
    public var tlsrpt: TLSRPTStatus?
    /// What DANE says of the domain.
    public var dane: DomainDANEStatus?
    /// Everything that was found.
    public var findings: [Finding] = []
    /// The targets of the CNAMEs of `_mta-sts.`, in order.
    public var recordCNAMEs: [String] = []
    /// The targets of the CNAMEs of the policy host, in order.
    public var policyCNAMEs: [String] = []
    /// The addresses of the policy host.
    public var policyAddresses: [String] = []
    /// Whether there is a policy host.
    public var hasPolicyHost = false
    /// Where its addresses are; nil where that is not recorded.
    public var policyNetworks: [AddressNetwork]?
    /// The hosts in the order a sender tries them.
    public var hosts: [Host] = []

    /// Facts of a domain that nothing is known of.
    public init() {}
}

extension DomainFacts {
    /// Whether mail goes somewhere.
    var takesMail: Bool { mx == .hasMX || mx == .implicit || mx == .nullMXPlus }

    /// Whether a record says `v=STSv1`, valid or not.
    var hasRecord: Bool { record?.callsForFetch ?? false }

    /// Whether senders have a policy: a valid one, behind a valid record (RFC 8461 §3.1).
    var hasPolicy: Bool { record == .ok && policy == .ok }
}
