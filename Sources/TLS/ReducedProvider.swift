internal import COpenSSL

/// OpenSSL's algorithms, without decoders for key formats that no peer sends, and without keys of
/// functions that no certificate has.
///
/// For the key of every certificate it reads, OpenSSL 3.0 gathers the decoders of all forms (PEM,
/// PKCS#8, encrypted, each for each algorithm) and every way to chain them: a seventh of the
/// instructions of a handshake. For each it also goes through all kinds of keys, among them those
/// of derivation functions, which TLS does not fetch in that way. A certificate has its key as DER
/// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), and the survey reads no others. So OpenSSL gets a
/// provider that offers the default one's algorithms without those. This speeds up every use of
/// OpenSSL in this process, libcurl's too.
enum ReducedProvider {
    /// Loads it, once; to be read before any other use of OpenSSL.
    static let isLoaded = load()

    /// The default provider, in a library context of its own; loaded once, never freed.
    nonisolated(unsafe) fileprivate static let whole = unsafe OSSL_LIB_CTX_new().flatMap {
        unsafe OSSL_PROVIDER_load($0, "default")
    }

    /// The decoders that are kept, up to an empty entry; written once, never freed.
    nonisolated(unsafe) fileprivate static let decoders = unsafe kept(of: OSSL_OP_DECODER) {
        let form = unsafe String(cString: $0.property_definition)
        return form.contains("input=der") && form.contains("structure=SubjectPublicKeyInfo")
    }

    /// The kinds of keys that are kept, likewise.
    nonisolated(unsafe) fileprivate static let keys = unsafe kept(of: OSSL_OP_KEYMGMT) {
        let name = unsafe String(cString: $0.algorithm_names).prefix { $0 != ":" }
        return !["TLS1-PRF", "HKDF", "SCRYPT", "SIPHASH", "POLY1305", "CMAC"].contains(name)
    }

    private static func load() -> Bool {
        TLSLibrary.ignoreConfiguration()
        guard unsafe whole != nil,
            unsafe OSSL_PROVIDER_add_builtin(nil, "stsurvey", initialize) == 1
        else {
            return false
        }
        return unsafe OSSL_PROVIDER_load(nil, "stsurvey") != nil
    }

    private static func kept(
        of operation: Int32, where isKept: (OSSL_ALGORITHM) -> Bool
    ) -> UnsafeMutablePointer<OSSL_ALGORITHM> {
        var kept: [OSSL_ALGORITHM] = unsafe []
        var isVolatile: Int32 = 0
        var next = unsafe OSSL_PROVIDER_query_operation(whole, operation, &isVolatile)
        while let algorithm = unsafe next?.pointee, unsafe algorithm.algorithm_names != nil {
            if unsafe isKept(algorithm) { unsafe kept.append(algorithm) }
            unsafe next = next?.advanced(by: 1)
        }
        unsafe kept.append(OSSL_ALGORITHM())
        let table = unsafe UnsafeMutablePointer<OSSL_ALGORITHM>.allocate(capacity: kept.count)
        unsafe table.initialize(from: kept, count: kept.count)
        return unsafe table
    }
}

/// The provider's entry point: its algorithms run in the context of the default provider.
private func initialize(
    _: OpaquePointer?, _: UnsafePointer<OSSL_DISPATCH>?,
    _ functions: UnsafeMutablePointer<UnsafePointer<OSSL_DISPATCH>?>?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    unsafe functions?.pointee = UnsafePointer(dispatch)
    unsafe context?.pointee = OSSL_PROVIDER_get0_provider_ctx(ReducedProvider.whole)
    return 1
}

/// What the provider answers OpenSSL's core with; written once, never freed.
nonisolated(unsafe) private let dispatch: UnsafeMutablePointer<OSSL_DISPATCH> = {
    typealias Function = @convention(c) () -> Void
    let entries = unsafe [
        OSSL_DISPATCH(
            function_id: OSSL_FUNC_PROVIDER_QUERY_OPERATION,
            function: unsafeBitCast(
                queryOperation
                    as @convention(c) (
                        UnsafeMutableRawPointer?, Int32, UnsafeMutablePointer<Int32>?
                    ) -> UnsafePointer<OSSL_ALGORITHM>?, to: Function.self)),
        OSSL_DISPATCH(
            function_id: OSSL_FUNC_PROVIDER_GET_CAPABILITIES,
            function: unsafeBitCast(
                getCapabilities
                    as @convention(c) (
                        UnsafeMutableRawPointer?, UnsafePointer<CChar>?,
                        (
                            @convention(c) (UnsafePointer<OSSL_PARAM>?, UnsafeMutableRawPointer?) ->
                                Int32
                        )?,
                        UnsafeMutableRawPointer?
                    ) -> Int32, to: Function.self)),
        OSSL_DISPATCH(),
    ]
    let table = UnsafeMutablePointer<OSSL_DISPATCH>.allocate(capacity: entries.count)
    unsafe table.initialize(from: entries, count: entries.count)
    return unsafe table
}()

private func queryOperation(
    _: UnsafeMutableRawPointer?, _ operation: Int32, _ isVolatile: UnsafeMutablePointer<Int32>?
) -> UnsafePointer<OSSL_ALGORITHM>? {
    unsafe isVolatile?.pointee = 0
    switch operation {
    case OSSL_OP_DECODER: return unsafe UnsafePointer(ReducedProvider.decoders)
    case OSSL_OP_KEYMGMT: return unsafe UnsafePointer(ReducedProvider.keys)
    default:
        return unsafe OSSL_PROVIDER_query_operation(ReducedProvider.whole, operation, isVolatile)
    }
}

/// The default provider lists which groups TLS can use.
private func getCapabilities(
    _: UnsafeMutableRawPointer?, _ capability: UnsafePointer<CChar>?,
    _ take: (@convention(c) (UnsafePointer<OSSL_PARAM>?, UnsafeMutableRawPointer?) -> Int32)?,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe OSSL_PROVIDER_get_capabilities(ReducedProvider.whole, capability, take, argument)
}
