import COpenSSL
import Observations
import Testing

@testable import TLS

@Suite struct `chains` {
    /// OpenSSL fails at once, and calls nobody back.
    @Test func `that cannot be verified are invalid`() throws {
        let store = try #require(X509_STORE_new())
        defer { X509_STORE_free(store) }
        let context = try #require(X509_STORE_CTX_new())
        defer { X509_STORE_CTX_free(context) }
        #expect(X509_STORE_CTX_init(context, store, nil, nil) == 1)
        let found = ChainErrors(verifying: context, length: 1)
        #expect(found.errors == [.invalid])
        #expect(found.detail != nil)
    }

    @Test func `are verified by what the profile says, whatever the store has`() throws {
        for (profile, level) in [(TLSProfile.mxHost, 1), (.policyHost, 2)] {
            let parameters = profile.verification
            defer { X509_VERIFY_PARAM_free(parameters) }
            #expect(X509_VERIFY_PARAM_get_auth_level(parameters) == level)
            #expect(X509_VERIFY_PARAM_get_depth(parameters) == 100)
            let flags = UInt(X509_V_FLAG_TRUSTED_FIRST) | UInt(X509_V_FLAG_PARTIAL_CHAIN)
            #expect(X509_VERIFY_PARAM_get_flags(parameters) == flags)
        }
    }

    @Test func `have no key where they are too long`() throws {
        let leaf = try #require(X509_new())
        defer { X509_free(leaf) }
        #expect(ChainVerificationCache.key(of: nil, leaf: leaf) == nil)
    }

    @Test func `are shown by peers that are offered written lists alone`() {
        // OpenSSL 3.5 has a hybrid group beside them.
        let classical = TLSOffer.groupNames.filter { $0 != "X25519MLKEM768" }
        #expect(classical.starts(with: ["X25519", "P-256"]))
        #expect(TLSOffer.signatureNames.contains("ed25519"))
        for profile in [TLSProfile.mxHost, .policyHost] {
            let names = TLSOffer.cipherNames(to: profile)
            #expect(names.starts(with: ["TLS_AES_256_GCM_SHA384"]))
            #expect(names.count == TLSOffer.suites.count + TLSOffer.ciphers.count)
        }
    }
}
