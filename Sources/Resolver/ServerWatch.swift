internal import DNS
internal import EventLoop

/// Which servers are asked: those that stand the control questions.
extension Resolver {
    /// How often a server in use is asked control questions, in milliseconds.
    private static let controlMilliseconds = 60_000

    /// Asks each server the control questions; the checks come in the servers' order.
    public func check() async -> [ServerCheck] {
        var checks: [ServerCheck] = []
        for server in servers {
            checks.append(
                await withUnsafeContinuation { continuation in
                    ask(Control(of: server, by: self) { continuation.resume(returning: $0) })
                })
        }
        return checks
    }

    /// Asks every server in use control questions from time to time, as long as the loop runs.
    public func watchServers() {
        let next = loop.now.advanced(milliseconds: Self.controlMilliseconds)
        _ = loop.schedule(at: next) { [self] in
            for server in servers where server.health.state == .up { askControl(server) }
            watchServers()
        }
    }

    func askControl(_ server: Server) {
        ask(Control(of: server, by: self) { [self] in conclude($0, on: server) })
    }

    private func ask(_ control: Control) {
        guard let questions = control.questions() else { return control.finish(control.check) }
        let batch = Batch(questions, for: control, by: self, isControl: true)
        for slot in questions.indices {
            send(Query(batch: batch, slot: slot), to: control.server, at: loop.turnTime)
        }
    }

    /// Ends a round of control questions.
    func answered(_ control: Control) {
        if control.isHeard { return control.finish(control.check) }
        // Not from within the callback: c-ares is about to close a socket that failed.
        let soon = loop.now.advanced(milliseconds: 20)
        _ = loop.schedule(at: soon) { [self] in ask(control) }
    }

    /// Believes the server, and what its silence said; or puts it aside, and its silence with it.
    private func conclude(_ check: ServerCheck, on server: Server) {
        let held = server.held
        server.held = []
        if server.isMet(by: check) {
            server.health.proved(at: loop.now)
            for query in held { count(query) }
            return sendWaiting(at: loop.turnTime)
        }
        putAside(server)
        for query in held { pardon(query) }
    }

    /// Sends nothing more to the server until it stands the control questions.
    func putAside(_ server: Server) {
        if server.health.state != .down { server.report.outages += 1 }
        let pause = server.health.failedControl(at: loop.now)
        _ = loop.schedule(at: loop.now.advanced(milliseconds: pause)) { [self] in
            askControl(server)
        }
    }
}
