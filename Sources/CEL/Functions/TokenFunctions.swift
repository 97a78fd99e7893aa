import Diagnostics
import JSON

// JSON Web Tokens in the compact form (RFC 7519, RFC 7515 section 7.1).
let tokenFunctions: [Function] = [
    Function(
        "jwt.sign", .function,
        eachOctets(1) { octets in
            Overload(
                [.map(.string, .dyn)] + octets + [.string], .string, check: checkToken,
                .three { claims, key, name, frame in sign(claims, key, name, .map(MapValue()), &frame) })
        }
            + eachOctets(1) { octets in
                Overload(
                    [.map(.string, .dyn)] + octets + [.string, .map(.string, .dyn)], .string, check: checkToken,
                    .four { claims, key, name, header, frame in sign(claims, key, name, header, &frame) })
            })
]

private func sign(_ claims: Value, _ key: Value, _ name: Value, _ header: Value, _ frame: inout Frame) -> Value {
    guard case .map(let claims) = claims, case .map(let header) = header, let key = key.contents,
        case .string(let text) = name
    else { return claims }
    guard let algorithm = SignatureAlgorithm(rawValue: text) else { return .failure(unknownAlgorithm(text)) }
    guard frame.pay(algorithm.steps) else { return .exhausted }
    guard let crypto = frame.ambient.crypto else { return .noCryptography }

    var fields: [(key: Value, value: Value)] = [
        (.string("alg"), .string(algorithm.rawValue)), (.string("typ"), .string("JWT")),
    ]
    for field in header.entries {
        if case .string(let name) = field.key, sameBytes(name, "alg") {
            return .failure("'jwt.sign': the header cannot have `alg`, which the third argument says")
        }
        fields.append(field)
    }
    // A moment in a token is a number of seconds (NumericDate), which nobody wants to write for each.
    let dated = claims.entries.map { entry -> (key: Value, value: Value) in
        if case .timestamp(let time) = entry.value { return (entry.key, .int(time.seconds)) }
        return entry
    }
    var out = ByteWriter(capacity: 512)
    for part in [Value.map(MapValue(fields)), .map(MapValue(dated))] {
        var json = ByteWriter(capacity: 256)
        if case .failed(let error) = part.writeJSON(&json) { return .error(error) }
        if json.count > Limits.output / 2 { return .tooLarge }
        guard frame.pay(bytes: json.count) else { return .exhausted }
        if out.count > 0 { out.append(UInt8(ascii: ".")) }
        out.append(Base64.encodeURL(Array(json.bytes)))
    }
    guard frame.pay(forHashing: Array(out.bytes)), frame.pay(forHashing: key) else { return .exhausted }
    switch crypto.signature(of: Array(out.bytes), key: key, algorithm) {
    case .failure(let error): return .failure("'jwt.sign': \(error.message)")
    case .success(let signature):
        out.append(UInt8(ascii: "."))
        out.append(Base64.encodeURL(signature))
        return .string(String(decoding: out.bytes, as: UTF8.self))
    }
}

/// An algorithm or a key that is written out and wrong is found at load, whatever the claims will be.
private let checkToken: Overload.Check = { arguments, ambient in
    guard case .constant(.string(let name)) = arguments[2].kind else { return nil }
    guard let algorithm = SignatureAlgorithm(rawValue: name) else { return (2, unknownAlgorithm(name)) }
    guard case .constant(let value) = arguments[1].kind, let key = value.contents,
        let mistake = ambient.crypto?.mistake(in: key, algorithm)
    else { return nil }
    return (1, "'jwt.sign': \(mistake.message)")
}

private func unknownAlgorithm(_ name: String) -> String {
    let names = SignatureAlgorithm.allCases.map(\.rawValue)
    let known = Suggest.nearest(name, among: names).map { "did you mean \(quoted($0))?" }
    return "'jwt.sign' has no algorithm \(quoted(name)): \(known ?? "there are " + names.joined(separator: ", "))"
}

extension SignatureAlgorithm {
    /// Steps that a signature costs besides those for its length, by the time that it takes.
    fileprivate var steps: Int {
        switch self {
        case .hs256, .hs384, .hs512: 8
        case .es256, .edDSA: 1000
        case .es384, .es512: 10_000
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: 20_000
        }
    }
}
