/// How a conversation up to TLS ended, as far as SMTP knows.
public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// TLS was established.
    case ok
    case greetingTimeout = "greeting_timeout"
    /// The peer closed the connection without a greeting.
    case greetingClosed = "greeting_closed"
    case greeting4xx = "greeting_4xx"
    case greeting5xx = "greeting_5xx"
    /// Bytes that are no SMTP reply, a reply that does not belong there, or too much of it.
    case notSMTP = "not_smtp"
    case ehloRejected = "ehlo_rejected"
    case ehloTimeout = "ehlo_timeout"
    case ehloClosed = "ehlo_closed"
    case starttlsNotOffered = "starttls_not_offered"
    /// STARTTLS is missing and a keyword was overwritten with X.
    case starttlsStripped = "starttls_stripped"
    case starttls4xx = "starttls_4xx"
    case starttls5xx = "starttls_5xx"
    case starttlsTimeout = "starttls_timeout"
    case starttlsClosed = "starttls_closed"
}

/// What the owner of the connection does next.
public enum Action: Hashable, Sendable {
    /// Write these bytes, then read.
    case send([UInt8])
    /// Begin the TLS handshake; then call `tlsEstablished`, or end the connection.
    case startTLS
    /// Read.
    case wait
    /// Close the connection.
    case finish(Outcome)
}
