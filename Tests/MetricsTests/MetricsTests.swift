import Metrics
import Testing

@Suite struct `metrics` {
    @Test func `durations fall into the bucket that ends at or above them`() {
        var histogram = Histogram()
        for microseconds: UInt64 in [0, 500, 501, 60_000_000, 60_000_001] {
            histogram.add(microseconds: microseconds)
        }
        #expect(histogram.counts[0] == 2)
        #expect(histogram.counts[1] == 1)
        #expect(histogram.counts.suffix(2) == [1, 1])
        #expect(histogram.count == 5)
        var sum = histogram
        sum.merge(histogram)
        #expect(sum.count == 10)
        #expect(sum.sum == 2 * histogram.sum)
    }

    @Test func `are written as Prometheus reads them`() {
        var page = Exposition(prefix: "x_")
        page.counter("things_total", "Things.", [.init(2, ("kind", #"a"b\c"#)), .init(0)])
        page.counter("cpu_seconds_total", "CPU.", thousandths: 1250)
        var histogram = Histogram()
        histogram.add(microseconds: 700)
        histogram.add(microseconds: 70_000_000)
        page.histograms("wait_seconds", "Waits.", by: "stage", [("dns", histogram)])
        let lines = page.text.split(separator: "\n")
        #expect(
            lines[..<4] == [
                "# HELP x_things_total Things.", "# TYPE x_things_total counter",
                #"x_things_total{kind="a\"b\\c"} 2"#, "x_things_total 0",
            ])
        #expect(lines.contains("x_cpu_seconds_total 1.25"))
        #expect(lines.contains(#"x_wait_seconds_bucket{stage="dns",le="0.0005"} 0"#))
        #expect(lines.contains(#"x_wait_seconds_bucket{stage="dns",le="0.001"} 1"#))
        #expect(lines.contains(#"x_wait_seconds_bucket{stage="dns",le="60"} 1"#))
        #expect(lines.contains(#"x_wait_seconds_bucket{stage="dns",le="+Inf"} 2"#))
        #expect(lines.contains(#"x_wait_seconds_sum{stage="dns"} 70.0007"#))
        #expect(lines.contains(#"x_wait_seconds_count{stage="dns"} 2"#))
    }
}
