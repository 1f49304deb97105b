#!/usr/bin/env bash
# build.sh: the console and the two shipped binaries, into target/release, free of proof code.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
MARKER=RESEAT_PROVE_FEATURE_COMPILED_IN

# `build.sh marker FILE…` searches files alone.
marker() {
    local file found=0
    for file in "$@"; do
        [ -s "$file" ] || die "$file was not built"
        if grep -aFq "$MARKER" "$file"; then
            say "$file carries the feature prove" >&2
            found=1
        fi
    done
    return "$found"
}

if [ "${1:-}" = marker ]; then shift; marker "$@"; exit; fi
scripts/need.sh tools
scripts/modules.sh console
npm --prefix console run --silent build
cargo build --release --locked -p reseat-cli -p reseat-graph-sim --bin reseat --bin reseat-graph-sim
marker "$TARGET/release/reseat" "$TARGET/release/reseat-graph-sim"
say "built $TARGET/release/reseat and $TARGET/release/reseat-graph-sim"
