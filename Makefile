# `make help` lists what can be made. Rust, Node and make are all it needs on Debian;
# the scripts install what else is missing.
SHELL := /bin/bash
TARGET := $(or $(CARGO_TARGET_DIR),target)
DEMO_ARGS ?=
PROVE ?=
SEED ?=
.DEFAULT_GOAL := help
.PHONY: help build run test test-clients check gen fmt e2e bench prove

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the console and both binaries, into target/release
	@scripts/build.sh

run: build ## build, then the demo: a simulated tenant, the server and its console (DEMO_ARGS="--users 500")
	@$(TARGET)/release/reseat demo $(DEMO_ARGS)

test: ## everything: checks, tests on both databases, browser tests, quick proofs
	@scripts/test.sh all

test-clients: ## Microsoft's and other clients against the simulator; the connector against other doubles
	@scripts/clients.sh all

check: ## format, clippy, licenses, types, lint, coverage page
	@scripts/test.sh check

gen: ## renew openapi/v1.json, docs/state-machine.md and the console's types
	@scripts/modules.sh console
	@scripts/generated.sh write

fmt: ## format the sources
	@cargo fmt --all
	@npm --prefix console run --silent fmt --if-present

e2e: ## browser tests against the dev build
	@scripts/need.sh tools chromium
	@scripts/modules.sh console && npm --prefix console run --silent build
	@cargo build --workspace --bins --locked
	@scripts/modules.sh e2e
	@npm --prefix e2e run --silent test

bench: ## measure speed and memory (release build)
	@scripts/bench.sh

prove: ## the proofs: make prove PROVE="crash budget" SEED=7; without PROVE the usual ones, docs/proofs.md
	@scripts/prove.sh "$(SEED)" $(PROVE)
