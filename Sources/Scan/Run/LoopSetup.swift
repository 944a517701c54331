internal import ConnectionLimits
internal import EventLoop
internal import Resolver

/// What the services of one loop of a run are opened with.
///
/// The limiter of connections and the shared handshakes are those of the whole run, and live on its
/// first loop.
struct LoopSetup {
    /// Which of the loops it is, from 0.
    let index: Int
    let loop: EventLoop
    let options: ScanOptions
    let context: ScanContext
    let limiter: ConnectionLimiter
    let share: HandshakeShare

    /// That of a run with one loop.
    init(_ options: ScanOptions, _ context: ScanContext, on loop: EventLoop) {
        self.init(
            index: 0, loop: loop, options: options, context: context,
            limiter: ConnectionLimiter(options.limits, options.loopLimits, on: loop),
            share: HandshakeShare(options.shareRule, on: loop))
    }

    private init(
        index: Int, loop: EventLoop, options: ScanOptions, context: ScanContext,
        limiter: ConnectionLimiter, share: HandshakeShare
    ) {
        self.index = index
        self.loop = loop
        self.options = options
        self.context = context
        self.limiter = limiter
        self.share = share
    }

    /// Makes the event loops that the options ask for, and what runs on each.
    static func onEachLoop<Part>(
        _ options: ScanOptions, _ context: ScanContext,
        _ make: (LoopSetup) throws(ResolverError) -> Part
    ) throws(ScanError) -> [Part] {
        var loops: [EventLoop] = []
        do throws(SystemShortage) {
            for _ in 0..<options.threads { loops.append(try EventLoop()) }
        } catch {
            throw .system("\(error)")
        }
        let first = LoopSetup(options, context, on: loops[0])
        var parts: [Part] = []
        do throws(ResolverError) {
            for (index, loop) in loops.enumerated() {
                parts.append(
                    try make(
                        LoopSetup(
                            index: index, loop: loop, options: options, context: context,
                            limiter: first.limiter, share: first.share)))
            }
        } catch {
            throw .output("cannot set up the resolver: \(error)")
        }
        return parts
    }
}
