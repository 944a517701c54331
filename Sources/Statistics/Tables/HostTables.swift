internal import Judgement
internal import Observations

/// MX hosts by the end of the probe.
func hostTable(_ hosts: HostTotals) -> StatsTable {
    StatsTable(
        "hosts", "MX hosts by the end of the probe",
        labels: [.init("status", "How the probe ended.", of: ProbeStatus.self)],
        columns: [.hosts], base: hostBase(hosts),
        rows: ProbeStatus.allCases.map { status in
            .init([status.rawValue], [hosts.count { $0.status == status }])
        }
    ).dropZeros().sorted()
}

/// MX hosts by the certificate they showed: the first error, and every error.
func hostCertificateTable(_ hosts: HostTotals) -> StatsTable {
    StatsTable(
        "host_certificates", "MX hosts by certificate",
        note: "Hosts by the first error, and by every error that the certificate has.",
        labels: [
            .init(
                "certificate_status", "`ok`, or what is wrong with the certificate.",
                of: CertificateStatus.self)
        ],
        columns: [
            .init(
                "hosts", "Hosts of which this is the first error.", of: .base, unit: .hosts),
            .init(
                "with_error", "Hosts with this among the certificate's errors.", of: .base,
                unit: .hosts),
        ],
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
func hostTLSTable(_ hosts: HostTotals) -> StatsTable {
    let versions = Set(hosts.profiles.keys.map(\.tlsVersion))
    return StatsTable(
        "host_tls", "MX hosts by TLS version and DANE", labels: [.tlsVersion],
        columns: [.hosts]
            + StatsTable.Column.each(
                HostDANEStatus.self, prefix: "dane_", of: .column("hosts"), unit: .hosts),
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

private func hostBase(_ hosts: HostTotals) -> StatsTable.Base {
    .init(words: "MX hosts", count: hosts.count { _ in true })
}

extension StatsTable.Column {
    /// Hosts, as a part of the base.
    static let hosts = Self("hosts", "MX hosts, each once.", of: .base, unit: .hosts)
}

extension StatsTable.Label {
    static let tlsVersion = Self(
        "tls_version", "The version of TLS that the host chose; (none) without TLS.")
}
