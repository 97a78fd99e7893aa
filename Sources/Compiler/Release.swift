/// Which radicled this is.
package enum Release {
    /// Also in CHANGELOG.md.
    package static let version = "0.1.0-dev"
}
