extension HostObservation {
    /// The same host without what only its own record needs: texts, names of the certificate's
    /// parties, every session but the one that counts.
    ///
    /// What judging needs stays, so that a host shared by many domains can be kept in memory for
    /// the whole scan.
    public var forJudging: HostObservation {
        HostObservation(
            name: name, addresses: addresses, tlsa: tlsa, tlsaBase: tlsaBase, status: status,
            sessions: session.map { [$0.forJudging] } ?? [], observedAt: observedAt,
            durationMS: durationMS, rounds: rounds, number: number)
    }
}

extension SessionObservation {
    fileprivate var forJudging: SessionObservation {
        var session = SessionObservation(address: address, status: status)
        session.tls = tls
        // Without a dNSName, senders that are not strict look at the subject's CN.
        if session.tls?.certificate?.names.isEmpty == false {
            session.tls?.certificate?.subject = ""
        }
        session.tls?.certificate?.issuer = ""
        session.tls?.certificate?.sha256 = ""
        session.tls?.certificate?.spkiSHA256 = ""
        return session
    }
}
