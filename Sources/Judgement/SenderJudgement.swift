internal import DNS
internal import MTASTS
internal import Observations

/// What hosts are judged by for one sender.
struct SenderView {
    /// What the sender does.
    let model: SenderModel
    /// What the policy is to it.
    let policy: PolicyMatcher?
    /// Whether the RRset that names the hosts is validated.
    let isMXSecure: Bool
    /// Whether any host has TLSA records, usable or not.
    let hasTLSA: Bool
    /// Whether the policy is the RFC's, so that it is known how it matches hosts.
    let isPolicyShared: Bool

    fileprivate var isEnforced: Bool { policy?.isEnforced == true }
}

extension Judgement {
    /// Judges for every sender beside the one that keeps to the RFCs.
    mutating func judgeSenders(
        _ policies: SenderPolicies?, _ seen: borrowing DomainObservation, isMXSecure: Bool
    ) {
        judgeHosts(policies, seen, isMXSecure: isMXSecure)
        guard mxStatus == .nullMXPlus else { return }
        for (sender, model) in SenderModel.all where model?.takesNullMXForAll == true {
            senderVerdicts[sender] = .noMail
        }
    }

    /// Judges by what becomes of mail to each host.
    ///
    /// Where no host has TLSA and no sender has a policy, there is nothing that they could do
    /// otherwise, and nothing is judged again.
    private mutating func judgeHosts(
        _ policies: SenderPolicies?, _ seen: borrowing DomainObservation, isMXSecure: Bool
    ) {
        senderVerdicts = SenderVerdicts(verdict)
        // Hosts are large, so they are read in place.
        let hasTLSA = hosts.indices.contains { hosts[$0].dane.decides }
        let isConcerned = policies?.concernsAny == true
        guard mxStatus.hasHosts, hasTLSA || isConcerned || self.record.isUnknown else { return }
        let policies = policies ?? SenderPolicies()
        let observations = hosts.indices.map { seen.host(hosts[$0].host, at: $0) }
        // Without TLSA, senders that compare alike and have the same policy differ in nothing.
        let isShared = policies.others == nil
        var known: [(comparison: SenderModel.HostComparison?, verdict: Verdict)] = []
        for (place, (sender, model)) in SenderModel.all.enumerated() {
            guard let model else { continue }
            let comparison = model.reader == nil ? nil : model.hosts
            if isShared, !hasTLSA, sender != .postfix,
                let same = known.first(where: { $0.comparison == comparison })
            {
                senderVerdicts[sender] = same.verdict
                continue
            }
            let policy = policies.policy(of: model, at: place)
            let view = SenderView(
                model: model, policy: policy.matcher, isMXSecure: isMXSecure, hasTLSA: hasTLSA,
                isPolicyShared: isShared)
            let outcomes = hosts.indices.map { hosts[$0].outcome(observations[$0], in: view) }
            let judged = verdict(outcomes, policy, in: view, observations)
            senderVerdicts[sender] = judged
            known.append((comparison, judged))
            guard sender == .postfix else { continue }
            for place in hosts.indices { hosts[place].postfixOutcome = outcomes[place] }
        }
    }

    private func verdict(
        _ outcomes: [HostOutcome], _ policy: SenderPolicy, in view: SenderView,
        _ observations: [HostObservation?]
    ) -> Verdict {
        // The policy is asked for where no host has TLSA.
        let isAsked = view.model.dane != .beforePolicy || !view.hasTLSA
        // RFC 7672 §2.1.1: the lookups come before the policy, and one that fails defers all mail.
        if !isAsked, hosts.contains(where: { $0.dane == .tempfail }) { return .unknown }
        switch policy {
        case .broken where isAsked: return .refused
        case .unknown where isAsked: return .unknown
        case .broken, .unknown, .none, .inForce: break
        }
        if let rollUp = DomainRollUp(of: hosts, { outcomes[$0] }) { return rollUp.verdict }
        guard view.model.reader != nil, isAsked else { return .opportunistic }
        if record.isUnknown { return .unknown }
        guard let matcher = policy.matcher else { return .opportunistic }
        // RFC 8461 §5: testing never stops a delivery; the question is what enforcing would do.
        let isMet = hosts.indices.allSatisfy { place in
            if outcomes[place] == .unreached, !view.forbids(hosts[place]) { return true }
            return hosts[place].meets(matcher, observations[place], in: view)
        }
        return isMet ? .testingOK : .testingWouldFail
    }
}

extension SenderView {
    /// Whether the patterns forbid the host, before it is contacted.
    fileprivate func forbids(_ host: HostJudgement) -> Bool {
        model.hosts.comparison == .hosts && match(host) == MXMatch.none
    }

    /// How the policy matches a host; nil without a policy.
    fileprivate func match(_ host: HostJudgement) -> MXMatch? {
        isPolicyShared ? host.policyMatch : policy?.match(host.host)
    }
}

extension HostJudgement {
    /// The outcome of mail to the host from a sender.
    fileprivate func outcome(_ seen: HostObservation?, in view: SenderView) -> HostOutcome {
        let usesTLSA = dane.decides && (view.isMXSecure || view.model.usesTLSAOfInsecureMX)
        switch view.model.dane {
        case .none: return outcomeByPolicy(seen, in: view)
        case .alone: return usesTLSA ? outcomeByTLSA(in: view) : outcomeWithout
        case .beforePolicy where !view.hasTLSA: return outcomeByPolicy(seen, in: view)
        case .beforePolicy: return usesTLSA ? outcomeByTLSA(in: view) : outcomeWithout
        case .withoutPolicy where view.isEnforced: return outcomeByPolicy(seen, in: view)
        case .withoutPolicy: return usesTLSA ? outcomeByTLSA(in: view) : outcomeWithout
        case .afterPatterns where view.isEnforced && view.forbids(self): return .refused
        case .afterPatterns, .besidePolicy:
            guard usesTLSA, !leavesTLSA(in: view) else { return outcomeByPolicy(seen, in: view) }
            let outcome = outcomeByTLSA(in: view)
            guard view.model.dane == .besidePolicy, view.isEnforced else { return outcome }
            return outcomeByPolicy(seen, in: view) == .refused ? .refused : outcome
        }
    }

    /// Whether the records are all unusable, and the sender goes on as without them.
    private func leavesTLSA(in view: SenderView) -> Bool {
        guard dane == .unusable else { return false }
        switch view.model.unusableTLSA {
        case .ignored: return true
        case .leftToPolicy: return view.isEnforced
        case .encrypted, .deferred: return false
        }
    }

    private var outcomeWithout: HostOutcome { status.isReached ? .opportunistic : .unreached }

    private func outcomeByTLSA(in view: SenderView) -> HostOutcome {
        var host = self
        // TLS has begun, which the records ask for, and they decide.
        if view.model.takesAnySuccessToSTARTTLS, let status = daneAfterAnySuccess {
            host.dane = status
            host.status = .ok
        }
        let outcome = host.outcomeByDANE
        if dane == .unusable, view.model.unusableTLSA == .deferred { return .refused }
        // RFC 7672 §2.2.1: who named the host is not known, so it is not authenticated.
        return outcome == .protectedDANE && !view.isMXSecure ? .encrypted : outcome
    }

    private func outcomeByPolicy(_ seen: HostObservation?, in view: SenderView) -> HostOutcome {
        guard view.isEnforced, let policy = view.policy else { return outcomeWithout }
        if view.forbids(self) {
            // Not contacted, so that the TLSA that would come first was not looked up.
            return isDANEOpen && view.model.dane == .beforePolicy ? .unreached : .refused
        }
        guard status.isReached else { return .unreached }
        return meets(policy, seen, in: view) ? .protectedSTS : .refused
    }

    /// Whether the host meets an enforced policy, as a sender compares it.
    fileprivate func meets(
        _ policy: PolicyMatcher, _ seen: HostObservation?, in view: SenderView
    ) -> Bool {
        // Without DANE another session may be the one that counts.
        let status = seen?.status(byDANE: false) ?? status
        let hasTLS =
            status == .ok || status == .starttls2xx && view.model.takesAnySuccessToSTARTTLS
        guard hasTLS, let certificate = seen?.certificate,
            certificate.securityBits ?? .max >= view.model.hosts.keyStrengthMin,
            certificate.pathLength ?? 0 <= view.model.hosts.pathLengthMax ?? .max
        else { return false }
        switch view.model.hosts.comparison {
        case .certificates: return policy.isMet(byNamesOf: certificate)
        case .hosts:
            let takesCommonName = view.model.hosts.takesCommonName
            return view.match(self) != MXMatch.none
                && certificate.errors.allSatisfy { $0 == .cnOnly && takesCommonName }
        }
    }
}

extension PolicyMatcher {
    /// Whether the chain is good, and a pattern is a name of the certificate.
    ///
    /// OpenSSL compares the names after the chain was verified; a name of the host that is not in
    /// the certificate is no error there.
    fileprivate func isMet(byNamesOf certificate: CertificateObservation) -> Bool {
        certificate.errors.allSatisfy { $0 == .nameMismatch || $0 == .cnOnly }
            && certificate.presentedNames.contains(where: allowsInCertificate)
    }

    /// Whether a pattern, handed to OpenSSL as a host to check, accepts a name of a certificate.
    private func allowsInCertificate(_ presented: String) -> Bool {
        let name = DomainName(canonical: inLowerCase(presented))
        if allowsLiterally(name) { return true }
        // A wildcard is passed on as a leading dot, which matches one label or more.
        var parent = name.parent
        while let suffix = parent, !suffix.isRoot {
            if hasWildcard(under: suffix) { return true }
            parent = suffix.parent
        }
        return false
    }
}
