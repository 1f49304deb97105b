#!/usr/bin/env bash
# How fast a whole tenant is read and stored, beside everything one could use instead, in one run.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
venv=$("$ROOT/scripts/venv.sh" bench "$ROOT/bench/requirements.txt")
mkdir -p "$TARGET/bench"
rustc -O --edition 2024 "$ROOT/bench/floor.rs" -o "$TARGET/bench/floor"
exec "$venv/bin/python" "$ROOT/bench/sync.py"
