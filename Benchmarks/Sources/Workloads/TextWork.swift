internal import DNS
internal import MTASTS
internal import TLSRPT

extension Workload {
    static var texts: [Workload] {
        let record = [[Array("v=STSv1; id=20261124T000000;".utf8)]]
        let report = [[Array("v=TLSRPTv1; rua=mailto:tls@example-company.com".utf8)]]
        let body = Array(
            "version: STSv1\r\nmode: enforce\r\nmx: *.p7.mail.example\r\nmax_age: 604800\r\n".utf8)
        let patterns = PolicyEvaluation(body: body).policy?.mx ?? []
        let host = DomainName(canonical: "mx1.p7.mail.example")
        return [
            Workload("record-parse") { STSRecordEvaluation(records: record) },
            Workload("tlsrpt-parse") { TLSRPTRecordEvaluation(records: report) },
            Workload("policy-parse") { PolicyEvaluation(body: body) },
            Workload("mx-match") { MXMatch(host, patterns) },
        ]
    }
}
