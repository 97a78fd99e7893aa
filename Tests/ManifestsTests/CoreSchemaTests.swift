import Manifests
import Testing

@Suite struct CoreSchemaTests {
    static let cases: [(String, ScalarValue)] = [
        ("", .null), ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null), ("nULL", .string),
        ("nil", .string),
        ("none", .string), ("true", .bool(true)), ("True", .bool(true)), ("TRUE", .bool(true)), ("false", .bool(false)),
        ("False", .bool(false)), ("FALSE", .bool(false)), ("tRUE", .string), ("yes", .string), ("Yes", .string),
        ("no", .string),
        ("NO", .string), ("on", .string), ("off", .string), ("On", .string), ("OFF", .string), ("y", .string),
        ("n", .string),
        ("0", .int(0)), ("7", .int(7)), ("-7", .int(-7)), ("+7", .int(7)), ("007", .int(7)), ("010", .int(10)),
        ("08", .int(8)),
        ("0o17", .int(15)), ("0o0", .int(0)), ("0o8", .string), ("0o", .string), ("-0o7", .string), ("0O7", .string),
        ("0x1F", .int(31)), ("0xff", .int(255)), ("0x", .string), ("0xg", .string), ("-0x1", .string), ("0X1", .string),
        ("0b1", .string), ("1_000", .string), ("1,000", .string), ("9223372036854775807", .int(.max)),
        ("-9223372036854775808", .int(.min)), ("9223372036854775808", .float(9223372036854775808)),
        ("0xffffffffffffffffff", .string), ("1.5", .float(1.5)), ("-1.5", .float(-1.5)), ("+1.5", .float(1.5)),
        (".5", .float(0.5)),
        ("-.5", .float(-0.5)), ("1.", .float(1)), (".", .string), ("-", .string), ("+", .string), ("-.", .string),
        ("1e3", .float(1000)),
        ("1E3", .float(1000)), ("1e+3", .float(1000)), ("1e-3", .float(0.001)), ("1.5e3", .float(1500)),
        (".5e1", .float(5)),
        ("1e", .string), ("1e+", .string), ("e3", .string), ("1.2.3", .string), ("1:30", .string),
        ("190:20:30", .string),
        (".inf", .float(.infinity)), (".Inf", .float(.infinity)), (".INF", .float(.infinity)),
        ("-.inf", .float(-.infinity)),
        ("+.inf", .float(.infinity)), ("inf", .string), (".iNF", .string), ("infinity", .string), ("nan", .string),
        ("-.nan", .string),
        ("2001-01-01", .string), ("=", .string), ("<<", .string), ("1s", .string), ("0.0.0.0", .string),
        ("--1", .string), ("+-1", .string),
        ("1 ", .string), ("0x1.8p1", .string), ("1f", .string), ("१", .string),
    ]

    @Test(arguments: cases) func plainScalarsResolve(_ text: String, _ value: ScalarValue) {
        #expect(CoreSchema.resolve(Array(text.utf8)) == value)
    }

    @Test(arguments: [".nan", ".NaN", ".NAN"]) func notANumber(_ text: String) {
        guard case .float(let value) = CoreSchema.resolve(Array(text.utf8)) else {
            Issue.record("not a float")
            return
        }
        #expect(value.isNaN)
    }
}
