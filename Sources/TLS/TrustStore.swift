internal import COpenSSL

/// The certificates that chains may end at: each parsed once, when first needed, and shared by
/// every connection of the scan.
///
/// `@unchecked Sendable`: OpenSSL counts references to an X509_STORE and locks it where needed.
@safe public final class TrustStore: @unchecked Sendable {
    let store: OpaquePointer
    /// Where the store looks up certificates; nil where it has all.
    private let certificates: TrustFile?
    /// Where the certificates came from.
    public let source: String
    /// How many certificates the store holds.
    public let count: Int
    /// SHA-256 over the sorted SHA-256 of the certificates: names the set, whatever its order.
    public let sha256: String

    /// Why certificates that chains needed could not be trusted, so far.
    public var warnings: [String] {
        (certificates?.unreadableNumbers ?? []).map {
            "certificate \($0) of \(source) cannot be read, and was not trusted"
        }
    }

    /// The certificates of a PEM file, or the system's where `file` is nil.
    public init(file: String?) throws(TrustStoreError) {
        TLSLibrary.prepare()
        guard let store = unsafe X509_STORE_new() else { preconditionFailure("out of memory") }
        let path = file ?? Self.systemFile
        certificates = TrustFile(path)
        if let certificates {
            unsafe certificates.attach(to: store)
        } else if unsafe X509_STORE_load_file(store, path) != 1 {
            let reason = OpenSSLError.take().message
            unsafe X509_STORE_free(store)
            throw TrustStoreError(file: path, reason: reason)
        }
        unsafe self.store = store
        source = path
        let digests = unsafe certificates.map { Array($0.digests) } ?? Self.digests(of: store)
        count = digests.count
        sha256 = unsafe Array(digests.sorted().joined(separator: "\n").utf8)
            .withUnsafeBytes(SHA256Digest.of)
    }

    deinit { unsafe X509_STORE_free(store) }

    /// The file OpenSSL is built to use, which the environment variable SSL_CERT_FILE replaces.
    private static var systemFile: String {
        if let file = environment("SSL_CERT_FILE") { return file }
        let bundle = "/etc/ssl/certs/ca-certificates.crt"
        return unsafe isReadable(bundle) ? bundle : String(cString: X509_get_default_cert_file())
    }

    private static func digests(of store: OpaquePointer) -> [String] {
        let digests = DigestList()
        unsafe copenssl_each_trusted(
            store, Unmanaged.passUnretained(digests).toOpaque(), noteTrusted)
        return digests.values
    }
}

/// The trust store cannot be read.
public struct TrustStoreError: Error, CustomStringConvertible {
    /// The file.
    public let file: String
    /// OpenSSL's message.
    public let reason: String

    /// The message.
    public var description: String { "no trusted certificates in \(file): \(reason)" }
}

private final class DigestList {
    var values: [String] = []
}

private func noteTrusted(_ list: UnsafeMutableRawPointer?, _ certificate: OpaquePointer?) {
    guard let list = unsafe list, let certificate = unsafe certificate else { return }
    unsafe Unmanaged<DigestList>.fromOpaque(list).takeUnretainedValue()
        .values.append(CertificateReader.sha256(of: certificate))
}
