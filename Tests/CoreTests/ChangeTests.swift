import Changes
internal import Judgement
import MTASTS
import Observations
import Testing

private let day: Int64 = 86400
private let twoWeeks = 1_209_600

/// A domain with a valid record and a policy that protects it.
private func state(_ edit: (inout DomainState) -> Void = { _ in }) -> DomainState {
    var state = DomainState(scannedAt: 1_800_000_000, record: .valid, verdict: .protectedSTS)
    state.id = "1"
    state.policy = .valid
    state.terms = DomainState.Terms(mode: .enforce, maxAge: twoWeeks, patterns: 1)
    state.isWhollyMatched = true
    state.mxProviders = "mail.example"
    state.policyProvider = ""
    edit(&state)
    return state
}

/// The same some days later, but for what was edited.
private func later(days: Int64 = 1, _ edit: (inout DomainState) -> Void = { _ in }) -> DomainState {
    var state = state()
    state.scannedAt += days * day
    edit(&state)
    return state
}

private let plain = DomainState(scannedAt: 1_800_000_000, record: .absent, verdict: .opportunistic)

private func plainLater(days: Int64 = 1, _ record: DomainState.RecordState = .absent) -> DomainState
{
    DomainState(scannedAt: 1_800_000_000 + days * day, record: record, verdict: .opportunistic)
}

private func lose(_ policy: DomainState.PolicyState) -> (inout DomainState) -> Void {
    {
        $0.policy = policy
        $0.terms = nil
        $0.isWhollyMatched = nil
        $0.verdict = .opportunistic
    }
}

private func set(_ mode: Mode, maxAge: Int = twoWeeks) -> (inout DomainState) -> Void {
    {
        $0.terms = DomainState.Terms(mode: mode, maxAge: maxAge, patterns: 1)
        $0.verdict =
            mode == .enforce ? .protectedSTS : mode == .testing ? .testingOK : .opportunistic
    }
}

private func expect(
    _ old: DomainState?, _ new: DomainState?, _ changes: [Change],
    _ location: SourceLocation = #_sourceLocation
) {
    #expect(Change.all(from: old, to: new) == changes, sourceLocation: location)
}

@Suite struct `what has changed between two scans` {
    @Test func `of the record`() {
        expect(state(), later(), [])
        expect(plain, plainLater(), [])
        expect(plain, later(), [.adopted])
        expect(plain, later { lose(.gone)(&$0) }, [.adopted, .recordBeforePolicy])
        expect(plain, later { lose(.failing)(&$0) }, [.adopted, .recordBeforePolicy])
        expect(plain, later { lose(.unknown)(&$0) }, [.adopted])  // it may well be served
        expect(state(), plainLater(days: 20), [.dropped])  // nobody remembers the policy
        expect(state(), plainLater(days: 1), [.dropped, .vanishedWithinMaxAge])
        expect(state(set(.none)), plainLater(days: 1), [.dropped, .removedEarly])
        expect(state(set(.none)), plainLater(days: 20), [.dropped])
        // RFC 8461 §3.1: behind a record that is not valid no sender had the policy.
        expect(state { $0.record = .invalid }, plainLater(days: 1), [.dropped])
        expect(
            state(),
            later {
                $0.record = .invalid
                $0.id = nil
                $0.verdict = .opportunistic
            }, [.recordBroken, .broken])
        expect(
            state {
                $0.record = .invalid
                $0.id = nil
                $0.verdict = .opportunistic
            }, later(), [.recordMended, .mended])
    }

    @Test func `what was not known has neither come nor gone`() {
        expect(state(), plainLater(.unknown), [.recordUnknownNow])
        expect(plainLater(days: 0, .unknown), later(), [.recordUnknownBefore])
        expect(plain, plainLater(.unknown), [])
        expect(plainLater(days: 0, .unknown), plainLater(.unknown), [])
        expect(state(), later { lose(.unknown)(&$0) }, [.policyUnknownNow])
        expect(state { lose(.unknown)(&$0) }, later(), [.policyUnknownBefore])
        expect(state(), later { $0.verdict = .unknown }, [])  // its hosts were not reached
        expect(state(), later { $0.mxProviders = nil }, [])
        expect(state(), later { $0.policyProvider = nil }, [])
    }

    @Test func `of the policy`() {
        expect(state(), later(days: 20, lose(.gone)), [.policyWithdrawn, .broken])
        expect(
            state(), later(lose(.gone)), [.policyWithdrawn, .vanishedWithinMaxAge, .broken])
        expect(state(), later(lose(.failing)), [.policyBroken, .broken])
        expect(state(), later(lose(.invalid)), [.policyBroken, .broken])
        expect(state(lose(.gone)), later(), [.policyPublished, .mended])
        expect(state(lose(.failing)), later(), [.policyMended, .mended])
        expect(state(lose(.invalid)), later(), [.policyMended, .mended])
        expect(state(set(.none)), later(lose(.gone)), [.policyWithdrawn, .removedEarly])
    }

    @Test func `of id and policy`() {
        expect(state(), later { $0.id = "2" }, [.idChangedPolicySame])
        expect(state(), later { $0.terms?.patterns = 2 }, [.policyChangedIDSame])
        expect(
            state(),
            later {
                $0.terms?.patterns = 2
                $0.id = "2"
            }, [.policyUpdated])
        expect(state(), later(set(.testing)), [.policyChangedIDSame, .modeLowered])
        expect(state(), later(set(.none)), [.policyChangedIDSame, .optedOut])
        expect(state(set(.testing)), later(set(.none)), [.policyChangedIDSame, .optedOut])
        expect(state(set(.testing)), later(), [.policyChangedIDSame, .modeRaised])
        expect(state(set(.none)), later(), [.policyChangedIDSame, .modeRaised])
        expect(state(), later(set(.enforce, maxAge: 60)), [.policyChangedIDSame, .maxAgeShrunk])
        expect(
            state(), later(set(.enforce, maxAge: twoWeeks + 1)),
            [.policyChangedIDSame, .maxAgeGrown])
        // What senders still had was not asked for: it tells nothing of what is served.
        expect(state(), later { $0.policy = .carriedOver }, [])
        expect(
            state { $0.policy = .carriedOver }, later(set(.testing)),
            [.policyChangedIDSame, .modeLowered])
    }

    @Test func `of hosts`() {
        expect(state(), later { $0.mxProviders = "other.example" }, [.mxMoved])
        expect(
            state(),
            later {
                $0.mxProviders = "other.example"
                $0.isWhollyMatched = false
                $0.verdict = .refused
            }, [.mxMoved, .policyOutdated, .broken])
        expect(state(), later { $0.policyProvider = "policies.example" }, [.policyHostMoved])
        expect(state(), later { $0.verdict = .partial }, [.broken])
        expect(
            state { $0.verdict = .testingWouldFail }, later { $0.verdict = .testingOK }, [.mended])
        // Neither protects, and neither is meant to.
        expect(state(set(.none)), later(set(.none)), [])
    }

    @Test func `of the list`() {
        expect(nil, later(), [.joinedList])
        expect(nil, plainLater(), [])
        expect(state(), nil, [.leftList])
        expect(plain, nil, [])
        expect(nil, nil, [])
    }

    @Test(arguments: PolicyFetchStatus.allCases)
    func `a failure of the moment is no absence`(_ status: PolicyFetchStatus) {
        let state = DomainState.PolicyState(status, httpStatus: nil, isValid: true)
        let word = status.rawValue
        let isOfTheMoment = ["servfail", "timeout", "unreachable", "reset", "closed", "5xx"]
            .contains { word.hasSuffix($0) }
        if isOfTheMoment { #expect(state == .unknown, "\(word)") }
        #expect((state == .valid) == (status == .ok))
        if state == .gone { #expect(["dns_nxdomain", "dns_nodata", "http_404"].contains(word)) }
    }

    @Test func `a 4xx says which`() {
        typealias State = DomainState.PolicyState
        #expect(State(.http4xx, httpStatus: 410, isValid: false) == .gone)
        #expect(State(.http4xx, httpStatus: 429, isValid: false) == .unknown)
        #expect(State(.http4xx, httpStatus: 403, isValid: false) == .failing)
        #expect(State(.ok, httpStatus: 200, isValid: false) == .invalid)
    }
}
