internal import COpenSSL

/// A running SHA-256.
public final class SHA256Digest {
    private let context: OpaquePointer

    /// The digest of nothing yet.
    public init() {
        _ = TrimmedProvider.isLoaded
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        self.context = context
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// The digest of the bytes so far, lower-case hex; more can be added after.
    public func current() -> String {
        guard let copy = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_MD_CTX_free(copy) }
        EVP_MD_CTX_copy_ex(copy, context)
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(copy, &digest, nil)
        return hexadecimal(digest)
    }

    /// The digest of `bytes`, lower-case hex.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> String {
        _ = TrimmedProvider.isLoaded
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_Digest(bytes.baseAddress, bytes.count, &digest, nil, EVP_sha256(), nil)
        return hexadecimal(digest)
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
