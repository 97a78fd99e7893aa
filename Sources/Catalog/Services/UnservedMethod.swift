package import Pipeline

/// Answers for a method that the service has and the manifest does not name.
package final class UnservedMethod: Responder {
    package let intake = Intake.nothing
    package let answersAlone = true

    package init() {}

    package func start(_ exchange: inout Exchange) -> Step {
        let name = exchange.route.pointee.rpc?.fullName ?? ""
        exchange.fail(Failure(.unimplemented, "the method \(name) is not implemented"))
        return .fail
    }
}
