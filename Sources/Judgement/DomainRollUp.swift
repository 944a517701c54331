internal import Observations

/// What the outcomes of the hosts make of the domain.
struct DomainRollUp {
    var verdict: Verdict
    var reason: VerdictReason

    /// The roll-up of the hosts; nil where every host is delivered to opportunistically, so that
    /// the record and the policy have to give the reason.
    ///
    /// `outcome` says the outcome of the host at an index.
    init?(of hosts: [HostJudgement], _ outcome: (Int) -> HostOutcome) {
        var outcomes = Outcomes()
        for place in hosts.indices { outcomes.formUnion(Outcomes(outcome(place))) }
        let isOpen = outcomes.contains(.unreached)
        outcomes.remove(.unreached)
        guard !outcomes.isEmpty else {
            (verdict, reason) = (.unknown, .mxUnreached)
            return
        }
        // A deferred delivery decides nothing; the other hosts do.
        let decided = outcomes.subtracting(.unknown)
        guard !decided.isEmpty else {
            (verdict, reason) = (.unknown, .daneTempfail)
            return
        }
        guard decided != .opportunistic else { return nil }
        if decided.isSubset(of: [.encrypted, .opportunistic]) {
            (verdict, reason) = (.opportunistic, .daneUnusable)
        } else if decided.isSubset(of: [.protectedDANE, .protectedSTS, .refused]),
            decided != .refused
        {
            // Senders skip a host that they refuse: what is delivered is protected.
            verdict = decided.contains(.protectedSTS) ? .protectedSTS : .protectedDANE
            reason = DomainRollUp.rule(behind: hosts.where { outcome($0).isProtected })
        } else if decided == .refused {
            // Hosts that the policy allows may still take mail: forbidden ones do not decide.
            let refused = hosts.where { outcome($0) == .refused }
            let isReported = refused.contains { $0.status.isReached }
            guard isReported || !isOpen else {
                (verdict, reason) = (.unknown, .mxUnreached)
                return
            }
            verdict = .refused
            reason = DomainRollUp.rule(behind: refused)
        } else {
            (verdict, reason) = (.partial, .mixed)
        }
    }

    /// The outcomes that hosts have, each once.
    private struct Outcomes: OptionSet {
        let rawValue: UInt8

        static let protectedDANE = Outcomes(rawValue: 1 << 0)
        static let protectedSTS = Outcomes(rawValue: 1 << 1)
        static let refused = Outcomes(rawValue: 1 << 2)
        static let encrypted = Outcomes(rawValue: 1 << 3)
        static let opportunistic = Outcomes(rawValue: 1 << 4)
        static let unreached = Outcomes(rawValue: 1 << 5)
        static let unknown = Outcomes(rawValue: 1 << 6)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(_ outcome: HostOutcome) {
            switch outcome {
            case .protectedDANE: self = .protectedDANE
            case .protectedSTS: self = .protectedSTS
            case .refused: self = .refused
            case .encrypted: self = .encrypted
            case .opportunistic: self = .opportunistic
            case .unreached: self = .unreached
            case .unknown: self = .unknown
            }
        }
    }

    /// Which of the two mechanisms decided over the hosts.
    private static func rule(behind hosts: [HostJudgement]) -> VerdictReason {
        guard let isByDANE = hosts.first?.isDANEInForce,
            hosts.allSatisfy({ $0.isDANEInForce == isByDANE })
        else { return .mixed }
        return isByDANE ? .dane : .enforced
    }
}

extension [HostJudgement] {
    /// The hosts at such indexes.
    fileprivate func `where`(_ isSuch: (Int) -> Bool) -> [HostJudgement] {
        indices.filter(isSuch).map { self[$0] }
    }
}
