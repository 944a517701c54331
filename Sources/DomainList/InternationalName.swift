internal import CIdn2
internal import DNS

/// Converts names with U-labels to A-labels (RFC 5891 §5, with the mapping of UTS #46).
enum InternationalName {
    /// The name in ASCII; its form is still to be checked.
    static func ascii(_ name: String) throws(InvalidName) -> String {
        var output: UnsafeMutablePointer<UInt8>?
        defer { unsafe idn2_free(output) }
        let flags = Int32(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        let status = unsafe name.withCString(encodedAs: UTF8.self) {
            unsafe idn2_lookup_u8($0, &output, flags)
        }
        guard status == Int32(IDN2_OK.rawValue), let output = unsafe output else {
            throw fault(status, of: name)
        }
        return unsafe String(cString: output)
    }

    private static func fault(_ status: Int32, of name: String) -> InvalidName {
        let reason: InvalidName.Reason =
            switch status {
            // What does not fit the encoder's output is longer than a label.
            case Int32(IDN2_TOO_BIG_LABEL.rawValue), Int32(IDN2_PUNYCODE_BIG_OUTPUT.rawValue):
                .labelTooLong
            case Int32(IDN2_TOO_BIG_DOMAIN.rawValue): .nameTooLong
            default: .idna
            }
        let words = unsafe idn2_strerror(status).map { unsafe String(cString: $0) }
        return InvalidName(
            reason, "\(NameFault.quoted(name)): \(words ?? "libidn2 error \(status)")")
    }
}
