public import DNS

/// Reads a domain name as people write it into its canonical form.
public enum NameReader {
    /// The canonical form of `text`, or why it has none.
    ///
    /// Lower case and A-labels, no trailing dot. `xn--` labels pass as they are, in lower case.
    public static func name(from text: String) throws(InvalidName) -> DomainName {
        try name(from: text.utf8.span, text: text)
    }

    /// The canonical form of the bytes; `text`, where given, is what they say.
    static func name(from bytes: Span<UInt8>, text: String?) throws(InvalidName) -> DomainName {
        guard let form = ASCIIName(bytes) else { return try unusualName(from: bytes) }
        if let text, !form.hasUpperCase, form.count == bytes.count {
            return DomainName(canonical: text)
        }
        return DomainName(canonical: canonical(bytes, form))
    }

    private static func canonical(_ bytes: Span<UInt8>, _ form: ASCIIName) -> String {
        unsafe String(unsafeUninitializedCapacity: form.count) { buffer in
            for index in 0..<form.count { unsafe buffer[index] = lowerCase(bytes[index]) }
            return form.count
        }
    }

    private static func unusualName(from bytes: Span<UInt8>) throws(InvalidName) -> DomainName {
        let text = string(bytes)
        guard (try? UTF8Span(validating: bytes)) != nil else {
            throw InvalidName(.notUTF8, "\(NameFault.quoted(text)) is not UTF-8")
        }
        if let fault = NameFault.notADomain(text) { throw fault }
        if text.utf8.allSatisfy({ $0 < 0x80 }) { throw NameFault.first(of: text) }
        // libidn2 takes a C string.
        if text.utf8.contains(0) {
            throw InvalidName(.badCharacter, "\(NameFault.quoted(text)) has a NUL in it")
        }
        let ascii = try InternationalName.ascii(text)
        guard let form = ASCIIName(ascii.utf8.span) else {
            throw NameFault.notADomain(ascii) ?? NameFault.first(of: ascii)
        }
        return DomainName(canonical: canonical(ascii.utf8.span, form))
    }
}

/// A letter in lower case, any other byte as it is.
@inline(__always)
func lowerCase(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
}

/// The bytes as text, what is not UTF-8 repaired.
func string(_ bytes: Span<UInt8>) -> String {
    unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
}
