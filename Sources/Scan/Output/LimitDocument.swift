internal import ConnectionLimits
internal import DNS
internal import Records

extension ScanOptions {
    /// The limits by destination, for the manifest; rates in thousandths of a connection a second.
    var limitDocument: JSONDocument {
        .object([
            ("address", document(limits.address)), ("network", document(limits.network)),
            ("domain", document(limits.domain)),
            ("fetch_address", document(limits.fetchAddress)),
            ("include_loopback", .boolean(limits.includesLoopback)),
            ("share_failures_after", .integer(limits.sharedFailures)),
            ("wait_ms", .integer(limits.waitMaxMilliseconds)),
            ("dns_milli_per_s", .integer(Int(dnsRate.perServer * 1000))),
            ("dns_milli_per_s_in_all", .integer(Int(dnsRate.inAll * 1000))),
        ])
    }

    /// What sharing handshakes has come to.
    func document(_ stats: ShareStats) -> JSONDocument {
        .object([
            ("after", .integer(shareAfter)), ("sample_every", .integer(shareSampleEvery)),
            ("groups", .integer(stats.groups)), ("shared", .integer(stats.shared)),
            ("sampled", .integer(stats.sampled)), ("disagreed", .integer(stats.disagreed)),
            (
                "disagreements",
                .array(
                    stats.disagreements.map {
                        .object([
                            ("host", .string($0.host.text)),
                            ("reference", .string($0.reference.text)),
                        ])
                    })
            ),
        ])
    }

    private func document(_ limit: Limit) -> JSONDocument {
        .object([
            ("at_once", .integer(limit.atOnce)),
            ("milli_per_s", .integer(Int(limit.perSecond * 1000))),
        ])
    }
}
