import DNS
internal import Judgement
internal import Observations
import Records
import Testing

private let mx = "mx.example.com"
private let id = "v=STSv1; id=1;"

private var nullMXOfPreference: Scene {
    var scene = Scene(mx: "")
    scene.mx = scene.mx.with(records: [.mx(preference: 10, exchange: DomainName.root)])
    return scene
}

private let expired = host(errors: [.expired])
private let weak = host(securityBits: 80)
private let refusing = host(mx, .starttls5xx)

/// Facts, and their findings as layer, code and severity.
private let weighed: [(String, Scene, [String])] = [
    ("nothing amiss", Scene(host()), []),
    ("plain host: a warning", Scene(expired), ["certificate.expired warning"]),
    ("plain host without TLS", Scene(refusing), ["smtp.starttls_5xx warning"]),
    ("plain host, not reached: nothing is known", Scene(host(mx, .tcpTimeout)), []),
    (
        "plain hosts, one warning for each kind",
        Scene(expired, host("b.example.com", errors: [.expired]), host("c.example.com", .tlsAlert)),
        ["certificate.expired warning", "smtp.tls_alert warning"]
    ),
    (
        "enforce: an error", Scene(expired).policy("enforce", mx),
        ["certificate.expired error"]
    ),
    (
        "enforce, no TLS", Scene(refusing).policy("enforce", mx),
        ["smtp.starttls_5xx error"]
    ),
    (
        "enforce, not reached", Scene(host(mx, .tcpTimeout)).policy("enforce", mx),
        ["smtp.tcp_timeout warning"]
    ),
    ("testing: a warning", Scene(expired).policy("testing", mx), ["certificate.expired warning"]),
    ("mode none", Scene(expired).policy("none"), ["certificate.expired warning"]),
    (
        "patterns, enforced", Scene(host("mx.example.net")).policy("enforce", mx),
        ["mx_match.other_tld error"]
    ),
    (
        "patterns, tested", Scene(host("mx.example.net")).policy("testing", mx),
        ["mx_match.other_tld warning"]
    ),
    ("DANE: an error", Scene(host(dane: .mismatch), secure: true), ["dane.failed error"]),
    ("DANE-EE asks for no date", Scene(host(errors: [.expired], dane: .match), secure: true), []),
    (
        "insecure MX: as if there were no TLSA",
        Scene(host(errors: [.expired], dane: .mismatch)), ["certificate.expired warning"]
    ),
    (
        "the second host is refused, the first protected",
        Scene(host(), host("b.example.com", errors: [.expired])).policy("enforce", "*.example.com"),
        [
            "mx.host_skipped warning",
            "certificate.expired error",
        ]
    ),
    (
        "the second host is refused, the first not there",
        Scene(host(mx, .tcpTimeout), host("b.example.net")).policy("enforce", mx),
        [
            "smtp.tcp_timeout warning",
            "mx_match.other error",
        ]
    ),
    (
        "80 bits for a key, and a policy asks for more than encryption",
        Scene(weak).policy("testing", mx), ["certificate.weak_key warning contested"]
    ),
    ("80 bits for a key, and nobody asks", Scene(weak), []),
    ("record", Scene(host()).record("v=STSv1; id=a-b;"), ["record.bad_id error"]),
    (
        "erratum 6285", Scene(host()).record("v=STSv1 ; id=1;"),
        ["record.bad_version error", "record.version_delimiter warning contested"]
    ),
    ("fetch", Scene(host()).record(id).fetch(.http404), ["policy_fetch.http_404 error"]),
    (
        "fetch behind a void record", Scene(host()).record("v=STSv1;").fetch(.http404),
        ["record.missing_id error", "policy_fetch.http_404 warning"]
    ),
    (
        "policy", Scene(host()).record(id).fetch(.ok, body: "<html>"), ["policy.html error"]
    ),
    (
        "erratum 7282",
        Scene(host()).record(id).fetch(
            .ok, body: "version: STSv1\nmode: none\nmax_age: 31557601\n"),
        ["policy.max_age_range error contested"]
    ),
    ("a null MX of preference 10", nullMXOfPreference, ["mx.null_mx_preference note"]),
    ("one junk MX beside a host", junkBeside, ["mx.localhost warning"]),
    ("junk alone", Scene(mx: "localhost"), ["mx.localhost error"]),
]

private var junkBeside: Scene {
    var scene = Scene(host())
    scene.mx = scene.mx.adding(preference: 90, "localhost")
    return scene
}

@Suite struct `findings` {
    @Test func `weigh what is at stake`() {
        for (why, scene, expected) in weighed {
            let findings = scene.judged().findings.map {
                "\($0.layer.rawValue).\($0.code) \($0.severity.rawValue)"
                    + ($0.isContested ? " contested" : "")
            }
            #expect(findings == expected, "\(why)")
        }
    }

    @Test func `name the first host and count the others`() {
        let scene = Scene(expired, host("b.example.com", errors: [.expired]))
        #expect(
            scene.judged().findings.map(\.message) == [
                "The certificate of mx.example.com and 1 more does not verify."
            ])
    }

    @Test func `are written with their weight`() throws {
        let scene = Scene(host()).record("v=STSv1 ; id=1;")
        let value = try JSONReader.read(line(record(scene), .domain))
        let finding = value["findings"]?.elements.last
        #expect(
            finding?.keys == [
                "layer", "code", "severity", "section", "offset", "message", "is_contested",
            ])
        #expect(finding?["severity"] == .string("warning"))
        #expect(finding?["is_contested"] == .boolean(true))
    }
}

@Suite struct `a TLSRPT record at the name of drafts` {
    private let reports = "v=TLSRPTv1; rua=mailto:a@example.org"

    private func isFound(_ texts: [String], record: [String] = ["v=STSv1; id=1;"]) -> Bool {
        var seen = Scene(host()).policy("enforce", "mx.example.com").observation
        seen.record = Lookup(status: .found, records: record.map { .txt([Array($0.utf8)]) })
        seen.draftTLSRPT = Lookup(
            status: texts.isEmpty ? .nxdomain : .found,
            records: texts.map { .txt([Array($0.utf8)]) })
        return Judgement(of: domain, seen, trustsAD: true).findings.contains {
            $0.layer == .tlsrpt && $0.code == "draft_name"
        }
    }

    @Test func `is found, valid or not`() {
        #expect(isFound([reports]))
        #expect(isFound(["v=TLSRPTv1;"]))
        #expect(!isFound([]))
    }

    @Test func `is not what a wildcard answers`() {
        #expect(!isFound(["v=spf1 -all"]))
        #expect(!isFound([reports], record: [reports, "v=STSv1; id=1;"]))
    }
}
