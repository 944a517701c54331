public import Judgement
public import Observations
public import Records

/// What is counted of a host record.
public struct HostFacts: Sendable {
    /// The host as MX records have it.
    public var host: String
    /// How the probe ended.
    public var status: ProbeStatus
    /// What DANE says of the host.
    public var dane: HostDANEStatus
    /// The status of the certificate; nil where none was shown.
    public var certificate: CertificateStatus?
    /// Every error of the certificate.
    public var certificateErrors: [CertificateStatus]
    /// The protocol version agreed on.
    public var tlsVersion: String?
    /// Whether REQUIRETLS is offered inside TLS; nil where nothing was offered there.
    public var offersREQUIRETLS: Bool?
    /// The targets of the CNAMEs from the host to its addresses, in order.
    public var cnames: [String]
    /// Its addresses, of both families.
    public var addresses: [String]
    /// Where they are; nil where that is not recorded.
    public var networks: [AddressNetwork]?

    /// Facts of a host.
    public init(
        host: String, status: ProbeStatus, dane: HostDANEStatus,
        certificate: CertificateStatus? = nil, certificateErrors: [CertificateStatus] = [],
        tlsVersion: String? = nil, cnames: [String] = [], addresses: [String] = []
    ) {
        self.host = host
        self.status = status
        self.dane = dane
        self.certificate = certificate
        self.certificateErrors = certificateErrors
        self.tlsVersion = tlsVersion
        self.cnames = cnames
        self.addresses = addresses
    }
}
