#!/usr/bin/env bash
# need.sh [tools] [postgresql] [chromium] [python]: makes sure they are here; installs the Debian packages
# that are missing, as root or through sudo.
set -euo pipefail
. "$(dirname "$0")/common.sh"

install() {
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        have sudo && sudo -n true 2>/dev/null || die "$1 is missing; install it as root: apt-get install $*"
        as_root=(sudo -n)
    fi
    have apt-get || die "$1 is missing, and this is no Debian system: install it by hand"
    say "installing: $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout 600 \
        sh -c 'apt-get -qq update && apt-get -qq -y --no-install-recommends install "$@"' install "$@" </dev/null >&2 \
        || die "apt-get could not install: $*"
}

tools() {
    have cargo || die "Rust is missing: see https://rustup.rs"
    have node && have npm || die "Node 20 or newer, with npm, is missing"
    [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] || die "Node $(node -v) is too old; 20 or newer is needed"
    have cc || install build-essential
}

postgresql() {
    "$ROOT/scripts/pg.sh" where >/dev/null 2>&1 || install postgresql
    "$ROOT/scripts/pg.sh" where >/dev/null || die "PostgreSQL 15 or newer is needed"
}

chromium() {
    if [ -n "${CHROMIUM:-}" ]; then
        [ -x "$CHROMIUM" ] || die "CHROMIUM=$CHROMIUM is no program"
        return
    fi
    first_of chromium chromium-browser google-chrome >/dev/null || install chromium
}

python() {
    # Debian's python3 comes without what a virtual environment needs.
    python3 -c 'import ensurepip, venv' 2>/dev/null || install python3-venv
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Python 3.11 or newer is needed"
}

[ $# -gt 0 ] || set -- tools
for need in "$@"; do
    case $need in
        tools | postgresql | chromium | python) "$need" ;;
        *) die "need.sh does not know '$need'" ;;
    esac
done
