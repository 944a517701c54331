import DNS
import Records
import Testing

/// Every word of every enumeration below some fields.
private func terms(_ fields: [FieldDescription]) -> [Term] { fields.flatMap { terms($0.type) } }

private func terms(_ type: FieldType) -> [Term] {
    switch type {
    case .enumeration(let terms): terms
    case .array(let element): terms(element)
    case .object(let fields): terms(fields)
    default: []
    }
}

@Suite struct `the taxonomy` {
    /// The rows of the table of values, which comes first.
    private let rows = Schema.domain.text(as: .taxonomy)
        .split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
        .dropFirst(2).map { $0.split(separator: "|").map { $0.drop { $0 == " " } } }

    @Test func `says what the codes mean to an owner, and what to change`() {
        let table = Schema.domain.text(as: .taxonomy)
        #expect(table.contains("\n\n| code | what was found | where | what to change |\n"))
        #expect(table.contains("| `mx_match.typo` | The policy names PATTERN, but mail for DOMAIN"))
        let rows = table.split(separator: "\n").drop { !$0.hasPrefix("| code |") }.dropFirst(2)
        #expect(rows.allSatisfy { $0.split(separator: "|").count == 4 })
    }

    @Test func `has a meaning for every word of every vocabulary`() {
        let all = terms(Schema.domain.descriptions) + terms(Schema.host.descriptions)
        #expect(all.count > 250)
        for term in all {
            #expect(term.meaning.hasSuffix("."), "\(term.word)")
            #expect(term.meaning.utf8.count > 15 && !term.meaning.contains("|"), "\(term.word)")
        }
    }

    @Test func `is one table of both kinds of records`() {
        let table = Schema.domain.text(as: .taxonomy)
        #expect(table == Schema.host.text(as: .taxonomy))
        #expect(rows.allSatisfy { $0.count == 3 && $0[2].hasSuffix(". ") })
        #expect(table.contains("| `verdict_reason` | `mixed` |"))
        #expect(
            table.contains(
                "| `verdict`, `postfix_verdict`, `verdicts.rfc` and 8 more | `partial` |"))
        #expect(
            table.contains("| `mx[].status`, `host: status`, `host: sessions[].status` | `ok` |"))
        #expect(table.contains("| `first_failure` | `policy_fetch.*` |"))
        #expect(table.contains("| `findings[].code` (policy_fetch) | `charset` |"))
        #expect(table.contains("| `policy_status` | `mx_ip` | `mx` names a host"))
        #expect(table.contains("`dns.tlsrpt.status` and 10 more |"))
        #expect(table.contains("| `findings[].code` (policy) | `short_max_age` |"))
    }

    @Test func `has each word once for a key`() {
        let words = rows.map { "\($0[0])\($0[1])" }
        #expect(Set(words).count == words.count)
    }

    @Test func `holds every word of the schemas`() {
        let words = Set(rows.map { String($0[1].drop { $0 == "`" }.prefix { $0 != "`" }) })
        for term in terms(Schema.domain.descriptions) + terms(Schema.host.descriptions) {
            let isFailure = term.word.contains(".")
            let word = isFailure ? term.word.prefix { $0 != "." } + ".*" : term.word[...]
            #expect(words.contains(String(word)), "\(word)")
        }
    }
}
