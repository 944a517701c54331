internal import Judgement
internal import Observations

/// MX hosts by the end of the probe.
func hostTable(_ hosts: HostTotals) -> StatsTable {
    StatsTable(
        "hosts", "MX hosts by the end of the probe", labels: ["status"], columns: ["hosts"],
        base: hostBase(hosts),
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
func hostTLSTable(_ hosts: HostTotals) -> StatsTable {
    let versions = Set(hosts.profiles.keys.map(\.tlsVersion))
    return StatsTable(
        "host_tls", "MX hosts by TLS version and DANE", labels: ["tls_version"],
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

private func hostBase(_ hosts: HostTotals) -> StatsTable.Base {
    .init(words: "MX hosts", count: hosts.count { _ in true })
}
