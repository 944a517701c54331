internal import COpenSSL
import Foundation

/// OpenSSL in a context of its own.
///
/// What the program under test makes of the default one does not touch the servers, nor the other
/// way round.
enum ServerOpenSSL {
    /// Made once, never freed.
    nonisolated(unsafe) static let context = OSSL_LIB_CTX_new()
}

/// A certificate and its private key, made by OpenSSL when a test asks for it.
///
/// `@unchecked Sendable`: neither changes once it is made, and OpenSSL counts references to both.
package final class Certificate: @unchecked Sendable {
    /// The kind of a key.
    package enum Key: Sendable {
        case p256
        case rsa(bits: Int32)
    }

    /// What a certificate says.
    package struct Contents: Sendable {
        /// The subject's CN.
        package var commonName: String
        /// The dNSNames of the subjectAltName; none for no such extension.
        package var names: [String] = []
        /// Whether it may sign others.
        package var isAuthority = false
        /// Its key.
        package var key = Key.p256
        /// The digest that the issuer signs, by OpenSSL's name.
        package var digest = "SHA256"
        /// Its first and its last second, counted from now.
        package var seconds = -3600...86_400

        /// A certificate for these names, valid now.
        package init(_ commonName: String, names: [String] = []) {
            self.commonName = commonName
            self.names = names
        }
    }

    /// OpenSSL did not make it; the step that failed.
    package struct Failure: Error {
        let step: String
    }

    let certificate: OpaquePointer
    let privateKey: OpaquePointer

    /// A certificate with a new key, signed by `issuer`, or by itself where that is nil.
    package init(_ contents: Contents, signedBy issuer: Certificate? = nil) throws(Failure) {
        privateKey = try Self.makeKey(contents.key)
        guard let certificate = X509_new_ex(ServerOpenSSL.context, nil) else {
            throw Failure(step: "X509_new_ex")
        }
        self.certificate = certificate
        let name = X509_get_subject_name(certificate)
        let issuerName = issuer.map { X509_get_subject_name($0.certificate) } ?? name
        let first = X509_getm_notBefore(certificate)
        let last = X509_getm_notAfter(certificate)
        let isSet = [
            X509_set_version(certificate, 2),
            ASN1_INTEGER_set(
                X509_get_serialNumber(certificate), Int.random(in: 1...Int(Int32.max))),
            X509_gmtime_adj(first, contents.seconds.lowerBound) == nil ? 0 : 1,
            X509_gmtime_adj(last, contents.seconds.upperBound) == nil ? 0 : 1,
            X509_NAME_add_entry_by_txt(
                name, "CN", MBSTRING_ASC, contents.commonName, -1, -1, 0),
            X509_set_issuer_name(certificate, issuerName),
            X509_set_pubkey(certificate, privateKey),
        ]
        guard isSet.allSatisfy({ $0 == 1 }) else { throw Failure(step: "fields") }
        if contents.isAuthority { try add(NID_basic_constraints, "critical,CA:TRUE") }
        if !contents.names.isEmpty {
            let names = contents.names.map { "DNS:\($0)" }.joined(separator: ",")
            try add(NID_subject_alt_name, names)
        }
        let digest = EVP_get_digestbyname(contents.digest)
        guard X509_sign(certificate, issuer?.privateKey ?? privateKey, digest) > 0 else {
            throw Failure(step: "X509_sign by \(contents.digest)")
        }
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(privateKey)
    }

    private static func makeKey(_ kind: Key) throws(Failure) -> OpaquePointer {
        let algorithm = if case .rsa = kind { "RSA" } else { "EC" }
        let context = EVP_PKEY_CTX_new_from_name(ServerOpenSSL.context, algorithm, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { throw Failure(step: "keygen_init") }
        let isSet =
            switch kind {
            case .p256: EVP_PKEY_CTX_set_group_name(context, "P-256")
            case .rsa(let bits): EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits)
            }
        var key: OpaquePointer?
        guard isSet == 1, EVP_PKEY_generate(context, &key) == 1, let key else {
            throw Failure(step: "EVP_PKEY_generate")
        }
        return key
    }

    private func add(_ kind: Int32, _ value: String) throws(Failure) {
        guard let made = X509V3_EXT_conf_nid(nil, nil, kind, value) else {
            throw Failure(step: value)
        }
        defer { X509_EXTENSION_free(made) }
        guard X509_add_ext(certificate, made, -1) == 1 else { throw Failure(step: value) }
    }

    // MARK: What tests compare it with

    /// The whole certificate, DER.
    package var der: [UInt8] { Self.encoded { i2d_X509(certificate, $0) } }

    /// Its SubjectPublicKeyInfo, DER.
    package var publicKey: [UInt8] {
        Self.encoded { i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), $0) }
    }

    private static func encoded(
        _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
    ) -> [UInt8] {
        var octets: UnsafeMutablePointer<UInt8>?
        let count = encode(&octets)
        guard count > 0, let octets else { return [] }
        defer { CRYPTO_free(octets, "", 0) }
        return Array(UnsafeBufferPointer(start: octets, count: Int(count)))
    }

    /// The certificate as a block of PEM (RFC 7468).
    package var pem: String {
        let text = Data(der).base64EncodedString(options: [
            .lineLength64Characters, .endLineWithLineFeed,
        ])
        return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
    }
}

/// A file of PEM that is gone with this value, for what reads trusted certificates by path.
package final class PEMFile: Sendable {
    /// Its path.
    package let path: String

    /// A file with these certificates.
    package init(_ certificates: Certificate...) throws {
        path = NSTemporaryDirectory() + "stsurvey-\(UUID().uuidString).pem"
        try certificates.map(\.pem).joined().write(toFile: path, atomically: false, encoding: .utf8)
    }

    deinit { unlink(path) }
}

/// An authority with the file by which it is trusted, for tests of chains.
package struct TestAuthority: Sendable {
    /// Its certificate, signed by itself.
    package let root: Certificate
    /// What it is trusted by.
    package let file: PEMFile

    /// A new authority of this name.
    package init(_ name: String = "Root") throws {
        var contents = Certificate.Contents(name)
        contents.isAuthority = true
        root = try Certificate(contents)
        file = try PEMFile(root)
    }

    /// A certificate for these names that the authority, or one that it has signed, has signed.
    package func issue(
        _ names: String..., by issuer: Certificate? = nil,
        _ change: (inout Certificate.Contents) -> Void = { _ in }
    ) throws -> Certificate {
        var contents = Certificate.Contents(names.first ?? "Test", names: names)
        change(&contents)
        return try Certificate(contents, signedBy: issuer ?? root)
    }

    /// An authority below this one.
    package func intermediate() throws -> Certificate {
        try issue {
            $0.commonName = "Intermediate"
            $0.isAuthority = true
        }
    }
}
