import Benchmark
import Workloads

// Called by the benchmark package's generated entry point.
nonisolated(unsafe) let benchmarks: @Sendable () -> Void = {
    // Not CPU time: the system counts it in steps of 10 ms.
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], scalingFactor: .kilo)
    for workload in Workload.all {
        nonisolated(unsafe) let once = workload.once
        Benchmark(workload.name) { benchmark in
            for _ in benchmark.scaledIterations { once() }
        }
    }
}
