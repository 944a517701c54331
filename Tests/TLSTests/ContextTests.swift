import COpenSSL
import DNS
import ScriptedServers
import Testing

@testable import TLS

@Suite struct `contexts of another library` {
    /// A context that keeps the only reference to its handshake.
    private func prepared() throws -> (OpaquePointer, () -> Handshake?) {
        TLSLibrary.prepare()
        let context = try #require(SSL_CTX_new(TLS_client_method()))
        let authority = try TestAuthority()
        let trust = try TrustStore(file: authority.file.path)
        let handshake = Handshake(
            with: DomainName(canonical: "mta-sts.example.org"), .require,
            ChainVerifier(.policyHost, trust: trust))
        prepareContext(UnsafeMutableRawPointer(context), for: handshake)
        return (context, { [weak handshake] in handshake })
    }

    /// libcurl may read from a connection whose transfer has ended.
    @Test func `keep their handshake until the last session is gone`() throws {
        let (context, handshake) = try prepared()
        let session = try #require(SSL_new(context))
        SSL_CTX_free(context)
        #expect(handshake() != nil)
        SSL_free(session)
        #expect(handshake() == nil)
    }

    @Test func `release it where no session was made`() throws {
        let (context, handshake) = try prepared()
        #expect(handshake() != nil)
        SSL_CTX_free(context)
        #expect(handshake() == nil)
    }
}
