internal import COpenSSL

/// OpenSSL as this process uses it, libcurl included: without the machine's configuration.
///
/// `openssl.cnf` may set the security level, versions, cipher lists and providers: with it a
/// verdict would depend on the machine.
public enum TLSLibrary {
    /// Prepares OpenSSL, once; to be called before another library does.
    public static func prepare() { _ = ReducedProvider.isLoaded }

    /// The version that is linked at run time.
    public static var version: String { unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)) }

    /// Keeps OpenSSL from ever reading its configuration: later requests for that have no effect.
    static func ignoreConfiguration() {
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
    }
}
