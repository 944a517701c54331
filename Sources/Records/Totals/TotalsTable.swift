/// Counts as plain dictionaries, to be kept between the parts of a scan that was broken off.
extension EnumCounts {
    fileprivate var table: [String: Int] {
        var table = ["null": absences]
        for word in Word.allCases { table[word.rawValue] = self[word] }
        return table
    }

    fileprivate init(table: [String: Int]?) {
        self.init()
        for word in Word.allCases { add(word, times: table?[word.rawValue] ?? 0) }
        add(nil, times: table?["null"] ?? 0)
    }
}

extension ScanTotals {
    /// The counts by the names of the record's keys.
    public var table: [String: [String: Int]] {
        [
            "records": ["domains": domainCount, "hosts": hostCount, "policies": fetchCount],
            "status": statuses.table,
            "verdict": verdicts.table, "verdict_reason": reasons.table, "mx_status": mx.table,
            "sts_record_status": records.table, "policy_fetch_status": fetches.table,
            "policy_source": sources.table, "policy_status": policies.table,
            "sts_mode": modes.table,
            "tlsrpt_status": tlsrpt.table, "dane_status": dane.table, "host_status": hosts.table,
        ]
    }

    /// The counts that `table` holds.
    public init(table: [String: [String: Int]]) {
        self.init()
        domainCount = table["records"]?["domains"] ?? 0
        hostCount = table["records"]?["hosts"] ?? 0
        fetchCount = table["records"]?["policies"] ?? 0
        statuses = EnumCounts(table: table["status"])
        verdicts = EnumCounts(table: table["verdict"])
        reasons = EnumCounts(table: table["verdict_reason"])
        mx = EnumCounts(table: table["mx_status"])
        records = EnumCounts(table: table["sts_record_status"])
        fetches = EnumCounts(table: table["policy_fetch_status"])
        sources = EnumCounts(table: table["policy_source"])
        policies = EnumCounts(table: table["policy_status"])
        modes = EnumCounts(table: table["sts_mode"])
        tlsrpt = EnumCounts(table: table["tlsrpt_status"])
        dane = EnumCounts(table: table["dane_status"])
        hosts = EnumCounts(table: table["host_status"])
    }
}
