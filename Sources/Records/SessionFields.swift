internal import DNS
internal import Findings
internal import Observations
internal import SMTP

/// A session and the time at which its certificate's remaining days are counted.
struct DatedSession {
    var session: SessionObservation
    var seenAt: Int64

    package var certificate: DatedCertificate? {
        session.tls?.certificate.map { DatedCertificate(certificate: $0, seenAt: seenAt) }
    }
}

/// The family of an address.
enum AddressFamily: String, DocumentedValue, FieldValue {
    case ipv4
    case ipv6

    init(of address: IPAddress) {
        switch address {
        case .v4: self = .ipv4
        case .v6: self = .ipv6
        }
    }

    var meaning: String {
        switch self {
        case .ipv4: "An IPv4 address (RFC 791 §2.3)."
        case .ipv6: "An IPv6 address (RFC 4291 §2)."
        }
    }
}

/// The keys of a session.
let sessionFields: [Field<DatedSession>] =
    smtpFields + tlsFields { $0.session.tls } + sessionCertificateFields

private let smtpFields: [Field<DatedSession>] = [
    Field("address", "The address.", "DNS") { $0.session.address },
    Field("family", "Its family.", "DNS") { AddressFamily(of: $0.session.address) },
    Field("status", "How the session ended.", "SMTP") { $0.session.status },
    Field("observed", "How that is known; null where nothing was tried.", "stsurvey") {
        $0.session.observed
    },
    Field("shared_from", "The host whose session it was, where not its own.", "stsurvey") {
        $0.session.sharedFrom
    },
    Field("server_name", "The name sent as SNI; null without a handshake.", "RFC 8461 §7.1") {
        $0.session.serverName
    }.since(2),
    Field("greeting", "The greeting, in the escapes of RFC 1035 §5.1.", "RFC 5321 §3.1") {
        $0.session.replies.greeting.map { EscapedOctets(reply: $0.bytes) }
    },
    Field("greeting_code", "Its code; null where it is no whole reply.", "RFC 5321 §4.2") {
        $0.session.replies.greeting?.code
    }.since(2),
    Field("ehlo_reply", "The reply to EHLO before TLS.", "RFC 5321 §4.1.1.1") {
        $0.session.replies.ehlo.map { EscapedOctets(reply: $0.bytes) }
    }.since(2),
    Field("ehlo_code", "Its code; null where it is no whole reply.", "RFC 5321 §4.2") {
        $0.session.replies.ehlo?.code
    }.since(2),
    Field("extensions", "The lines of the EHLO reply before TLS.", "RFC 5321 §4.1.1.1") {
        EscapedOctets.lines($0.session.extensions)
    },
    Field("starttls_reply", "The reply to STARTTLS.", "RFC 3207 §4") {
        $0.session.replies.starttls.map { EscapedOctets(reply: $0.bytes) }
    },
    Field("starttls_code", "Its code; null where it is no whole reply.", "RFC 5321 §4.2") {
        $0.session.replies.starttls?.code
    }.since(2),
    Field("plaintext_after_starttls", "Whether clear text came behind it.", "RFC 3207 §4.2") {
        $0.session.hasPlaintextAfterStartTLS
    },
    Field("tls_extensions", "The lines of the EHLO reply inside TLS.", "RFC 3207 §4.2") {
        EscapedOctets.lines($0.session.tlsExtensions)
    },
    Field("tls_ehlo_reply", "The reply to EHLO inside TLS.", "RFC 3207 §4.2") {
        $0.session.replies.secureEHLO.map { EscapedOctets(reply: $0.bytes) }
    }.since(2),
    Field("tls_ehlo_code", "Its code; null where it is no whole reply.", "RFC 5321 §4.2") {
        $0.session.replies.secureEHLO?.code
    }.since(2),
    Field("requiretls", "Whether that offers REQUIRETLS; null without it.", "RFC 8689 §2") {
        $0.session.offersREQUIRETLS
    }.since(2),
    Field("reply_deviations", "How the replies differ from the grammar.", "RFC 5321 §4.2") {
        $0.session.deviations
    }.since(2),
]

private let sessionCertificateFields: [Field<DatedSession>] = [
    Field("ocsp_staple", "Whether OCSP was stapled; null without TLS.", "RFC 6066 §8") {
        $0.session.tls?.hasOCSPStaple
    },
    .object("certificate", "The certificate shown.", "TLS", certificateFields) { $0.certificate },
    Field("dane_match", "Whether a TLSA record matched, names and errors apart.", "RFC 7672 §3.1") {
        $0.session.tls?.dane?.isMatch
    },
    Field("dane_usage", "The usage of the TLSA record that matched.", "RFC 7672 §3.1") {
        $0.session.tls?.dane?.usage
    },
    Field("dane_relations", "How each of `tlsa.records` relates to the chain.", "RFC 6698 §2.1") {
        $0.session.tls?.dane?.relations ?? []
    }.since(2),
    Field("dane_error", "What keeps the chain that matched from verifying.", "RFC 7672 §3.1") {
        $0.session.tls?.dane?.error
    }.since(2),
    Field("error", "The words for a failure.", "OpenSSL, kernel") { $0.session.error },
    Field("duration_ms", "From connect to close, in milliseconds.", "clock") {
        $0.session.durationMS
    },
]
