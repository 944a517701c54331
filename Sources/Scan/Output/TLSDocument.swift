internal import Records
internal import TLS

extension Manifest {
    /// What TLS was done with: all that a verdict on a chain or a handshake depends on beside the
    /// trust store and the clock.
    var tls: JSONDocument {
        .object([
            ("library", .string(TLSLibrary.version)),
            ("min_version", .string(TLSProfile.minimumVersion)),
            ("groups_offered", strings(TLSOffer.groupNames)),
            ("signature_algorithms", strings(TLSOffer.signatureNames)),
            ("verification_flags", strings(TLSProfile.verificationFlags)),
            ("chain_depth", .integer(TLSProfile.chainDepth)),
            ("mx_hosts", terms(.mxHost)),
            ("policy_hosts", terms(.policyHost)),
        ])
    }

    private func terms(_ profile: TLSProfile) -> JSONDocument {
        .object([
            ("security_level", .integer(profile.securityLevel)),
            ("cipher_suites", strings(TLSOffer.cipherNames(to: profile))),
        ])
    }

    private func strings(_ values: [String]) -> JSONDocument { .array(values.map { .string($0) }) }
}
