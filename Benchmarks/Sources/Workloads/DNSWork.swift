internal import DNS

extension Workload {
    static var dns: [Workload] {
        let domain = DomainName(canonical: "example-company.com")
        let record = DomainName(canonical: "_mta-sts.example-company.com")
        let label = DomainName(canonical: "_mta-sts")
        let mx = Question(domain, .mx)
        let txt = Question(record, .txt)
        let found = Response(
            mx,
            records: [
                (15, [0, 10] + DomainName(canonical: "mx1.p7.mail.example").wire),
                (15, [0, 20] + DomainName(canonical: "mx2.p7.mail.example").wire),
            ]
        ).octets
        let absent = Response(txt, rcode: 3).octets
        let text = Array("v=STSv1; id=20261124T000000;".utf8)
        let record1 = Response(txt, records: [(16, [UInt8(text.count)] + text)]).octets
        return [
            Workload("dns-query-message") { mx.withMessage(id: 0x1234) { keep($0.count) } },
            Workload("dns-name-prefixed") { domain.prefixed(by: label) },
            Workload("dns-parse-mx") { Lookup(answering: mx, message: found.span) },
            Workload("dns-parse-nxdomain") { Lookup(answering: txt, message: absent.span) },
            Workload("dns-parse-txt") { Lookup(answering: txt, message: record1.span) },
        ]
    }
}

/// A response message with an SOA where there is no answer, and an OPT record.
private struct Response {
    let octets: [UInt8]

    init(_ question: Question, rcode: UInt8 = 0, records: [(type: UInt8, data: [UInt8])] = []) {
        let authority: UInt8 = records.isEmpty ? 1 : 0
        var octets: [UInt8] = [
            0x12, 0x34, 0x81, 0x80 | rcode, 0, 1, 0, UInt8(records.count), 0, authority, 0, 1,
        ]
        octets += question.name.wire + [0, UInt8(question.type.rawValue), 0, 1]
        for record in records {
            octets += [0xC0, 12, 0, record.type, 0, 1, 0, 0, 14, 16, 0, UInt8(record.data.count)]
            octets += record.data
        }
        if authority == 1 {
            let names = DomainName(canonical: "ns.example").wire
            let data = names + names + [UInt8](repeating: 1, count: 20)
            octets += [0, 0, 6, 0, 1, 0, 0, 1, 44, 0, UInt8(data.count)] + data
        }
        self.octets = octets + [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]
    }
}
