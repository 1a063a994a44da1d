# Every target sets up what it needs by itself. Needs make and Python 3.11, 3.12 or 3.13.
.DEFAULT_GOAL := help
.PHONY: help setup train test test-faults test-new fuzz lint format docs bench clean

PYTHON ?= $(shell for candidate in python3.13 python3.12 python3.11 python3 python; do \
	$$candidate -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 \
	&& { command -v $$candidate; break; }; done)
BIN := .venv/bin
READY := .venv/.ready

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(READY) ## Set up: nncli and all it needs, in a virtual environment of its own

train: $(READY) ## Set up, then train a convolutional network on the digits that ship
	$(BIN)/nncli train configs/cnn_mnist.yaml

test: $(READY) ## Set up, then run every test, in two processes
	$(BIN)/python -m pytest -q --numprocesses=2 --dist=loadfile --no-loadscope-reorder tests

test-faults: $(READY) ## Set up, then kill, stop and starve runs in hundreds of ways and resume each: half an hour
	NNCLI_FAULTS=all $(BIN)/python -m pytest -q --numprocesses=2 tests/faults tests/engine/test_bits.py tests/engine/test_batches.py

test-new: $(READY) ## Set up, then run the property tests with examples that nobody has tried yet
	NNCLI_EXAMPLES=new NNCLI_MUTATIONS=20000 $(BIN)/python -m pytest -q tests/unit tests/acceptance/test_accuracy.py

SECONDS_EACH ?= 300
fuzz: $(READY) ## Set up, then let atheris look for files that break a reader: 25 minutes, or 5 times SECONDS_EACH=60
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	for reader in yaml h5 formula npz pickle; do $(BIN)/python -m tests.fuzz $$reader $(SECONDS_EACH) || exit 1; done

lint: $(READY) ## Set up, then check format, style, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY) ## Write the pages that follow from the code
	$(BIN)/python docs/generate.py

bench: $(READY) ## Measure against Keras, NumPy and, where the extra bench is installed, PyTorch and Lightning: two hours
	$(BIN)/python -m bench

clean: ## Remove the virtual environment and all caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# The stamp makes the second time fast; a change of what is to be installed makes it run again.
$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "nncli needs Python 3.11, 3.12 or 3.13 with venv (TensorFlow supports no other); none was found." \
		"Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
