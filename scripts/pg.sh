#!/usr/bin/env bash
# A throw-away PostgreSQL cluster.
#   pg.sh start DIR   starts one in DIR (made) and prints TEST_PG_URL=…
#   pg.sh stop DIR    stops it and removes DIR; harmless when there is none
#   pg.sh run CMD…    runs CMD with TEST_PG_URL set and stops the cluster after it, however it ends
#   pg.sh where       prints the folder of the server's programs
set -euo pipefail
. "$(dirname "$0")/common.sh"

where() {
    local folder best=
    for folder in /usr/lib/postgresql/*/bin "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
        [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] || continue
        local major
        major=$("$folder/postgres" --version | grep -oE '[0-9]+' | head -1)
        if [ "$major" -ge 15 ] && { [ -z "$best" ] || [ "$major" -gt "${best%% *}" ]; }; then best="$major $folder"; fi
    done
    [ -n "$best" ] || { echo "no PostgreSQL 15 or newer found" >&2; return 1; }
    say "${best#* }"
}

# The server refuses to run as root.
unprivileged() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    local user=nobody
    id -u postgres >/dev/null 2>&1 && user=postgres
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --reset-env \
        env PATH="$PATH" LC_ALL=C.UTF-8 TZ=UTC "$@"
}

free_port() {
    node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}

start() {
    local dir=$1 bin port try
    bin=$(where)
    mkdir -p "$dir"
    chmod 755 "$dir"
    mkdir "$dir/cluster"
    if [ "$(id -u)" = 0 ]; then
        chown "$(id -u postgres 2>/dev/null || id -u nobody)" "$dir/cluster"
    fi
    cd "$dir/cluster"
    unprivileged "$bin/initdb" -D "$dir/cluster/data" -U reseat -A trust -E UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 \
        || { cat "$dir/initdb.log" >&2; die "initdb failed"; }
    for try in 1 2 3; do
        port=$(free_port)
        # The product refuses a server without fsync, so it stays on, as it is by default.
        if unprivileged "$bin/pg_ctl" -D "$dir/cluster/data" -w -t 60 -l "$dir/cluster/server.log" \
            -o "-p $port -h 127.0.0.1 -k '$dir/cluster' -c fsync=on -c full_page_writes=on -c max_connections=200" \
            start >/dev/null 2>&1 </dev/null; then
            say "TEST_PG_URL=postgres://reseat@127.0.0.1:$port/postgres"
            return
        fi
    done
    tail -20 "$dir/cluster/server.log" >&2
    die "PostgreSQL did not start after $try tries"
}

stop() {
    local dir=$1
    [ -d "$dir/cluster" ] || { [ ! -d "$dir" ] || rmdir "$dir" 2>/dev/null || true; return 0; }
    cd /
    if [ -f "$dir/cluster/data/postmaster.pid" ]; then
        unprivileged "$(where)/pg_ctl" -D "$dir/cluster/data" -w -t 60 -m immediate stop >/dev/null 2>&1 || true
    fi
    rm -rf "$dir/cluster" "$dir/initdb.log"
    rmdir "$dir" 2>/dev/null || true
}

run() {
    local dir url status=0
    dir=$(mktemp -d "${TMPDIR:-/tmp}/reseat-pg.XXXXXX")
    trap 'end_children; stop "$dir"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    # Not in a subshell that would hide a failure of `start`.
    url=$(start "$dir")
    # In the background, because a trap waits for a command in the foreground.
    env "$url" "$@" <&0 &
    wait $! || status=$?
    exit "$status"
}

case ${1:-} in
    start) start "$(realpath -m "${2:?pg.sh start DIR}")" ;;
    stop) stop "$(realpath -m "${2:?pg.sh stop DIR}")" ;;
    run) shift; run "$@" ;;
    where) where ;;
    *) sed -n '2,6p' "$0" >&2; exit 2 ;;
esac
