import Certificates
import Glibc
import Telemetry

/// The files that `radicled dev-cert` writes.
package enum DevelopmentFiles {
    /// Why they were not written, in one line.
    package struct Refusal: Error {
        package let message: String
    }

    /// Writes `dev.pem` and `dev.key` into a directory. Returns what to tell of it.
    ///
    /// - Parameter replaces: files that are there are written anew.
    package static func write(into directory: String, replacing replaces: Bool) throws(Refusal) -> String {
        let (certificatePath, keyPath) = (path("dev.pem", in: directory), path("dev.key", in: directory))
        for path in [certificatePath, keyPath] where !replaces && access(path, F_OK) == 0 {
            throw Refusal(message: "\(path) is there already; --force writes it anew")
        }
        let hosts = ["localhost", hostName].compactMap(\.self)
        let loopback: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]
        let made: DevelopmentCertificate
        do {
            made = try DevelopmentCertificate(
                hosts: hosts, addresses: loopback, now: WallClock.now() / 1_000_000_000)
        } catch {
            throw Refusal(message: "cannot make a certificate: \(error)")
        }
        try write(made.key, to: keyPath, mode: 0o600)
        try write(made.certificate, to: certificatePath, mode: 0o644)
        return """
            \(certificatePath) is for \((hosts + ["127.0.0.1", "::1"]).joined(separator: ", ")) and ends in \
            \(DevelopmentCertificate.days) days.
            In a manifest beside it:

                listen: { address: "127.0.0.1:8443", tls: { certificate: dev.pem, key: dev.key } }

            then: curl --cacert \(certificatePath) https://localhost:8443/
            Nobody else trusts it: for development alone.

            """
    }

    private static func path(_ name: String, in directory: String) -> String {
        directory.isEmpty || directory == "."
            ? name : directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }

    /// The machine's, if it can stand in a certificate and is not there anyway.
    private static var hostName: String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self).lowercased()
        let isPlain = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
        }
        return isPlain && !name.isEmpty && name != "localhost" ? name : nil
    }

    /// A file of our own, never one that a link leads to.
    private static func write(_ text: String, to path: String, mode: mode_t) throws(Refusal) {
        unlink(path)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw Refusal(message: "cannot write \(path): \(reason)") }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Refusal(message: "cannot write \(path): \(reason)") }
            rest = rest.dropFirst(count)
        }
    }

    private static var reason: String { String(cString: strerror(errno)).lowercased() }
}
