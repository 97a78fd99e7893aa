import Glibc
import JSON
import Logging
import Manifests
import NIOCore
import Pipeline
import Synchronization
import Testing
import Transport

@testable import Admin

/// Endpoints on a real socket, asked by a client that does what no good client would.
@Suite(.serialized) struct AdminListenerTests {
    private struct Plain: Endpoint {
        let path = "/plain"
        let methods = ["GET", "POST"]
        let about = "a test"
        var isOpen = false
        var isOnProbes = false

        func reply(to request: AdminRequest) -> AdminReply {
            .now(.text(request.parameters.map { "\($0.name)=\($0.value);" }.joined()))
        }
    }

    /// Answers when the test says so.
    private struct Late: Endpoint {
        let path = "/late"
        let about = "a test"
        let waiting: Waiting

        final class Waiting: Sendable {
            let done = Mutex<[@Sendable (AdminAnswer) -> Void]>([])
        }

        func reply(to request: AdminRequest) -> AdminReply {
            .later { [waiting] done in waiting.done.withLock { $0.append(done) } }
        }
    }

    private static func listener(
        _ endpoints: [any Endpoint], token: Secret? = nil, isProbes: Bool = false
    ) throws -> AdminListener {
        let address = ListenAddress.tcp(host: "127.0.0.1", port: 0)
        let listener = try AdminListener(
            at: .tcp(host: "127.0.0.1", port: 0), endpoints,
            access: isProbes ? nil : AdminAccess(token: token, address: address), log: Logger(label: "test"))
        listener.open()
        return listener
    }

    private static func ask(_ listener: AdminListener, _ request: String) -> String {
        guard let client = LoopbackClient(listener.address) else { return "" }
        client.send(request)
        client.finishSending()
        return String(decoding: client.receiveAll() ?? [], as: UTF8.self)
    }

    static let requests: [(head: String, status: String)] = [
        ("GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "200"), ("GET /plain HTTP/1.0\r\n\r\n", "200"),
        ("GET /plain HTTP/1.1\r\nHost: a.example\r\n\r\n", "403"), ("GET /plain HTTP/1.1\r\n\r\n", "400"),
        ("GET /plain HTTP/1.1\r\nHost: 127.0.0.1.\r\n\r\n", "200"),
        ("GET /plain HTTP/1.1\r\nHost: 1a.example\r\n\r\n", "403"),
        ("GET /plain HTTP/1.1\r\nHost: [::1]:1\r\n\r\n", "200"),
        ("GET http://a.example/plain HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "403"),
        ("POST /plain HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n", "200"),
        ("POST /plain HTTP/1.1\r\nHost: localhost\r\nORIGIN: HTTPS://LOCALHOST\r\n\r\n", "200"),
        ("POST /plain HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:1\r\n\r\n", "403"),
        ("POST /plain HTTP/1.1\r\nHost: localhost\r\nOrigin:\r\n\r\n", "403"),
        ("OPTIONS /plain HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a.example\r\n\r\n", "403"),
        ("PUT /plain HTTP/1.1\r\nHost: localhost\r\n\r\n", "405"),
        ("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
        ("GET /plain HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n", "400"),
    ]

    @Test(arguments: requests) func guardLetsIn(_ request: String, _ status: String) throws {
        let listener = try Self.listener([Plain()])
        defer { listener.close() }
        let answer = Self.ask(listener, request)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request)\n\(answer)")
        #expect(answer.contains("cache-control: no-store"))
    }

    @Test func parametersComeFromQueryAndBody() throws {
        let listener = try Self.listener([Plain()])
        defer { listener.close() }
        let head = "POST /plain?a=%31&b HTTP/1.1\r\nHost: localhost\r\n"
        let form = Self.ask(
            listener, head + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nc=3+4&d")
        #expect(form.hasSuffix("a=1;b=;c=3 4;d=;"), "\(form)")
        let json = Self.ask(
            listener, head + "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"e\":\"5\",\"f\":[6]}")
        #expect(json.hasSuffix("a=1;b=;e=5;"), "\(json)")
        let large = Self.ask(listener, head + "Content-Length: 70000\r\n\r\n")
        #expect(large.hasPrefix("HTTP/1.1 413 "), "\(large)")
    }

    @Test func probesServeWhatBelongsThereToEverybody() throws {
        let listener = try Self.listener([Plain(isOnProbes: true), Late(waiting: Late.Waiting())], isProbes: true)
        defer { listener.close() }
        #expect(Self.ask(listener, "GET /plain HTTP/1.1\r\nHost: a.example\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
        #expect(Self.ask(listener, "GET /late HTTP/1.1\r\nHost: a.example\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
    }

    @Test func answerThatComesAfterTheClientHasGoneHurtsNobody() throws {
        let waiting = Late.Waiting()
        let listener = try Self.listener([Late(waiting: waiting)])
        defer { listener.close() }
        let gone = try #require(LoopbackClient(listener.address))
        gone.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while waiting.done.withLock({ $0.isEmpty }) { usleep(1000) }
        gone.reset()
        let stays = try #require(LoopbackClient(listener.address))
        stays.send("GET /late HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while waiting.done.withLock({ $0.count < 2 }) { usleep(1000) }
        let done = waiting.done.withLock { $0 }
        done[0](.text("late"))
        done[1](.text("in time"))
        let answer = String(decoding: stays.receiveAll() ?? [], as: UTF8.self)
        #expect(answer.hasSuffix("in time"), "\(answer)")
    }
}
