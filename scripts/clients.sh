#!/usr/bin/env bash
# clients.sh small | all: other people's clients against the simulator, and (all) the connector against other
# people's doubles. Needs the dev build; `all` makes it.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
export PYTHONDONTWRITEBYTECODE=1
case ${1:-all} in
    small)
        venv=$(scripts/venv.sh clients-small clients/requirements.txt)
        exec "$venv/bin/python" -m pytest clients -m small -W ignore --durations=3
        ;;
    all)
        scripts/need.sh tools
        cargo build --locked -p reseat-cli -p reseat-graph-sim
        cargo build --locked -p reseat-connectors --example foreign
        scripts/modules.sh clients
        venv=$(scripts/venv.sh clients clients/requirements.txt clients/requirements-more.txt)
        exec "$venv/bin/python" -m pytest clients -W ignore --durations=10
        ;;
    *) die "usage: clients.sh small | all" ;;
esac
