import DNS
import Judgement
internal import Observations
import Records
import Testing

@Suite struct `schemas for readers` {
    @Test func `are JSON Schema`() throws {
        let schema = try JSONReader.read(Schema.domain.text(as: .jsonschema))
        let names = Schema.domain.fields.map(\.description.name)
        #expect(schema["$schema"]?.text == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["additionalProperties"] == .boolean(false))
        #expect(schema["required"]?.elements.compactMap(\.text) == names)
        #expect(schema["properties"]?.keys == names)
        let verdict = schema["properties"]?["verdict"]
        #expect(verdict?["type"] == .array([.string("string"), .string("null")]))
        #expect(
            verdict?["enum"]?.elements
                == Verdict.allCases.map { .string($0.rawValue) } + [.null])
        let index = schema["properties"]?["index"]
        #expect(index?["type"] == .string("integer"))
        let mx = schema["properties"]?["mx"]
        #expect(mx?["items"]?["additionalProperties"] == .boolean(false))
    }

    @Test func `are a Spark StructType`() throws {
        let schema = try JSONReader.read(Schema.host.text(as: .spark))
        #expect(schema["type"] == .string("struct"))
        let fields = schema["fields"]?.elements ?? []
        #expect(fields.compactMap { $0["name"]?.text } == Schema.host.descriptions.map(\.name))
        #expect(fields.allSatisfy { $0.keys == ["name", "type", "nullable", "metadata"] })
        let sessions = fields.first { $0["name"]?.text == "sessions" }?["type"]
        #expect(sessions?["type"] == .string("array"))
        #expect(sessions?["elementType"]?["type"] == .string("struct"))
    }

    @Test func `are SQL for DuckDB`() {
        let sql = Schema.domain.text(as: .duckdb)
        #expect(sql.contains("CREATE OR REPLACE MACRO domains(files) AS TABLE"))
        #expect(sql.contains("'index': 'BIGINT',\n"))
        #expect(sql.contains("'scanned_at': 'TIMESTAMP',\n"))
        #expect(sql.contains(#"'mx': 'STRUCT("host" VARCHAR, "observation" BIGINT, "#))
        #expect(sql.contains(#""records" VARCHAR[][])"#))
    }

    @Test func `are Python for polars`() {
        let python = Schema.domain.text(as: .polars)
        #expect(python.contains("domain_schema = {\n    \"schema_version\": pl.Int64,\n"))
        #expect(python.contains(#""records": pl.List(pl.List(pl.String)),"#))
        let opened = python.filter { "({".contains($0) }.count
        #expect(opened == python.filter { ")}".contains($0) }.count)
    }

    @Test func `are a table for people`() {
        let table = Schema.domain.text(as: .markdown)
        #expect(table.contains("| `domain` | string or null | The domain as asked for"))
        #expect(table.contains("| `policy.certificate.not_after` | timestamp | End of validity."))
        #expect(table.contains("| `dns.mx.records[].preference` | integer |"))
        #expect(table.split(separator: "\n").allSatisfy { $0.hasPrefix("|") && $0.hasSuffix("|") })
    }
}

@Suite struct `a totals` {
    @Test func `counts by word, and merges`() throws {
        var totals = ScanTotals()
        totals.add(record(Scene(host())))
        totals.add(record(Scene(host()).policy("enforce", "mx.example.com")))
        var other = ScanTotals()
        other.add(record(Scene(mx: "")))
        other.add(HostRecord(host(), trustsAD: true))
        totals.merge(other)
        #expect(totals.domainCount == 3)
        #expect(totals.verdicts[.noMail] == 1)
        #expect(totals.verdicts[.opportunistic] == 1)
        #expect(totals.fetches.absences == 2)
        #expect(totals.hosts[.ok] == 1)

        let value = try JSONReader.read(totals.document.text)
        #expect(value["domains"] == .number("3"))
        #expect(value["verdict"]?.keys == Verdict.allCases.map(\.rawValue) + ["null"])
        #expect(value["verdict"]?["protected_sts"] == .number("1"))
        #expect(value["host_status"]?["ok"] == .number("1"))
    }
}
