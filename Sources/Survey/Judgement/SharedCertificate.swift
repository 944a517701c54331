public import DNS

extension CertificateObservation {
    /// Whether a dNSName stands for the host (RFC 6125 §6.4).
    ///
    /// What is wrong with the chain is then wrong for it, too, and nothing else is.
    public func isFor(_ host: DomainName) -> Bool { certificateNames(names, match: host) }
}
