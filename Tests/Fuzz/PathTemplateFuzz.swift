// Any bytes as a path template, and as a path behind the first line. Nothing may trap; a template that is read takes the paths
// that its segments take one by one, with the same values in its variables.
import JSON
import Pipeline

private let slash = UInt8(ascii: "/")
private let colon = UInt8(ascii: ":")

private func decoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var out = ByteWriter()
    Array(bytes).withUnsafeBufferPointer { PathEscapes.append(decoded: $0, to: &out) }
    return Array(out.bytes)
}

/// What each segment takes of a path; nil where one does not.
private func naive(_ template: PathTemplate, _ path: [UInt8]) -> [[UInt8]]? {
    let parts = path.dropFirst().split(separator: slash, omittingEmptySubsequences: false)
    let hasRest = template.segments.last == .rest
    let fixed = hasRest ? template.segments.dropLast() : template.segments[...]
    let verb = template.verb
    if template.segments.isEmpty { return path == [slash] ? [] : nil }
    let takesNothing = hasRest && parts.count == fixed.count
    if hasRest, fixed.isEmpty, let verb, parts.count == 1, decoded(parts[0]) == [colon] + verb { return [[]] }
    guard hasRest ? parts.count >= fixed.count : parts.count == fixed.count else { return nil }

    var values: [[UInt8]] = []
    for (index, (segment, part)) in zip(fixed, parts).enumerated() {
        let isLast = index == fixed.count - 1 && (!hasRest || takesNothing)
        guard let value = taken(segment, part, isLast ? verb : nil) else { return nil }
        values.append(value)
    }
    guard hasRest else { return values }
    if takesNothing { return values + [[]] }
    var rest = Array(parts[fixed.count...].joined(separator: [slash]))
    if let verb {
        guard let last = parts.last, let before = cut(last, verb) else { return nil }
        rest.removeLast(last.count - before.count)
    }
    return values + [decoded(rest)]
}

private func taken(_ segment: PathTemplate.Segment, _ part: ArraySlice<UInt8>, _ verb: [UInt8]?) -> [UInt8]? {
    if part.isEmpty { return nil }
    guard case .literal(let text) = segment else {
        guard let verb else { return decoded(part) }
        return cut(part, verb).map { decoded($0) }
    }
    return decoded(part) == text + (verb.map { [colon] + $0 } ?? []) ? text : nil
}

/// What stands before a verb.
private func cut(_ part: ArraySlice<UInt8>, _ verb: [UInt8]) -> ArraySlice<UInt8>? {
    guard let at = part.lastIndex(of: colon), at > part.startIndex, decoded(part[(at + 1)...]) == verb else {
        return nil
    }
    return part[..<at]
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
    let end = bytes.firstIndex(of: 0x0A) ?? bytes.count
    let text = Array(bytes[..<end])
    let path = Array(bytes[min(end + 1, bytes.count)...])
    switch PathTemplate.parse(text) {
    case .failure(let fault):
        precondition(fault.range.lowerBound >= 0 && fault.range.upperBound <= text.count && !fault.message.isEmpty)
    case .success(let template): check(template, path)
    }
    return 0
}

private func check(_ template: PathTemplate, _ path: [UInt8]) {
    let patterns = [template.pattern(method: nil)] + [template.spare(method: nil)].compactMap(\.self)
    precondition(RoutePattern.conflicts(among: patterns).isEmpty, "its own patterns conflict")
    guard !path.isEmpty else { return }
    let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var captures = Captures()
    let match = path.withUnsafeBufferPointer {
        Router(patterns).match(method: nothing, host: nothing, path: $0, &captures)
    }
    switch match {
    // Paths that are not clean are redirected to others.
    case .badPath, .redirect: return
    case .notFound, .methodNotAllowed: precondition(naive(template, path) == nil, "a path is missed")
    case .route:
        guard let segments = naive(template, path) else { preconditionFailure("a path too many is taken") }
        for variable in template.variables {
            var value: [UInt8] = []
            for part in template.parts(of: variable) {
                switch part {
                case .text(let text): value += text
                case .capture(let number): value += decoded(path[captures[number].range])
                case .rest(let number):
                    let taken = decoded(path[captures[number].range])
                    value += taken.isEmpty ? [] : [slash] + taken
                }
            }
            var expected = segments[variable.segments]
            if expected.count > 1, expected.last == [] { expected.removeLast() }
            let joined = Array(expected.joined(separator: [slash]))
            // A slash within a literal is escaped in a value that has slashes of its own.
            let isSame = value.replacing("%2F".utf8, with: [slash]) == joined.replacing("%2F".utf8, with: [slash])
            precondition(variable.isMultiSegment ? isSame : value == joined, "another value of \(variable.name)")
        }
    }
}
