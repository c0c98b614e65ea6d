# Each target makes .venv when it is missing, and installs what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test bench soak build lint clean

demo: $(VENV)/.grade
	$(BIN)/autograder demo demo

test: $(VENV)/.dev
	$(BIN)/autograder build --check
	$(BIN)/pytest -n 2 -m "not soak"

soak: $(VENV)/.dev
	$(BIN)/pytest -m soak

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

build: $(VENV)/.grade
	$(BIN)/autograder build

lint: $(VENV)/.dev
	$(BIN)/ruff check .

clean:
	rm -rf $(VENV) demo

# Python 3.11 to 3.13.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "mlpkit needs Python 3.11, 3.12 or 3.13; say which one with: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.grade: pyproject.toml | $(VENV)/bin/python system
	$(BIN)/pip install --quiet -e '.[grade]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python system
	$(BIN)/pip install --quiet -e '.[dev]'
	@touch $@ $(VENV)/.grade

# torch 2.13.0: a plain `torch` takes a build with several GB of GPU libraries.
$(VENV)/.bench: $(VENV)/.dev
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet -e '.[bench]'
	@touch $@

# The sandbox of the exam is a system package: installed where we may, else asked for.
.PHONY: system
system:
	@command -v bwrap >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq bubblewrap libseccomp2 >/dev/null; \
	  else \
	    echo "For the strongest sandbox install bubblewrap: sudo apt-get install bubblewrap"; \
	  fi; }
