internal import ConnectionLimits
internal import DNS
internal import DomainList
internal import MXProbe
internal import PolicyFetch
internal import Resolver

/// What may be said anew when a scan is resumed: rates and resolvers may change, what alters the
/// meaning of the records may not.
struct ResumeRule {
    let flag: String
    let altersMeaning: Bool
    let describe: (ScanOptions) -> String
    let copy: (ScanOptions, inout ScanOptions) -> Void

    private init<Value>(
        _ flag: String, altersMeaning: Bool = false, _ path: WritableKeyPath<ScanOptions, Value>
    ) {
        self.flag = flag
        self.altersMeaning = altersMeaning
        describe = { "\($0[keyPath: path])" }
        copy = { $1[keyPath: path] = $0[keyPath: path] }
    }

    static var all: [ResumeRule] {
        [
            ResumeRule("--senders", \.senders),
            ResumeRule("--threads", \.threads),
            ResumeRule("--shuffle-window", \.shuffleWindow),
            ResumeRule("--seed", \.seed),
            ResumeRule("--max-per-address", \.limits.address.atOnce),
            ResumeRule("--max-rate-per-address", \.limits.address.perSecond),
            ResumeRule("--max-per-network", \.limits.network.atOnce),
            ResumeRule("--max-rate-per-network", \.limits.network.perSecond),
            ResumeRule("--max-per-domain", \.limits.domain.atOnce),
            ResumeRule("--max-rate-per-domain", \.limits.domain.perSecond),
            ResumeRule("--max-fetches-per-address", \.limits.fetchAddress.atOnce),
            ResumeRule("--max-fetch-rate-per-address", \.limits.fetchAddress.perSecond),
            ResumeRule("--max-dns-rate", \.dnsRate.perServer),
            ResumeRule("--max-dns-rate-in-all", \.dnsRate.inAll),
            ResumeRule("--share-sample-every", \.shareSampleEvery),
            ResumeRule("--share-handshakes-after", altersMeaning: true, \.shareAfter),
            ResumeRule("--share-failures-after", \.limits.sharedFailures),
            ResumeRule("--max-wait", \.limits.waitMaxMilliseconds),
            ResumeRule("--all-addresses", altersMeaning: true, \.probe.probesAllAddresses),
            ResumeRule("--dns-in-flight", \.resolver.inFlightLimit),
            ResumeRule("--fetches-in-flight", \.fetch.inFlightLimit),
            ResumeRule("--probes-in-flight", \.probe.inFlightLimit),
            ResumeRule("--checkpoint-interval", \.checkpointMilliseconds),
            ResumeRule("--rotate-size", \.rotateBytes),
            ResumeRule("--host-cache", \.hostCacheLimit),
            ResumeRule("--deferred-limit", \.deferredLimit),
            ResumeRule("--retry-delays", altersMeaning: true, \.retryDelays),
            ResumeRule("--outage-limit", \.outageMilliseconds),
            ResumeRule("--name-servers", \.nameServers),
            ResumeRule("--trust-resolver-answers", \.resolver.trustsAnswers),
            ResumeRule("--contact", \.contact),
            ResumeRule("--local-addr", \.localAddresses),
            ResumeRule("--blocklist-file", \.blocklistFile),
            ResumeRule("--ehlo-name", \.probe.ehloName),
            ResumeRule("--refetch-share", altersMeaning: true, \.refetchShare),
            ResumeRule("--unique", altersMeaning: true, \.unique),
            ResumeRule("--probe", altersMeaning: true, \.probeScope),
            ResumeRule("--mx-limit", altersMeaning: true, \.mxHostLimit),
            ResumeRule("--family", altersMeaning: true, \.families),
            // The certificates are compared by their digest: the file may lie elsewhere.
            ResumeRule("--ca-file", \.trustFile),
            ResumeRule("--trust-ad", altersMeaning: true, \.trustsAD),
            ResumeRule("--https-port", altersMeaning: true, \.fetch.port),
            ResumeRule("--smtp-port", altersMeaning: true, \.probe.port),
            ResumeRule(
                "--allow-special-use-addresses", altersMeaning: true, \.allowsSpecialUseAddresses),
            ResumeRule("--dns-timeout", altersMeaning: true, \.resolver.timeoutMilliseconds),
            ResumeRule("--retries", altersMeaning: true, \.resolver.tries),
            ResumeRule(
                "--connect-timeout", altersMeaning: true, \.probe.connectTimeoutMilliseconds),
            ResumeRule("--reply-timeout", altersMeaning: true, \.probe.replyTimeoutMilliseconds),
            ResumeRule("--policy-timeout", altersMeaning: true, \.fetch.timeoutMilliseconds),
        ]
    }
}

extension ScanOptions {
    /// Takes over from `now` what was given on the command line and may change.
    mutating func resume(with now: ScanOptions) throws(ScanError) {
        if !now.lists.isEmpty { try moveLists(to: now.lists) }
        for rule in ResumeRule.all where now.givenFlags.contains(rule.flag) {
            let (before, after) = (rule.describe(self), rule.describe(now))
            if rule.altersMeaning, before != after {
                throw .usage("\(rule.flag) is \(before) in this scan and cannot become \(after)")
            }
            rule.copy(now, &self)
        }
    }

    /// Reads the lists at other paths; their bytes are compared with those read before, and their
    /// names stay those that the records have.
    private mutating func moveLists(to given: [ListLocation]) throws(ScanError) {
        guard given.count == lists.count else {
            throw .usage(
                "the scan reads \(lists.count) lists (\(lists.map(\.name).joined(separator: ", "))), "
                    + "not \(given.count): name each in its new place, or none")
        }
        lists = zip(lists, given).map { ListLocation(name: $0.name, path: $1.path) }
    }
}
