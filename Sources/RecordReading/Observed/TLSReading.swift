internal import Observations

let certificateErrors = EnumTable<CertificateError>()

extension TLSObservation {
    /// What a handshake showed, from the keys of a session or a policy; nil where there was none.
    init?(in members: inout RecordMembers) throws(ObservationError) {
        self.init()
        version = try members.optional("tls_version") { $0.string }
        cipher = try members.optional("tls_cipher") { $0.string }
        group = try members.optional("tls_group") { $0.string }
        alert = try members.optional("tls_alert") { $0.string }
        alertCode = try members.later("tls_alert_code") { $0.int }
        certificate = try members.child("certificate") { (value) throws(ObservationError) in
            try CertificateObservation(value)
        }
        guard version != nil || alert != nil || certificate != nil else { return nil }
    }
}

extension CertificateObservation {
    init(_ value: JSONValue) throws(ObservationError) {
        var members = RecordMembers(value)
        self.init(
            subject: try members.required("subject") { $0.string },
            issuer: try members.required("issuer") { $0.string },
            names: try members.elements("names") { $0.string },
            notBefore: try members.required("not_before") { $0.epochSeconds },
            notAfter: try members.required("not_after") { $0.epochSeconds },
            keyType: try members.required("key_type") { $0.string },
            keyBits: try members.integer("key_bits"),
            signatureAlgorithm: try members.required("signature_algorithm") { $0.string },
            sha256: try members.required("sha256") { $0.string },
            spkiSHA256: try members.required("spki_sha256") { $0.string },
            chainLength: try members.integer("chain_length"),
            errors: try members.elements("errors") { certificateErrors[$0] },
            detail: try members.optional("detail") { $0.string },
            securityBits: try members.later("security_bits") { $0.int },
            issuerOrganization: try members.later("issuer_organization") { $0.string },
            extendedKeyUsages: try members.later("extended_key_usages") {
                $0.kind == .array ? $0.elements.compactMap(\.string) : nil
            },
            namesOCSPResponder: try members.later("names_ocsp_responder") { $0.bool })
        pathLength = try members.later("path_length") { $0.int }
    }
}
