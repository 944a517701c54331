internal import EventLoop
internal import Resolver

/// Asks every name server control questions before the scan begins.
enum ServerSelfTest {
    /// How each stood them; an error where not one answers, since every record would then be empty.
    static func checks(_ options: ScanOptions) throws(ScanError) -> [ServerCheck] {
        let checks: [ServerCheck]
        do throws(SystemShortage) {
            checks = try ask(options)
        } catch {
            throw .system("\(error)")
        }
        guard checks.contains(where: { $0.soundness != nil }) else {
            let servers = options.nameServers.map(\.description).joined(separator: ", ")
            throw .output("no name server answers: \(servers)")
        }
        return checks
    }

    private static func ask(_ options: ScanOptions) throws(SystemShortage) -> [ServerCheck] {
        let loop = try EventLoop()
        guard
            let resolver = try? Resolver(
                servers: options.nameServers, options: options.resolver, loop: loop)
        else { return [] }
        let asker = Asker(loop: loop, resolver: resolver)
        // Two rounds a server, with something to spare.
        let longest = (2 * options.resolver.timeoutMilliseconds + 1000) * options.nameServers.count
        return try loop.answer(within: longest, on: "self-test") { await asker.check() } ?? []
    }

    /// What a person should know of servers that did not do as they should.
    static func warnings(_ servers: [NameServer], _ checks: [ServerCheck]) -> [String] {
        let hasSound = checks.contains { $0.soundness?.isSound == true }
        return zip(servers, checks).compactMap { server, check in
            guard let fault = fault(check) else { return nil }
            return "\(server) \(fault)" + (hasSound ? ": it is left out until it does better" : "")
        }
    }

    private static func fault(_ check: ServerCheck) -> String? {
        guard let soundness = check.soundness else { return "does not answer" }
        if !soundness.findsRoot { return "does not find the root's SOA" }
        return soundness.deniesNames ? nil : "does not say of a name that it does not exist"
    }

    private actor Asker {
        nonisolated let loop: EventLoop
        private let resolver: Resolver
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(loop: EventLoop, resolver: sending Resolver) {
            self.loop = loop
            self.resolver = resolver
        }

        func check() async -> [ServerCheck] { await resolver.check() }
    }
}
