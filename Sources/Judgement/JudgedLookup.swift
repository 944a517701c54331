public import DNS

/// A vocabulary that begins where a lookup ends without records.
protocol JudgedLookup {
    static var absent: Self { get }
    static var servfail: Self { get }
    static var refused: Self { get }
    static var timeout: Self { get }
    static var unreachable: Self { get }
    static var dnsError: Self { get }
}

extension JudgedLookup {
    /// The value for a lookup without records; nil where there are some.
    init?(withoutRecords status: LookupStatus) {
        switch status {
        case .found: return nil
        case .nodata, .nxdomain: self = .absent
        case .servfail: self = .servfail
        case .refused: self = .refused
        case .timeout: self = .timeout
        case .unreachable: self = .unreachable
        case .rcode, .malformed, .aliasLoop: self = .dnsError
        }
    }
}

extension Lookup {
    /// The TXT records, each as its character-strings.
    public var texts: [[[UInt8]]] {
        records.compactMap { if case .txt(let strings) = $0 { strings } else { nil } }
    }
}
