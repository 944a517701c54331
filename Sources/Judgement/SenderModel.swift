internal import MTASTS

// # What senders do, as data
//
// Each sender beside `rfc` is a `SenderModel`: how it reads policies, what it compares, and how it
// uses DANE. The values are those of the programs' sources as they come, without changes by an
// administrator; the sources that were read stand beside them. `HostJudgement.outcome(by:)` acts
// by the values, and knows no sender by name.

/// What one sender does where senders differ.
struct SenderModel: Sendable {
    /// What the patterns of a policy are compared with.
    enum Comparison: Equatable {
        /// The names of MX hosts, whose certificates name the hosts (RFC 8461 §4.1, §4.2).
        case hosts
        /// The names of certificates; the name of the MX host is compared with nothing.
        case certificates
    }

    /// How the values of mx become patterns.
    enum PatternTexts {
        /// `*.` stands for one label; all else is a name.
        case asWritten
        /// Asterisks at the front are removed, and what then begins with a dot is a suffix.
        case withoutAsterisks
    }

    /// What DANE has to do with the policy.
    enum DANEUse {
        /// TLSA is not looked up.
        case none
        /// TLSA decides, and there is no policy.
        case alone
        /// Where one host of the domain has TLSA, the policy is not asked for.
        case beforePolicy
        /// Where a policy is enforced, TLSA is not looked up.
        case withoutPolicy
        /// A host must meet both.
        case besidePolicy
        /// At hosts that the policy allows TLSA decides, and no other certificate is verified.
        case afterPatterns
    }

    /// What becomes of mail to a host whose TLSA records are all unusable.
    enum UnusableTLSA {
        /// TLS is mandatory and not authenticated (RFC 7672 §2.2).
        case encrypted
        /// An enforced policy decides; without one, TLS is mandatory.
        case leftToPolicy
        /// They are as if they were not there.
        case ignored
        /// Delivery is deferred.
        case deferred
    }

    /// What is required of a host by an enforced policy.
    struct HostComparison: Equatable {
        /// What the patterns are compared with.
        var comparison = Comparison.hosts
        /// Whether the common name counts in a certificate without a dNSName.
        var takesCommonName = false
        /// The strength that keys of a chain must have, in bits (NIST SP 800-57).
        var keyStrengthMin = 80
        /// The most certificates of a path, both ends included; nil for no limit of its own.
        var pathLengthMax: Int?

        /// The verifier webpki takes no RSA key of less than 2048 bits, and 6 certificates between
        /// the ends of a path at most.
        static let webpki = HostComparison(keyStrengthMin: 112, pathLengthMax: 8)
    }

    /// How policies are read; nil where they are not.
    var reader: PolicyReader?
    /// How the values of mx become patterns.
    var patternTexts = PatternTexts.asWritten
    /// Whether the patterns are handed over as a list that a blank or comma breaks.
    var handsOverPatterns = false
    /// Whether U-labels in a pattern are made A-labels.
    var convertsULabels = false
    /// What is required of hosts by an enforced policy.
    var hosts: HostComparison
    /// Whether TLS begins after any 2xx to STARTTLS, where the RFC has 220 (RFC 3207 §4).
    var takesAnySuccessToSTARTTLS = false
    /// Whether a null MX means that the domain takes no mail, whatever stands beside it, where the
    /// RFC forbids that something does (RFC 7505 §3).
    var takesNullMXForAll = false
    /// What DANE has to do with the policy.
    var dane: DANEUse
    /// Whether TLSA of hosts that insecure MX records name is used: met, it authenticates nothing.
    var usesTLSAOfInsecureMX = false
    /// What becomes of mail where TLSA records are all unusable.
    var unusableTLSA = UnusableTLSA.encrypted
}

extension SenderModel {
    /// Each sender with its model; nil for the one that keeps to the RFCs.
    static let all = Sender.allCases.map { (sender: $0, model: model(of: $0)) }

    private static func model(of sender: Sender) -> SenderModel? {
        switch sender {
        case .rfc: nil
        case .postfixLegacyTLSPol: postfix(.tlspol, .beforePolicy, .certificates)
        case .postfixLegacyResolver: postfix(.resolver, .withoutPolicy, .certificates)
        case .postfixTLSPol: postfix(.tlspol, .beforePolicy, .hosts)
        case .postfixResolver: postfix(.resolver, .withoutPolicy, .hosts)
        case .mox: mox
        case .exim: exim
        case .stalwart: stalwart
        case .kumomta: kumomta
        }
    }

    /// Postfix with `smtp_tls_security_level = dane`, as the manuals of both feeders have it.
    ///
    /// Read: Postfix 3.12-20260821, `smtp_tls_policy.c`, `smtp_connect.c`, `tls_client.c` and
    /// `RELEASE_NOTES-3.11`. `smtp_tls_enforce_sts_mx_patterns` (3.10.5 and later, by default yes)
    /// has MX hosts compared with patterns and certificates with the MX host, where the feeder
    /// sends TLSRPT attributes. OpenSSL compares the common name where there is no dNSName, and
    /// level 1 accepts keys of 80 bits. `smtp_tls_scert_verifydepth` is 9, and OpenSSL is given
    /// one more: 10 certificates between the ends. `smtp_tls_dane_insecure_mx_policy` is `dane`:
    /// such a host must meet its TLSA, and is still not taken for authenticated. One null MX among
    /// others ends the lookup (3.10.13, `dns_lookup.c`).
    private static func postfix(
        _ reader: PolicyReader, _ dane: DANEUse, _ comparison: Comparison
    ) -> SenderModel {
        let hosts = HostComparison(
            comparison: comparison, takesCommonName: true, pathLengthMax: 12)
        var model = SenderModel(reader: reader, hosts: hosts, dane: dane)
        // Both feeders hand over `*.example.com` as `.example.com`, which is any subdomain.
        model.patternTexts = comparison == .certificates ? .withoutAsterisks : .asWritten
        model.handsOverPatterns = true
        model.convertsULabels = true
        model.usesTLSAOfInsecureMX = true
        model.takesAnySuccessToSTARTTLS = true
        model.takesNullMXForAll = true
        return model
    }

    /// Read: mox 1c95876 (August 2026), `mtasts/parse.go`, `mtasts/mtasts.go`, `queue/direct.go`,
    /// `smtpclient/client.go`.
    private static var mox: SenderModel {
        var model = SenderModel(reader: .mox, hosts: HostComparison(), dane: .besidePolicy)
        model.unusableTLSA = .leftToPolicy
        return model
    }

    /// Read: Exim 13835a3 (December 2025), `spec.xfpt` ("Exim has no support for MTA-STS as a
    /// client"), `transports/smtp.c` (`hosts_try_dane` is `*`), `tls-openssl.c` (without a usable
    /// record delivery is deferred).
    private static var exim: SenderModel {
        var model = SenderModel(hosts: HostComparison(), dane: .alone)
        model.unusableTLSA = .deferred
        return model
    }

    /// Read: Stalwart d72608f (August 2026), `outbound/mta_sts`, `outbound/delivery.rs`,
    /// `outbound/dane/dnssec.rs`.
    private static var stalwart: SenderModel {
        var model = SenderModel(reader: .stalwart, hosts: .webpki, dane: .afterPatterns)
        model.unusableTLSA = .ignored
        model.convertsULabels = true
        return model
    }

    /// Read: KumoMTA 3ebc1e8 (August 2026), `mta-sts/src`, `mailexchanger/src/lib.rs`,
    /// `smtp_dispatcher.rs`, `egress_path.rs` (`enable_dane` is false, `enable_mta_sts` true).
    ///
    /// Its verifier is webpki, as it comes.
    private static var kumomta: SenderModel {
        SenderModel(reader: .kumomta, hosts: .webpki, dane: .none)
    }
}

extension PolicyReader {
    /// Read: postfix-tlspol ffe1e2d (August 2026), `internal/mta-sts.go`, `server.go`, `dane.go`.
    ///
    /// Go's client undoes gzip, which it asks for. A policy with a max_age of 0 has no lifetime in
    /// its cache, and is not handed over.
    fileprivate static var tlspol: PolicyReader {
        var reader = PolicyReader(
            mediaTypes: .textPlainAndParameters, codings: ["gzip"], charset: .repairedUTF8,
            blankLines: .refused, duplicates: .first, maxAges: .capped, patterns: .namesAndRootDot)
        reader.keepsGrammar = true
        reader.keepsZeroAge = false
        return reader
    }

    /// Read: postfix-mta-sts-resolver a000619 (February 2025), `resolver.py`, `utils.py`,
    /// `responder.py`.
    fileprivate static var resolver: PolicyReader {
        var reader = PolicyReader(
            mediaTypes: .textPlain, codings: ["gzip", "deflate"], charset: .declared,
            blankLines: .skipped, duplicates: .last, maxAges: .pythonInteger, patterns: .any)
        reader.lineEnds = .unicode
        reader.otherLines = .skipped
        return reader
    }

    fileprivate static var mox: PolicyReader {
        var reader = PolicyReader(
            mediaTypes: .any, codings: ["gzip"], charset: .repairedUTF8, blankLines: .refused,
            duplicates: .firstOfGood, maxAges: .int32, patterns: .namesAndDigits)
        reader.keepsGrammar = true
        return reader
    }

    /// Its HTTP client is built without codings, and does not look at the status.
    fileprivate static var stalwart: PolicyReader {
        var reader = PolicyReader(
            mediaTypes: .any, codings: [], charset: .utf8, blankLines: .skipped,
            duplicates: .lastOfGood, maxAges: .any, patterns: .any)
        reader.takesAnyStatus = true
        reader.takesLargeBodies = true
        reader.otherLines = .joined
        reader.trimsKeys = true
        reader.needsVersion = false
        reader.needsModeAndAge = false
        reader.alwaysNeedsMX = true
        reader.skipsEmptyPatterns = true
        return reader
    }

    fileprivate static var kumomta: PolicyReader {
        var reader = PolicyReader(
            mediaTypes: .textPlainInLowerCase, codings: [], charset: .repairedUTF8,
            blankLines: .skippedIfEmpty, duplicates: .refused, maxAges: .uint64, patterns: .any)
        reader.takesLargeBodies = true
        reader.trimsKeys = true
        return reader
    }
}
