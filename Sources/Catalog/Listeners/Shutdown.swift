package import Manifests

/// `shutdown`: how the server goes down on SIGTERM.
package struct Shutdown: ManifestSection {
    package var delay: Timespan?
    package var grace = Timespan.seconds(30)

    package init() {}

    package static let key = "shutdown"
    package static let doc = """
        On SIGTERM the server takes connections for `delay` more, so that a load balancer can turn away, then lets \
        what runs finish for at most `grace`.
        """
    package static let fields: [Field<Shutdown>] = [
        Field(
            "delay", \.delay, doc: "How long connections are still taken; 5s, on a terminal 0s.", example: "5s"),
        Field("grace", \.grace, doc: "How long calls in flight may go on.", example: "30s"),
    ]
}
