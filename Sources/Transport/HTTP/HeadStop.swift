/// Why a head was not read to its end, and what is answered to it.
package enum HeadStop: UInt8, Sendable {
    case more
    case bareCR
    case bareLF
    case control
    case badMethod
    case longMethod
    case badTarget
    case longTarget
    case badVersion
    case otherVersion
    case fold
    case badName
    case longField
    case manyFields
    case headTooLarge
    case noHost
    case manyHosts
    case badHost
    case badLength
    case manyLengths
    case badCoding
    case otherCoding
    case lengthAndCoding
    case codingIn10
    case otherExpectation

    var status: Int {
        switch self {
        case .longTarget: 414
        case .otherExpectation: 417
        case .longField, .manyFields, .headTooLarge: 431
        case .longMethod, .otherCoding: 501
        case .otherVersion: 505
        default: 400
        }
    }

    var reason: StaticString {
        switch self {
        case .more: "the head is not complete"
        case .bareCR: "a carriage return without a line feed"
        case .bareLF: "a line ends without a carriage return"
        case .control: "a control character in a field value"
        case .badMethod: "the method is not a token"
        case .longMethod: "the method is too long"
        case .badTarget: "the request target is not valid"
        case .longTarget: "the request target is too long"
        case .badVersion: "the request line does not end in an HTTP version"
        case .otherVersion: "the HTTP version is not supported here"
        case .fold: "a field value is folded over lines"
        case .badName: "a field name is not a token followed by a colon"
        case .longField: "a field line is too long"
        case .manyFields: "too many fields"
        case .headTooLarge: "the head is too large"
        case .noHost: "the host field is missing"
        case .manyHosts: "more than one host field"
        case .badHost: "the host is not valid"
        case .badLength: "the content length is not a number"
        case .manyLengths: "more than one content length"
        case .badCoding: "the transfer encoding is not valid"
        case .otherCoding: "the transfer coding is not supported"
        case .lengthAndCoding: "both a content length and a transfer encoding"
        case .codingIn10: "a transfer encoding in HTTP/1.0"
        case .otherExpectation: "the expectation is not supported"
        }
    }
}
