#!/usr/bin/env bash
# bench.sh: every executable script in bench/ in the order of its name, against the release build.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
scripts/build.sh
ran=0
for bench in bench/*.sh; do
    [ -x "$bench" ] || continue
    printf '\n==> %s\n' "$bench"
    RESEAT="$TARGET/release/reseat" GRAPH_SIM="$TARGET/release/reseat-graph-sim" "$bench"
    ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || die "bench/ holds no executable script yet"
