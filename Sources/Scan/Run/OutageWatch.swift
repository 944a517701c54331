internal import Console
internal import Logging
internal import Resolver

/// Reports when name servers go down and come back, and how long none has been up.
struct OutageWatch {
    private let names: [String]
    private let limitMilliseconds: Int
    private let log: Logger
    private var wasDown: [Bool]
    private var pausedAt: Int?

    init(_ options: ScanOptions) {
        names = options.nameServers.map(\.description)
        limitMilliseconds = options.outageMilliseconds
        log = options.log
        wasDown = Array(repeating: false, count: options.nameServers.count)
    }

    /// Whether no name server has answered for longer than the scan is to wait.
    func isTooLong(at now: Int) -> Bool { pausedAt.map { now - $0 > limitMilliseconds } ?? false }

    /// Takes the status at a time in milliseconds; `prepare` is called before anything is printed.
    mutating func look(_ status: LoopStatus, at now: Int, _ prepare: () -> Void) {
        guard status.servers.count == names.count else { return }
        let isDown = status.servers.map { $0.state == .down }
        guard isDown != wasDown else { return }
        prepare()
        if status.isPaused {
            pausedAt = now
            // Where their answers are false it does not wait.
            if lies(status) == nil { reportOutage(status) }
        } else if let since = pausedAt {
            pausedAt = nil
            log.notice(
                """
                \(names(where: isDown, are: false)) answers again, after \
                \(duration((now - since) / 1000)); the scan goes on
                """)
        } else {
            reportSome(isDown, status)
        }
        wasDown = isDown
    }

    /// Why the scan cannot go on, where all name servers give false answers.
    func lies(_ status: LoopStatus) -> String? {
        guard status.isPaused, status.servers.allSatisfy({ $0.fault?.isLie == true }) else {
            return nil
        }
        return complaint(status)
    }

    private func reportOutage(_ status: LoopStatus) {
        log.warning(
            """
            \(complaint(status)); the scan waits for one, up to \
            \(duration(limitMilliseconds / 1000)), and then goes on
            """)
    }

    private func complaint(_ status: LoopStatus) -> String {
        let faults = status.servers.map { $0.fault ?? .silent }
        if faults.allSatisfy({ $0 == .silent }) {
            return "no name server answers: \(names.joined(separator: ", "))"
        }
        let all = zip(names, faults).map { "\($0) \($1)" }
        return "no name server can be used: " + all.joined(separator: "; ")
    }

    private func reportSome(_ isDown: [Bool], _ status: LoopStatus) {
        for (place, name) in names.enumerated() where isDown[place] != wasDown[place] {
            if isDown[place] {
                let fault = status.servers[place].fault ?? .silent
                log.warning("\(name) \(fault): others are asked")
            } else {
                log.notice("\(name) answers again")
            }
        }
    }

    private func names(where isDown: [Bool], are value: Bool) -> String {
        zip(names, isDown).filter { $1 == value }.map(\.0).joined(separator: ", ")
    }
}
