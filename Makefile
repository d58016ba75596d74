# Everything a clean machine with Python, make and git needs. Nothing has to be activated.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SOURCES := dialer campaigns lists sim_trunk tests
JOBS   ?= 3   # much of the time tests wait for sockets and processes

.PHONY: help demo test check lint types contracts bench clean

help:
	@echo "make demo    the main job on this machine: real SIP on loopback, simulated agents and callees"
	@echo "make test    the test suite but for long tests; CI=true make test runs them too"
	@echo "make check   lint, types, import contracts, then the tests: exactly what CI runs"
	@echo "make bench   the benchmarks of tests/bench (by hand; results belong in docs/benchmarks.md)"
	@echo "make clean   remove the virtual environment and caches"

# One stamp per set of extras: a demo must not wait for the linters.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rightparty needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.lint: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,lint]'
	@touch $@ $(VENV)/.demo $(VENV)/.test

demo: $(VENV)/.demo
	$(BIN)/dialer demo $(ARGS)

# Tests start some hundred processes: where bytecode may not be written, each would compile the program anew.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.test
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

lint: $(VENV)/.lint
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.lint
	$(BIN)/mypy

contracts: $(VENV)/.lint
	$(BIN)/lint-imports

check: lint types contracts
	$(MAKE) test

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
