# Each target makes .venv when it is missing, and installs what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test check bench soak build site lint clean

demo: $(VENV)/.grade
	$(BIN)/autograder demo demo

test: lint
	$(BIN)/autograder build --check
	$(BIN)/pytest -n 2 -m "not soak"

soak: $(VENV)/.dev
	$(BIN)/pytest -m soak

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

build: $(VENV)/.grade
	$(BIN)/autograder build

# SITE="--without-solutions --repository OWNER/NAME" for a class's own.
site: $(VENV)/.dev
	$(BIN)/python docs/site/build.py $(SITE)

# Format, lint, layers, types, and the tests that start no process.
check: lint
	$(BIN)/pytest -n 2 -q -m "not soak" --no-processes tests/mlpkit tests/course tests/authoring

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

clean:
	rm -rf $(VENV) demo

# Python 3.11 or newer.
$(VENV)/bin/python: | system
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mlpkit needs Python 3.11 or newer; say which one with: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.grade: pyproject.toml | $(VENV)/bin/python system
	$(BIN)/pip install --quiet -e '.[grade]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python system system-test
	$(BIN)/pip install --quiet -e '.[dev]'
	@touch $@ $(VENV)/.grade

# torch 2.13.0: a plain `torch` takes a build with several GB of GPU libraries.
$(VENV)/.bench: $(VENV)/.dev
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet -e '.[bench]'
	@touch $@

# System packages: installed where we may (Debian, as root), else asked for in a sentence.
# $(call packages,what it is for,package ...)
define packages
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing $(2) ..."; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(2) >/dev/null; \
	else \
	  echo "$(1): sudo apt-get install $(2)"; \
	fi
endef

.PHONY: system system-test
system:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(call packages,Virtual environments need,python3-venv); }
	@command -v bwrap >/dev/null || { $(call packages,For the strongest sandbox,bubblewrap); }
	@PATH="$$PATH:/sbin" ldconfig -p 2>/dev/null | grep -q libseccomp.so.2 || { $(call packages,The sandbox needs,libseccomp2); }

# Tests that need these are skipped, with a reason, where they are not to be had.
system-test:
	@command -v chromium >/dev/null || { $(call packages,To test the pages in a browser,chromium chromium-driver); } || true
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { $(call packages,To test PostgreSQL as a gradebook,postgresql); } || true
