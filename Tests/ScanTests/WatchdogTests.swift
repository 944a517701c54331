import ConnectionLimits
import MXProbe
import PolicyFetch
import Resolver
import Testing

@testable import Scan

/// Looks each half second, as a scan does, until the watchdog says that it has stalled.
private struct Looks {
    var watchdog: Watchdog
    var now = 0

    init(_ options: ScanOptions = ScanOptions()) { watchdog = Watchdog(options) }

    /// Looks for so many seconds; true as soon as the scan has stalled.
    mutating func isStalled(
        within seconds: Int, each milliseconds: Int = 500, mayWait: Bool = false,
        _ status: (Int) -> LoopStatus = { _ in LoopStatus() }
    ) -> Bool {
        let end = now + seconds * 1000
        while now < end {
            now += milliseconds
            let activity = ScanActivity(of: status(now))
            if watchdog.isStalled(activity, mayWait: mayWait, at: now) { return true }
        }
        return false
    }
}

@Suite struct `a scan in which nothing goes on` {
    private let limit = Watchdog(ScanOptions()).limitMilliseconds / 1000

    @Test func `has stalled when that lasts longer than every time limit`() {
        var looks = Looks()
        #expect(looks.isStalled(within: limit) == false)
        #expect(looks.isStalled(within: 2) == true)
    }

    @Test func `has not while anything changes, however seldom`() {
        let changes: [WritableKeyPath<LoopStatus, Int>] = [
            \.questionsEnded, \.queriesInFlight, \.fetchesInFlight, \.probesInFlight,
            \.domainsInFlight, \.deferred, \.hostsAskedFor,
        ]
        for change in changes {
            var looks = Looks()
            let stalls = looks.isStalled(within: 10 * limit) { now in
                var status = LoopStatus()
                status[keyPath: change] = now / (limit * 900)
                return status
            }
            #expect(!stalls, "\(change)")
        }
    }

    @Test func `has not while limits let connections begin, or give them up`() {
        let changes: [WritableKeyPath<LimiterStats, Int>] = [
            \.waiting, \.overdue, \.sharedFailures, \.pushbacks, \.waitsForAddress,
        ]
        for change in changes {
            var looks = Looks()
            let stalls = looks.isStalled(within: 10 * limit) { now in
                var status = LoopStatus()
                status.admission = LimiterStats()
                status.admission?[keyPath: change] = now / (limit * 900)
                return status
            }
            #expect(!stalls, "\(change)")
        }
    }

    @Test func `has not while it may wait, and its time begins anew then`() {
        var looks = Looks()
        #expect(looks.isStalled(within: limit - 5) == false)
        #expect(looks.isStalled(within: 10 * limit, mayWait: true) == false)
        #expect(looks.isStalled(within: limit - 5) == false)
        #expect(looks.isStalled(within: 10) == true)
    }

    @Test func `has not because the process was stopped for a day`() {
        var looks = Looks()
        #expect(looks.isStalled(within: limit / 2) == false)
        looks.now += 86_400_000
        #expect(looks.isStalled(within: limit / 3) == false)
    }

    @Test func `is given as long as its longest time limit`() {
        func limit(_ change: (inout ScanOptions) -> Void) -> Int {
            var options = ScanOptions()
            options.limits.waitMaxMilliseconds = 1000
            change(&options)
            return options.longestWaitMilliseconds
        }
        let day = 86_400_000
        #expect(limit { $0.retryDelays = [1000, day] } == day)
        let patient = limit {
            ($0.limits.waitMaxMilliseconds, $0.limits.idleMaxMilliseconds) = (day, day)
        }
        #expect(patient == day)
        #expect(limit { $0.limits = DestinationLimits() } == 600_000)
        #expect(limit { $0.fetch.timeoutMilliseconds = day } == day)
        #expect(limit { $0.probe.sessionTimeoutMilliseconds = day } > day)
        #expect(limit { $0.probe.connectTimeoutMilliseconds = day } > day)
        #expect(limit { $0.resolver.timeoutMilliseconds = day } > day)
        #expect(limit { $0.resolver.tries = 10_000 } > 10_000 * 4000)
        #expect(limit { $0.dnsRate.perServer = 0.0001 } == 10_000_000)
        #expect(limit { _ in } < day)
    }
}
