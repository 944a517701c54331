internal import DNS
internal import Judgement
internal import Observations

extension Schema where Root == HostRecord {
    /// The record of an MX host.
    public static let host = Schema(
        name: "host", version: schemaVersion,
        fields: hostFields + hostTLSFields + hostDetailFields)
}

private let hostFields: [Field<HostRecord>] = [
    .version,
    Field("host", "The host as MX records have it.", "RFC 5321 §5.1") { $0.observation.name },
    Field("observation", "With the host the key to which `mx[].observation` refers.", "stsurvey") {
        $0.observation.number
    },
    Field("status", "How the probe ended.", "SMTP") { $0.observation.status },
    Field("observed", "How that is known; null where nothing was tried.", "stsurvey") {
        $0.observation.session?.observed
    },
    Field("address_status", "How the address lookups ended.", "DNS") {
        $0.observation.addresses?.decisive.status
    },
    Field("secure", "Whether the answers with addresses are authenticated.", "RFC 7672 §2.2.2") {
        $0.observation.addresses?.isSecure
    },
    Field("tlsa_status", "How the TLSA lookup ended; null where not asked.", "RFC 7672 §2.2") {
        $0.observation.tlsa?.status
    },
    Field("tlsa_base", "The name whose TLSA records count.", "RFC 7672 §2.2.2") {
        $0.observation.tlsaBase
    },
    Field("dane_status", "What DANE says of the host, the MX records apart.", "RFC 7672") {
        $0.dane
    },
    Field("dane_failure", "Why its TLSA records are not met, where that is proven.", "RFC 7672") {
        $0.daneFailure
    }.since(2),
]

private let hostTLSFields: [Field<HostRecord>] = [
    Field("starttls", "Whether STARTTLS was offered; null where EHLO was not reached.", "RFC 3207")
    {
        $0.observation.status.isStartTLSOffered
    },
    Field("tls_version", "The protocol version that the server chose.", "TLS") {
        $0.observation.session?.tls?.version
    },
    Field("requiretls", "Whether REQUIRETLS is offered inside TLS.", "RFC 8689 §2") {
        $0.observation.session?.offersREQUIRETLS
    }.since(2),
    Field("certificate_status", "Status of the certificate.", "RFC 8461 §4.2") {
        $0.observation.certificateStatus
    },
    Field("certificate_errors", "Every error of the certificate.", "RFC 8461 §4.2") {
        $0.observation.certificate?.errors ?? []
    },
    Field("observed_at", "When the probe began.", "clock") {
        Timestamp(epochSeconds: $0.observation.observedAt)
    },
    Field("duration_ms", "How long it took, in milliseconds.", "clock") {
        $0.observation.durationMS
    },
    Field("rounds", "Attempts: 1, and one more for each retry of a transient failure.", "stsurvey")
    {
        $0.observation.rounds
    },
]

private let hostDetailFields: [Field<HostRecord>] = [
    .object("a", "A of the host.", "DNS", addressLookupFields) { $0.observation.addresses?.a },
    .object("aaaa", "AAAA of the host.", "DNS", addressLookupFields) {
        $0.observation.addresses?.aaaa
    },
    .object("tlsa", "TLSA of `_25._tcp.` and the base.", "RFC 7672 §2.2", tlsaLookupFields) {
        $0.observation.tlsa
    },
    .objects("sessions", "A session for each address and SNI.", "SMTP", sessionFields) { record in
        record.observation.sessions.map {
            DatedSession(session: $0, seenAt: record.observation.observedAt)
        }
    },
    .networks("Where each address is; null without --asn-file.") { $0.networks },
    Field("vantage", "From where it was observed, as --vantage named it.", "--vantage") {
        $0.vantage
    }.since(2),
]

extension ProbeStatus {
    /// Whether the EHLO reply offered STARTTLS; nil where there was none.
    var isStartTLSOffered: Bool? {
        switch self {
        case .ok, .starttls2xx, .starttls4xx, .starttls5xx, .starttlsTimeout, .starttlsClosed,
            .tlsAlert, .tlsTimeout, .tlsClosed, .tlsProtocol, .tlsOldVersion, .tlsEHLOTimeout,
            .tlsEHLOClosed:
            true
        case .starttlsNotOffered, .starttlsStripped: false
        default: nil
        }
    }
}
