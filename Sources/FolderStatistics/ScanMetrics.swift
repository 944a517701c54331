internal import Metrics
internal import Records
internal import ScanFolder
internal import Statistics

/// The metrics of a scan's results: gauges, since each scan replaces those of the one before.
private struct TableMetric {
    /// The table whose rows are the samples.
    let table: String
    /// The metric's name, after the prefix.
    let name: String
    let help: String
    /// The labels by their names; other names than the table's columns where those would not say
    /// enough.
    let labels: [String]

    static let all = [
        TableMetric(
            table: "funnel", name: "stage_domains",
            help: "Domains at each stage of the way to protection.", labels: ["stage", "of"]),
        TableMetric(
            table: "verdicts", name: "verdict_domains", help: "Domains, by verdict.",
            labels: ["verdict"]),
        TableMetric(
            table: "reasons", name: "reason_domains", help: "Domains, by verdict and reason.",
            labels: ["verdict", "reason"]),
        TableMetric(
            table: "modes", name: "mode_domains", help: "Domains with a valid policy, by mode.",
            labels: ["mode"]),
        TableMetric(
            table: "first_failures", name: "first_failure_domains",
            help: "Domains, by the first cause of their verdict.", labels: ["first_failure"]),
        TableMetric(
            table: "policy_errors", name: "policy_error_domains",
            help: "Domains whose policy is not valid, by layer and reason.",
            labels: ["layer", "reason"]),
        TableMetric(
            table: "findings", name: "finding_domains", help: "Domains, by finding.",
            labels: ["layer", "code", "severity"]),
        TableMetric(
            table: "tlsrpt", name: "tlsrpt_domains",
            help: "Domains, by the status of their TLSRPT record.", labels: ["tlsrpt_status"]),
        TableMetric(
            table: "hosts", name: "status_hosts",
            help: "MX hosts, by how the probe ended.", labels: ["status"]),
        TableMetric(
            table: "host_certificates", name: "certificate_hosts",
            help: "MX hosts, by the status of their certificate.", labels: ["certificate_status"]),
    ]
}

extension ScanStatistics {
    /// What the names of the metrics begin with: those of a scan that runs have another beginning.
    private static let metricsPrefix = "stsurvey_last_scan_"

    /// What the scan found, in the text format that Prometheus reads.
    public var metrics: String {
        var page = Exposition(prefix: Self.metricsPrefix)
        page.gauge(
            "info", "The scan whose results these are.",
            [
                .init(
                    1, ("folder", scan.folder), ("state", scan.state ?? "unknown"),
                    ("version", programVersion))
            ])
        page.gauge("complete", "1 if the scan ended.", [.init(scan.state == "complete" ? 1 : 0)])
        addTimes(to: &page)
        page.gauge("domains", "Domain records.", [.init(domains)])
        page.gauge("hosts", "Host records.", [.init(hosts)])
        for metric in TableMetric.all { add(metric, to: &page) }
        return page.text
    }

    private func addTimes(to page: inout Exposition) {
        let times = [
            ("start_time_seconds", "When the scan began.", scan.startedAt),
            ("end_time_seconds", "When the scan ended.", scan.endedAt),
        ]
        for (name, help, text) in times {
            guard let time = text.flatMap({ Timestamp($0.utf8) }) else { continue }
            page.gauge(name, help, [.init(Int(time.epochSeconds))])
        }
    }

    private func add(_ metric: TableMetric, to page: inout Exposition) {
        guard let table = statistics.tables.first(where: { $0.name == metric.table }) else {
            preconditionFailure("there is no table \(metric.table)")
        }
        page.gauge(
            metric.name, metric.help,
            table.allRows.map { row in
                .init(row.counts.first ?? 0, labels: Array(zip(metric.labels, row.labels)))
            })
    }
}
