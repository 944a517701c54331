internal import ConnectionLimits
internal import Findings
internal import Metrics
internal import Observations
internal import Records
internal import Resolver
internal import ScanFolder

extension StatusSnapshot {
    /// The scan's metrics, for Prometheus.
    var metrics: String {
        var page = Exposition(prefix: "stsurvey_")
        page.gauge("build_info", "The program.", [.init(1, ("version", programVersion))])
        addDomains(to: &page)
        addFlight(to: &page)
        addServers(to: &page)
        addHosts(to: &page)
        page.histograms(
            "stage_duration_seconds", "How long each stage took.", by: "stage", loops.times.byName)
        if let sharing = loops.sharing { add(sharing, to: &page) }
        // Zero until the first loop has told, so that no series begins later than the others.
        add(loops.admission ?? LimiterStats(), to: &page)
        addProcess(to: &page)
        return page.text
    }

    private func addDomains(to page: inout Exposition) {
        let totals = loops.totals
        page.counter(
            "domains_total", "Records made, by whether the line was scanned.",
            samples(of: totals.statuses, "status"))
        page.counter(
            "verdicts_total", "Domains, by verdict.", samples(of: totals.verdicts, "verdict"))
        page.counter(
            "policy_fetches_total", "Policy fetches, by how they ended.",
            samples(of: totals.fetches, "status"))
        if let fraction = forecast.fraction {
            page.gauge(
                "done_percent", "Share of the lists that is done, in percent.",
                [.init(Int(fraction * 100))])
        }
    }

    private func addFlight(to page: inout Exposition) {
        page.gauge(
            "in_flight", "Work in progress, by kind.",
            [
                .init(loops.domainsInFlight, ("what", "domain")),
                .init(loops.deferred, ("what", "deferred_domain")),
                .init(loops.slowProbes, ("what", "slow_smtp")),
                .init(loops.queriesInFlight, ("what", "dns")),
                .init(loops.fetchesInFlight, ("what", "policy_fetch")),
                .init(loops.probesInFlight, ("what", "smtp")),
            ])
        page.gauge("dns_waiting", "Questions that wait to be sent.", [.init(loops.queriesWaiting)])
        page.gauge(
            "in_flight_window", "How much may be in progress, by what is measured, by kind.",
            [
                .init(loops.queryWindow, ("what", "dns")),
                .init(loops.admission?.fetches.size ?? 0, ("what", "policy_fetch")),
                .init(loops.admission?.sessions.size ?? 0, ("what", "smtp")),
            ])
        page.gauge(
            "limited_by", "1 for what the scan waits for at the moment.",
            LimitingFactor.allCases.map {
                .init(loops.limitedBy == $0 ? 1 : 0, ("what", $0.rawValue))
            })
        page.gauge(
            "in_flight_limit", "The most that may be in progress, by kind.",
            [
                .init(limits.dns, ("what", "dns")), .init(limits.fetches, ("what", "policy_fetch")),
                .init(limits.probes, ("what", "smtp")),
            ])
    }

    private func addServers(to page: inout Exposition) {
        func samples(_ value: (ServerReport) -> Int) -> [Exposition.Sample] {
            zip(nameServers, loops.servers).map { .init(value($1), ("server", $0)) }
        }
        page.counter("dns_questions_total", "Questions sent.", samples(\.questions))
        page.counter("dns_retries_total", "Questions sent again.", samples(\.retries))
        page.counter("dns_silences_total", "Questions not answered.", samples(\.timeouts))
        page.counter(
            "dns_failures_total", "SERVFAIL, REFUSED and other failures.", samples(\.failures))
        page.counter("dns_outages_total", "Times the server was marked down.", samples(\.outages))
        page.gauge(
            "dns_server_up", "1 if questions are sent to the server.",
            samples { $0.state == .up ? 1 : 0 })
    }

    private func addHosts(to page: inout Exposition) {
        page.counter(
            "hosts_total", "MX hosts observed, by how the probe ended.",
            samples(of: loops.totals.hosts, "status"))
        page.counter(
            "host_lookups_total", "Lookups of MX hosts in the cache, by result.",
            [
                .init(max(0, loops.hostsAskedFor - hostsObserved), ("result", "hit")),
                .init(hostsObserved, ("result", "miss")),
            ])
        page.gauge("hosts_known", "MX hosts kept in memory.", [.init(loops.hosts)])
        page.counter(
            "blocked_total", "Targets that were not contacted because of the blocklist.",
            [
                .init(loops.totals.statuses[.excluded], ("what", "domain")),
                .init(loops.totals.fetches[.blocked], ("what", "policy_host")),
                .init(loops.totals.hosts[.blocked], ("what", "mx_host")),
            ])
    }

    private func add(_ stats: ShareStats, to page: inout Exposition) {
        page.counter(
            "handshakes_shared_total", "MX hosts judged by the handshakes of other hosts.",
            [.init(stats.shared)])
        page.counter(
            "handshake_samples_total",
            "Hosts probed as a check although they could share a handshake.",
            [
                .init(stats.sampled - stats.disagreed, ("result", "agreed")),
                .init(stats.disagreed, ("result", "disagreed")),
            ])
    }

    private func add(_ stats: LimiterStats, to page: inout Exposition) {
        page.counter(
            "limit_waits_total", "Connections that had to wait, by the limit that they waited for.",
            [
                .init(stats.waitsForAddress, ("limit", "address")),
                .init(stats.waitsForNetwork, ("limit", "network")),
                .init(stats.waitsForDomain, ("limit", "domain")),
                .init(stats.waitsForLoop, ("limit", "in_flight")),
                .init(loops.dnsRateWaits, ("limit", "dns_rate")),
            ])
        page.gauge("limit_waiting", "Connections that wait now.", [.init(stats.waiting)])
        page.counter(
            "limit_overdue_total", "Connections that waited for a limit for too long.",
            [.init(stats.overdue)])
        page.counter(
            "pushbacks_total", "Times a destination was slowed after a 4xx, a refusal or a reset.",
            [.init(stats.pushbacks)])
        page.counter(
            "shared_failures_total",
            "Connections not made because others had just failed at the address.",
            [.init(stats.sharedFailures)])
        page.counter(
            "connection_shortages_total",
            "Times a window was halved since this machine had no room for a connection.",
            [.init(stats.shortages)])
        page.gauge("destinations", "Destinations kept in memory.", [.init(stats.destinations)])
    }

    private func addProcess(to page: inout Exposition) {
        page.gauge(
            "resident_memory_bytes", "Memory of the process.", [.init(process.residentBytes)])
        page.counter(
            "cpu_seconds_total", "CPU time of the process.",
            thousandths: process.cpuMilliseconds)
        page.gauge("open_fds", "File descriptors in use.", [.init(process.openDescriptors)])
    }

    private func samples<Word: DocumentedValue>(
        of counts: EnumCounts<Word>, _ label: String
    ) -> [Exposition.Sample] {
        Word.allCases.map { .init(counts[$0], (label, $0.rawValue)) }
    }
}
