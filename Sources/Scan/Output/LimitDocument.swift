internal import Admission
internal import Survey

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

    private func document(_ limit: Limit) -> JSONDocument {
        .object([
            ("at_once", .integer(limit.atOnce)),
            ("milli_per_s", .integer(Int(limit.perSecond * 1000))),
        ])
    }
}
