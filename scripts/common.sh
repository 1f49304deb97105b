# Sourced by the other scripts.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
export npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# limit SECONDS COMMAND…: ends the command, and what it started, when it takes too long.
limit() { local seconds=$1; shift; timeout --kill-after=20 "$seconds" "$@"; }

# end_children [PID]: asks every process this script started, and theirs, to end.
end_children() {
    local child
    for child in $(pgrep -P "${1:-$$}" 2>/dev/null || true); do
        end_children "$child"
        kill -TERM "$child" 2>/dev/null || true
    done
}

# node_modules FOLDER: `npm ci`, skipped when the lock has not changed since the last one.
node_modules() {
    local folder=$1 stamp=$1/node_modules/.lock-sum sum
    sum=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then
        say "$(basename "$folder"): node_modules is up to date"
        return
    fi
    (cd "$folder" && limit 900 npm ci --no-progress </dev/null)
    printf '%s\n' "$sum" >"$stamp"
}

# first_of NAME…: the first of these programs that exists, else nothing.
first_of() {
    local name
    for name in "$@"; do
        if have "$name"; then command -v "$name"; return; fi
    done
    return 1
}
