# One word for each thing one does here. What is longer than a line is Python.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIN := --require-hashes --no-deps -q
# Behind a proxy the machine's own certificates count.
export UV_SYSTEM_CERTS := 1

.DEFAULT_GOAL := help
.PHONY: help up down demo drill test test-long check fmt protos docs mutants faults bench clean pins

help: ## list these words
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

up: $(VENV)/run.stamp ## start everything on this machine, in the background
	@$(BIN)/python -m server.embedded up

down: $(VENV)/run.stamp ## stop it; the data stays
	@$(BIN)/python -m server.embedded down

demo: $(VENV)/run.stamp ## play a claim's life through the SDK, step by step
	@$(BIN)/python -m server.embedded up
	@$(BIN)/claimflow demo

drill: $(VENV)/run.stamp ## back up, restore to a moment, start, and print what that proved
	@$(BIN)/python -m server.embedded drill

test: $(VENV)/dev.stamp check ## everything, from a fresh clone
	@$(BIN)/pytest

test-long: $(VENV)/dev.stamp ## the rules over ten thousand histories, and explored deeper
	@CLAIMFLOW_HISTORIES=10000 $(BIN)/pytest -s tests/server/claims/test_histories.py tests/server/claims/test_exploration.py

faults: $(VENV)/dev.stamp ## the whole system under kills, pauses and a failing index, 20 minutes
	@$(BIN)/python -m tests.faults

check: $(VENV)/dev.stamp ## format, lint, types, imports, contract; under a minute, no services
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports --no-logo >.cache/imports.log 2>&1 || { cat .cache/imports.log; exit 1; }
	@$(BIN)/python protos/generate.py --check
	@$(BIN)/python clients/python/generate.py --check
	@$(BIN)/python protos/lint.py
	@$(BIN)/python -m docs.generate --check

fmt: $(VENV)/dev.stamp ## format and mend what can be mended
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix .

protos: $(VENV)/dev.stamp ## generate the Python code of the contract and the synchronous SDK
	@$(BIN)/python protos/generate.py
	@$(BIN)/python clients/python/generate.py

mutants: $(VENV)/dev.stamp ## plant slips in the rules and see which their stories do not notice
	@$(BIN)/mutmut run || true
	@$(BIN)/mutmut results | grep -v "not checked" | tail -n +1

docs: $(VENV)/dev.stamp ## write docs/workflow.md from the rules
	@$(BIN)/python -m docs.generate

bench: $(VENV)/dev.stamp ## measure, as ratios of two things in one run
	@$(BIN)/python -m bench

clean: ## forget all data and the environment
	@[ ! -x $(BIN)/python ] || $(BIN)/python -m server.embedded reset
	@rm -rf $(VENV) .cache

pins: $(VENV)/dev.stamp ## pin all dependencies anew
	@$(BIN)/uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/dev.txt
	@$(BIN)/uv pip compile -q pyproject.toml --group run -c requirements/dev.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/run.txt
	@$(BIN)/uv pip compile -q pyproject.toml --group server -c requirements/dev.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/server.txt
	@printf 'uv\n' | $(BIN)/uv pip compile -q - -c requirements/uv.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/uv.txt

$(VENV)/uv.stamp: requirements/uv.txt
	@echo "making the environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check $(PIN) -r requirements/uv.txt
	@mkdir -p .cache
	@touch $@

$(VENV)/run.stamp: $(VENV)/uv.stamp requirements/run.txt pyproject.toml
	@$(BIN)/uv pip install $(PIN) --python $(BIN)/python -r requirements/run.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@$(BIN)/uv pip install $(PIN) --python $(BIN)/python -r requirements/dev.txt
	@touch $@
