/// The words by which headers name columns, and what they weigh.
enum ColumnWords {
    /// How surely a column of this name is that of the domain; 0 for any other name.
    static func weight(_ name: String) -> Int {
        let name = plain(name)
        if let weight = domainWeights[name] { return weight }
        let words = name.split(separator: " ")
        // "Domain type" and "has host" are no domains.
        guard let last = words.last, words.count <= 4 else { return 0 }
        if let weight = lastWordWeights[String(last)] { return weight }
        return words.contains("domain") ? 20 : 0
    }

    /// How surely a column of this name is a rank; 0 for any other name.
    static func rankWeight(_ name: String) -> Int {
        let name = plain(name)
        if ["rank", "position", "pos", "ranking", "rang", "#"].contains(name) { return 100 }
        let isEarlier = name.hasPrefix("prev") || name.hasPrefix("last")
        return name.contains("rank") && !isEarlier ? 50 : 0
    }

    /// Words that are TLDs too, so that a list of TLDs may have them as names.
    static let alsoTLDs: Set = ["name", "host", "site", "website", "domains", "link", "email"]

    private static let domainWeights = [
        "domain": 100, "domain name": 100, "domainname": 100, "domain names": 100, "domains": 100,
        "domäne": 100, "dom\u{FFFD}ne": 100, "domaine": 100, "nom de domaine": 100, "dominio": 100,
        "domän": 100,
        "domein": 100, "domena": 100, "fqdn": 95, "hostname": 95, "host name": 95,
        "registered domain": 90, "registrable domain": 90, "root domain": 90, "apex": 85,
        "host": 85, "dns name": 85, "name": 80, "origin": 75, "zone": 75, "zone name": 75,
        "url": 70, "uri": 70, "website": 70, "web site": 70, "webseite": 70, "site": 70,
        "homepage": 70, "home page": 70, "web": 65, "link": 60, "internet address": 60, "tld": 60,
        "email": 40, "e mail": 40, "mail": 40, "email address": 40, "mail address": 40,
    ]

    private static let lastWordWeights = [
        "domain": 65, "domains": 65, "domainname": 65, "hostname": 60, "host": 55, "fqdn": 60,
        "url": 50, "website": 50, "email": 30, "mail": 30,
    ]

    /// A name in lower case, its words separated by single blanks.
    static func plain(_ name: String) -> String {
        name.lowercased().split { " _-./()\t".contains($0) }.joined(separator: " ")
    }
}
