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
    // Whether mail is protected is a matter of the suite below.
    let found = Change.all(from: old, to: new).filter {
        $0 != .protectionLost && $0 != .protectionGained
    }
    #expect(found == changes, sourceLocation: location)
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

/// A domain without a record.
private func bare(_ edit: (inout DomainState) -> Void = { _ in }) -> DomainState {
    var state = plain
    state.reason = .noRecord
    state.tlsrpt = .absent
    state.dane = DomainDANEStatus.none
    state.certificate = .ok
    edit(&state)
    return state
}

@Suite struct `what has changed of domains without a record` {
    private func changes(
        _ old: (inout DomainState) -> Void, _ new: (inout DomainState) -> Void
    ) -> [Change] {
        Change.all(from: bare(old), to: bare(new))
    }

    @Test func `of DANE`() {
        #expect(changes({ _ in }, { $0.dane = .ok }) == [.daneAdopted])
        #expect(changes({ $0.dane = .partial }, { _ in }) == [.daneDropped])
        #expect(changes({ $0.dane = .ok }, { $0.dane = .failed }) == [.daneBroken])
        #expect(changes({ $0.dane = .partial }, { $0.dane = .ok }) == [.daneMended])
        for unknown in [DomainDANEStatus.unknown, .tempfail, nil] {
            #expect(changes({ $0.dane = .ok }, { $0.dane = unknown }) == [])
            #expect(changes({ $0.dane = unknown }, { $0.dane = .ok }) == [])
        }
    }

    @Test func `of TLSRPT`() {
        #expect(changes({ _ in }, { $0.tlsrpt = .invalid }) == [.tlsrptAdopted])
        #expect(changes({ $0.tlsrpt = .valid }, { _ in }) == [.tlsrptDropped])
        #expect(changes({ $0.tlsrpt = .valid }, { $0.tlsrpt = .invalid }) == [.tlsrptBroken])
        #expect(changes({ $0.tlsrpt = .invalid }, { $0.tlsrpt = .valid }) == [.tlsrptMended])
        #expect(changes({ $0.tlsrpt = .valid }, { $0.tlsrpt = .unknown }) == [])
    }

    @Test func `of certificates`() {
        #expect(changes({ _ in }, { $0.certificate = .expired }) == [.certificateBroken])
        #expect(changes({ $0.certificate = .expired }, { _ in }) == [.certificateMended])
        #expect(changes({ $0.certificate = .expired }, { $0.certificate = .selfSigned }) == [])
        #expect(changes({ $0.certificate = nil }, { $0.certificate = .expired }) == [])
    }

    @Test func `of what is to be mended`() {
        let refused: (inout DomainState) -> Void = {
            $0.verdict = .refused
            $0.reason = .dane
            $0.failure = .dane(.failed)
        }
        #expect(changes({ _ in }, refused) == [.faultNew])
        #expect(changes(refused, { _ in }) == [.faultGone])
        #expect(
            changes(
                refused,
                {
                    refused(&$0)
                    $0.failure = .smtp(.starttlsNotOffered)
                }) == [.causeChanged])
        let protected: (inout DomainState) -> Void = {
            $0.verdict = .protectedDANE
            $0.reason = .dane
        }
        #expect(changes({ _ in }, protected) == [.protectionGained])
        #expect(changes(protected, refused) == [.protectionLost, .faultNew])
        let unknown: (inout DomainState) -> Void = {
            $0.verdict = .unknown
            $0.reason = .mxUnreached
        }
        #expect(changes(protected, unknown) == [] && changes(unknown, refused) == [])
    }

    @Test func `is only of what is remarkable, and has another code`() {
        let edits: [(inout DomainState) -> Void] = [
            { $0.dane = .ok }, { $0.tlsrpt = .invalid }, { $0.certificate = .expired },
            { $0.reason = .recordInvalid },
        ]
        #expect(!bare().isRemarkable && bare().code == bare().code)
        for edit in edits {
            #expect(bare(edit).isRemarkable && bare(edit).code != bare().code)
        }
        #expect(!bare { $0.verdict = .unknown }.isRemarkable)
    }

    @Test func `is put into words`() {
        let state = bare {
            $0.verdict = .refused
            $0.reason = .enforced
            $0.failure = .certificate(.expired)
            $0.failingHost = "mx.a.example"
        }
        let (result, cause) = (state.result(for: "a.example"), state.cause(for: "a.example"))
        #expect(result?.hasPrefix("NOT WORKING: ") == true)
        #expect(cause?.contains("mx.a.example") == true)
        for failure in FirstFailure.allCases {
            let text = bare { $0.failure = failure }.cause(for: "a.example")
            #expect(text?.hasSuffix(".") == true && text?.contains("{") == false, "\(failure)")
        }
        #expect(plain.result(for: "a.example") == nil && plain.cause(for: "a.example") == nil)
    }
}

@Suite struct `a selection of changes` {
    @Test func `is by kind, or by the verdict that is new`() throws {
        let refused = bare {
            $0.verdict = .refused
            $0.reason = .dane
        }
        let record = try #require(ChangeRecord(of: "a.example", from: bare(), to: refused))
        for name in ["fault_new", "refused"] {
            #expect(ChangeSelector(name)?.matches(record) == true, "\(name)")
        }
        for name in ["fault_gone", "opportunistic", "adopted"] {
            #expect(ChangeSelector(name)?.matches(record) == false, "\(name)")
        }
        #expect(ChangeSelector("nonsense") == nil)
        #expect(Set(ChangeSelector.names).count == ChangeSelector.names.count)
    }
}
