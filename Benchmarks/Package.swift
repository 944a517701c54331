// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own, so that what it needs does not enter that of the program.
let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "stsurvey", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        .target(
            name: "Workloads",
            dependencies: [
                .product(name: "Core", package: "stsurvey"),
                .product(name: "Reading", package: "stsurvey"),
            ],
            swiftSettings: settings),
        .executableTarget(name: "Count", dependencies: ["Workloads"], swiftSettings: settings),
        // What the list reader makes of a list: its names, seconds and memory.
        .executableTarget(
            name: "Names", dependencies: [.product(name: "Lists", package: "stsurvey")],
            swiftSettings: settings),
        // What files of --asn-file say of addresses, and what loading them takes.
        .executableTarget(
            name: "Locate", dependencies: [.product(name: "Networks", package: "stsurvey")],
            swiftSettings: settings),
        .executableTarget(
            name: "CoreBenchmarks",
            dependencies: ["Workloads", .product(name: "Benchmark", package: "benchmark")],
            // The benchmark package takes those for its own that stand in a folder of this name.
            path: "Benchmarks/CoreBenchmarks",
            swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)
