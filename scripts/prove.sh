#!/usr/bin/env bash
# prove.sh SEED [NAME…]: runs the named proofs, or the usual ones, on SQLite and PostgreSQL. SEED may be empty.
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
exec scripts/pg.sh run cargo run -q --locked -p reseat-prove --features prove -- "${args[@]}"
