/// A decimal number as written, `1.5`, multiplied without rounding errors or overflow.
struct Decimal {
    /// Nil if it does not fit.
    private let whole: Int64?
    /// The digits behind the point and the power of ten they are parts of.
    private let fraction: Int64
    private let scale: Int64

    /// Digits with at most one point, which has digits on both sides. Nil for anything else.
    init?(_ text: ArraySlice<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, !first.isEmpty, let last = parts.last, !last.isEmpty,
            parts.allSatisfy({ $0.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } })
        else { return nil }
        whole = Int64(String(decoding: first, as: UTF8.self))
        // Nine places are nanoseconds of a second; what is written beyond counts nothing.
        let places = parts.count == 2 ? last.prefix(9) : []
        fraction = Int64(String(decoding: places, as: UTF8.self)) ?? 0
        scale = places.reduce(1) { scale, _ in scale * 10 }
    }

    struct Product {
        /// Nil if it does not fit.
        let value: Int64?
    }

    func times(_ unit: Int64) -> Product {
        guard let whole else { return Product(value: nil) }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        // Below the scale, so the quotient is below the unit and fits.
        let part = scale.dividingFullWidth(fraction.multipliedFullWidth(by: unit)).quotient
        let (sum, over) = product.addingReportingOverflow(part)
        return Product(value: overflow || over ? nil : sum)
    }
}
