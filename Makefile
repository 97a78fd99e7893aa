# `make run` serves a first manifest, `make test` does all that the continuous integration does. `make help` lists the rest.

.DEFAULT_GOAL := build
.NOTPARALLEL:
SHELL := bash

SWIFT ?= swift
JOBS ?= 2
PYTHON ?= python3
PREFIX ?= /usr/local
DESTDIR ?=
CONFIG ?= configs/greeter.yaml

# One file that needs no Swift installed beside it (performance: docs/benchmarks.md).
RELEASE_FLAGS ?= -c release --product radicled --static-swift-stdlib -j $(JOBS)

BINARY := .build/release/radicled
VENV := .venv
BENCH_ARGUMENTS ?=
FUZZ_SECONDS ?= 600

.PHONY: help build run test lint format format-check imports unit configs end-to-end counts bench fuzz reference man \
	install uninstall clean dependencies-build dependencies-test dependencies-bench

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

dependencies-build:
	@scripts/install-dependencies build

dependencies-test:
	@scripts/install-dependencies build test

dependencies-bench:
	@scripts/install-dependencies build test bench

build: dependencies-build  ## build the release binary
	$(SWIFT) build $(RELEASE_FLAGS)
	@echo "built $(BINARY)"

run: build  ## build, then serve CONFIG (configs/greeter.yaml)
	@exec $(BINARY) --config $(CONFIG)

# In this order the cheapest mistakes are told first.
test: dependencies-test format-check imports man unit build configs end-to-end counts  ## everything that .ci/run does
	@echo "all tests passed"

lint: format-check imports build configs  ## check format, imports and the manifests in configs/

format:  ## rewrite the sources in the project's format
	$(SWIFT) format --configuration .swift-format -i -r Sources Tests Package.swift

format-check:
	@echo "format: swift format lint --strict"
	@$(SWIFT) format lint --strict --configuration .swift-format -r Sources Tests Package.swift

imports:
	@$(PYTHON) scripts/check-imports

unit: dependencies-build  ## unit and golden tests in debug mode
	$(SWIFT) build --build-tests -j $(JOBS)
	$(SWIFT) test --skip-build

configs:
	$(BINARY) lint configs/*.yaml
	$(BINARY) test configs/*.yaml

# Made anew when the pinned versions change. sslyze wants another version of what the rest uses too.
$(VENV)/end-to-end: Tests/EndToEnd/requirements.txt Tests/EndToEnd/requirements-sslyze.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	$(PYTHON) -m venv $(VENV)/sslyze
	$(VENV)/sslyze/bin/python -m pip install --quiet --disable-pip-version-check -r $(word 2,$^)
	@touch $@

end-to-end: $(VENV)/end-to-end  ## the release binary with real clients; needs `make build` first
	$(VENV)/bin/python -m pytest -q --durations=5 Tests/EndToEnd

counts:  ## instructions and allocations a request against Benchmarks/thresholds.json
	$(PYTHON) Benchmarks/counts.py

bench: dependencies-bench build  ## measure beside nginx, Envoy and Caddy; BENCH_ARGUMENTS="--write" updates docs/benchmarks.md
	$(PYTHON) Benchmarks/bench.py $(BENCH_ARGUMENTS)

fuzz: dependencies-build  ## fuzz every parser; FUZZ_SECONDS each
	Tests/Fuzz/run.sh $(FUZZ_SECONDS)

# The unit tests compare these files with what the program says.
reference: dependencies-build  ## rewrite docs/reference, man/radicled.yaml.5 and the goldens of schema and explain
	BLESS=1 $(SWIFT) test --filter 'CompilerTests.(ReferenceTests|SchemaTests|ExplainTests)|ParityTests'

man:
	@scripts/check-man

install:  ## put binary, man page and completions under PREFIX
	@test -x $(BINARY) || $(MAKE) build
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" \
		"$(DESTDIR)$(PREFIX)/share/man/man5" \
		"$(DESTDIR)$(PREFIX)/share/bash-completion/completions" \
		"$(DESTDIR)$(PREFIX)/share/zsh/site-functions" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	install -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/radicled"
	install -m 644 man/radicled.1 "$(DESTDIR)$(PREFIX)/share/man/man1/radicled.1"
	install -m 644 man/radicled.yaml.5 "$(DESTDIR)$(PREFIX)/share/man/man5/radicled.yaml.5"
	$(BINARY) --generate-completion-script bash >"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/radicled"
	$(BINARY) --generate-completion-script zsh >"$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_radicled"
	$(BINARY) --generate-completion-script fish >"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/radicled.fish"

uninstall:  ## remove what install put under PREFIX
	rm -f "$(DESTDIR)$(PREFIX)/bin/radicled" "$(DESTDIR)$(PREFIX)/share/man/man1/radicled.1" \
		"$(DESTDIR)$(PREFIX)/share/man/man5/radicled.yaml.5" \
		"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/radicled" \
		"$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_radicled" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/radicled.fish"

clean:  ## remove everything that was built
	rm -rf .build .build-* $(VENV)
