// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// What each module is for, and what it may know: docs/architecture.md. The imports are checked by `make lint`.
let package = Package(
    name: "radicled",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "radicled", targets: ["radicled"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // For the client of `radicled call`, and in tests: our own reading of HTTP/2 is held against it.
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev", "pkg-config"]), .brew(["libyaml"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev", "pkg-config"]), .brew(["zlib"])]),
        module("JSON"),
        module("Codings", ["CZlib", "JSON"]),
        module("Diagnostics", ["JSON"]),
        module("CEL", ["Diagnostics", "JSON"]),
        module("Protobuf", ["CEL", "Diagnostics", "JSON"]),
        module("Cryptography", ["CEL", "JSON", crypto, cryptoExtras]),
        module("Manifests", ["CLibYAML", "CEL", "Diagnostics", "JSON"]),
        module("Client", [nioCore, nioPosix]),
        module("Telemetry", ["Client", "Codings", "JSON", nioCore, nioPosix, logging, coreMetrics, tracing]),
        module(
            "Pipeline",
            ["CEL", "Codings", "Cryptography", "Diagnostics", "JSON", "Protobuf", "Telemetry", nioCore]),
        module(
            "Catalog",
            [
                "Certificates", "Manifests", "Pipeline", "CEL", "Client", "Codings", "Diagnostics", "JSON", "Protobuf",
                "Telemetry", nioCore,
            ]),
        module(
            "Compiler",
            ["Catalog", "Certificates", "Manifests", "Pipeline", "CEL", "Diagnostics", "JSON", "Protobuf", "Telemetry"]),
        module("Certificates", ["Cryptography", "JSON", "Telemetry", crypto, swiftASN1, nioCore, nioSSL]),
        module(
            "Transport",
            [
                "Certificates", "Pipeline", "CEL", "JSON", "Protobuf", "Telemetry", nioCore, nioPosix, nioEmbedded,
                nioSSL, nioTLS,
            ]),
        module(
            "Examples",
            [
                "Calling", "Transport", "Compiler", "Catalog", "Manifests", "Pipeline", "CEL", "Diagnostics", "JSON",
                "Protobuf",
            ]),
        module(
            "Admin",
            [
                "Transport", "Compiler", "Manifests", "Pipeline", "CEL", "Diagnostics", "JSON", "Telemetry", nioCore,
                logging,
            ]),
        module(
            "Lifecycle",
            [
                "Admin", "Transport", "Compiler", "Catalog", "Certificates", "Manifests", "Pipeline", "Client",
                "Diagnostics", "JSON", "Telemetry", nioCore, nioPosix, logging, coreMetrics, tracing,
            ]),
        module(
            "DryRun",
            ["Transport", "Compiler", "Catalog", "Pipeline", "CEL", "Diagnostics", "JSON", nioEmbedded]),
        module(
            "Calling",
            [
                "Transport", "Compiler", "Catalog", "Manifests", "Pipeline", "Client", "Diagnostics", "JSON",
                "Protobuf", nioCore, nioPosix, nioHTTP1, nioHTTP2, nioHPACK, nioSSL,
            ]),
        .executableTarget(
            name: "radicled",
            dependencies: [
                "Lifecycle", "DryRun", "Examples", "Calling", "Compiler", "Diagnostics", "JSON", argumentParser,
                logging,
            ],
            swiftSettings: settings),

        tests("JSONTests", ["JSON"]),
        tests("CodingsTests", ["Codings", "JSON"]),
        tests("DiagnosticsTests", ["Diagnostics", "JSON"]),
        tests("CELTests", ["CEL", "Cryptography", "Diagnostics", "JSON"], exclude: ["conformance.json"]),
        // Compiles .proto files for Tests/EndToEnd, which compares the outcome with protoc's.
        .executableTarget(
            name: "ProtoJudge", dependencies: ["Protobuf", "Diagnostics", "JSON"], path: "Tests/ProtoJudge",
            swiftSettings: settings),
        tests("ProtobufTests", ["Protobuf", "CEL", "Diagnostics", "JSON"]),
        tests("CryptographyTests", ["Cryptography", "CEL", "JSON", crypto]),
        tests("CertificatesTests", ["Certificates"]),
        tests("ManifestsTests", ["Manifests", "CEL", "Diagnostics", "JSON"]),
        tests("PipelineTests", ["Pipeline", "CEL", "Diagnostics", "JSON", "Protobuf", nioCore, nioEmbedded]),
        tests("ClientTests", ["Client", nioCore, nioPosix]),
        tests(
            "CallingTests",
            ["Calling", "Compiler", "Manifests", "Pipeline", "Diagnostics", "JSON", "Protobuf"]),
        tests(
            "TelemetryTests",
            ["Telemetry", "Client", "JSON", nioCore, nioEmbedded, nioPosix, logging, coreMetrics, tracing]),
        tests(
            "TransportTests",
            [
                "Transport", "Certificates", "Pipeline", "CEL", "Diagnostics", "JSON", "Protobuf", "Telemetry", nioCore,
                nioEmbedded, nioPosix, nioHTTP1, nioHTTP2, nioHPACK, nioSSL,
            ]),
        tests(
            "AdminTests",
            [
                "Admin", "Transport", "Compiler", "Manifests", "Pipeline", "Diagnostics", "JSON", "Telemetry", nioCore,
                logging,
            ]),
        tests(
            "DryRunTests",
            ["DryRun", "Compiler", "Catalog", "Manifests", "Pipeline", "CEL", "Diagnostics", "JSON"]),
        tests(
            "ExamplesTests",
            ["Examples", "Calling", "Compiler", "Catalog", "Manifests", "Pipeline", "CEL", "Diagnostics", "JSON"]),
        // Runs every feature over every protocol, and keeps docs/reference/protocols.md.
        tests(
            "ParityTests",
            [
                "Calling", "Catalog", "Codings", "Compiler", "Diagnostics", "DryRun", "Examples", "JSON", "Manifests",
                "Pipeline", "Protobuf", "Telemetry", "Transport", nioCore, nioPosix,
            ]),
        tests(
            "CatalogTests",
            [
                "Catalog", "Compiler", "Transport", "Manifests", "Pipeline", "Protobuf", "Telemetry", "CEL",
                "Diagnostics",
                "JSON", nioEmbedded,
            ]),
        tests(
            "CompilerTests",
            ["Compiler", "Catalog", "Manifests", "Pipeline", "CEL", "Diagnostics", "JSON", "Protobuf"]),
    ]
)
