#!/usr/bin/env bash
# generated.sh write    renews openapi/v1.json, docs/state-machine.md and the console's types
# generated.sh check    fails when a committed one differs from what the code says
# generated.sh compat   fails when openapi/v1.json lost something that openapi/released/v1.json offers
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
TYPES=console/src/api/generated

# Over the whole workspace, so that what `make test` has built already is not built again.
built() { cargo build -q --locked --workspace --bin reseat-openapi --example state_machine; }
openapi() { "$TARGET/debug/reseat-openapi"; }
states() { "$TARGET/debug/examples/state_machine"; }

# Nothing is overwritten by a generator that failed halfway.
into() { local file=$1; shift; "$@" >"$file.tmp" || { rm -f "$file.tmp"; return 1; }; mv "$file.tmp" "$file"; }

write() {
    built
    into openapi/v1.json openapi
    into docs/state-machine.md states
    npm --prefix console run --silent gen
}

check() {
    built
    local status=0
    # The console's generator writes in place, so its folder is put back afterwards; the trap runs outside of here.
    work=$(mktemp -d)
    trap 'if [ -d "$work/types" ]; then rm -rf "$TYPES"; mv "$work/types" "$TYPES"; fi; rm -rf "$work"' EXIT
    openapi >"$work/v1.json"
    diff -u openapi/v1.json "$work/v1.json" || status=1
    states >"$work/state-machine.md"
    diff -u docs/state-machine.md "$work/state-machine.md" || status=1
    cp -r "$TYPES" "$work/types"
    npm --prefix console run --silent gen
    diff -ru "$work/types" "$TYPES" || status=1
    [ "$status" = 0 ] || say "generated files are stale: run 'make gen' and commit what changed"
    return "$status"
}

compat() {
    if [ ! -f openapi/released/v1.json ]; then
        say "no release yet: nothing to compare with"
        return
    fi
    node scripts/openapi-compat.mjs openapi/released/v1.json openapi/v1.json
}

case ${1:-} in
    write | check | compat) "$1" ;;
    *) sed -n '2,4p' "$0" >&2; exit 2 ;;
esac
