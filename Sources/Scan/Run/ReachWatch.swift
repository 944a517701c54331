internal import ConnectionLimits
internal import Logging
internal import MXProbe
internal import Observations
internal import Records

/// Warns when no MX host at all accepts a connection, as where port 25 is blocked.
struct ReachWatch {
    private let port: UInt16
    private let log: Logger
    private var wasBlocked = false

    init(_ options: ScanOptions) {
        port = options.probe.port
        log = options.log
    }

    /// Takes the status; `prepare` is called before anything is printed.
    mutating func look(_ status: LoopStatus, _ prepare: () -> Void) {
        guard let reach = status.admission?.reach, reach.isBlocked != wasBlocked else { return }
        wasBlocked = reach.isBlocked
        prepare()
        guard let caution = reach.caution(port: port) else {
            return log.notice(
                """
                an MX host has taken a connection to port \(port): the warning that none does is \
                withdrawn
                """)
        }
        log.warning("\(caution)")
    }
}

extension OutboundReach {
    /// What the user of the results must know; nil where MX hosts can be reached.
    func caution(port: UInt16) -> String? {
        guard isBlocked else { return nil }
        let found = failures.sorted { $0.key < $1.key }.map { "\($0.key) \(grouped($0.value))" }
            .joined(separator: ", ")
        return """
            no MX host took a connection to port \(port): addresses of \(Self.networksMin) or more \
            different networks were tried (\(found)). Clouds and access providers commonly block \
            port 25 outbound. What the records say of MX hosts is then unknown: probe from \
            elsewhere, or leave MX hosts alone with 'scan --probe none'
            """
    }
}

extension LoopStatus {
    /// What the user of the results must know.
    func cautions(port: UInt16) -> [String] {
        [admission?.reach.caution(port: port)].compactMap(\.self)
    }
}

extension ScanTotals {
    /// What to do where every MX host has addresses that are not contacted, as in a lab; nil where
    /// any has another.
    func specialUseCaution(_ options: ScanOptions) -> String? {
        let refused = hosts[.notContacted]
        guard refused > 0, refused == hostCount, !options.allowsSpecialUseAddresses else {
            return nil
        }
        return """
            every MX host (\(grouped(refused))) has only addresses that are not on the public \
            Internet, and those are not contacted: if this is a lab of your own, scan again with \
            --allow-special-use-addresses
            """
    }
}
