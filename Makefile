# Every target sets up what it needs in .venv and node_modules first, and again when the pins change.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python
WORKERS ?= 2
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist loadgroup
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-full check format bench eval clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: .make/python .make/node ## install everything into .venv and node_modules
	@echo "Ready. Try: make run"

run: .make/python .make/node ## start all, replay the samples, keep serving (ARGS="--port 8080")
	@$(PY) -m localhost.demo --serve $(ARGS)

demo: .make/python .make/node ## the same on fresh storage, then compare and exit
	@$(PY) -m localhost.demo $(ARGS)

test: .make/python .make/node ## the tests without the long-running ones (ARGS="-k intake")
	@$(PYTEST) -m "not heavy" $(ARGS)

test-full: .make/python .make/node ## all tests
	@$(PYTEST) $(ARGS)

check: .make/python ## lint, format, types, import rules: what CI runs
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

format: .make/python ## put the code into its format and mend what ruff can
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

bench: .make/python .make/node ## the benchmarks: a table and JSON
	@$(PY) -m benchmarks $(ARGS)

eval: .make/python ## the RCA evaluation (ARGS="--part all --failures"; evals/README.md)
	@$(PY) -m evals $(ARGS)

clean: ## remove all that these targets made, local data too
	@rm -rf .venv node_modules .local .make .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.make/python: requirements-dev.lock scripts/setup-python scripts/find-python
	@scripts/setup-python
	@mkdir -p .make && touch $@

.make/node: package-lock.json scripts/setup-node
	@scripts/setup-node
	@mkdir -p .make && touch $@
