internal import MTASTS
internal import Survey

/// How long policies are to be kept.
func maxAgeTable(_ cells: [MaxAgeCell: Int]) -> StatsTable {
    let total = cells.values.reduce(0, +)
    return StatsTable(
        "max_age", "max_age of valid policies, in seconds", labels: ["max_age", "words"],
        columns: ["domains"] + Mode.allCases.map(\.rawValue),
        base: .init(words: "domains with a valid policy", count: total),
        rows: MaxAgeBucket.allCases.map { bucket in
            let counts = Mode.allCases.map { mode in
                cells.reduce(0) {
                    $1.key.bucket == bucket && $1.key.mode == mode ? $0 + $1.value : $0
                }
            }
            return .init([bucket.rawValue, bucket.words], [counts.reduce(0, +)] + counts)
        })
}

/// The values themselves.
func maxAgeValueTable(_ table: GroupTable<MaxAge>) -> StatsTable {
    var values: [Int: [Int]] = [:]
    for (key, counts) in table.entries {
        for (place, mode) in Mode.allCases.enumerated() where mode == key.mode {
            values[key.seconds, default: Mode.allCases.map { _ in 0 }][place] += counts[0]
        }
    }
    let rest = table.dropped > 0 ? table.others[0] : nil
    return StatsTable(
        "max_age_values", "The max_age values met", labels: ["max_age"],
        columns: ["domains"] + Mode.allCases.map(\.rawValue),
        rows: values.map { .init([String($0.key)], [$0.value.reduce(0, +)] + $0.value) },
        rest: rest.map { .init(["(others)"], [$0] + Mode.allCases.map { _ in 0 }) }
    ).sorted()
}

/// Not exclusive: everything found, a domain once for each finding.
func findingTable(_ findings: [DomainFacts.Finding: Int]) -> StatsTable {
    StatsTable(
        "findings", "Everything found",
        note: "Not exclusive: a domain counts once for each finding that it has.",
        labels: ["layer", "code", "severity"], columns: ["domains"],
        rows: findings.map {
            .init([$0.key.layer.rawValue, $0.key.code, $0.key.severity.rawValue], [$0.value])
        }
    ).sorted()
}

/// MX hosts by the end of the probe.
func hostTable(_ hosts: HostCensus) -> StatsTable {
    StatsTable(
        "hosts", "MX hosts by the end of the probe", labels: ["status"], columns: ["hosts"],
        base: hostBase(hosts),
        rows: ProbeStatus.allCases.map { status in
            .init([status.rawValue], [hosts.count { $0.status == status }])
        }
    ).dropZeros().sorted()
}

/// MX hosts by the certificate they showed: the first error, and every error.
func hostCertificateTable(_ hosts: HostCensus) -> StatsTable {
    StatsTable(
        "host_certificates", "MX hosts by certificate",
        note: "Hosts by the first error, and by every error that the certificate has.",
        labels: ["certificate_status"], columns: ["hosts", "with_error"],
        base: .init(
            words: "hosts that showed a certificate",
            count: hosts.count { $0.certificate != nil }),
        rows: CertificateStatus.allCases.map { status in
            .init(
                [status.rawValue],
                [
                    hosts.count { $0.certificate == status },
                    hosts.certificateErrors[status] ?? 0,
                ])
        })
}

/// MX hosts by TLS version and DANE.
func hostTLSTable(_ hosts: HostCensus) -> StatsTable {
    let versions = Set(hosts.profiles.keys.map(\.tlsVersion))
    return StatsTable(
        "host_tls", "MX hosts by TLS version", labels: ["tls_version"],
        columns: ["hosts"] + HostDANEStatus.allCases.map { "dane_" + $0.rawValue },
        base: hostBase(hosts),
        rows: versions.map { version in
            .init(
                [version ?? "(none)"],
                [hosts.count { $0.tlsVersion == version }]
                    + HostDANEStatus.allCases.map { dane in
                        hosts.count { $0.tlsVersion == version && $0.dane == dane }
                    })
        }
    ).sorted()
}

private func hostBase(_ hosts: HostCensus) -> StatsTable.Base {
    .init(words: "MX hosts", count: hosts.count { _ in true })
}
