#!/usr/bin/env bash
# test.sh check | all: runs the stages, prints each one's time, and closes with the counts.
# A stage that fails does not stop the next one; what cannot run without it says so by failing.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
export NO_COLOR=1 CARGO_TERM_COLOR=never
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0
exec </dev/null

WORK=$(mktemp -d "${TMPDIR:-/tmp}/reseat-test.XXXXXX")
# The database server runs as another user, who has to get to its cluster in here.
chmod 711 "$WORK"
PASSED=0 FAILED=0 SKIPPED=0
STARTED=$SECONDS
cleanup() {
    trap - EXIT INT TERM HUP
    end_children
    "$ROOT/scripts/pg.sh" stop "$WORK/pg" || true
    rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# stage NAME SECONDS COMMAND…: the command's output streams, and is kept in $WORK/NAME.log for `count`.
stage() {
    local name=$1 seconds=$2 began=$SECONDS status=0
    shift 2
    printf '\n==> %s\n' "$name"
    # In the background, because a trap waits for a command in the foreground.
    (set -o pipefail; limit "$seconds" "$@" 2>&1 | tee "$WORK/$name.log") &
    wait $! || status=$?
    case $status in
        0) printf '<== %s ok, %d s\n' "$name" $((SECONDS - began)) ;;
        124 | 137) printf '<== %s FAILED: not done after %d s\n' "$name" "$seconds" ;;
        *) printf '<== %s FAILED (%d), %d s\n' "$name" "$status" $((SECONDS - began)) ;;
    esac
    [ "$status" = 0 ] || BROKEN="${BROKEN:-} $name"
    return "$status"
}

# plain NAME SECONDS COMMAND…: a stage without tests of its own; failing it counts as one failure.
plain() { stage "$@" || FAILED=$((FAILED + 1)); }

# tests RUNNER REPORT NAME SECONDS COMMAND…: a stage whose report (or log, for -) is counted.
tests() {
    local runner=$1 report=$2 name=$3 status=0 line passed failed skipped
    shift 2
    stage "$@" || status=$?
    [ "$report" != - ] || report=$WORK/$name.log
    if line=$(node scripts/counts.mjs "$runner" "$report" 2>/dev/null); then
        read -r passed failed skipped <<<"$line"
    else
        say "$name: no count to be had"
        passed=0 failed=1 skipped=0
    fi
    [ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
    PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
}

skip() { printf '\n==> %s skipped: %s\n' "$1" "$2"; SKIPPED=$((SKIPPED + 1)); }

console_stages() {
    plain console-install 900 scripts/modules.sh console
    plain console-lint 120 npm --prefix console run --silent lint
    plain console-types 180 npm --prefix console run --silent types
}

rust_rules() {
    plain format 120 cargo fmt --all --check
    plain clippy 1800 cargo clippy --workspace --all-targets --locked -- -D warnings
    if cargo deny --version >/dev/null 2>&1; then
        plain deny 120 cargo deny --offline check licenses bans sources
    else
        skip deny "cargo-deny is not installed; licenses, sources and single versions are checked by the walls test"
    fi
}

text_rules() {
    tests node - checks 120 node --test --test-reporter=tap scripts/checks.test.mjs
    plain coverage 60 node scripts/coverage-check.mjs
    plain openapi-compat 60 scripts/generated.sh compat
}

check() {
    text_rules
    console_stages
    rust_rules
}

all() {
    plain needs 900 scripts/need.sh tools postgresql chromium python
    text_rules
    console_stages
    tests vitest "$WORK/vitest.json" console-tests 600 \
        npm --prefix console exec -- vitest run --root console --reporter=default --reporter=json --outputFile="$WORK/vitest.json"
    plain console-build 300 npm --prefix console run --silent build
    plain build 2400 cargo build --workspace --all-targets --locked

    local url
    if url=$(scripts/pg.sh start "$WORK/pg"); then
        export "${url?}"
        say "PostgreSQL runs at ${TEST_PG_URL#*@}"
    else
        say "PostgreSQL did not start"
        FAILED=$((FAILED + 1))
    fi
    if cargo nextest --version >/dev/null 2>&1; then
        tests nextest - rust-tests 1800 cargo nextest run --workspace --locked --no-fail-fast
    else
        tests cargo - rust-tests 1800 cargo test --workspace --locked --no-fail-fast --bins --lib --tests
    fi

    tests pytest - clients 600 scripts/clients.sh small
    plain generated 300 scripts/generated.sh check
    plain e2e-install 900 scripts/modules.sh e2e
    plain e2e-types 120 npm --prefix e2e run --silent types
    tests playwright "$WORK/playwright.json" e2e 900 \
        env PLAYWRIGHT_JSON_OUTPUT_NAME="$WORK/playwright.json" npm --prefix e2e run --silent test
    if [ -x "$TARGET/debug/reseat-prove" ]; then
        rm -rf "$TARGET/proofs"
        tests proofs - proofs 900 "$TARGET/debug/reseat-prove" --quick
        plain rejudge 60 node scripts/rejudge.mjs "$TARGET/proofs"
    else
        skip proofs "there is no $TARGET/debug/reseat-prove"
    fi
    # Last, since it compiles a second set of artifacts.
    rust_rules
}

case ${1:-all} in
    all | check) "${1:-all}" ;;
    *) die "usage: test.sh check | all" ;;
esac
printf '\n%d s in all\n' $((SECONDS - STARTED))
[ -z "${BROKEN:-}" ] || say "failed stages:$BROKEN"
printf '%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" "$SKIPPED"
[ "$FAILED" = 0 ]
