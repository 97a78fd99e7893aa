import Catalog
import Certificates
import Compiler
import Diagnostics
import Manifests
import Pipeline
import Telemetry

/// A manifest that can be put in force: read, linted and compiled, with what it writes to open. All that can fail in this
/// has not failed.
struct Candidate {
    let manifest: ManifestRoot
    let plan: Plan
    /// What each listener speaks, in the order of the manifest.
    let tls: [ServerTLS?]
    /// What the listener `admin` speaks.
    let adminTLS: ServerTLS?
    let routes: [RouteSummary]
    let loading: Loading
    let states: SharedStates
    let health: HealthState?
    let outputs: LogOutputs
    /// What lint warns of.
    let warnings: [Finding]

    /// - Parameters:
    ///   - earlier: what is in force; nothing of it changes.
    ///   - files: remembers what was read, whether or not it came to something.
    ///   - open: makes the outputs of the first manifest, from its settings as far as they can be read.
    init(
        _ origin: inout Origin, after earlier: Candidate?, noting files: ReadFiles,
        open: (ManifestRoot?) -> LogOutputs
    ) throws(Daemon.Refusal) {
        let sources: [Source]
        do {
            sources = try origin.read(noting: files)
        } catch {
            throw Daemon.Refusal(message: error.description, code: 2)
        }
        var findings = Findings()
        let loading = Loading(sources, overrides: origin.overrides, in: files.surroundings, &findings)
        // What is wrong with the settings is told when all is compiled.
        var unheard = Findings()
        let outputs =
            earlier.map { LogOutputs(after: $0.outputs) }
            ?? open(loading.manifest(&unheard))
        let states = SharedStates(after: earlier?.states)
        let compilation = Compilation(
            loading, outputs: outputs, states: states, generation: (earlier?.plan.generation ?? 0) + 1, &findings)
        let ordered = findings.ordered()
        guard let manifest = compilation.manifest, let plan = compilation.plan else {
            throw Daemon.Refusal(findings: ordered)
        }
        self.manifest = manifest
        self.plan = plan
        tls = compilation.tls
        adminTLS = compilation.adminTLS
        routes = compilation.routes
        self.loading = loading
        self.states = states
        health = compilation.health
        self.outputs = outputs
        warnings = ordered
    }

    /// What the manifest says of the process.
    var resource: [String: String] { manifest.telemetry.attributes }

    /// Settings of what outlives a plan hold from now on, and what only the manifest before had is let go of.
    func takeEffect() {
        states.takeEffect()
        outputs.takeEffect()
    }
}
