package import CEL
package import Telemetry

/// What a section may look at when it becomes a part of the plan: the route it is compiled for.
package struct CompileScope: Sendable {
    /// What the route's expressions can see.
    package let environment: Environment
    /// Where access logs go; nil where nothing is to be opened, as for `lint`.
    package let outputs: LogOutputs?

    package init(environment: Environment, outputs: LogOutputs?) {
        self.environment = environment
        self.outputs = outputs
    }
}
