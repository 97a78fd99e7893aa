#!/usr/bin/env bash
# Builds the fuzz targets (Tests/Fuzz/*Fuzz.swift) with libFuzzer and the address sanitizer, and runs each in turn.
#
#   Tests/Fuzz/run.sh [seconds] [target...]      60 seconds each, all targets
#   KEEP=1 Tests/Fuzz/run.sh ...                 adds the inputs that reach new code to Tests/Fuzz/Corpus
#
# A target is built with the modules that it imports, compiled here and not by SwiftPM: coverage instruments every module,
# and the codecs of HTTP need no NIO. A crash is left as a file in Tests/Fuzz/Corpus/<target> and makes the run fail.
set -euo pipefail
cd "$(dirname "$0")/../.."

duration=${1:-60}
[ $# -gt 0 ] && shift
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for file in Tests/Fuzz/*Fuzz.swift; do targets+=("$(basename "$file" .swift)"); done
fi

build=.build-fuzz
mkdir -p "$build"
flags=(
    -O -swift-version 6 -package-name radicled -parse-as-library -whole-module-optimization -sanitize=fuzzer,address
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -I "$build" -I Sources/CLibYAML
)

# What a module imports of ours. Pipeline and Transport stand here for their parts without channels.
needs() {
    case $1 in
    JSON) ;;
    Diagnostics) echo JSON ;;
    CEL) echo JSON Diagnostics ;;
    Protobuf) echo JSON Diagnostics CEL ;;
    Pipeline) echo JSON Diagnostics CEL ;;
    Manifests) echo JSON Diagnostics CEL ;;
    Transport) echo JSON Pipeline ;;
    *) return 1 ;;
    esac
}

sources() {
    case $1 in
    Pipeline)
        echo Sources/Pipeline/{Head,Head+Editing,ByteRange,Version,FieldToken,Names/Multipart,RPC/MessageFrames,Faces/Base64Stream}.swift \
            Sources/Pipeline/{Path,Route{Captures,Conflicts,Host,Parser,Pattern,Prefix,Rules},Router}*.swift \
            Sources/Pipeline/Transcoding/{PathTemplate,TemplateParser}*.swift
        ;;
    Transport)
        echo Sources/Transport/HTTP/{Authority,FieldFacts,HeadBytes,HeadLimits,HeadStop,RequestTarget}.swift \
            Sources/Transport/HTTP1/{Head,Chunk}*.swift Sources/Transport/HTTP2/{Frames,HPACK}/*.swift \
            Sources/Transport/HTTP2/{HTTP2Priority,RequestHeadReader}.swift
        ;;
    *) find "Sources/$1" -name '*.swift' | sort ;;
    esac
}

declare -A built=()
objects=()
compile() {
    local module=$1 need
    [ -n "${built[$module]:-}" ] && return
    for need in $(needs "$module"); do compile "$need"; done
    echo "  module $module"
    # shellcheck disable=SC2046
    swiftc "${flags[@]}" -module-name "$module" -emit-module -emit-module-path "$build/$module.swiftmodule" \
        -c $(sources "$module") -o "$build/$module.o"
    built[$module]=1
}

# The modules that a target needs, each once, those that it imports first.
closure() {
    local module
    for module in "$@"; do
        echo "$module"
        # shellcheck disable=SC2046
        closure $(needs "$module")
    done
}

# The backtracer would take the signal before libFuzzer writes the input down; the leak checker takes what Swift's
# globals hold by tagged pointers for lost (growth is seen by the limit on memory).
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0
failed=()
for target in "${targets[@]}"; do
    echo "$target"
    imports=()
    for module in $(sed -nE 's/^(package )?import ([A-Za-z]+)$/\2/p' "Tests/Fuzz/$target.swift"); do
        needs "$module" >/dev/null && imports+=("$module")
    done
    for module in "${imports[@]}"; do compile "$module"; done
    objects=()
    libraries=()
    for module in $(closure "${imports[@]}" | sort -u); do
        objects+=("$build/$module.o")
        [ "$module" = Manifests ] && libraries=(-lyaml)
    done
    swiftc "${flags[@]}" -module-name "$target" "Tests/Fuzz/$target.swift" "${objects[@]}" \
        ${libraries[@]+"${libraries[@]}"} -o "$build/$target" 2>"$build/$target.link" ||
        { cat "$build/$target.link" && exit 1; }

    seeds=Tests/Fuzz/Corpus/$target
    mkdir -p "$build/corpus/$target" "$seeds"
    log=$build/$target.log
    if ! "$build/$target" "$build/corpus/$target" "$seeds" -max_total_time="$duration" -timeout=10 -rss_limit_mb=2048 \
        -detect_leaks=0 -print_final_stats=1 -artifact_prefix="$seeds/" >"$log" 2>&1; then
        failed+=("$target")
        tail -40 "$log"
    fi
    executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
    covered=$(grep -oE 'cov: [0-9]+' "$log" | tail -1 || true)
    echo "  ${executed:-no} executions, ${covered:-cov: none}, $(find "$build/corpus/$target" -type f | wc -l) inputs"
    if [ "${KEEP:-}" = 1 ]; then
        # By edges alone: counting how often each was taken would keep ten times as many files.
        "$build/$target" -set_cover_merge=1 -use_counters=0 -artifact_prefix="$seeds/" \
            "$seeds" "$build/corpus/$target" >>"$log" 2>&1
        echo "  $(find "$seeds" -type f | wc -l) inputs kept in $seeds"
    fi
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "failed: ${failed[*]}"
    exit 1
fi
