#!/usr/bin/env bash
# venv.sh NAME REQUIREMENTS…: a Python environment in target/venv/NAME with exactly what these files pin by hash;
# nothing to do when it already is. Prints its folder.
set -euo pipefail
. "$(dirname "$0")/common.sh"
name=${1:?venv.sh NAME REQUIREMENTS…}
shift
"$ROOT/scripts/need.sh" python >&2
folder=$TARGET/venv/$name
sum=$( (python3 --version; cat "$@") | sha256sum)
if [ "$(cat "$folder/.requirements-sum" 2>/dev/null)" != "$sum" ]; then
    rm -rf "$folder"
    mkdir -p "$TARGET/venv"
    python3 -m venv "$folder" >&2
    args=()
    for file in "$@"; do args+=(-r "$file"); done
    limit 600 "$folder/bin/pip" install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps \
        --only-binary :all: "${args[@]}" </dev/null >&2
    printf '%s\n' "$sum" >"$folder/.requirements-sum"
fi
printf '%s\n' "$folder"
