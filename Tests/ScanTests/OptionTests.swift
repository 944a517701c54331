import ConnectionLimits
import DomainList
import FoundationEssentials
import MXProbe
import PolicyFetch
import Records
import Resolver
import Testing

@testable import Scan

@Suite("Declared options")
struct OptionDeclarationTests {
    @Test("each name stands once, and each key")
    func namesAndKeys() {
        let options = ScanOption.all
        #expect(Set(options.map(\.name)).count == options.count)
        let letters = options.compactMap(\.letter)
        #expect(Set(letters).count == letters.count)
        let keys = StoredSetting.all.map(\.key)
        #expect(Set(keys.map(\.checkpoint)).count == keys.count)
        let manifest = keys.compactMap(\.manifest)
        #expect(Set(manifest).count == manifest.count)
        for key in keys.map(\.checkpoint) + manifest {
            let above = keys.map(\.checkpoint) + manifest
            #expect(!above.contains { $0.hasPrefix(key + ".") }, "\(key) is a value and an object")
        }
    }

    @Test("an option is kept with the scan if, and only if, it is of the scan")
    func keptOptions() {
        for option in ScanOption.all {
            let isOfRun = option.resume == .perRun || option.resume == .beginsScan
            #expect((option.setting == nil) == isOfRun, "\(option.name)")
            if let other = option.needs {
                #expect(ScanOption.all.contains { $0.name == other })
            }
            #expect(option.help.hasSuffix("."), "\(option.name)")
            #expect(!option.commands.isEmpty)
        }
    }

    @Test(
        "a default that help shows can be given, and sets what holds without it",
        arguments: [ScanOptions(), ScanOptions.ofCheck])
    func defaults(defaults: ScanOptions) throws {
        for option in ScanOption.all where !option.isFlag {
            let text = option.value(in: defaults)
            guard text != "none", text == option.defaultText(in: defaults) else { continue }
            var options = defaults
            guard let assign = try? option.assignment(of: text) else {
                // In words, such as "random".
                #expect(option.remark(in: defaults).contains(text))
                continue
            }
            assign(&options)
            #expect(option.value(in: options) == text, "\(option.name)")
        }
    }

    @Test(
        "a value that is not allowed is refused with the option, the value and what is allowed",
        arguments: [
            ("senders", "0"), ("senders", "100001"), ("senders", "5x"), ("senders", ""),
            ("threads", "257"), ("dns-timeout", "0.001"), ("dns-timeout", "nan"),
            ("dns-timeout", "1e9"), ("outage-limit", "-1"), ("max-rate-per-address", "0.001"),
            ("max-dns-rate", "inf"), ("refetch-share", "101"), ("rotate-size", "0"),
            ("rotate-size", "99999999999999999999"), ("retries", "21"), ("seed", "-1"),
            ("retry-delays", ""), ("retry-delays", "1,,2"), ("retry-delays", "1,2,3,4,5,6,7,8,9"),
            ("name-servers", "192.0.2.1,nowhere"), ("local-addr", "192.0.2.1:53"),
            ("probe", "some"), ("family", "IPv4"), ("https-port", "0"), ("smtp-port", "65536"),
            ("prometheus", "localhost:1"), ("log-level", "loud"), ("name-servers", ""),
            // What goes into a conversation or a header is never more than one word of it.
            ("ehlo-name", "a b"), ("ehlo-name", "a\r\nMAIL FROM:<>"), ("ehlo-name", "[192.0.2]"),
            ("ehlo-name", "a.example."), ("ehlo-name", ""), ("contact", "us"),
            ("contact", "a@b.example\r\nX: y"), ("contact", "a@b.example or else"),
            ("origin", "a b"), ("origin", "a..b"),
        ])
    func refusedValues(name: String, text: String) throws {
        let option = try #require(ScanOption.all.first { $0.name == name })
        let error = #expect(throws: ScanError.self) { try option.check(text) }
        let allowed = try #require(option.allowed)
        #expect(error?.description == "--\(name) takes \(allowed), not '\(text)'")
    }

    @Test("values keep their meaning from the command line to the checkpoint and back")
    func storedValues() throws {
        let options = try given([
            ("senders", "7"), ("max-rate-per-address", "0.5"), ("max-dns-rate", "250"),
            ("refetch-share", "7"), ("rotate-size", "3"), ("dns-timeout", "1.25"),
            ("retry-delays", "0.5,20"), ("name-servers", "192.0.2.1,[2001:db8::1]:5353"),
            ("local-addr", "192.0.2.7"), ("probe", "records"), ("family", "ipv6"),
            ("seed", "281474976710655"), ("contact", "mailto:a@example.org"), ("unique", nil),
            ("blocklist-file", "block.txt"), ("ehlo-name", "scanner.example.org"),
            ("smtp-port", "2525"), ("outage-limit", "0"),
        ])
        let resumed = try stored(options).options(
            now: ScanOptions(), given: GivenOptions(), output: "out")
        for option in ScanOption.all where option.setting != nil && option.name != "blocklist-file"
        {
            #expect(
                option.value(in: resumed) == option.value(in: options), "\(option.name)")
        }
        #expect(resumed.blocklistFile?.hasPrefix("/") == true)
        #expect(resumed.refetchShare == options.refetchShare)
        #expect(resumed.limits.includesLoopback && resumed.dnsRate.includesLoopback)
        #expect(resumed.output == "out")
    }

    @Test("the manifest has each key, its dots as objects, and whole numbers")
    func manifestKeys() throws {
        let members = StoredSetting.all.compactMap { setting in
            setting.key.manifest.map { (key: $0, value: setting.document(ScanOptions())) }
        }
        let document = try JSONDecoder().decode(
            OptionValue.self, from: Data(JSONDocument(nesting: members).text.utf8))
        for (key, _) in members { #expect(document[key] != nil, "\(key)") }
        #expect(document["limits.address.milli_per_s"] == .integer(5000))
        #expect(document["limits.include_loopback"] == .boolean(false))
        #expect(document["retry_delays_ms"] == .array([.integer(10_000), .integer(60_000)]))
        #expect(document["ca_file"] == .null)
    }
}

@Suite("Options of a scan that goes on")
struct ResumedOptionTests {
    /// The options of a scan with the defaults, gone on with these.
    private func resume(_ texts: [(String, String?)]) throws -> ScanOptions {
        var now = GivenOptions()
        for (name, text) in texts { try now.add(option(name), text) }
        return try stored(ScanOptions()).options(now: ScanOptions(), given: now, output: "out")
    }

    @Test("what may change acts from then on")
    func mayChange() throws {
        let options = try resume(
            [("senders", "50"), ("max-per-address", "1"), ("max-dns-rate", "5"), ("quiet", nil)])
        #expect(options.senders == 50)
        #expect(options.limits.address.atOnce == 1 && options.limits.includesLoopback)
        #expect(options.dnsRate.perServer == 5 && options.dnsRate.includesLoopback)
        #expect(options.isQuiet)
    }

    @Test("what must stay is refused with both values, and taken where it is the same")
    func fixed() throws {
        #expect(try resume([("mx-limit", "64")]).mxHostLimit == 64)
        #expect(try resume([("dns-timeout", "4.0")]).resolver.timeoutMilliseconds == 4000)
        for (name, text, before) in [
            ("mx-limit", "7", "64"), ("probe", "none", "all"), ("dns-timeout", "5", "4"),
            ("retry-delays", "none", "10,60"), ("refetch-share", "6", "5"),
            ("unique", nil, "not set"),
        ] {
            let error = #expect(throws: ScanError.self) { try resume([(name, text)]) }
            let words = "--\(name) is \(before) in this scan and cannot become \(text ?? "set")"
            #expect(error?.description.hasPrefix(words) == true, "\(error?.description ?? "")")
            guard case .usage = error else {
                Issue.record("not an error of usage: \(String(describing: error))")
                continue
            }
        }
    }

    @Test("each option that is fixed is refused where its value differs")
    func everyFixedOption() throws {
        let candidates = ["1", "9", "none", "ipv4", "csv", "1/2", "addresses"]
        for option in ScanOption.all where option.resume == .fixed {
            let text = candidates.first { text in
                text != option.value(in: ScanOptions()) && (try? option.check(text)) != nil
            }
            #expect(option.isFlag || text != nil, "no candidate is another value of \(option.flag)")
            #expect(throws: ScanError.self) { try resume([(option.name, text)]) }
        }
    }

    @Test("an option that begins a scan is refused beside --resume, and one without its other")
    func contradictions() throws {
        for names in [["resume", "output"], ["resume", "ask-again"], ["partial"]] {
            var given = GivenOptions()
            for name in names {
                try given.add(option(name), option(name).isFlag ? nil : "x")
            }
            let error = #expect(throws: ScanError.self) { try given.check() }
            #expect(error?.description.contains("--\(names.last ?? "")") == true)
        }
    }

    @Test("files that a scan was not begun with cannot be added")
    func addedFiles() {
        for name in ["previous", "preload"] {
            let error = #expect(throws: ScanError.self) { try resume([(name, "/nowhere")]) }
            #expect(error?.description.contains("--\(name) cannot be added") == true)
        }
    }

    /// The options of a checkpoint as programs before the declarations have written them.
    private static let before = """
        {"allowsSpecialUseAddresses":true,"blocklistFile":"/lists/block",
        "checkpointMilliseconds":200,
        "connectTimeoutMilliseconds":10000,"deferredLimit":20000,"dnsInFlight":1000,
        "dnsRate":{"includesLoopback":true,"inAll":0,"perServer":2000.5},
        "dnsTimeoutMilliseconds":4000,"dnsTries":3,"ehloName":"scanner.example.org",
        "families":"any",
        "fetchesInFlight":200,"hostCacheLimit":250000,"httpsPort":8443,
        "limits":{"address":{"atOnce":4,"perSecond":5},"domain":{"atOnce":16,"perSecond":20},
        "fetchAddress":{"atOnce":8,"perSecond":20},"includesLoopback":false,
        "network":{"atOnce":16,"perSecond":20},"sharedFailures":3,"waitMaxMilliseconds":600000},
        "listPaths":["/lists/list.txt"],"lists":["list.txt"],"localAddresses":["127.0.0.9"],
        "mxHostLimit":64,"nameServers":["127.0.0.1:5300"],"outageMilliseconds":3600000,
        "policyTimeoutMilliseconds":60000,"probeScope":"records","probesAllAddresses":false,
        "probesInFlight":200,"refetchShare":0.05,"replyTimeoutMilliseconds":30000,
        "retryDelays":[10000,60000],"rotateBytes":1073741824,"seed":12345,"senders":20,
        "shareAfter":3,"shareSampleEvery":100,"shuffleWindow":65536,"smtpPort":2525,"threads":1,
        "trustFile":"/lists/ca.pem","trustSHA256":"ab","trustsAD":false,"unique":false}
        """

    /// A new option whose key has no `isAddedLater` fails here: such scans could not go on.
    @Test("a scan that was begun before an option came goes on with its default")
    func earlierCheckpoints() throws {
        let stored = try JSONDecoder().decode(StoredOptions.self, from: Data(Self.before.utf8))
        let options = try stored.options(
            now: ScanOptions(), given: GivenOptions(), output: "out")
        #expect(options.senders == 20 && options.dnsRate.perServer == 2000.5)
        #expect(options.fetch.port == 8443 && options.probe.port == 2525)
        #expect(options.nameServers.map(\.description) == ["127.0.0.1:5300"])
        #expect(options.lists.map(\.path) == ["/lists/list.txt"])
        #expect(!options.resolver.trustsAnswers && !options.previousIsPartial)
        #expect(options.contact == nil && options.trustFile == "/lists/ca.pem")
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let again = try JSONDecoder().decode(
            OptionValue.self, from: encoder.encode(StoredOptions(options, trustSHA256: "ab")))
        let first = try JSONDecoder().decode(OptionValue.self, from: Data(Self.before.utf8))
        #expect(first.members.count >= 40)
        for (key, value) in first.members { #expect(again[key] == value, "\(key)") }
    }

    @Test("a member that is missing or of another type is named")
    func damagedMembers() throws {
        for (change, key) in [
            ("\"senders\":20", "\"senders\":\"many\""), ("\"senders\":20", "\"sender\":20"),
            ("\"perServer\":2000.5", "\"perServer\":null"),
        ] {
            let text = Self.before.replacing(change, with: key)
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(StoredOptions.self, from: Data(text.utf8))
            }
        }
    }
}

private func option(_ name: String) throws -> ScanOption {
    try #require(ScanOption.all.first { $0.name == name }, "\(name)")
}

private func given(_ texts: [(String, String?)]) throws -> ScanOptions {
    var given = GivenOptions()
    for (name, text) in texts { try given.add(option(name), text) }
    var options = ScanOptions()
    given.apply(to: &options)
    return options
}

/// What a checkpoint keeps of options, written and read again.
private func stored(_ options: ScanOptions) throws -> StoredOptions {
    let data = try JSONEncoder().encode(StoredOptions(options, trustSHA256: "ab"))
    return try JSONDecoder().decode(StoredOptions.self, from: data)
}

@Suite("What a machine allows")
struct MachineLimitTests {
    @Test("descriptors are divided: each window gets what it begins with, and a share of the rest")
    func descriptors() throws {
        var options = ScanOptions()
        options.nameServers = [try #require(NameServer("127.0.0.1"))]
        var wide = options
        try wide.fitDescriptors(1 << 20)
        #expect(wide.probe.inFlightLimit == 2000 && wide.fetch.inFlightLimit == 1000)
        #expect(wide.probe.slowSessionLimit == 10_000)
        var usual = options
        try usual.fitDescriptors(1024)
        let (sessions, fetches) = (usual.probe.inFlightLimit, usual.fetch.inFlightLimit)
        #expect((200..<300).contains(sessions) && (200..<300).contains(fetches))
        // Sessions in progress, as many that wait for the answer to QUIT, and slow ones.
        #expect(2 * fetches + 2 * sessions + usual.probe.slowSessionLimit < 1024)
        var few = options
        try few.fitDescriptors(256)
        #expect(few.probe.inFlightLimit < 200 && few.probe.slowSessionLimit == 0)
        var own = options
        own.probe.inFlightLimit = 50
        try own.fitDescriptors(1024)
        #expect(own.probe.inFlightLimit == 50, "a ceiling stands")
    }

    @Test("memory bounds what sessions and fetches may grow to, not what they begin with")
    func memory() {
        var options = ScanOptions()
        options.fitMemory(16 << 30)
        #expect(options.probe.inFlightLimit == 2000 && options.fetch.inFlightLimit == 1000)
        options.fitMemory(512 << 20)
        #expect(options.probe.inFlightLimit == 512 && options.fetch.inFlightLimit == 512)
        options.fitMemory(64 << 20)
        #expect(options.probe.inFlightLimit == 200)
    }
}
