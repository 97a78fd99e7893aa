import Calling
import Pipeline

/// Something that a manifest, or a command, does with a method, and how it is found out whether it does.
struct Feature: Sendable {
    let name: String
    /// The method of the manifest that it is tried on.
    let method: String
    /// What the manifest says of the method.
    let keys: String
    /// What it says at the root.
    let top: String
    /// Whether it did what it is for.
    let holds: @Sendable (Desk) throws -> Bool

    init(
        _ name: String, on method: String = "Unary", _ keys: String = hello, top: String = "",
        holds: @escaping @Sendable (Desk) throws -> Bool
    ) {
        self.name = name
        self.method = method
        self.keys = keys
        self.top = top
        self.holds = holds
    }

    static let hello = "template: { message: { name: \"Hello {{ request.name }}\" } }"

    /// What a cell of the table says.
    enum Finding: Equatable {
        case works
        /// The protocol has no place for it.
        case absent(String)
        case fails(String)
    }

    func finding(_ speech: CallProtocol) -> Finding {
        do {
            return try holds(Desk(speech, method, keys, top: top)) ? .works : .fails("it came to something else")
        } catch let absent as Desk.Absent {
            return .absent(absent.reason)
        } catch {
            return .fails("\(error)")
        }
    }
}

extension CallProtocol {
    var title: String {
        switch self {
        case .grpc: "gRPC"
        case .grpcWeb: "gRPC-Web"
        case .connect: "Connect"
        case .json: "HTTP/JSON"
        }
    }

    /// As logs and metrics have it.
    var label: String { rawValue.replacing("-", with: "_") }
}
