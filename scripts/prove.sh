#!/usr/bin/env bash
# prove.sh SEED [NAME…]: runs the named proofs, or the usual ones, on SQLite and PostgreSQL, and judges
# their raw histories (target/proofs) once more by a script that shares no code with them. SEED may be
# empty. 1 when something does not hold, 2 for a name that is none. docs/proofs.md tells of each proof.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
seed=${1:-}
shift || true
scripts/need.sh tools postgresql
args=("$@")
[ -z "$seed" ] || args+=(--seed "$seed")
cargo build --locked -p reseat-graph-sim
cargo build --locked -p reseat-prove --features prove
# Only what this run leaves is judged again.
rm -rf "$TARGET/proofs"
status=0
scripts/pg.sh run "$TARGET/debug/reseat-prove" "${args[@]}" || status=$?
# Proofs that write nothing leave no history.
if [ "$status" != 2 ] && [ -d "$TARGET/proofs" ]; then
    node scripts/rejudge.mjs "$TARGET/proofs" || [ "$status" != 0 ] || status=1
fi
exit "$status"
