/// Names as Prometheus has them.
package enum PrometheusName {
    /// The name of an attribute or a metric (OpenTelemetry, Prometheus compatibility): what is not allowed becomes one `_`, and
    /// none is in front but before a digit.
    package static func of(_ name: String) -> String {
        var mapped = ""
        for byte in name.utf8 {
            let isDigit = byte >= 0x30 && byte <= 0x39
            if isDigit || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A {
                if isDigit, mapped.isEmpty { mapped = "_" }
                mapped.unicodeScalars.append(Unicode.Scalar(byte))
            } else if !mapped.isEmpty, mapped.utf8.last != UInt8(ascii: "_") {
                mapped += "_"
            }
        }
        return mapped.isEmpty ? "_" : mapped
    }
}
