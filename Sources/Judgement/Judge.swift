public import DNS
internal import MTASTS
public import Observations

// # How a domain is judged
//
// Facts in, verdicts out: no I/O, no clock, no randomness. A judgement depends on the facts of one
// domain and on whether the AD bit counts, and on nothing that came before.
//
// 1. `MXTargets` says where mail goes (RFC 5321 §5.1): MX hosts in order of preference, the domain
//    itself, or nowhere.
// 2. `RecordJudgement` reads the MTA-STS record, `PolicyJudgement` the policy, `ReportingJudgement`
//    the TLSRPT record. A policy counts only where record and policy are valid (RFC 8461 §3).
// 3. `HostJudge` judges each host in two ways, by DANE (RFC 7672) and by the policy
//    (`PolicyMatcher`, RFC 8461 §4), and combines them: DANE in force decides (RFC 8461 §2). The
//    result is a `HostOutcome` for a sender that keeps to the RFCs.
// 4. The outcomes of all hosts make the verdict and its reason (`DomainRollUp`), the first cause of
//    a failure (`FirstFailure`) and the findings (`PathFindings`), which never change a verdict.
// 5. The same is done for the senders of today (`Sender`): how they read the policy
//    (`SenderPolicies`) and what they do (`SenderModel`) is data.
//
// What is not known stays unknown: a lookup or a session that failed leaves its host `unknown` or
// `unreached`, never absent. Where the RFC is unclear, the finding says `isContested`.

extension Judgement {
    /// Judges what was seen at `domain`.
    ///
    /// The AD bits of the lookups count only where `trustsAD`: where the resolver validates and
    /// the way to it is safe (RFC 4035 §4.9.3).
    public init(
        of domain: borrowing DomainName, _ seen: borrowing DomainObservation, trustsAD: Bool
    ) {
        self.init(of: domain, seen, along: MXTargets(to: domain, seen), trustsAD: trustsAD)
    }

    /// Judges what was seen at `domain` where the way of its mail is known.
    public init(
        of domain: borrowing DomainName, _ seen: borrowing DomainObservation,
        along route: MXTargets, trustsAD: Bool
    ) {
        let record = RecordJudgement(of: seen.record)
        var policy = PolicyJudgement()
        let report = ReportingJudgement(of: seen.tlsrpt)
        mxStatus = route.status
        self.record = record.status
        recordID = record.id
        policyFetch = seen.policyFetchStatus
        // Most domains have none, and it is large.
        if policyFetch != nil, let fetch = seen.policy {
            policy = PolicyJudgement(of: fetch)
            policySource = fetch.status == .notFetched ? nil : fetch.source
            isPolicyChanged = policy.isChanged(since: seen.previous, fetch)
        }
        policyStatus = policy.status
        mode = policy.policy?.mode
        maxAge = policy.policy?.maxAge
        patterns = policy.texts
        tlsrpt = report.status
        let isMXSecure = trustsAD && seen.isMXSecure
        var inQuestion: PolicyMatcher?
        if record.status == .ok, let policy = policy.policy, policy.mode != .none {
            inQuestion = PolicyMatcher(
                policy, hostCount: seen.mx.records.count, formerHosts: seen.formerHosts(route))
        }
        var senders: SenderPolicies?
        if record.status == .ok, policyFetch != nil, let fetch = seen.policy {
            senders = SenderPolicies(
                fetch, policy, rfc: inQuestion, hostCount: seen.mx.records.count)
        }
        hosts = HostJudge(
            domain: copy domain, policy: inQuestion, isMXSecure: isMXSecure, trustsAD: trustsAD
        ).judge(route.exchanges, seen)
        dane = DomainDANEStatus(of: hosts, isMXSecure: isMXSecure, trustsAD: trustsAD)
        (verdict, reason, senderVerdicts) = (.unknown, .mxUnknown, SenderVerdicts())
        findings = record.findings
        findings.add(policy.findings)
        findings.add(report.findings)
        if seen.draftTLSRPT != nil { findings.add(seen.draftNameFindings) }
        (verdict, reason) = conclusion
        firstFailure = firstCause
        judgeSenders(senders, seen, isMXSecure: isMXSecure)
        if let senders { findings.add(senders.findings) }
        addPathFindings(seen, route)
    }

    /// The verdict and its reason, from everything judged so far.
    ///
    /// Inlined, as is what it needs of other files: a call would copy the whole judgement.
    @inline(__always)
    private var conclusion: (Verdict, VerdictReason) {
        switch mxStatus {
        case .nullMX: return (.noMail, .nullMX)
        case .nxdomain: return (.noMail, .nxdomain)
        case .nodata: return (.noMail, .nodata)
        case .junk: return (.noMail, .junk)
        case .servfail, .refused, .timeout, .unreachable, .dnsError: return (.unknown, .mxUnknown)
        case .hasMX, .implicit, .nullMXPlus: break
        }
        if let rollUp = DomainRollUp(of: hosts, { hosts[$0].outcome }) {
            return (rollUp.verdict, rollUp.reason)
        }
        return opportunisticConclusion
    }

    /// The verdict where every host is delivered to with TLS or without.
    private var opportunisticConclusion: (Verdict, VerdictReason) {
        if record.isUnknown { return (.unknown, .recordUnknown) }
        if record.isAbsent { return (.opportunistic, .noRecord) }
        // RFC 8461 §3.1: anything but exactly one valid record is no policy.
        guard record == .ok else { return (.opportunistic, .recordInvalid) }
        if policyFetch == .notFetched { return (.unknown, .policyNotFetched) }
        guard policyFetch == .ok else { return (.opportunistic, .policyFetchFailed) }
        guard mode == .testing else {
            return (.opportunistic, policyStatus == .ok ? .modeNone : .policyInvalid)
        }
        // RFC 8461 §5: testing never stops a delivery; what would stop one is a finding. RFC 8461
        // §4.1: enforcing refuses a host that no pattern allows without a session, too.
        let isMet = hosts.allSatisfy {
            $0.meetsPolicy || $0.outcome == .unreached && !$0.isForbidden
        }
        return (isMet ? .testingOK : .testingWouldFail, .modeTesting)
    }
}

extension DomainObservation {
    /// Whether the AD bit vouches for where mail goes: the MX RRset (RFC 7672 §2.2.1), or for an
    /// implicit MX the addresses.
    var isMXSecure: Bool { mx.isSecure || mx.status == .nodata && addresses?.isSecure == true }

    /// The hosts that MX records named at earlier scans, and name no more.
    fileprivate func formerHosts(_ route: MXTargets) -> [DomainName] {
        guard let previous else { return [] }
        let names = Set(route.exchanges.map(\.name))
        return previous.hosts.filter { !names.contains($0) }
    }
}
