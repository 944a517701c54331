/// What the outcomes of the hosts make of the domain.
struct RollUp {
    var verdict: Verdict
    var reason: VerdictReason

    /// The roll-up of the hosts; nil where every host is delivered to opportunistically, so that
    /// the record and the policy have to give the reason.
    init?(of hosts: [HostJudgement], by dialect: SenderDialect) {
        let outcomes = hosts.map { $0.outcome(by: dialect) }.filter { $0 != .unreached }
        guard !outcomes.isEmpty else {
            (verdict, reason) = (.unknown, .mxUnreached)
            return
        }
        // A delivery that is put off tells nothing; the other hosts do.
        let decided = outcomes.filter { $0 != .unknown }
        guard !decided.isEmpty else {
            (verdict, reason) = (.unknown, .daneTempfail)
            return
        }
        guard !decided.allSatisfy({ $0 == .opportunistic }) else { return nil }
        if decided.allSatisfy({ $0 == .encrypted || $0 == .opportunistic }) {
            (verdict, reason) = (.opportunistic, .daneUnusable)
        } else if decided.allSatisfy(\.isProtected) {
            let isByDANE = decided.allSatisfy { $0 == .protectedDANE }
            verdict = isByDANE ? .protectedDANE : .protectedSTS
            reason = RollUp.rule(behind: hosts.filter { $0.outcome(by: dialect).isProtected })
        } else if decided.allSatisfy({ $0 == .refused }) {
            // Hosts that the policy allows may still take mail: forbidden ones do not tell.
            let isTold = hosts.contains {
                $0.outcome(by: dialect) == .refused && $0.status.isReached
            }
            let isOpen = hosts.contains { $0.outcome(by: dialect) == .unreached }
            guard isTold || !isOpen else {
                (verdict, reason) = (.unknown, .mxUnreached)
                return
            }
            verdict = .refused
            reason = RollUp.rule(behind: hosts.filter { $0.outcome(by: dialect) == .refused })
        } else {
            (verdict, reason) = (.partial, .mixed)
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
