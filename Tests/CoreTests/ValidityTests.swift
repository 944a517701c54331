import DNS
import Judgement
import Observations
import Testing

/// Days that are left are judged by the lifetime that they are left of.
@Suite struct ValidityTests {
    private static let now: Int64 = 1_795_467_600

    /// The findings about a host whose certificate has so many days left of a lifetime.
    private func findings(
        days: Int64, of lifetime: Int64, errors: [CertificateError] = [], isEnforced: Bool = true
    ) -> [SurveyFinding] {
        let seen = host(errors: errors)
        var session = seen.sessions[0]
        let end = Self.now + days * 86400
        session.tls?.certificate?.notBefore = end - lifetime * 86400 + 1
        session.tls?.certificate?.notAfter = end
        let dated = HostObservation(
            name: seen.name, addresses: seen.addresses, tlsa: nil, tlsaBase: nil,
            status: .ok, sessions: [session], observedAt: Self.now, durationMS: 1)
        let scene = isEnforced ? Scene(dated).policy("enforce", "mx.example.com") : Scene(dated)
        return scene.judged().findings.filter { $0.code == "expires_soon" }
    }

    @Test(
        arguments: [
            (3, 6, false), (8, 90, true), (9, 90, false), (3, 90, true), (4, 47, true),
            (5, 47, false),
            (19, 200, true), (20, 200, false), (39, 398, true),
        ] as [(Int64, Int64, Bool)])
    func lessThanATenthIsSoon(days: Int64, lifetime: Int64, isSoon: Bool) {
        #expect(findings(days: days, of: lifetime).count == (isSoon ? 1 : 0))
    }

    @Test func onlyAGoodCertificateEndsSoon() {
        #expect(findings(days: -1, of: 90, errors: [.expired]).isEmpty)
        #expect(findings(days: 3, of: 90, errors: [.nameMismatch]).isEmpty)
        #expect(findings(days: 3, of: 90).first?.severity == .warning)
        #expect(findings(days: 3, of: 90, isEnforced: false).first?.severity == .note)
    }

    @Test func bothEndsAreValid() {
        let period = ValidityPeriod(from: 0, through: 86399)
        #expect(period.lifetimeDays == 1)
        #expect(period.percentLeft(at: 0) == 100 && period.percentLeft(at: 86399) == 0)
        #expect(period.percentLeft(at: -1) == nil && period.percentLeft(at: 86400) == nil)
        #expect(period.daysLeft(at: 86400) == -1 && period.daysLeft(at: 86399) == 0)
    }
}
