# Two commands matter: `make up` runs LiveCaller on this machine, `make test` runs every check.
# Both need nothing but make and Python 3.11 or later, and install the rest into this folder.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# One step after the other: each uses all processors by itself.
.NOTPARALLEL:
.PHONY: help up stop reset doctor prepare check lint types unit build budgets python browser e2e test

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo $$python; break; }; done)
# Tests and tools read the settings, which have no default secret outside of development.
TOOLS := PATH="$(CURDIR)/.venv/bin:$$PATH" LIVECALLER_DEBUG=1
# Two workers at least: the tests wait for servers more than they compute.
WORKERS ?= $(shell .venv/bin/python -c 'import os; print(max(2, os.cpu_count() or 1))' 2>/dev/null)

help:  ## Say what can be done
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: python_is_new_enough  ## Install what is missing, start everything, stop with Ctrl-C
	@exec $(PYTHON) livecaller/embedded/bootstrap.py up

stop: prepare  ## Stop what `make up` started in another window
	@.venv/bin/python -m livecaller.embedded.control stop

reset: prepare  ## Delete all data of this machine's LiveCaller (asks first; YES=1 does not)
	@.venv/bin/python -m livecaller.embedded.control reset $(if $(filter 1,$(YES)),--yes)

doctor: prepare  ## Say in words what is wrong and what to do
	@.venv/bin/python manage.py doctor

prepare: python_is_new_enough  ## Install and build, start nothing
	@$(PYTHON) livecaller/embedded/bootstrap.py

test: check unit build budgets python e2e  ## Every check that CI runs

check: lint types  ## Lint and types only

lint: prepare
	$(TOOLS) ruff check
	$(TOOLS) ruff format --check
	$(TOOLS) npm run --silent check

types: prepare
	$(TOOLS) mypy .
	$(TOOLS) npm run --silent types

unit: prepare  ## Tests of the browser code
	$(TOOLS) npm run --silent test

build: prepare
	$(TOOLS) npm run --silent build

budgets: build
	$(TOOLS) pytest -q tests/test_budgets.py

python: prepare  ## Tests of the Python code
	$(TOOLS) pytest -n $(WORKERS) --dist loadgroup --ignore tests/e2e --ignore tests/test_budgets.py

browser: prepare
	@$(TOOLS) python -m tests.browser

e2e: browser build  ## Tests in a real Chromium
	$(TOOLS) pytest tests/e2e

bench-loader: browser build  ## Measure what the loader costs a page
	$(TOOLS) python -m tests.bench.loader

screenshots: browser build  ## Take the pictures in docs/screenshots again
	$(TOOLS) python -m tests.screenshots

bench-chat: prepare  ## Measure the chat beside two yardsticks, 12 minutes; OPTIONS="--only ours --quick"
	@cd tests/bench/chat/node && $(TOOLS) npm ci --no-progress --loglevel=error
	$(TOOLS) python -m tests.bench.chat $(OPTIONS)

faults: prepare  ## Break the running product in every promised way, over an hour; OPTIONS="--only F1,F5 --short"
	$(TOOLS) python -m tests.faults $(OPTIONS)

.PHONY: bench-loader bench-chat faults screenshots python_is_new_enough
python_is_new_enough:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(NEW_ENOUGH)' || { \
	echo "LiveCaller needs Python 3.11 or later, and found: $$($(or $(PYTHON),python3) --version 2>&1 | head -n 1)."; \
	echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python)"; \
	echo "or name it: make up PYTHON=/path/to/python3"; exit 1; }
