# Everything sets itself up: the only thing a machine needs is Python 3.11 or newer (set PYTHON to name another one).
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help venv services demo test fast check fmt bench smoke docs clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

venv: $(BIN)/.complete ## Build .venv with everything

$(BIN)/.complete: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --frozen --quiet --inexact
	@touch $@

demo: venv ## Start a server with a demo company and print how to use it
	$(BIN)/opencasb demo

services: venv # PostgreSQL and Chromium of the distribution where we may install them, clients of JavaScript
	@sh scripts/install-postgresql.sh
	@sh scripts/install-chromium.sh
	@sh scripts/install-node-clients.sh

test: venv services ## Run the whole test suite
	$(BIN)/pytest -n auto --dist loadgroup

fast: venv ## Run the tests without browsers, whole servers, PostgreSQL and drawn examples
	$(BIN)/pytest -n auto --dist loadgroup -m "not slow and not hypothesis"

check: venv ## Lint, types, layer contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: venv ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

bench: venv ## Measure against peers and limits; writes bench/results*.md
	$(BIN)/python -m bench

smoke: venv ## See that the benchmark of activities runs
	@work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && $(BIN)/python -m bench activities \
		--rows 1000 --engine sqlite --seconds 0 --work "$$work" --out "$$work/results.md"

docs: venv ## Write the generated pages of docs/
	$(BIN)/python scripts/generate_docs.py

clean: ## Remove what was built
	rm -rf .venv build dist
