import Glibc

/// The process's environment.
package enum Environment {
    /// https://no-color.org
    package static var noColor: Bool {
        guard let value = getenv("NO_COLOR") else { return false }
        return value.pointee != 0
    }
}

/// Text for the person who started the program.
package enum StandardError {
    package static var isTerminal: Bool { isatty(2) == 1 }
    package static var takesColour: Bool { isTerminal && !Environment.noColor }

    package static func write(_ text: String) {
        var text = text
        _ = text.withUTF8 { writeAll($0, to: 2) }
    }
}

/// What a command was asked for.
package enum StandardOutput {
    package static var takesColour: Bool { isatty(1) == 1 && !Environment.noColor }

    package static func write(_ bytes: UnsafeBufferPointer<UInt8>) { writeAll(bytes, to: 1) }

    package static func write(_ text: String) { _ = offer(text) }

    /// Writes; false if nobody reads it any more.
    package static func offer(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { writeAll($0, to: 1) }
    }
}

@discardableResult private func writeAll(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) -> Bool {
    var rest = UnsafeRawBufferPointer(bytes)
    while let base = rest.baseAddress, rest.count > 0 {
        let count = write(descriptor, base, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return true
}
