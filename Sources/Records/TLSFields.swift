internal import Observations

/// The keys of what a handshake showed; flat in the object of the connection.
func tlsFields<Root>(_ tls: @escaping @Sendable (Root) -> TLSObservation?) -> [Field<Root>] {
    [
        Field("tls_version", "The protocol version that the server chose.", "TLS") {
            tls($0)?.version
        },
        Field("tls_cipher", "The cipher suite by its IANA name.", "TLS") { tls($0)?.cipher },
        Field("tls_group", "The key exchange group.", "TLS") { tls($0)?.group },
        Field("tls_alert", "The fatal alert that the peer sent.", "TLS") { tls($0)?.alert },
        Field("tls_alert_code", "Its number.", "RFC 8446 §6") { tls($0)?.alertCode }.since(2),
    ]
}

/// A certificate and the time at which its remaining days are counted.
struct DatedCertificate {
    package var certificate: CertificateObservation
    var seenAt: Int64
}

/// The keys of a certificate.
let certificateFields: [Field<DatedCertificate>] = certificateNameFields + certificateKeyFields

private let certificateNameFields: [Field<DatedCertificate>] = [
    Field("subject", "The subject, RFC 2253 form.", "X.509") {
        LossyUTF8(
            Array($0.certificate.subject.utf8), limit: CertificateObservation.subjectLimit)
    },
    Field("issuer", "The issuer, RFC 2253 form.", "X.509") {
        LossyUTF8(
            Array($0.certificate.issuer.utf8), limit: CertificateObservation.subjectLimit)
    },
    Field("names", "The SAN dNSNames as they stand.", "RFC 5280 §4.2.1.6") {
        $0.certificate.names
    },
    Field("not_before", "Start of validity.", "RFC 5280 §4.1.2.5") {
        Timestamp(epochSeconds: $0.certificate.notBefore)
    },
    Field("not_after", "End of validity.", "RFC 5280 §4.1.2.5") {
        Timestamp(epochSeconds: $0.certificate.notAfter)
    },
    Field("days_left", "Whole days from the scan to the end of validity.", "clock") {
        $0.certificate.validity.daysLeft(at: $0.seenAt)
    },
    Field("lifetime_days", "Whole days of validity in all.", "RFC 5280 §4.1.2.5") {
        $0.certificate.validity.lifetimeDays
    }.since(2),
]

private let certificateKeyFields: [Field<DatedCertificate>] = [
    Field("key_type", "`EC`, `RSA`, `ED25519`.", "X.509") { $0.certificate.keyType },
    Field("key_bits", "Size of the key in bits.", "X.509") { $0.certificate.keyBits },
    Field("signature_algorithm", "Such as `ecdsa-with-SHA256`.", "X.509") {
        $0.certificate.signatureAlgorithm
    },
    Field("sha256", "SHA-256 of the certificate.", "DER") { $0.certificate.sha256 },
    Field("spki_sha256", "SHA-256 of the SubjectPublicKeyInfo.", "DER") {
        $0.certificate.spkiSHA256
    },
    Field("chain_length", "How many certificates were sent.", "TLS") {
        $0.certificate.chainLength
    },
    Field("security_bits", "Strength of the chain's weakest key, in bits.", "NIST SP 800-57") {
        $0.certificate.securityBits
    }.since(2),
    Field("path_length", "Certificates of the path built, both ends included.", "RFC 5280 §6.1") {
        $0.certificate.pathLength
    }.since(2),
    Field("issuer_organization", "The organization of the CA that issued it.", "X.509") {
        $0.certificate.issuerOrganization
    }.since(2),
    Field("extended_key_usages", "What it may be used for, by name or OID.", "RFC 5280 §4.2.1.12") {
        $0.certificate.extendedKeyUsages
    }.since(2),
    Field("names_ocsp_responder", "Whether it names an OCSP responder.", "RFC 5280 §4.2.2.1") {
        $0.certificate.namesOCSPResponder
    }.since(2),
    Field("errors", "Every error: those nearest the leaf first.", "RFC 8461 §4.2") {
        $0.certificate.errors
    },
    Field("detail", "The verifier's words for the first error.", "OpenSSL") {
        $0.certificate.detail
    },
]
