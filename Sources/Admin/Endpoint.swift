package import JSON
package import Pipeline

/// One address of the admin listener: what it is called, who may ask, and what it answers.
package protocol Endpoint: Sendable {
    var path: String { get }
    /// `GET` serves HEAD too. A method that changes something is POST.
    var methods: [String] { get }
    /// What it is for, in a few words; the index page shows it.
    var about: String { get }
    /// Whether it is asked by those who have no token and come by any name: health.
    var isOpen: Bool { get }
    /// Whether the listener `probes` serves it too.
    var isOnProbes: Bool { get }
    func reply(to request: AdminRequest) -> AdminReply
}

extension Endpoint {
    package var methods: [String] { ["GET"] }
    package var isOpen: Bool { false }
    package var isOnProbes: Bool { false }
}

package enum AdminReply: Sendable {
    case now(AdminAnswer)
    /// `work` is called once, and calls back once, on any thread: for what is asked of the other loops.
    case later(work: @Sendable (_ done: @escaping @Sendable (AdminAnswer) -> Void) -> Void)
    case refused(Failure)
}

/// What is sent.
package struct AdminAnswer: Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]
    /// The coding that the body has already.
    package var coding: String?

    package init(status: Int = 200, contentType: String, body: [UInt8], coding: String? = nil) {
        self.coding = coding
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    package static func text(_ text: String, status: Int = 200) -> AdminAnswer {
        AdminAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    package static func json(_ value: JSONValue, status: Int = 200) -> AdminAnswer {
        made(status: status, contentType: "application/json") { out in
            value.write(indentedTo: &out)
            out.append("\n" as StaticString)
        }
    }

    package static func made(
        status: Int = 200, contentType: String = "text/plain; charset=utf-8", _ write: (inout ByteWriter) -> Void
    ) -> AdminAnswer {
        var out = ByteWriter(capacity: 4096)
        write(&out)
        return AdminAnswer(status: status, contentType: contentType, body: Array(out.bytes))
    }
}
