package import Diagnostics

/// What came of reading a file.
package enum ProtoRead: Sendable {
    case bytes([UInt8])
    case missing
    /// Why not, in words that follow "cannot read …: ".
    case failed(String)
}

/// Compiles `.proto` files, and descriptor sets beside them, into one pool of descriptors.
package enum ProtoFiles {
    /// A file that is asked for, and where: a key of the manifest.
    package struct Entry: Sendable {
        package let path: String
        package let place: SourceRange

        package init(_ path: String, at place: SourceRange) {
            self.path = path
            self.place = place
        }
    }

    /// No schema seen has a file of a tenth of this.
    static let maximumFileSize = 8 << 20
    /// All of googleapis is some 6000 files.
    static let maximumFiles = 20_000
    static let maximumTotalSize = 256 << 20

    /// - Parameters:
    ///   - roots: the folders that imports start from, in the order in which they are searched; without any, those of
    ///     the files.
    ///   - read: the one way to the files.
    /// - Returns: nil where there are errors.
    package static func compile(
        _ entries: [Entry], roots: [String], read: (String) -> ProtoRead, _ findings: inout Findings
    ) -> DescriptorPool? {
        withoutActuallyEscaping(read) { read in
            var loader = ProtoLoader(roots: roots, entries: entries.map(\.path), read: read)
            for entry in entries { loader.load(entry) }
            return link(loader, &findings)
        }
    }

    /// Files that are built in, with what they import.
    package static func builtIn(_ paths: [String]) -> DescriptorPool {
        var loader = ProtoLoader(roots: [], entries: [], read: { _ in .missing })
        for path in paths { loader.loadBuiltIn(ProtoPath(path)) }
        var linker = Linker(loader.files, named: [], builtIn: builtIn)
        linker.run()
        return linker.pool
    }

    /// Whether a path needs no file on disk.
    package static func isBuiltIn(_ path: String) -> Bool { BuiltInProtoFiles.text(ProtoPath(path)) != nil }

    private static func link(_ loader: ProtoLoader, _ findings: inout Findings) -> DescriptorPool? {
        for finding in loader.found { findings.report(finding) }
        let hasOwn = loader.files.contains { $0.path == BuiltInProtoFiles.descriptorPath }
        var linker = Linker(loader.files, named: loader.named, builtIn: hasOwn ? nil : builtIn)
        linker.run()
        for finding in linker.found { findings.report(finding) }
        return loader.hasErrors || linker.hasErrors ? nil : linker.pool
    }

    /// The messages of options.
    private static let builtIn: DescriptorPool = {
        var loader = ProtoLoader(roots: [], entries: [], read: { _ in .missing })
        loader.loadBuiltIn(BuiltInProtoFiles.descriptorPath)
        var linker = Linker(loader.files, named: [], builtIn: nil)
        linker.run()
        return linker.pool
    }()
}
