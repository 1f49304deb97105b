#!/usr/bin/env bash
# How fast a whole tenant is read and judged, beside the same bytes only fetched, against one simulator in one run.
set -euo pipefail
exec node "$(dirname "$0")/scan.mjs"
