internal import COpenSSL

/// OpenSSL's own algorithms, all but the decoders of keys in forms that no peer sends.
///
/// For the key of every certificate it reads, OpenSSL 3.0 gathers the decoders of all forms (PEM,
/// PKCS#8, encrypted, each for each algorithm) and every way to chain them: a seventh of the
/// instructions of a handshake. A certificate has its key as DER SubjectPublicKeyInfo (RFC 5280
/// §4.1.2.7), and the survey reads no others. So OpenSSL gets a provider that hands out the
/// default one's algorithms, less those decoders; whoever uses OpenSSL in this process profits,
/// libcurl too.
///
/// Where the system's configuration activates the default provider by name both are there, and
/// nothing is won.
enum TrimmedProvider {
    /// Loads it, once; to be asked before anything else is asked of OpenSSL.
    static let isLoaded = load()

    /// The default provider, in a library context of its own; loaded once, never freed.
    nonisolated(unsafe) fileprivate static let whole = OSSL_LIB_CTX_new().flatMap {
        OSSL_PROVIDER_load($0, "default")
    }

    /// The decoders that are kept, up to an empty entry; written once, never freed.
    nonisolated(unsafe) fileprivate static let decoders = keptDecoders()

    private static func load() -> Bool {
        guard whole != nil, OSSL_PROVIDER_add_builtin(nil, "stsurvey", initialize) == 1 else {
            return false
        }
        return OSSL_PROVIDER_load(nil, "stsurvey") != nil
    }

    private static func keptDecoders() -> UnsafeMutablePointer<OSSL_ALGORITHM> {
        var kept: [OSSL_ALGORITHM] = []
        var isVolatile: Int32 = 0
        var next = OSSL_PROVIDER_query_operation(whole, OSSL_OP_DECODER, &isVolatile)
        while let algorithm = next?.pointee, algorithm.algorithm_names != nil {
            let form = String(cString: algorithm.property_definition)
            if form.contains("input=der"), form.contains("structure=SubjectPublicKeyInfo") {
                kept.append(algorithm)
            }
            next = next?.advanced(by: 1)
        }
        kept.append(OSSL_ALGORITHM())
        let table = UnsafeMutablePointer<OSSL_ALGORITHM>.allocate(capacity: kept.count)
        table.initialize(from: kept, count: kept.count)
        return table
    }
}

/// The provider's entry point: its algorithms run in the context of the default provider.
private func initialize(
    _: OpaquePointer?, _: UnsafePointer<OSSL_DISPATCH>?,
    _ functions: UnsafeMutablePointer<UnsafePointer<OSSL_DISPATCH>?>?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    functions?.pointee = UnsafePointer(dispatch)
    context?.pointee = OSSL_PROVIDER_get0_provider_ctx(TrimmedProvider.whole)
    return 1
}

/// What the provider answers OpenSSL's core with; written once, never freed.
nonisolated(unsafe) private let dispatch: UnsafeMutablePointer<OSSL_DISPATCH> = {
    typealias Function = @convention(c) () -> Void
    let entries = [
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
    table.initialize(from: entries, count: entries.count)
    return table
}()

private func queryOperation(
    _: UnsafeMutableRawPointer?, _ operation: Int32, _ isVolatile: UnsafeMutablePointer<Int32>?
) -> UnsafePointer<OSSL_ALGORITHM>? {
    guard operation == OSSL_OP_DECODER else {
        return OSSL_PROVIDER_query_operation(TrimmedProvider.whole, operation, isVolatile)
    }
    isVolatile?.pointee = 0
    return UnsafePointer(TrimmedProvider.decoders)
}

/// The default provider tells which groups TLS can use.
private func getCapabilities(
    _: UnsafeMutableRawPointer?, _ capability: UnsafePointer<CChar>?,
    _ take: (@convention(c) (UnsafePointer<OSSL_PARAM>?, UnsafeMutableRawPointer?) -> Int32)?,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    OSSL_PROVIDER_get_capabilities(TrimmedProvider.whole, capability, take, argument)
}
