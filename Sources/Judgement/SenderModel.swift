internal import DNS
internal import MTASTS
internal import Observations

/// How a sender reads the policies of MTA-STS.
public enum SenderModel: String, CaseIterable, Sendable {
    /// As RFC 8461 has it: the patterns name MX hosts, whose certificates name the hosts.
    case rfc
    /// As Postfix does with postfix-mta-sts-resolver or postfix-tlspol: the patterns are the names
    /// that a certificate may have, a wildcard covers any depth, and the name of the MX host is
    /// compared with nothing.
    ///
    /// DANE that is in force decides as it does by the RFC.
    case postfix
}

extension HostJudgement {
    /// The outcome of mail to the host from a sender of this model.
    func outcome(by senderModel: SenderModel) -> HostOutcome {
        senderModel == .rfc ? outcome : postfixOutcome
    }

    /// Whether the host is what the policy asks for, as a sender of this model reads it.
    func meetsPolicy(by senderModel: SenderModel) -> Bool {
        senderModel == .rfc ? meetsPolicy : meetsPostfixPolicy
    }

    /// The outcome for Postfix, which knows nothing of a host that it cannot reach.
    func outcomeByPostfix(isEnforced: Bool) -> HostOutcome {
        guard status.isReached else { return .unreached }
        guard isEnforced else { return .opportunistic }
        return meetsPostfixPolicy ? .protectedSTS : .refused
    }
}

extension ProbeStatus {
    /// Whether Postfix has TLS with the host: it takes any 2xx to STARTTLS.
    var isTLSForPostfix: Bool { self == .ok || self == .starttls2xx }
}

extension PolicyMatcher {
    /// Whether Postfix delivers to a host with this certificate.
    ///
    /// Its OpenSSL compares names only, after the chain was verified; a name of the host that is
    /// not in the certificate is no error there.
    func isMetInPostfix(by certificate: CertificateObservation?) -> Bool {
        guard let certificate,
            certificate.errors.allSatisfy({ $0 == .nameMismatch || $0 == .cnOnly })
        else { return false }
        return certificate.presentedNames.contains(where: allowsInPostfix)
    }

    /// Whether a pattern, handed to OpenSSL as a host to check, accepts a name of a certificate.
    private func allowsInPostfix(_ presented: String) -> Bool {
        let name = DomainName(canonical: inLowerCase(presented))
        if allowsLiterally(name) { return true }
        // A wildcard is passed on as a leading dot, which matches one label or more.
        var parent = name.parent
        while let suffix = parent, !suffix.isRoot {
            if hasWildcard(under: suffix) { return true }
            parent = suffix.parent
        }
        return false
    }
}
