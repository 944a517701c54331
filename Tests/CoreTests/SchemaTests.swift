import DNS
internal import Observations
import Records
import Testing

/// Whether a value is of the type that a field announces, with exactly its keys in its order.
private func fits(_ value: JSONValue, _ type: FieldType, isNullable: Bool) -> Bool {
    switch (value, type) {
    case (.null, _): isNullable
    case (.string, .string), (.number, .integer), (.boolean, .boolean): true
    case (.string(let text), .timestamp): text.utf8.count == 20 && text.hasSuffix("Z")
    case (.string(let text), .enumeration(let words)): words.contains { $0.word == text }
    case (.array(let items), .array(let item)):
        items.allSatisfy { fits($0, item, isNullable: false) }
    case (.object, .object(let fields)): fits(value, fields)
    case (.object, .map):
        value.keys.allSatisfy { key in
            value[key].map { fits($0, .string, isNullable: true) } ?? false
        }
    default: false
    }
}

private func fits(_ value: JSONValue, _ fields: [FieldDescription]) -> Bool {
    value.keys == fields.map(\.name)
        && fields.allSatisfy { field in
            value[field.name].map { fits($0, field.type, isNullable: field.isNullable) } ?? false
        }
}

private let scenes = [
    Scene(host()), Scene(mx: ""), Scene(.servfail), Scene(mx: "localhost"),
    Scene(host(dane: .match), secure: true), Scene(host(dane: .tempfail), secure: true),
    Scene(host(errors: [.expired, .nameMismatch])).policy("enforce", "*.example.com"),
    Scene(host()).policy("testing", "a.example.net"),
    Scene(host()).record("v=STSv1; id=a-b;").fetch(.tlsCNOnly),
]

@Suite struct `the schema` {
    @Test func `of a domain has the keys in their order`() {
        #expect(
            Schema.domain.fields.map(\.description.name) == [
                "schema_version", "index", "source", "line", "input", "rank", "domain", "list",
                "status", "invalid_reason", "verdict", "verdict_reason", "postfix_verdict",
                "depends_on_sender", "verdicts", "first_failure", "tlsrpt_result", "mx_status",
                "mx_count",
                "mx_reached", "mx_tls", "mx_certificate_ok", "mx_matched",
                "sts_record_status", "sts_id", "policy_fetch_status", "policy_source",
                "policy_status", "sts_mode", "sts_max_age", "tlsrpt_status", "dane_status",
                "scanned_at", "duration_ms", "rounds", "findings", "dns", "policy", "preload",
                "previous", "mx",
            ])
    }

    @Test func `of a host has the keys in their order`() {
        #expect(
            Schema.host.fields.map(\.description.name) == [
                "schema_version", "host", "observation", "status", "observed", "address_status",
                "secure", "tlsa_status", "tlsa_base", "dane_status", "dane_failure",
                "starttls", "tls_version",
                "requiretls", "certificate_status", "certificate_errors", "observed_at",
                "duration_ms", "rounds", "a", "aaaa", "tlsa", "sessions", "networks",
                "vantage",
            ])
    }

    @Test func `fits every record`() throws {
        for scene in scenes {
            let value = try JSONReader.read(line(record(scene), .domain))
            #expect(fits(value, Schema.domain.descriptions))
            for host in scene.hosts {
                let text = line(HostRecord(host, trustsAD: true), .host)
                #expect(fits(try JSONReader.read(text), Schema.host.descriptions))
            }
        }
    }

    @Test func `fits a line that is no domain name`() throws {
        let entry = DomainRecord.Entry(
            index: 3, source: "-", line: 7, input: Array("a..b".utf8), rank: 2,
            invalidReason: .emptyLabel)
        let invalid = DomainRecord(entry: entry, scannedAt: 0, durationMS: 0)
        let value = try JSONReader.read(line(invalid, .domain))
        #expect(fits(value, Schema.domain.descriptions))
        #expect(value["status"] == .string("invalid_name"))
        #expect(value["invalid_reason"] == .string("empty_label"))
        #expect(value["verdict"] == .null)
        #expect(value["dns"] == .null)
    }

    @Test func `fits a line with columns that are carried`() throws {
        let entry = DomainRecord.Entry(
            index: 3, source: "-", line: 7, input: nil, invalidReason: .badCharacter,
            columns: ListColumns(names: ["a \"b\"", "c"], values: ["x\n", nil]))
        let value = try JSONReader.read(
            line(DomainRecord(entry: entry, scannedAt: 0, durationMS: 0), .domain))
        #expect(fits(value, Schema.domain.descriptions))
        #expect(value["input"] == .null)
        #expect(value["list"]?["a \"b\""] == .string("x\n"))
        #expect(value["list"]?["c"] == .null)
    }

    @Test func `shows what was judged`() throws {
        let scene = Scene(host(errors: [.expired])).policy("enforce", "*.example.com")
        let value = try JSONReader.read(line(record(scene), .domain))
        #expect(value["verdict"] == .string("refused"))
        #expect(value["first_failure"] == .string("certificate.expired"))
        #expect(value["sts_max_age"] == .number("604800"))
        #expect(value["policy"]?["mx"] == .array([.string("*.example.com")]))
        #expect(value["mx"]?.elements.first?["policy_match"] == .string("wildcard"))
        #expect(value["policy"]?["a"]?["addresses"] == .array([.string("0.0.0.1")]))
    }

    @Test func `speaks in whole sentences, and words need no escape`() {
        func check(_ fields: [FieldDescription]) {
            for field in fields {
                #expect(field.meaning.hasSuffix(".") || field.meaning.hasSuffix("`"))
                #expect(!field.source.isEmpty)
                switch field.type {
                case .enumeration(let words):
                    #expect(words.allSatisfy { json($0.word) == "\"\($0.word)\"" })
                    #expect(Set(words.map(\.word)).count == words.count)
                case .object(let nested), .array(.object(let nested)): check(nested)
                default: break
                }
            }
        }
        check(Schema.domain.descriptions)
        check(Schema.host.descriptions)
    }
}
