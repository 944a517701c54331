extension ProbeStatus: EnumValues {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .ok: "TLS was negotiated by STARTTLS (RFC 3207 §4)."
        case .junkName: "The MX name cannot be a host, so nothing was asked (RFC 5321 §5.1)."
        case .notContacted: "Special-use addresses only (RFC 6890 §2.2.2)."
        case .blocked: "Excluded by the blocklist, by name or address: not contacted."
        case .notProbed: "Not tried: another address answered, its turn did not come, or unasked."
        case .dnsNXDomain, .dnsNoData, .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError:
            dnsMeaning
        case .tcpRefused: "The connection was refused (RFC 9293 §3.10.7)."
        case .tcpTimeout: "The connection was not made in time (RFC 5321 §4.5.3.2)."
        case .tcpReset: "The connection was reset before a greeting (RFC 9293 §3.10.7)."
        case .tcpUnreachable: "The network or the host cannot be reached (RFC 1122 §3.2.2.1)."
        case .greetingTimeout, .greetingClosed, .greeting4xx, .greeting5xx, .notSMTP,
            .ehloRejected, .ehloTimeout, .ehloClosed:
            dialogueMeaning
        case .starttlsNotOffered, .starttlsStripped, .starttls4xx, .starttls5xx,
            .starttlsTimeout, .starttlsClosed, .tlsAlert, .tlsTimeout, .tlsClosed, .tlsProtocol:
            startTLSMeaning
        }
    }

    private var dnsMeaning: String {
        switch self {
        case .dnsNXDomain: "The host's name does not exist (RFC 2308 §2.1)."
        case .dnsNoData: "The host has neither A nor AAAA (RFC 5321 §5.1)."
        case .dnsServfail: "SERVFAIL for the host's addresses (RFC 1035 §4.1.1)."
        case .dnsRefused: "REFUSED for the host's addresses (RFC 1035 §4.1.1)."
        case .dnsTimeout: "No answer in time for the host's addresses."
        default: "The host's address lookups failed otherwise (RFC 1035 §4.1.1)."
        }
    }

    private var dialogueMeaning: String {
        switch self {
        case .greetingTimeout: "No whole greeting in time (RFC 5321 §4.5.3.2.1)."
        case .greetingClosed: "The peer closed without a greeting (RFC 5321 §3.1)."
        case .greeting4xx: "A 4xx greeting: not now, or not for us (RFC 5321 §4.2.1)."
        case .greeting5xx: "A 5xx greeting: no service, or not for us (RFC 5321 §3.1)."
        case .notSMTP: "Octets that are no SMTP reply, or too many (RFC 5321 §4.2)."
        case .ehloRejected: "EHLO was rejected, so no extension is known (RFC 5321 §4.1.4)."
        case .ehloTimeout: "No whole reply to EHLO in time (RFC 5321 §4.5.3.2)."
        default: "The peer closed in place of a reply to EHLO (RFC 5321 §3.8)."
        }
    }

    private var startTLSMeaning: String {
        switch self {
        case .starttlsNotOffered: "The EHLO reply does not offer STARTTLS (RFC 3207 §2)."
        case .starttlsStripped: "The offer is overwritten with X on the way (RFC 3207 §6)."
        case .starttls4xx: "STARTTLS was put off by a 4xx reply (RFC 3207 §4)."
        case .starttls5xx: "STARTTLS was offered and refused by a 5xx reply (RFC 3207 §4)."
        case .starttlsTimeout: "No whole reply to STARTTLS in time (RFC 5321 §4.5.3.2)."
        case .starttlsClosed: "The peer closed in place of a reply to STARTTLS (RFC 3207 §4)."
        case .tlsAlert: "The peer ended the handshake with an alert (RFC 8446 §6.2)."
        case .tlsTimeout: "The handshake did not end in time."
        case .tlsClosed: "The peer closed during the handshake (RFC 8446 §6.1)."
        default: "No common version or cipher, or octets that are not TLS (RFC 8446 §6.2)."
        }
    }
}
