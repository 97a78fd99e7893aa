import CEL
package import Compiler
package import Pipeline

/// What becomes of one request, and why: which pattern wins, what each stage and condition comes to, who answers.
package struct RouteDecision: Sendable {
    /// What the router, or before it the parser, made of the request.
    package enum Outcome: String, Sendable {
        case route
        case redirect
        case methodNotAllowed = "method_not_allowed"
        case notFound = "not_found"
        /// The head or the path cannot be read.
        case badRequest = "bad_request"
    }

    package enum Act: Sendable, Equatable {
        case passes
        /// What it does cannot be known from the request alone.
        case foretold(String)
        case waits
        case refuses
        /// It answers itself, in place of the responder.
        case answers
        /// It is on trial, and would not let it in if it counted.
        case wouldRefuse
        /// Its `when` is not true.
        case staysOut
        case cuts
        /// One before it has refused.
        case isNotReached
        /// It lets every request in: its work comes later.
        case isNotAsked
    }

    package struct Stage: Sendable {
        package let summary: StageSummary
        package internal(set) var act: Act
    }

    package struct Case: Sendable {
        package let summary: RouteSummary.Case
        /// Nil if it was not evaluated: a case before it is true, or a stage refused.
        package internal(set) var result: Result<Bool, Wrong>?
        package internal(set) var isChosen = false
    }

    package struct Wrong: Error {
        package let message: String
    }

    /// A pattern that does not win.
    package struct Other: Sendable {
        package enum Reason: Sendable {
            /// It does not take the request; the fit says where.
            case doesNotTake(RoutePattern.Fit)
            /// It takes the request, but the winner says more.
            case isWider(than: RoutePattern, RoutePattern.Advantage)
        }

        package let pattern: RoutePattern
        package let route: RouteSummary
        package let reason: Reason
    }

    package let request: AskedRequest
    /// The path that `others` are compared with: where a redirect leads, else the request's.
    package internal(set) var path: [UInt8] = []
    package internal(set) var outcome = Outcome.badRequest
    /// The route that wins, and its pattern for the host.
    package internal(set) var route: RouteSummary?
    package internal(set) var pattern: RoutePattern?
    package internal(set) var wildcards: [(name: String, value: String)] = []
    package internal(set) var stages: [Stage] = []
    package internal(set) var cases: [Case] = []
    /// From 1; 0 is the route's own responder.
    package internal(set) var chosenCase = 0
    /// The answer's status; nil where only the responder at work would know it.
    package internal(set) var status: Int?
    /// Why it is no success, where there is more to say than the status.
    package internal(set) var message: String?
    package internal(set) var location: String?
    package internal(set) var allow: String?
    /// The stage that refuses or cuts.
    package internal(set) var refusedBy: String?
    /// What the method is called by; `http` where the request is no call.
    package internal(set) var face = Face.http
    /// How the call ends; nil where only the responder at work would know it.
    package internal(set) var code: Code?
    /// The nearest first.
    package internal(set) var others: [Other] = []
    /// Where the router's redirect leads.
    package internal(set) var next: (pattern: RoutePattern, route: RouteSummary)?

    init(_ request: AskedRequest) { self.request = request }

    /// Who answers: the chosen case's responder, or the route's.
    package var responder: String? {
        guard let route else { return nil }
        return chosenCase > 0 && chosenCase <= route.cases.count
            ? route.cases[chosenCase - 1].responder : route.responder
    }
}
