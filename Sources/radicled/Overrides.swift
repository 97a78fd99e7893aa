import ArgumentParser

/// What `--set` says of itself under each command that takes it.
enum Overrides {
    static let help = ArgumentHelp(
        "A value over what the files say, as limits.idle=75s; may be given again.", valueName: "key=value")
}
