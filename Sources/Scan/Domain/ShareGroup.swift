internal import DNS
internal import Judgement
internal import Observations
internal import SMTP

/// MX hosts of one registrable domain at one set of addresses.
struct ShareKey: Hashable, Sendable {
    let domain: String
    let addresses: Set<IPAddress>
}

/// When handshakes are shared.
struct ShareRule: Sendable {
    /// After so many direct probes of a group that agree; 0 for never.
    var after: Int
    /// One in so many of the hosts that follow is still probed directly.
    var sampleEvery: Int
}

/// What is known of the hosts of one group, and what becomes of the next.
///
/// Pure.
struct ShareGroup {
    /// What is to be done with a host.
    enum Step {
        /// It is probed; `isSample` where it could have shared.
        case probe(isSample: Bool)
        /// Others are being probed, on whom it depends.
        case wait
        /// It is judged on what this host has shown.
        case share(from: SharedSessions)
    }

    private enum State {
        /// Direct probes are collected that agree with the first.
        case collecting(first: SharedSessions?, agreed: Int, underWay: Int, useless: Int)
        /// They agree.
        case agreed(SharedSessions)
        /// They do not, or show nothing to share.
        case apart
    }

    private let rule: ShareRule
    private var state = State.collecting(first: nil, agreed: 0, underWay: 0, useless: 0)
    private var shared = 0

    init(_ rule: ShareRule) { self.rule = rule }

    /// Whether probes that others depend on are in progress.
    var isBusy: Bool {
        if case .collecting(_, _, let underWay, _) = state { underWay > 0 } else { false }
    }

    /// Whether hosts share.
    var isAgreed: Bool { if case .agreed = state { true } else { false } }

    /// What is to be done with the next host.
    mutating func next(_ host: DomainName) -> Step {
        switch state {
        case .apart: return .probe(isSample: false)
        case .collecting(let first, let agreed, let underWay, let useless):
            guard agreed + underWay < rule.after else { return .wait }
            state = .collecting(
                first: first, agreed: agreed, underWay: underWay + 1, useless: useless)
            return .probe(isSample: false)
        case .agreed(let sessions):
            // By its name the server may choose another certificate, one that names it.
            guard sessions.name(host) else { return .probe(isSample: false) }
            shared += 1
            return shared % rule.sampleEvery == 0
                ? .probe(isSample: true) : .share(from: sessions)
        }
    }

    /// Takes what a direct probe has shown; the host that it disagrees with, where it does.
    mutating func saw(_ sessions: SharedSessions?, isSample: Bool) -> DomainName? {
        switch state {
        case .apart: return nil
        case .agreed(let known):
            // A sample that fails to connect says nothing of certificates.
            guard isSample, let sessions, !sessions.agrees(with: known) else { return nil }
            state = .apart
            return known.host
        case .collecting(let first, let agreed, let underWay, let useless):
            state = collected(sessions, first, agreed, underWay - 1, useless)
            return nil
        }
    }

    private func collected(
        _ sessions: SharedSessions?, _ first: SharedSessions?, _ agreed: Int, _ underWay: Int,
        _ useless: Int
    ) -> State {
        guard let sessions else {
            let isHopeless = useless + 1 >= rule.after
            return isHopeless
                ? .apart
                : .collecting(
                    first: first, agreed: agreed, underWay: underWay, useless: useless + 1)
        }
        guard let first else {
            return agreed + 1 >= rule.after
                ? .agreed(sessions)
                : .collecting(first: sessions, agreed: 1, underWay: underWay, useless: useless)
        }
        guard sessions.agrees(with: first) else { return .apart }
        return agreed + 1 >= rule.after
            ? .agreed(first)
            : .collecting(
                first: first, agreed: agreed + 1, underWay: underWay, useless: useless)
    }
}

/// The sessions of a host, all of which have shown a certificate.
struct SharedSessions: Sendable {
    let host: DomainName
    private let sessions: [SessionObservation]

    /// What can be shared of a host's sessions; nil where some tried one shows no certificate, or
    /// one that does not name the host.
    init?(of host: DomainName, _ sessions: [SessionObservation]) {
        let tried = sessions.filter { $0.status != .notProbed }
        let isWhole = tried.allSatisfy {
            $0.status == .ok && $0.observed == .direct && $0.tls?.certificate?.isFor(host) == true
        }
        guard !tried.isEmpty, isWhole else { return nil }
        self.host = host
        self.sessions = sessions
    }

    /// Whether the certificates are the same.
    func agrees(with other: SharedSessions) -> Bool { certificates == other.certificates }

    /// Whether the certificates name a host.
    func name(_ other: DomainName) -> Bool {
        sessions.allSatisfy { $0.tls?.certificate?.isFor(other) != false }
    }

    private var certificates: Set<String> {
        Set(sessions.compactMap { $0.tls?.certificate?.sha256 })
    }

    /// The sessions as those of another host of the group that the certificates name.
    var asShared: [SessionObservation] {
        sessions.map { session in
            var shared = SessionObservation(address: session.address, status: session.status)
            guard session.status == .ok else { return shared }
            shared.observed = .shared
            shared.sharedFrom = host
            shared.replies.secureEHLO = session.replies.secureEHLO
            shared.tlsExtensions = session.tlsExtensions
            shared.tls = session.tls
            return shared
        }
    }
}
