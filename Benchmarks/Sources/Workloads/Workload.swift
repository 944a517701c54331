/// A piece of the pure core that is measured.
public struct Workload {
    /// Its name, the key of its threshold.
    public let name: String
    /// Does it once; what comes of it goes to `keep`, so that no compiler leaves it out.
    public let once: () -> Void

    init<Result>(_ name: String, _ body: @escaping () -> Result) {
        self.name = name
        once = { keep(body()) }
    }
}

/// Takes a result where the optimiser cannot see it.
@inline(never)
@_optimize(none)
func keep<Result>(_ result: Result) {}

extension Workload {
    /// All of them, in the order of the pipeline.
    public static var all: [Workload] { dns + texts + survey + reading }
}
