/// A sentence for each function and macro, for the reference. A test asks for one of each.
enum FunctionDocs {
    static func doc(_ name: String, _ style: Function.Style) -> String? {
        style == .method ? methods[name] ?? functions[name] : functions[name]
    }

    private static let functions: [String: String] = [
        // Conversions
        "string": "The text of a value.",
        "int": "A whole number; of a double without its fraction, of a timestamp the seconds since 1970.",
        "uint": "A whole number that is not negative.",
        "double": "A number with a fraction.",
        "bool": "A truth value, of `true`, `t`, `1` and their opposites.",
        "bytes": "The bytes of a text in UTF-8.",
        "type": "The type of a value.",
        "dyn": "The same value, whose type is looked at only when it is evaluated.",
        "timestamp": "A moment, from RFC 3339 text or seconds since 1970.",
        "duration": "A length of time, from text such as `1h30m`.",
        // Collections
        "size": "How many characters, bytes, elements or entries there are.",
        "has": "Whether a field is there.",
        "merge": "Two maps as one; where both have a key, the second one's value.",
        "lists.range": "The whole numbers from 0 up to but not including n.",
        "sets.contains": "Whether the first list has every element of the second.",
        "sets.intersects": "Whether the lists have an element in common.",
        "sets.equivalent": "Whether the lists have the same elements, whatever order and number.",
        // Optionals
        "optional.of": "An optional that holds the value.",
        "optional.ofNonZeroValue": "An optional that holds the value, or nothing if it is empty, zero or false.",
        "optional.none": "An empty optional.",
        "optional.unwrap": "What the optionals of a list hold; empty ones are left out.",
        // Encodings
        "url.encode": "Percent-encodes text for a part of a URL.",
        "url.decode": "Undoes percent-encoding.",
        "hex.encode": "Bytes as hexadecimal digits.",
        "hex.decode": "The bytes that hexadecimal digits stand for.",
        "base64.encode": "Bytes in base64.",
        "base64.decode": "The bytes that base64 stands for.",
        "base64url.encode": "Bytes in the alphabet of base64 that is safe in URLs, without padding.",
        "base64url.decode": "The bytes that base64url stands for.",
        "json.encode": "A value as JSON text.",
        "json.decode": "The value that JSON text says.",
        "strings.quote": "The text in quotes, with escapes.",
        // Hashes
        "hash": "A number that is the same for the same value in every process, not negative.",
        "md5": "The MD5 digest.",
        "sha1": "The SHA-1 digest.",
        "sha256": "The SHA-256 digest.",
        "sha512": "The SHA-512 digest.",
        "hmac.verify":
            "Of a message, a signature, a key and a hash: whether the signature is right, in constant time; as text it "
            + "is hexadecimal or base64, with `sha256=` or `v0=` before it or not.",
        "hmac.sign": "The HMAC of a message with a key and a hash such as `SHA256`.",
        "hmac.compute": "The same as `hmac.sign`, by cel-go's name.",
        "jwt.sign":
            "A JSON Web Token of claims, signed with a secret or a private key in PEM and an algorithm such as "
            + "`HS256`, `RS256`, `PS256`, `ES256` or `EdDSA`; a fourth argument adds to its header, as `kid`.",
        // The clock and the dice
        "uuid": "A new random UUID, version 4.",
        "now": "The current time.",
        "random":
            "A random number from 0 up to but not including 1; of two numbers a whole one between them, both included.",
        "http_date": "A moment as HTTP headers write it.",
        // Numbers
        "math.greatest": "The largest of the numbers.",
        "math.least": "The smallest of the numbers.",
        "math.ceil": "The next whole number above.",
        "math.floor": "The next whole number below.",
        "math.round": "The nearest whole number; halves go away from zero.",
        "math.trunc": "The number without its fraction.",
        "math.abs": "The number without its sign.",
        "math.sign": "-1, 0 or 1.",
        "math.sqrt": "The square root.",
        "math.isNaN": "Whether it is not a number.",
        "math.isInf": "Whether it is infinite.",
        "math.isFinite": "Whether it is a number and finite.",
        "math.bitAnd": "The bits that both have.",
        "math.bitOr": "The bits that either has.",
        "math.bitXor": "The bits that one of them has.",
        "math.bitNot": "Every bit turned over.",
        "math.bitShiftLeft": "The bits moved up.",
        "math.bitShiftRight": "The bits moved down, zeros from above.",
        // Networks
        "ip": "An IP address, from text.",
        "cidr": "A network, from text such as `10.0.0.0/8`.",
        "isIP": "Whether the text is an IP address.",
        "isCIDR": "Whether the text is a network.",
        "ip.isCanonical": "Whether the text is an IP address in its usual form.",
        // Regular expressions
        "matches": "Whether the text has a match of the pattern, in RE2's syntax.",
        "regex.replace": "The text with what the pattern matches replaced.",
        "regex.extract": "What the pattern's first match, or its group, is; an optional.",
        "regex.extractAll": "All that the pattern matches.",
        // Bindings
        "cel.bind": "The result, in which the name stands for the value.",
    ]

    private static let methods: [String: String] = [
        // Text
        "startsWith": "Whether the text starts with another one.",
        "endsWith": "Whether the text ends with another one.",
        "contains": "Whether the text has another one in it.",
        "lowerAscii": "The text with A to Z in lower case.",
        "upperAscii": "The text with a to z in upper case.",
        "trim": "The text without white space at both ends.",
        "replace": "The text with one part replaced by another, everywhere or so many times.",
        "split": "The parts of the text between a separator, all or so many.",
        "join": "The texts of a list as one, with a separator between.",
        "substring": "The text from one character up to but not including another.",
        "indexOf": "Where the part is first found; -1 if it is not.",
        "lastIndexOf": "Where the part is last found; -1 if it is not.",
        "charAt": "The character at a place; empty at the end.",
        "reverse": "The other way round.",
        "format":
            "A text with `%s`, `%d`, `%.2f` and their like filled in; of a timestamp, text by `%Y-%m-%d` and its like.",
        // Lists
        "distinct": "The list with each value once.",
        "flatten": "The list with the elements of its lists in their place.",
        "slice": "The elements from one place up to but not including another.",
        "sort": "The list in order.",
        "sortBy": "The list in the order of a key that each element gives.",
        "first": "The first element; an optional.",
        "last": "The last element; an optional.",
        // Optionals
        "hasValue": "Whether the optional holds something.",
        "value": "What the optional holds; an error if it is empty.",
        "orValue": "What the optional holds, or else this value.",
        "unwrapOpt": "What the optionals of a list hold; empty ones are left out.",
        "or": "The optional, or else the other one.",
        "optMap": "An optional of what the expression makes of the value; empty if there is none.",
        "optFlatMap": "The optional that the expression makes of the value; empty if there is none.",
        // Macros
        "all": "Whether the condition holds for every element.",
        "exists": "Whether the condition holds for at least one element.",
        "exists_one": "Whether the condition holds for exactly one element.",
        "existsOne": "Whether the condition holds for exactly one element.",
        "map": "A list of what the expression makes of each element.",
        "filter": "The elements for which the condition holds.",
        "transformList": "A list of what the expression makes of each key and value.",
        "transformMap": "A map of what the expression makes of each value.",
        "transformMapEntry": "A map of the entries that the expression makes of each key and value.",
        // Time
        "getFullYear": "The year, in UTC or a time zone.",
        "getMonth": "The month, 0 to 11.",
        "getDate": "The day of the month, 1 to 31.",
        "getDayOfMonth": "The day of the month, 0 to 30.",
        "getDayOfWeek": "The day of the week, 0 for Sunday.",
        "getDayOfYear": "The day of the year, 0 to 365.",
        "getHours": "The hour, 0 to 23; of a duration, all its hours.",
        "getMinutes": "The minute, 0 to 59; of a duration, all its minutes.",
        "getSeconds": "The second, 0 to 59; of a duration, all its seconds.",
        "getMilliseconds": "The millisecond, 0 to 999.",
        // Networks
        "containsIP": "Whether the network has the address.",
        "containsCIDR": "Whether the network has the other one in it.",
        "family": "4 or 6.",
        "isUnspecified": "Whether the address is `0.0.0.0` or `::`.",
        "isLoopback": "Whether the address is the machine's own.",
        "isGlobalUnicast": "Whether the address is one of a single machine that others can reach.",
        "isLinkLocalMulticast": "Whether the address is a group on the link.",
        "isLinkLocalUnicast": "Whether the address holds on the link only.",
        "masked": "The network with the bits after its prefix cleared.",
        "prefixLength": "How many bits the network fixes.",
    ]
}
