import Glibc

extension Exchange {
    mutating func closeFile() {
        close(file)
        file = -1
    }
}
