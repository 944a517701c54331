public import Judgement
public import Observations
public import Records

/// What is counted of a host record.
public struct HostFacts: Sendable {
    /// The certificate that a host showed in the session that counts.
    public struct Certificate: Hashable, Sendable {
        /// The organization of the CA that issued it; nil where the issuer's name has none.
        public var organization: String?
        /// The issuer's name, RFC 2253 form.
        public var issuer: String
        /// Such as `EC` and `RSA`.
        public var keyType: String
        /// The size of its key in bits.
        public var keyBits: Int
        /// The time in which it is valid.
        public var validity: ValidityPeriod

        /// A certificate.
        public init(
            organization: String?, issuer: String, keyType: String, keyBits: Int,
            validity: ValidityPeriod
        ) {
            self.organization = organization
            self.issuer = issuer
            self.keyType = keyType
            self.keyBits = keyBits
            self.validity = validity
        }
    }

    /// The host as MX records have it.
    public var host: String
    /// The number of the observation, by which domain records refer to it.
    public var observation = 0
    /// How the probe ended.
    public var status: ProbeStatus
    /// What DANE says of the host.
    public var dane: HostDANEStatus
    /// Why its TLSA records are not met; nil where they are, and where that is not known.
    public var daneFailure: DANEFailure?
    /// The status of the certificate; nil where none was shown.
    public var certificate: CertificateStatus?
    /// Every error of the certificate.
    public var certificateErrors: [CertificateStatus]
    /// The certificate itself; nil where none was shown.
    public var shown: Certificate?
    /// When the probe began, seconds since 1970.
    public var observedAt: Int64 = 0
    /// The protocol version that the server chose.
    public var tlsVersion: String?
    /// The key exchange group agreed on.
    public var tlsGroup: String?
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
