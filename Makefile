# `make book` and `make test` set up everything they need; only python3, make and git must be there.
PYTHON ?= python3
VENV ?= .venv
COHORT ?= rbds
TOPIC ?= spine
PIP_ARGS ?=
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: help book quick test lint verify freeze show oracles clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; raise SystemExit(None if (3, 11) <= sys.version_info[:2] < (3, 14) else "gaitbook needs Python 3.11, 3.12 or 3.13; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 book")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python cannot create a virtual environment: install its venv module (on Debian and Ubuntu: apt-get install python3-venv) and repeat."; exit 1; }
	@echo "Creating the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing the pinned packages into $(VENV) (the first time takes a few minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

book: $(STAMP) ## execute the studies and build the book (COHORT=rbds)
	@$(BIN)/gaitbook build $(COHORT)

quick: $(STAMP) ## the same with small parameters
	@$(BIN)/gaitbook build $(COHORT) --quick

lint: $(STAMP) ## style, spelling and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy

test: lint ## style, types and all tests, the pages in a browser included
	$(BIN)/python -m pytest

verify: $(STAMP) ## re-execute and compare every figure with the frozen tables (COHORT=rbds)
	@$(BIN)/gaitbook verify $(COHORT)

freeze: $(STAMP) ## freeze the tables of a fresh run as the expected ones (COHORT=rbds)
	@$(BIN)/gaitbook freeze $(COHORT)

show: $(STAMP) ## measure the figures of a topic again (TOPIC=spine)
	@test -f benchmarks/$(TOPIC).py || { echo "There is no topic $(TOPIC); there are: $(patsubst benchmarks/%.py,%,$(wildcard benchmarks/*.py))"; exit 2; }
	@$(BIN)/python benchmarks/$(TOPIC).py

oracles: $(STAMP) ## install OpenSim and MuJoCo, against which the mechanics are tested
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock opensim==4.6 mujoco==4.0.0

clean: ## remove everything that was built, and the virtual environment
	rm -rf $(VENV) _build dist .pytest_cache .mypy_cache .ruff_cache
