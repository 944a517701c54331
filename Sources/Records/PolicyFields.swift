internal import DNS
internal import Judgement
public import Observations

/// A fetched policy beside what was judged of it: the root of a policy record, and of the part of a
/// domain record that is about the policy.
public struct PolicyRecord: Sendable {
    /// What was seen.
    public let seen: PolicyObservation
    let patterns: [[UInt8]]
    let scannedAt: Int64
    /// Where the addresses of the policy host are; nil without a file that says it.
    let networks: [AddressNetwork]?
    /// How many attempts it took, where it was fetched without its domain.
    var rounds: Int?

    /// A policy that was fetched without its domain, in so many attempts.
    public init(_ seen: PolicyObservation, rounds: Int, networks: [AddressNetwork]? = nil) {
        self.seen = seen
        self.rounds = rounds
        self.networks = networks
        patterns = seen.patterns
        scannedAt = seen.fetchedAt ?? 0
    }

    /// The policy of a record; nil where none was fetched.
    init?(of record: DomainRecord) {
        guard let seen = record.observation?.policy else { return nil }
        self.seen = seen
        patterns = record.judgement?.patterns ?? []
        scannedAt = record.scannedAt
        networks = record.policyNetworks
    }

    var bodyText: LossyUTF8? {
        seen.body.map { LossyUTF8($0, limit: LossyUTF8.bodyLimit) }
    }

    /// The body as it was sent, where the text cannot show it.
    var bodyBase64: Base64? {
        guard let body = bodyText, !body.isUTF8 else { return nil }
        return Base64(octets: Array(body.octets.prefix(body.limit)))
    }

    /// When it was fetched; nil where it was not to be.
    var fetchedAt: Int64? {
        guard seen.status != .notFetched else { return nil }
        return seen.fetchedEarlierAt ?? seen.fetchedAt ?? scannedAt
    }

    var certificate: DatedCertificate? {
        seen.tls?.certificate.map {
            DatedCertificate(certificate: $0, seenAt: seen.fetchedAt ?? scannedAt)
        }
    }
}

/// The keys of a fetched policy.
let policyFields: [Field<PolicyRecord>] =
    policyHostFields + policyResponseFields + tlsFields { $0.seen.tls } + [
        .object("certificate", "The certificate shown.", "TLS", certificateFields) {
            $0.certificate
        },
        Field("error", "The library's words for a failure.", "libcurl") { $0.seen.error },
        Field("duration_ms", "From the first packet to the last byte.", "clock") {
            $0.seen.durationMS
        },
        .networks("Where each address is; null without --asn-file.") { $0.networks },
    ]

private let policyHostFields: [Field<PolicyRecord>] = [
    Field("host", "The policy host.", "RFC 8461 §3.2") { $0.seen.host },
    Field("url", "Where the policy was asked for.", "RFC 8461 §3.3") {
        "https://\($0.seen.host.text)/.well-known/mta-sts.txt"
    },
    Field("fetched_at", "When it was fetched, in this scan or an earlier one.", "clock") {
        $0.fetchedAt.map { Timestamp(epochSeconds: $0) }
    },
    Field("address", "The address connected to.", "TCP") { $0.seen.address },
    .object("a", "A of the policy host.", "DNS", addressLookupFields) { $0.seen.addresses?.a },
    .object("aaaa", "AAAA of the policy host.", "DNS", addressLookupFields) {
        $0.seen.addresses?.aaaa
    },
]

private let policyResponseFields: [Field<PolicyRecord>] = [
    Field("http_status", "The status code of the response.", "HTTP") { $0.seen.httpStatus },
    Field("content_type", "The Content-Type as sent.", "HTTP") {
        $0.seen.contentType.map { LossyUTF8($0) }
    },
    Field("content_encoding", "The Content-Encoding as sent.", "HTTP") {
        $0.seen.contentEncoding.map { LossyUTF8($0) }
    }.since(2),
    Field("body_is_coded", "Whether the coding could not be undone.", "RFC 9110 §8.4") {
        $0.seen.isBodyCoded
    }.since(2),
    Field("location", "The Location as sent; never followed.", "RFC 8461 §3.3") {
        $0.seen.location.map { LossyUTF8($0) }
    },
    Field("body", "The body; octets that are not UTF-8 as U+FFFD.", "HTTP") { $0.bodyText },
    Field("body_base64", "The body, only where it is not UTF-8.", "HTTP") { $0.bodyBase64 },
    Field("body_bytes", "The size of the body as far as it was read.", "HTTP") {
        $0.seen.body?.count
    },
    Field("mx", "The mx values as they stand, good or not.", "RFC 8461 §3.2") {
        $0.patterns.map { EscapedOctets(string: $0) }
    },
]
