import DNS
import Judgement
internal import Observations
internal import Records
import Testing

private let mx = "mx.example.com"
private let id = "v=STSv1; id=1;"

/// Facts, and the result that a sender would report first.
private let results: [(String, Scene, TLSRPTResult?)] = [
    ("no policy, no look at the certificate", Scene(host(errors: [.expired])), nil),
    ("no policy, no STARTTLS", Scene(host(mx, .starttlsNotOffered)), .starttlsNotSupported),
    ("STARTTLS stripped", Scene(host(mx, .starttlsStripped)), .starttlsNotSupported),
    ("EHLO refused to the client", Scene(host(mx, .ehlo5xx)), nil),
    ("EHLO refused now", Scene(host(mx, .ehlo4xx)), nil),
    ("EHLO refused, the code not known", Scene(host(mx, .ehloRejected)), nil),
    ("old versions alone", Scene(host(mx, .tlsOldVersion)), .validationFailure),
    ("no reply inside TLS", Scene(host(mx, .tlsEHLOClosed)), nil),
    ("another 2xx than 220", Scene(host(mx, .starttls2xx)), .starttlsNotSupported),
    ("STARTTLS refused", Scene(host(mx, .starttls5xx)), .starttlsNotSupported),
    ("put off: need not be told (RFC 8460 §4.3.4)", Scene(host(mx, .starttls4xx)), nil),
    ("handshake fails", Scene(host(mx, .tlsAlert)), .validationFailure),
    ("not there", Scene(host(mx, .tcpTimeout)).policy("enforce", mx), nil),
    ("expired", Scene(host(errors: [.expired])).policy("enforce", mx), .certificateExpired),
    (
        "testing reports too", Scene(host(errors: [.expired])).policy("testing", mx),
        .certificateExpired
    ),
    ("mode none does not", Scene(host(errors: [.expired])).policy("none"), nil),
    ("not yet", Scene(host(errors: [.notYetValid])).policy("enforce", mx), .certificateNotTrusted),
    ("self", Scene(host(errors: [.selfSigned])).policy("enforce", mx), .certificateNotTrusted),
    ("name", Scene(host(errors: [.nameMismatch])).policy("enforce", mx), .certificateHostMismatch),
    ("CN", Scene(host(errors: [.cnOnly])).policy("enforce", mx), .certificateHostMismatch),
    (
        "patterns have no result of their own", Scene(host()).policy("enforce", "a.example"),
        .validationFailure
    ),
    ("good", Scene(host()).policy("enforce", mx), nil),
    ("404", Scene(host()).record(id).fetch(.http404), .stsPolicyFetchError),
    ("policy host silent", Scene(host()).record(id).fetch(.dnsTimeout), .stsPolicyFetchError),
    ("policy host's name", Scene(host()).record(id).fetch(.tlsName), .stsWebPKIInvalid),
    ("HTML", Scene(host()).record(id).fetch(.ok, body: "<html>"), .stsPolicyInvalid),
    ("left alone by the survey", Scene(host()).record(id).fetch(.notContacted), nil),
    (
        "a void record: nobody fetches", Scene(host()).record("v=STSv1; id=a-b;").fetch(.http404),
        nil
    ),
    ("two records", Scene(host()).record(id, id), nil),
    ("no record", Scene(host()), nil),
    ("null MX", Scene(mx: "").record(id).fetch(.http404), nil),
    ("DANE, mismatch", Scene(host(dane: .mismatch), secure: true), .tlsaInvalid),
    ("DANE, not usable", Scene(host(dane: .unusable), secure: true), .tlsaInvalid),
    ("DANE, SERVFAIL", Scene(host(dane: .tempfail), secure: true), .dnssecInvalid),
    (
        "DANE, name", Scene(host(dane: .anchor(names: ["a.example"])), secure: true),
        .certificateHostMismatch
    ),
    (
        "DANE-TA, expired",
        Scene(host(errors: [.expired], dane: .anchor(names: [mx], .expired)), secure: true),
        .certificateExpired
    ),
    (
        "DANE-TA, not yet",
        Scene(host(errors: [.notYetValid], dane: .anchor(names: [mx], .notYetValid)), secure: true),
        .certificateNotTrusted
    ),
    (
        "DANE, no STARTTLS", Scene(host(mx, .starttlsNotOffered, dane: .match), secure: true),
        .starttlsNotSupported
    ),
    ("DANE", Scene(host(errors: [.expired], dane: .match), secure: true), nil),
    ("insecure MX: nobody looks at TLSA", Scene(host(dane: .mismatch)), nil),
]

@Suite struct `results of RFC 8460` {
    @Test func `stand beside ours`() {
        for (why, scene, expected) in results {
            #expect(scene.judged().tlsrptResult == expected, "\(why)")
        }
    }

    @Test func `are all covered but the one that hangs on the sender`() {
        #expect(
            Set(results.compactMap(\.2)).union([.daneRequired]) == Set(TLSRPTResult.allCases))
    }

    @Test func `are told of each host`() throws {
        let scene = Scene(host(), host("b.example.com", errors: [.untrusted]))
            .policy("enforce", "*.example.com")
        let value = try JSONReader.read(line(record(scene), .domain))
        #expect(value["tlsrpt_result"] == .string("certificate-not-trusted"))
        #expect(
            value["mx"]?.elements.map { $0["tlsrpt_result"] } == [
                .null, .string("certificate-not-trusted"),
            ])
    }
}
