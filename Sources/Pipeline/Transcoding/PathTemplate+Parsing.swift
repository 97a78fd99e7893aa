extension PathTemplate {
    /// Why a text is no template.
    package struct Fault: Error, Equatable, Sendable {
        /// Lower case, no full stop.
        package let message: String
        /// What is wrong, in bytes of the text.
        package let range: Range<Int>
        package let help: String
        /// What would stand there instead.
        package var suggestion: String?
    }

    package static func parse(_ text: String) -> Result<PathTemplate, Fault> { parse(Array(text.utf8)) }

    package static func parse(_ text: [UInt8]) -> Result<PathTemplate, Fault> {
        var parser = TemplateParser(text)
        do throws(Fault) {
            return .success(try parser.template())
        } catch {
            return .failure(error)
        }
    }
}
