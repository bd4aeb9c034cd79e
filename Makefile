# Everything here needs Python 3.11+ with venv, and make; nothing else. Paths are relative, so that a folder whose name
# has spaces works. Say `make up ARGS="--port 9000"` to pass options on.

PYTHON ?= python3
ARGS ?=
PIP = .venv/bin/python -m pip --disable-pip-version-check
SHOUWEN = .venv/bin/python -m shouwen.cli.main

.DEFAULT_GOAL := help
.PHONY: help up test check format lock clauses screens bench wheel clean built ready tested

##@ Use

up: ready ## install if needed, then start everything: database, web, worker
	@exec .venv/bin/shouwen up $(ARGS)

wheel: .venv/.used ## build dist/shouwen-*.whl, front end included
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

##@ Work on it

test: tested ## the whole suite
	.venv/bin/python -m pytest -n auto --dist loadgroup $(ARGS)

check: tested ## style, types, direction of imports, missing migrations and translations
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python .ci/migrations.py
	.venv/bin/python .ci/translations.py

format: tested ## let ruff lay the code out
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

clauses: tested ## every clause of the handbook with the tests that cite it
	@.venv/bin/python -m tests.clauses

screens: tested ## a picture of every page as each role, in build/screens/index.html (ARGS="--only portal": some)
	.venv/bin/python -m tests.screens $(ARGS)

bench: tested ## speeds, against PostgreSQL's own in the same run, in build/bench.json (ARGS="--open 0": without the million)
	.venv/bin/python -m bench $(ARGS)

##@ Keep it

lock: ## pin dependencies anew from pyproject.toml and requirements/*.in (needs uv)
	@command -v uv >/dev/null || { echo "Install uv first: https://docs.astral.sh/uv/" >&2; exit 1; }
	$(LOCK) pyproject.toml --output-file requirements/use.lock
	$(LOCK) requirements/build.in --output-file requirements/build.lock
	$(LOCK) pyproject.toml requirements/test.in --output-file requirements/test.lock

clean: ## remove what was built and installed (your data stays)
	rm -rf .venv build dist frontend/node_modules src/shouwen/config/assets
	find src -name '*.mo' -delete

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

# Installed once; again when what it was made from changes.

ready: .venv/.product built

tested: .venv/.tested ready
	@.venv/bin/python hatch_build.py --packages

built: .venv/.used
	@.venv/bin/python hatch_build.py

.venv/.product: .venv/.used pyproject.toml hatch_build.py
	@echo "Installing Shouwen …"
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.used: .venv/.made requirements/use.lock requirements/build.lock
	@echo "Installing what Shouwen stands on …"
	@$(PIP) install --quiet --require-hashes -r requirements/use.lock -r requirements/build.lock
	@touch $@

.venv/.tested: .venv/.used requirements/test.lock
	@echo "Installing what the tests need …"
	@$(PIP) install --quiet --require-hashes -r requirements/test.lock
	@touch $@

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Shouwen needs Python 3.11 or newer; name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python's venv is missing (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@touch $@
