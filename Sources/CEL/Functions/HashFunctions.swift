// Hashes and message authentication codes. `hmac` has the names and the order of cel-go's extension, with one
// difference: what stands in a signature never chooses the algorithm, or whoever forges one could take the weakest.
let hashFunctions: [Function] =
    [
        digest("md5", .md5), digest("sha1", .sha1), digest("sha256", .sha256), digest("sha512", .sha512),
        hmac("hmac.sign"), hmac("hmac.compute"),
        Function(
            "hmac.verify", .function,
            eachOctets(3) { octets in
                Overload(
                    octets + [.string], .bool, check: checkHash(argument: 3),
                    .four { message, signature, key, name, frame in
                        verify(message, signature, key, name, &frame)
                    })
            }),
    ]

private func digest(_ name: String, _ hash: HashAlgorithm) -> Function {
    Function(
        name, .function,
        eachOctets(1) { octets in
            Overload(
                octets, .bytes,
                .one { value, frame in
                    guard let message = value.contents else { return value }
                    guard frame.pay(forHashing: message) else { return .exhausted }
                    guard let crypto = frame.ambient.crypto else { return .noCryptography }
                    return .bytes(crypto.digest(of: message, hash))
                })
        })
}

private func hmac(_ name: String) -> Function {
    Function(
        name, .function,
        eachOctets(2) { octets in
            Overload(
                octets + [.string], .bytes, check: checkHash(argument: 2),
                .three { message, key, name, frame in
                    guard let message = message.contents, let key = key.contents else { return message }
                    switch hash(name) {
                    case .failure(let error): return .error(error)
                    case .success(let hash):
                        guard frame.pay(forHashing: message), frame.pay(forHashing: key) else { return .exhausted }
                        guard let crypto = frame.ambient.crypto else { return .noCryptography }
                        return .bytes(crypto.hmac(of: message, key: key, hash))
                    }
                })
        })
}

private func verify(
    _ message: Value, _ signature: Value, _ key: Value, _ name: Value, _ frame: inout Frame
) -> Value {
    guard let message = message.contents, let key = key.contents else { return message }
    switch hash(name) {
    case .failure(let error): return .error(error)
    case .success(let hash):
        guard frame.pay(forHashing: message), frame.pay(forHashing: key) else { return .exhausted }
        guard let crypto = frame.ambient.crypto else { return .noCryptography }
        // Whoever sends a signature of another length or form has sent a wrong one, which is no failure.
        guard let code = SignatureText.code(signature, hash) else { return .bool(false) }
        return .bool(crypto.isHMAC(code, of: message, key: key, hash))
    }
}

private func hash(_ name: Value) -> Result<HashAlgorithm, EvaluationError> {
    guard case .string(let text) = name, let hash = HashAlgorithm(name: text) else {
        return .failure(EvaluationError(unknownHash(name)))
    }
    return .success(hash)
}

private func unknownHash(_ name: Value) -> String {
    "unknown hash \(name.shown): there are \(HashAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))"
}

private func checkHash(argument: Int) -> Overload.Check {
    { arguments, _ in
        guard argument < arguments.count, case .constant(let name) = arguments[argument].kind,
            case .string(let text) = name, HashAlgorithm(name: text) == nil
        else { return nil }
        return (argument, unknownHash(name))
    }
}

/// An overload for each way in which so many arguments can be strings or bytes.
func eachOctets(_ count: Int, _ make: ([ValueType]) -> Overload) -> [Overload] {
    var ways: [[ValueType]] = [[]]
    for _ in 0..<count { ways = ways.flatMap { [$0 + [.string], $0 + [.bytes]] } }
    return ways.map(make)
}

extension HashAlgorithm {
    /// By its name in any case, with or without a hyphen, or by the one that JSON Web Signature has: `sha-256`, `HS256`.
    init?(name: String) {
        // No name is this long.
        guard name.utf8.count <= 16 else { return nil }
        let plain = name.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        let upper = String(decoding: plain, as: UTF8.self).uppercased()
        if let hash = HashAlgorithm(rawValue: upper) {
            self = hash
        } else if let algorithm = SignatureAlgorithm(rawValue: upper), algorithm.isSymmetric {
            self = algorithm.hash
        } else {
            return nil
        }
    }
}

extension Frame {
    /// A hash has a fixed cost too, which is that of some hundred bytes.
    mutating func pay(forHashing bytes: [UInt8]) -> Bool { pay(8) && pay(bytes: bytes.count) }
}

extension Value {
    static let noCryptography = Value.failure("there is no cryptography here")
}
