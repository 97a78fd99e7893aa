// What clock and calendar show (CEL specification, "List of standard definitions"). Months, days of the month, of the
// week and of the year count from 0, except in `getDate`; Sunday is 0.
let timeFunctions: [Function] = [
    part("getFullYear") { $0.date.year },
    part("getMonth") { $0.date.month - 1 },
    part("getDate") { $0.date.day },
    part("getDayOfMonth") { $0.date.day - 1 },
    part("getDayOfWeek") { $0.weekday },
    part("getDayOfYear") { $0.dayOfYear },
    part("getHours", ofSpan: { $0.nanoseconds / 3_600_000_000_000 }) { $0.hour },
    part("getMinutes", ofSpan: { $0.nanoseconds / 60_000_000_000 }) { $0.minute },
    part("getSeconds", ofSpan: { $0.nanoseconds / 1_000_000_000 }) { $0.secondOfMinute },
    // Of a duration the part below a second, not the whole in milliseconds: so the specification's tests have it.
    part("getMilliseconds", ofSpan: { $0.nanoseconds / 1_000_000 % 1000 }) { $0.nanosecond / 1_000_000 },
    Function(
        "http_date", .function,
        [
            Overload(
                [.timestamp], .string,
                .one { value, _ in
                    guard case .timestamp(let time) = value else { return value }
                    return .string(httpDate(time))
                })
        ]),
]

/// - Parameter ofSpan: what it gives for a duration; nil if it does not take any.
private func part(
    _ name: String, ofSpan: (@Sendable (TimeSpan) -> Int64)? = nil,
    _ get: @escaping @Sendable (CivilTime) -> Int64
) -> Function {
    var overloads = [
        Overload(
            [.timestamp], .int,
            .one { value, _ in
                guard case .timestamp(let time) = value else { return value }
                return .int(get(CivilTime(time, ZoneRules.utc.period(at: time.seconds))))
            }),
        Overload(
            [.timestamp, .string], .int, check: checkZone(argument: 1),
            .two { value, zone, frame in
                switch value.civil(in: zone, frame) {
                case .success(let time): return .int(get(time))
                case .failure(let error): return .error(error)
                }
            }),
    ]
    if let ofSpan {
        overloads.append(
            Overload(
                [.duration], .int,
                .one { value, _ in
                    guard case .duration(let span) = value else { return value }
                    return .int(ofSpan(span))
                }))
    }
    return Function(name, .method, overloads)
}

/// A zone that is written out and does not exist is found at load, whenever the time itself comes. Without a time zone
/// database nothing can be said yet: the server may have one.
func checkZone(argument: Int) -> Overload.Check {
    { arguments, ambient in
        guard argument < arguments.count, case .constant(.string(let name)) = arguments[argument].kind,
            case .failure(let error) = ambient.zones.zone(name), !error.noDatabase
        else { return nil }
        return (argument, error.message)
    }
}

extension Value {
    /// A timestamp as its clocks show it.
    func civil(in zone: Value, _ frame: borrowing Frame) -> Result<CivilTime, EvaluationError> {
        guard case .timestamp(let time) = self, case .string(let name) = zone else {
            return .failure(EvaluationError("a time zone is a string such as \"Europe/Berlin\" or \"+02:00\""))
        }
        return frame.ambient.zones.zone(name)
            .map { CivilTime(time, $0.period(at: time.seconds)) }
            .mapError { EvaluationError($0.message) }
    }
}

/// RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
private func httpDate(_ time: Timestamp) -> String {
    let civil = CivilTime(time, ZoneRules.Period(offset: 0, name: "GMT"))
    return TimePattern.httpDate.text(civil, of: time)
}
