# Everything a developer and CI run. Needs: Rust by rustup, Node.js 20 or later with npm, a C compiler; the tests also
# Python 3.11 or later, Chromium and PostgreSQL.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TARGET := $(or $(CARGO_TARGET_DIR),target)
DENY_VERSION := 0.20.2
ASSET_SOURCES := $(shell find assets -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

.PHONY: demo
demo: release ## build, fill with demo data and serve
	$(TARGET)/release/mainstay demo

.PHONY: release
release: assets
	cargo build --release --locked

.PHONY: assets
assets: assets/dist/manifest.json ## build what the browser loads, when its sources changed

assets/dist/manifest.json: assets/node_modules/.package-lock.json $(ASSET_SOURCES)
	cd assets && node build.mjs
	@touch $@

.PHONY: test
test: assets prerequisites ## run every suite (RUN="rust node browser api" picks some)
	scripts/test $(RUN)

.PHONY: check
check: assets deny ## format, lints, licences, source rules, generated files
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	npm run --silent check --prefix assets
	node scripts/source-rules.mjs
	node scripts/words.mjs
	node scripts/third-party.mjs --check
	cargo test --workspace --locked --quiet generated_

.PHONY: generate
generate: assets ## write the generated files anew
	node scripts/third-party.mjs
	UPDATE_GENERATED=1 cargo test --workspace --locked --quiet generated_

.PHONY: screenshots
screenshots: assets assets/node_modules/.package-lock.json ## take pictures of every screen, into target/screenshots
	cargo build --locked --bin mainstay
	node tests/harness/screenshots.mjs

.PHONY: readme-pictures
readme-pictures: screenshots ## make the pictures in docs/images anew
	node tests/harness/readme-pictures.mjs

.PHONY: conformance
conformance: ## which requirements the last test run proved (CHECK=1 compares with the committed report)
	node conformance/report.mjs $(if $(CHECK),--check)

.PHONY: bench
bench: release packages ## measure against the limits in bench/, with ten thousand and with a million incidents
	node bench/run.mjs

.PHONY: deny
deny: .tools/bin/cargo-deny
	.tools/bin/cargo-deny --log-level error check --deny unmatched-skip bans licenses sources

# What the suites need and a new machine may lack.
.PHONY: prerequisites packages
prerequisites: packages assets/node_modules/.package-lock.json .tools/schemathesis/installed

packages:
	scripts/prerequisites

# A debug build of the tool takes a third of the time and judges in two seconds all the same.
.tools/bin/cargo-deny: Makefile
	cargo install cargo-deny --version $(DENY_VERSION) --locked --debug --quiet --root .tools
	@touch $@

.tools/schemathesis/installed: tests/api/requirements.txt | packages
	python3 -m venv .tools/schemathesis
	.tools/schemathesis/bin/pip install --quiet --requirement $<
	@touch $@

assets/node_modules/.package-lock.json: assets/package-lock.json
	cd assets && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
