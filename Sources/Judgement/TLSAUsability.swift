public import DNS

extension TLSARecord {
    /// Whether a sender can hold a certificate chain against the record (RFC 7672 §3.1).
    public var isUsable: Bool {
        // RFC 7672 §3.1.3: PKIX-TA and PKIX-EE are not for SMTP and count as unusable.
        guard usage == 2 || usage == 3, selector <= 1 else { return false }
        switch matchingType {
        case 0: return !data.isEmpty
        case 1: return data.count == 32
        case 2: return data.count == 64
        default: return false
        }
    }
}

extension Lookup {
    /// The TLSA records that a sender can use.
    public var usableTLSA: [TLSARecord] {
        records.compactMap {
            if case .tlsa(let record) = $0, record.isUsable { record } else { nil }
        }
    }
}
