package import Diagnostics
package import JSON

/// A line of `radicled routes`.
package struct RouteSummary: Sendable {
    package let method: String
    /// Empty for every host; several are joined by commas.
    package let host: String
    package let path: String
    package let service: String
    package let responder: String
    /// Names in the order of the chain.
    package let stages: [String]
    package let place: SourceRange

    /// Columns as wide as their widest cell; hosts only where there are any.
    package static func table(_ routes: [RouteSummary], into out: inout ByteWriter) {
        let hasHosts = routes.contains { !$0.host.isEmpty }
        var rows = [["METHOD"] + (hasHosts ? ["HOST"] : []) + ["PATH", "SERVICE", "RESPONDER", "MIDDLEWARE"]]
        for route in routes {
            let host = hasHosts ? [route.host.isEmpty ? "*" : route.host] : []
            let cells =
                [route.method] + host
                + [route.path, route.service, route.responder, route.stages.joined(separator: " > ")]
            rows.append(cells.map { HumanRenderer.safe($0) })
        }
        let columns = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: columns[column] - cell.count + 2)
                }
            }
            out.append(line + "\n")
        }
    }
}
