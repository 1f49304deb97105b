#!/usr/bin/env bash
# modules.sh FOLDER: node_modules as the committed lock says; nothing to do when it already is.
set -euo pipefail
. "$(dirname "$0")/common.sh"
node_modules "$ROOT/${1:?modules.sh FOLDER}"
