import Comparison
import Console
import Records

/// What two vantages have seen, for people and for programs.
struct VantageText {
    private let comparison: VantageComparison

    init(_ comparison: VantageComparison) { self.comparison = comparison }

    /// The counts, and unless it is to be brief the domains.
    func text(isBrief: Bool) -> String {
        let (one, other) = comparison.folders
        var lines = [
            "first: \(Message.visible(one))", "second: \(Message.visible(other))",
        ]
        lines += comparison.cautions.map { "caution: " + Message.visible($0) } + [""]
        lines.append(
            "\(grouped(comparison.hosts)) hosts in both, \(grouped(comparison.hostsDiffering)) "
                + "differ; \(grouped(comparison.hostsOfOne.first)) in the first alone, "
                + "\(grouped(comparison.hostsOfOne.second)) in the second alone")
        var key = ""
        for (difference, hosts) in comparison.differences {
            if difference.key != key { lines += ["", "\(difference.key):"] }
            key = difference.key
            lines.append(row(hosts, pair(difference.first, difference.second)))
        }
        lines += [
            "",
            "\(grouped(comparison.domains)) domains in both, the verdict of "
                + "\(grouped(comparison.differing.count)) differs; "
                + "\(grouped(comparison.domainsOfOne.first)) in the first alone, "
                + "\(grouped(comparison.domainsOfOne.second)) in the second alone",
        ]
        lines += verdicts.map { row($0.count, $0.pair) }
        guard !isBrief, !comparison.differing.isEmpty else { return lines.joined(separator: "\n") }
        lines += ["", "Domains:"]
        lines += comparison.differing.map { domain in
            let name = domain.name ?? "index \(domain.index)"
            return "  \(Message.visible(name))  "
                + pair(domain.verdicts.first, domain.verdicts.second)
        }
        return lines.joined(separator: "\n")
    }

    private var verdicts: [(pair: String, count: Int)] {
        var counts: [String: Int] = [:]
        for domain in comparison.differing {
            counts[pair(domain.verdicts.first, domain.verdicts.second), default: 0] += 1
        }
        return counts.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }

    private func pair(_ first: String?, _ second: String?) -> String {
        Message.visible("\(first ?? "none") → \(second ?? "none")")
    }

    private func row(_ count: Int, _ label: String) -> String {
        let number = grouped(count)
        return String(repeating: " ", count: max(1, 12 - number.count)) + number + "  " + label
    }

    /// NDJSON: a line for each domain whose verdict differs, and a last one with the counts.
    func lines(isBrief: Bool) -> [String] {
        let domains: [JSONDocument] = comparison.differing.map { domain in
            .object([
                ("domain", text(domain.name)), ("index", .integer(domain.index)),
                ("first", text(domain.verdicts.first)), ("second", text(domain.verdicts.second)),
            ])
        }
        let differences: [JSONDocument] = comparison.differences.map { difference, hosts in
            .object([
                ("key", .string(difference.key)), ("first", text(difference.first)),
                ("second", text(difference.second)), ("hosts", .integer(hosts)),
            ])
        }
        let (one, other) = comparison.folders
        let counts = JSONDocument.object([
            ("first", .string(one)), ("second", .string(other)),
            ("domains", .integer(comparison.domains)),
            ("domains_differing", .integer(comparison.differing.count)),
            ("domains_first_alone", .integer(comparison.domainsOfOne.first)),
            ("domains_second_alone", .integer(comparison.domainsOfOne.second)),
            ("hosts", .integer(comparison.hosts)),
            ("hosts_differing", .integer(comparison.hostsDiffering)),
            ("hosts_first_alone", .integer(comparison.hostsOfOne.first)),
            ("hosts_second_alone", .integer(comparison.hostsOfOne.second)),
            ("differences", .array(differences)),
            ("cautions", .array(comparison.cautions.map { .string($0) })),
        ])
        return ((isBrief ? [] : domains) + [counts]).map(\.line)
    }

    private func text(_ value: String?) -> JSONDocument { value.map { .string($0) } ?? .null }
}
