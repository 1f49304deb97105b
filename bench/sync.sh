#!/usr/bin/env bash
# How fast a whole tenant is read and stored, beside everything one could use instead, in one run.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
venv=$("$ROOT/scripts/venv.sh" bench "$ROOT/bench/requirements.txt")
mkdir -p "$TARGET/bench"
rustc -O --edition 2024 "$ROOT/bench/floor.rs" -o "$TARGET/bench/floor"
have taskset || die "taskset is missing (util-linux)"
if "$ROOT/scripts/pg.sh" where >/dev/null 2>&1 && have psql; then
    exec "$ROOT/scripts/pg.sh" run "$venv/bin/python" "$ROOT/bench/sync.py"
fi
say "PostgreSQL is not here: SQLite alone is measured"
exec "$venv/bin/python" "$ROOT/bench/sync.py"
