// swift-tools-version: 6.2
import PackageDescription

/// The settings of every target: Swift 6 mode, async functions that stay on their caller's
/// executor, explicit existentials and imports.
let tests: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// Those of every part of the program: each construct that is unsafe is marked.
let marked = tests + [.strictMemorySafety()]

/// Those of the parts that hold state: that its accesses are exclusive is checked at run time in
/// debug builds, which the unit tests use, and not in release builds, where it took an instruction
/// in ten.
let common =
    marked + [
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
    ]

/// The pure core: no I/O, no clock, no randomness, and no unsafe construct at all.
///
/// What one of its targets reads of another's values is inlined, as within one target.
let pure: [SwiftSetting] =
    marked + [
        .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))
    ]

/// What links Swift's runtime and what Foundation needs into the program.
///
/// It starts sooner, and runs where no Swift is. By lld, which does not warn of Foundation's
/// functions.
let swiftWithin = [
    "-use-ld=lld", "-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims",
]

func systemLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "stsurvey",
    products: [
        .executable(name: "stsurvey", targets: ["stsurvey"]),
        // For the fuzzers of Tests/Fuzz, a package of its own.
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
        // For Benchmarks, a package of its own.
        .library(
            name: "Core",
            targets: ["DNS", "MTASTS", "TLSRPT", "SMTP", "Observations", "Judgement", "Records"]),
        .library(name: "Reading", targets: ["RecordReading"]),
        .library(name: "Lists", targets: ["DomainList", "DNS"]),
        .library(name: "Networks", targets: ["Networks", "DNS"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        systemLibrary("CAres", pkgConfig: "libcares", apt: "libc-ares-dev"),
        // Without pkg-config: what that of Debian 13 says the package manager warns of.
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        systemLibrary("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        systemLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
        systemLibrary("CIdn2", pkgConfig: "libidn2", apt: "libidn2-dev"),
        systemLibrary("CPSL", pkgConfig: "libpsl", apt: "libpsl-dev"),
        systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        systemLibrary("CLzma", pkgConfig: "liblzma", apt: "liblzma-dev"),
        systemLibrary("CMaxMindDB", pkgConfig: "libmaxminddb", apt: "libmaxminddb-dev"),
        // libbz2 has no file for pkg-config.
        .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),

        // Takes the place of the system's allocator in the whole program.
        .systemLibrary(name: "CMimalloc", providers: [.apt(["libmimalloc-dev"])]),

        // What happens where the system's memory ends.
        .target(name: "CAllocator", linkerSettings: [.linkedLibrary("mimalloc")]),

        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),

        // Pure: facts in, values out.
        // A reader of messages must not outlive the bytes that it borrows.
        .target(
            name: "DNS", dependencies: ["Findings"],
            swiftSettings: pure + [.enableExperimentalFeature("Lifetimes")]),
        .target(name: "Findings", swiftSettings: pure),
        .target(name: "Metrics", swiftSettings: pure),
        .target(name: "Blocklist", dependencies: ["DNS"], swiftSettings: pure),
        // What the TXT records of both have in common.
        .target(name: "TextRecords", dependencies: ["DNS"], swiftSettings: pure),
        .target(
            name: "MTASTS", dependencies: ["DNS", "Findings", "TextRecords"], swiftSettings: pure),
        .target(
            name: "TLSRPT", dependencies: ["DNS", "Findings", "TextRecords"], swiftSettings: pure),
        .target(name: "SMTP", dependencies: ["Findings"], swiftSettings: pure),
        // The facts of a domain and of a host, and what they come to.
        .target(
            name: "Observations", dependencies: ["DNS", "Findings", "MTASTS", "SMTP"],
            swiftSettings: pure),
        .target(
            name: "Judgement",
            dependencies: ["Observations", "DNS", "Findings", "MTASTS", "TLSRPT", "SMTP"],
            swiftSettings: pure),
        // What findings, failures and verdicts mean to the owner of a domain, in words.
        .target(
            name: "Explanations",
            dependencies: [
                "Judgement", "Observations", "DNS", "Findings", "MTASTS", "TLSRPT", "SMTP",
            ], swiftSettings: pure),
        // The records of both: schema, encoding, exports.
        .target(
            name: "Records",
            dependencies: [
                "Explanations", "Judgement", "Observations", "DNS", "Findings", "MTASTS", "TLSRPT",
                "SMTP",
                .product(name: "BasicContainers", package: "swift-collections"),
            ], swiftSettings: pure),
        // How a domain and a host are observed: events in, actions out, time an argument.
        .target(
            name: "Probe", dependencies: ["DNS", "MTASTS", "Observations", "Judgement"],
            swiftSettings: pure),
        .target(
            name: "Lint",
            dependencies: ["Explanations", "Records", "DNS", "Findings", "MTASTS", "TLSRPT"],
            swiftSettings: pure),
        .target(
            name: "Changes",
            dependencies: [
                "Records", "Explanations", "Judgement", "Observations", "Findings", "MTASTS",
            ],
            swiftSettings: pure),
        .target(
            name: "Statistics",
            dependencies: [
                "Explanations", "Findings", "Records", "Judgement", "Observations", "MTASTS",
                "TLSRPT", "DNS",
            ],
            resources: [
                .embedInCode("providers.json"), .embedInCode("Report/report.css"),
                .embedInCode("Report/report.js"),
            ], swiftSettings: pure),

        // Adapters: each the only importer of its C library.
        .target(
            name: "EventLoop",
            dependencies: [
                "CLinux",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ], swiftSettings: common),
        // How much may be in progress at once: pure, but for the loop's instants.
        .target(name: "InFlight", dependencies: ["EventLoop"], swiftSettings: common),
        .target(
            name: "ConnectionLimits",
            dependencies: [
                "DNS", "EventLoop", "InFlight",
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: common),
        .target(
            name: "Resolver",
            dependencies: [
                "CAres", "CLinux", "DNS", "EventLoop", "InFlight", "Metrics",
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: common),
        .target(
            name: "TLS", dependencies: ["COpenSSL", "Observations", "DNS"], swiftSettings: common),
        .target(
            name: "PolicyFetch",
            dependencies: ["ConnectionLimits", "CCurl", "TLS", "EventLoop", "Observations", "DNS"],
            swiftSettings: common),
        .target(
            name: "MXProbe",
            dependencies: [
                "ConnectionLimits", "TLS", "EventLoop", "SMTP", "Observations", "DNS", "Metrics",
            ],
            swiftSettings: common),
        .target(
            name: "DomainList",
            dependencies: [
                "CAllocator", "CBzip2", "CIdn2", "CZlib", "CLzma", "CZstd", "DNS",
            ],
            swiftSettings: common),
        .target(name: "Archive", dependencies: ["CZstd"], swiftSettings: common),
        .target(
            name: "RecordReading",
            dependencies: [
                "CSimdjson", "Findings", "Archive", "EventLoop", "Records", "Observations", "DNS",
                "SMTP",
            ],
            swiftSettings: common),
        // A scan's folder: manifest, checkpoint, record files, and whether that is all of it.
        .target(
            name: "ScanFolder",
            dependencies: [
                "RecordReading", "Archive", "TLS", "Records",
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: common),
        // A list of preloaded policies, as domains are compared with it.
        .target(
            name: "Preload", dependencies: ["Archive", "TLS", "Judgement", "DNS"],
            swiftSettings: common),
        // Where addresses are: files of autonomous systems and countries.
        .target(
            name: "Networks", dependencies: ["CMaxMindDB", "CZlib", "TLS", "Records", "DNS"],
            swiftSettings: common),
        .target(name: "PublicSuffix", dependencies: ["CPSL"], swiftSettings: common),
        // What people read on standard error: messages, and how far a run is.
        .target(
            name: "Console", dependencies: [.product(name: "Logging", package: "swift-log")],
            swiftSettings: common),
        .target(
            name: "Comparison",
            dependencies: [
                "ScanFolder", "RecordReading", "PublicSuffix", "Changes", "Records", "Judgement",
                "Observations", "MTASTS",
            ],
            swiftSettings: common),

        // What becomes of the records.
        .target(
            name: "FolderStatistics",
            dependencies: [
                "ScanFolder", "RecordReading", "Statistics", "PublicSuffix", "Records", "Judgement",
                "Observations", "MTASTS", "Metrics",
            ], swiftSettings: common),

        .target(
            name: "DomainSelection",
            dependencies: [
                "Explanations", "Judgement", "Observations", "DNS", "MTASTS", "Records",
                "RecordReading", "ScanFolder", "FolderStatistics", "Statistics", "PublicSuffix",
                "Archive",
            ], swiftSettings: common),

        // The run, and the command.
        .target(
            name: "Scan",
            dependencies: [
                "Console", "Findings", "CMimalloc",
                "DNS", "MTASTS", "Records", "Explanations", "Judgement", "Observations", "Probe",
                "SMTP", "EventLoop", "Resolver", "TLS",
                "PolicyFetch", "MXProbe", "DomainList", "Archive", "Blocklist", "RecordReading",
                "ScanFolder", "Preload", "Networks",
                "Metrics", "ConnectionLimits", "InFlight", "PublicSuffix",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: common),
        .target(
            name: "Verify",
            dependencies: [
                "ScanFolder", "RecordReading", "Archive", "Records", "TLS",
            ],
            swiftSettings: common),
        .target(
            name: "Rejudge",
            dependencies: [
                "ScanFolder", "Preload", "Networks", "RecordReading", "Archive", "Records",
                "Judgement", "Observations", "DNS", "Probe",
            ],
            swiftSettings: common),
        .executableTarget(
            name: "stsurvey",
            dependencies: [
                "Console", "Scan", "Probe", "Verify", "Rejudge", "Comparison", "Records",
                "Explanations", "Judgement",
                "Observations", "SMTP", "Lint", "Changes", "DomainList", "Resolver",
                "PolicyFetch", "MXProbe", "MTASTS", "DNS", "FolderStatistics", "Statistics", "TLS",
                "DomainSelection", "RecordReading", "Archive",
                "ScanFolder", "Preload",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: common,
            linkerSettings: [.unsafeFlags(swiftWithin, .when(configuration: .release))]),

        // Servers on loopback that play scripts, for tests alone.
        .target(
            name: "ScriptedServers", dependencies: ["COpenSSL", "DNS", "EventLoop"],
            path: "Tests/ScriptedServers", swiftSettings: tests),
        // Folders as a scan writes them, of few domains, for tests alone.
        .target(
            name: "SampleFolders",
            dependencies: [
                "Archive", "RecordReading", "ScanFolder", "Records", "Judgement", "Observations",
                "DNS",
            ], path: "Tests/SampleFolders", swiftSettings: tests),
        .testTarget(
            name: "DNSTests", dependencies: ["DNS", "ScriptedServers"], swiftSettings: tests),
        .testTarget(
            name: "InFlightTests", dependencies: ["InFlight", "EventLoop"], swiftSettings: tests),
        .testTarget(
            name: "ConnectionLimitsTests",
            dependencies: ["ConnectionLimits", "EventLoop", "DNS", "ScriptedServers"],
            swiftSettings: tests),
        .testTarget(name: "ConsoleTests", dependencies: ["Console"], swiftSettings: tests),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics"], swiftSettings: tests),
        .testTarget(
            name: "BlocklistTests", dependencies: ["Blocklist", "DNS"], swiftSettings: tests),
        .testTarget(
            name: "MTASTSTests", dependencies: ["MTASTS", "DNS", "Findings"],
            swiftSettings: tests),
        .testTarget(
            name: "TLSRPTTests", dependencies: ["TLSRPT", "Findings"], swiftSettings: tests),
        .testTarget(name: "SMTPTests", dependencies: ["SMTP"], swiftSettings: tests),
        .testTarget(
            name: "CoreTests",
            dependencies: [
                "Observations", "Judgement", "Explanations", "Records", "Lint", "Changes",
                "Findings", "DNS", "MTASTS", "TLSRPT", "SMTP",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "ProbeTests",
            dependencies: ["Probe", "DNS", "MTASTS", "Observations", "Judgement"],
            swiftSettings: tests),
        .testTarget(
            name: "TLSTests",
            dependencies: [
                "TLS", "COpenSSL", "EventLoop", "Observations", "Judgement", "Findings", "DNS",
                "ScriptedServers",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "PolicyFetchTests",
            dependencies: [
                "PolicyFetch", "ConnectionLimits", "TLS", "EventLoop", "Observations", "DNS",
                "ScriptedServers",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "MXProbeTests",
            dependencies: [
                "MXProbe", "ConnectionLimits", "TLS", "EventLoop", "Observations", "DNS", "SMTP",
                "ScriptedServers",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "ComparisonTests",
            dependencies: [
                "Comparison", "Changes", "ScanFolder", "RecordReading", "SampleFolders",
            ], swiftSettings: tests),
        .testTarget(
            name: "RejudgeTests",
            dependencies: [
                "Rejudge", "ScanFolder", "RecordReading", "Records", "SampleFolders", "Archive",
                "DNS",
                "Observations", "Probe",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "VerifyTests", dependencies: ["Verify", "RecordReading", "Records"],
            swiftSettings: tests),
        .testTarget(
            name: "ScanTests",
            dependencies: [
                "Scan", "ConnectionLimits", "DNS", "DomainList", "EventLoop", "Records",
                "Judgement", "Observations", "Probe", "ScanFolder",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "stsurvey", "Scan",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: tests),
        .testTarget(
            name: "ScanFolderTests", dependencies: ["ScanFolder", "Archive", "RecordReading"],
            swiftSettings: tests),
        .testTarget(
            name: "EventLoopTests", dependencies: ["EventLoop", "ScriptedServers"],
            swiftSettings: tests),
        .testTarget(
            name: "ResolverTests",
            dependencies: ["Resolver", "EventLoop", "DNS", "ScriptedServers"],
            swiftSettings: tests),
        .testTarget(
            name: "DomainListTests", dependencies: ["DomainList", "DNS"], swiftSettings: tests),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "DNS", "Findings", "MTASTS", "TLSRPT", "SMTP", "Records", "Judgement",
                "Observations", "Lint",
            ],
            path: "Tests/FuzzTargets", swiftSettings: pure),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"], swiftSettings: tests),
        .testTarget(name: "ArchiveTests", dependencies: ["Archive"], swiftSettings: tests),
        .testTarget(
            name: "RecordReadingTests",
            dependencies: [
                "RecordReading", "Archive", "Records", "Judgement", "Observations", "DNS", "SMTP",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "StatisticsTests",
            dependencies: [
                "Statistics", "Explanations", "Records", "Judgement", "Observations", "MTASTS",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "NetworksTests", dependencies: ["Networks", "Records", "DNS"],
            exclude: ["Fixtures"], swiftSettings: tests),
        .testTarget(
            name: "PublicSuffixTests", dependencies: ["PublicSuffix"], swiftSettings: tests),
    ],
    cxxLanguageStandard: .cxx17
)
