internal import COpenSSL

/// A running SHA-256.
@safe public final class SHA256Digest {
    private let context: OpaquePointer
    /// OpenSSL's SHA-256, looked up once; never freed.
    nonisolated(unsafe) static let method = unsafe fetch()

    private static func fetch() -> OpaquePointer? {
        TLSLibrary.prepare()
        return unsafe EVP_MD_fetch(nil, "SHA256", nil)
    }

    /// The digest of nothing yet.
    public init() {
        guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        unsafe self.context = context
        unsafe EVP_DigestInit_ex(context, Self.method, nil)
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// The digest of the bytes so far, lower-case hex; more can be added after.
    public func current() -> String {
        guard let copy = unsafe EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer { unsafe EVP_MD_CTX_free(copy) }
        unsafe EVP_MD_CTX_copy_ex(copy, context)
        var digest = [UInt8](repeating: 0, count: 32)
        unsafe EVP_DigestFinal_ex(copy, &digest, nil)
        return hexadecimal(digest)
    }

    /// The digest of `bytes`, lower-case hex.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> String {
        unsafe hexadecimal(octets(of: bytes))
    }

    /// The 32 octets of the digest of `bytes`.
    public static func octets(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        unsafe EVP_Digest(bytes.baseAddress, bytes.count, &digest, nil, method, nil)
        return digest
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { text in
        for (index, byte) in bytes.enumerated() {
            unsafe text[index * 2] = hexadecimalDigit(byte >> 4)
            unsafe text[index * 2 + 1] = hexadecimalDigit(byte & 15)
        }
        return bytes.count * 2
    }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
}
