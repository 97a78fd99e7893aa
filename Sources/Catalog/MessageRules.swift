package import Diagnostics

/// What can be wrong with the messages of gRPC methods.
package enum MessageRules {
    package static let unknownField = Rule(
        "unknown-field", summary: "a field that the message type does not have",
        explanation: """
            A message is written as a map of its fields, by their names in the .proto file or by their names in JSON. \
            A field that is not there would never be sent.
            """,
        bad: method("template: { message: { nubmer: 7 } }"), good: method("template: { message: { number: 7 } }"))

    package static let fieldTwice = Rule(
        "field-twice", summary: "a field is there twice, by its two names",
        explanation: """
            A field has a name in the .proto file, as `display_name`, and one in JSON, as `displayName`. Both mean the \
            same field, so one of them is enough.
            """,
        bad: method("template: { message: { placed_by: Ann, placedBy: Bob } }"),
        good: method("template: { message: { placed_by: Ann } }"))

    package static let fieldValue = Rule(
        "field-value", summary: "a value that a field cannot hold",
        explanation: """
            Numbers have to lie in the range of their type, and be whole where that is. Times are written as \
            `2026-01-31T12:00:00Z`, durations as `1.5s`, masks as paths in lowerCamelCase, bytes as base64.
            """,
        bad: method("template: { message: { number: 3000000000 } }"),
        good: method("template: { message: { number: 3 } }"))

    package static let unknownEnumValue = Rule(
        "unknown-enum-value", summary: "an enum has no such value",
        explanation: """
            The values of an enum are written by the names that the .proto file gives them, mostly with the name of the \
            enum in front, or by their numbers.
            """,
        bad: method("template: { message: { status: STATUS_PAYED } }"),
        good: method("template: { message: { status: STATUS_PAID } }"))

    package static let oneofTwice = Rule(
        "oneof-twice", summary: "two fields of one oneof",
        explanation: """
            Of the fields of a oneof only one can be set: the last one on the wire would win. To choose among them for \
            each call, write optionals, as `"{{ has(request.id) ? optional.of(request.id) : optional.none() }}"`.
            """,
        bad: method("template: { message: { card: visa, invoice: 17 } }"),
        good: method("template: { message: { card: visa } }"))

    package static let missingField = Rule(
        "missing-field", summary: "a required field is missing",
        explanation: """
            In proto2 a field can be `required`: clients refuse a message without it.
            """,
        bad: method("template: { message: {} }", named: "Price"),
        good: method("template: { message: { cents: 250 } }", named: "Price"))

    package static let unknownType = Rule(
        "unknown-message-type", summary: "a message type that is not there",
        explanation: """
            What a `google.protobuf.Any` or a detail of an error holds is a message of a type that the service's .proto \
            files, or those that they import, declare. The types of google/rpc/error_details.proto are always there \
            for details.
            """,
        bad: method("template: { error: { code: NOT_FOUND, details: [{ google.rpc.BadReqest: {} }] } }"),
        good: method("template: { error: { code: NOT_FOUND, details: [{ google.rpc.BadRequest: {} }] } }"))

    package static let methodAnswer = Rule(
        "method-answer", summary: "a template that does not fit its method",
        explanation: """
            A method whose answer is one message takes `message`, or `error`. One whose answer is a stream takes \
            `messages` as well, and an `error` that ends it. `on_end` is for methods where both sides stream: what is \
            sent when the client has sent its last message.
            """,
        bad: method("template: { messages: [{ number: 1 }, { number: 2 }] }"),
        good: method("template: { message: { number: 1 } }"))

    package static let badMetadata = Rule(
        "bad-metadata", summary: "metadata that gRPC cannot send",
        explanation: """
            The names of metadata are lower-case letters, digits, `-`, `_` and `.`; those that begin with `grpc-` are \
            gRPC's own. Values are printable ASCII, unless the name ends in `-bin`: then they are any bytes.
            """,
        bad: method("template: { message: {}, metadata: { grpc-status: '0' } }"),
        good: method("template: { message: {}, metadata: { x-served-by: me } }"))

    package static let nothingToEcho = Rule(
        "nothing-to-echo", summary: "an echo of nothing",
        explanation: """
            `echo` answers with the fields of the request that the answer has too: of the same name and the same type. \
            Where there is none, every answer would be empty.
            """,
        bad: method("echo: {}", named: "Ping"), good: method("template: { message: {} }", named: "Ping"))

    package static let all: [Rule] = [
        unknownField, fieldTwice, fieldValue, unknownEnumValue, oneofTwice, missingField, unknownType, methodAnswer,
        badMetadata, nothingToEcho,
    ]

    private static func method(_ keys: String, named name: String = "PlaceOrder") -> String {
        """
        radicle: 1
        services:
          orders:
            proto: protos/orders.proto
            grpc: shop.Orders
            methods:
              \(name): { \(keys) }

        """
    }
}
