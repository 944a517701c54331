/// What asks senders to authenticate a host, or the hosts of a domain.
public enum Obligation: String, CaseIterable, Sendable {
    case enforce
    case testing
    case dane
    case none

    /// The circumstance, for people.
    public var label: String {
        switch self {
        case .enforce: "with a policy in mode enforce"
        case .testing: "with a policy in mode testing"
        case .dane: "with TLSA records in force (DANE)"
        case .none: "without a policy in force"
        }
    }
}

/// What a finding means for mail.
public enum Effect: String, CaseIterable, Sendable {
    /// It changes nothing for mail.
    case nothing
    /// The domain has never asked for protection.
    case neverProtected = "never_protected"
    /// The domain asks for MTA-STS, and senders find no policy.
    case noPolicy = "no_policy"
    /// It is not known whether there is a record or policy.
    case policyUnknown = "policy_unknown"
    /// The policy does not allow a host.
    case hostForbidden = "host_forbidden"
    /// A host has no TLS.
    case hostWithoutTLS = "host_without_tls"
    /// A host has TLS with a certificate that does not verify.
    case hostUnverified = "host_unverified"
    /// A host's certificate ends soon.
    case certificateEnds = "certificate_ends"
    /// A host does not take mail now.
    case hostUnreached = "host_unreached"
    /// A host does not exist, or has no address.
    case hostMissing = "host_missing"
    /// The host did not talk to this client.
    case hostUnknown = "host_unknown"
    /// A host fails, and others take the mail.
    case hostSkipped = "host_skipped"
    /// TLSA lookups fail.
    case deliveryWaits = "delivery_waits"
    /// TLSA is there, and none of it can be used.
    case encryptedOnly = "encrypted_only"
    /// No mail can be delivered.
    case noMail = "no_mail"
    /// It is not known where mail goes.
    case mailUnknown = "mail_unknown"
    /// No reports are sent.
    case noReports = "no_reports"
    /// It is not known whether reports are sent.
    case reportsUnknown = "reports_unknown"
    /// Senders differ in what they read as the policy.
    case sendersDiffer = "senders_differ"
    /// Senders differ in whether they deliver to a host.
    case sendersDifferOnHost = "senders_differ_on_host"
    /// Senders differ in whether the domain takes mail.
    case sendersMayReturn = "senders_may_return"
    /// Protection ends soon after the policy cannot be fetched.
    case shortProtection = "short_protection"

    /// What follows for mail under an obligation; nil where nothing does.
    public func consequence(under obligation: Obligation) -> Template? {
        switch self {
        case .nothing: nil
        case .neverProtected, .noPolicy, .policyUnknown: ofPolicy(obligation)
        case .hostForbidden, .hostWithoutTLS, .hostUnverified: ofHost(obligation)
        case .certificateEnds: ofCertificateEnd(obligation)
        case .hostUnreached:
            "Senders that meet the same fault keep their mail for {host} and try again later."
        case .hostMissing:
            "No sender can deliver to {host}. Where no other host takes the mail, it is returned."
        case .hostUnknown:
            "Other senders may be treated differently. Nothing is known about TLS at this host."
        case .hostSkipped: "Mail still arrives, protected, by way of the other hosts."
        case .deliveryWaits:
            """
            Senders that honour DANE keep their mail for {host} and try again, because a failed \
            lookup may hide a TLSA record. After some days they return it.
            """
        case .encryptedOnly:
            """
            Senders that honour DANE insist on TLS but cannot check which server they talk to, so \
            an attacker in the path can read the mail.
            """
        case .noMail: "Mail for {domain} cannot be delivered and is returned to its sender."
        case .mailUnknown: "Senders that get the same answer keep the mail and try again later."
        case .noReports: "Senders send no reports on TLS, so failures of delivery go unnoticed."
        case .reportsUnknown: "Senders that get the same answer send no reports on TLS."
        case .sendersDiffer:
            """
            Senders differ here: with some, mail is protected; others find no valid policy or do \
            not deliver.
            """
        case .sendersDifferOnHost: "Some senders accept this, others do not deliver to {host}."
        case .sendersMayReturn:
            """
            Some senders deliver to the other hosts, others return the mail because of the null \
            MX.
            """
        case .shortProtection:
            """
            Senders forget the policy soon after they last saw it. An attacker who keeps them from \
            fetching it that long gets mail without protection.
            """
        }
    }

    private func ofPolicy(_ obligation: Obligation) -> Template? {
        switch (self, obligation) {
        case (_, .dane):
            """
            Senders that honour DANE are not affected. Senders that know only MTA-STS do not check \
            which server they deliver to.
            """
        case (.neverProtected, _):
            """
            Senders use TLS where it is offered, but they do not check which server they talk \
            to: an attacker in the path can read the mail.
            """
        case (.policyUnknown, _):
            """
            Senders that get the same answer act as if there were no policy, unless they have an \
            earlier one in their cache.
            """
        default:
            """
            Senders find no valid policy, so they deliver mail for {domain} without checking \
            which server they talk to. Senders that have an earlier policy in their cache keep to \
            that one until it expires.
            """
        }
    }

    private func ofCertificateEnd(_ obligation: Obligation) -> Template? {
        switch obligation {
        case .enforce:
            "From then on senders that honour MTA-STS do not deliver to {host}."
        case .testing:
            "From then on mode enforce would keep senders from delivering to {host}."
        case .dane:
            """
            Senders that honour DANE look at the date where a TLSA record names an authority, and \
            not where it names the host's own key.
            """
        case .none: "Nothing changes for mail, since nothing asks senders to check it."
        }
    }

    private func ofHost(_ obligation: Obligation) -> Template? {
        switch (obligation, self) {
        case (.enforce, _): "Senders that honour MTA-STS do not deliver to {host}."
        case (.testing, _):
            """
            The policy is in mode testing, so mail still arrives. In mode enforce, senders that \
            honour MTA-STS would not deliver to {host}.
            """
        case (.dane, .hostForbidden): nil
        case (.dane, _): "Senders that honour DANE do not deliver to {host}."
        case (.none, .hostWithoutTLS): "Mail to {host} crosses the Internet in clear text."
        case (.none, .hostForbidden): nil
        case (.none, _):
            """
            Mail still arrives, because neither an enforced policy nor a TLSA record asks senders \
            to check the certificate. With a policy in mode enforce, they would not deliver.
            """
        }
    }
}

/// What follows for mail, and under which obligation.
public struct Consequence: Sendable {
    /// What asks senders to authenticate hosts; nil where it does not matter.
    public let obligation: Obligation?
    /// What follows.
    public let text: Template
}

extension Explanation {
    /// What follows for mail under each obligation; one where all have the same.
    public var consequences: [Consequence] {
        let all = Obligation.allCases.compactMap { obligation in
            effect.consequence(under: obligation).map {
                Consequence(obligation: obligation, text: $0)
            }
        }
        guard let first = all.first, all.count == Obligation.allCases.count,
            all.allSatisfy({ $0.text == first.text })
        else { return all }
        return [Consequence(obligation: nil, text: first.text)]
    }
}
