import ArgumentParser
import Scan

/// The options of `scan` that have programs told how it goes.
struct StatusOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file, or a pipe, that gets one JSON object each second.", valueName: "file"))
    var statusUpdatesFile: String?

    @Option(
        help: ArgumentHelp(
            "Serve metrics for Prometheus here, on loopback where no address is given.",
            valueName: "[address:]port"),
        transform: { text in
            guard let place = MetricsAddress(text) else {
                throw ValidationError("--prometheus: '\(text)' is no port, nor address and port")
            }
            return place
        })
    var prometheus: MetricsAddress?

    /// Fills `options` in.
    func apply(to options: inout ScanOptions) {
        options.statusFile = statusUpdatesFile
        options.metricsAddress = prometheus
    }
}
