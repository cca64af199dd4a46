# Two commands: `make demo` shows the main job, `make test` proves it. Both set up all they need.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test lint format generate clean

demo: .venv/ready
	@evidenced demo

# Four at once on any machine: most tests wait for a peer, a disk or a clock.
test: .venv/ready .parts/ready lint
	@pytest -n 4

lint: .venv/ready
	@ruff check --quiet
	@ruff format --check --quiet
	@mypy --no-error-summary
	@lint-imports --no-logo >.venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }

format: .venv/ready
	@ruff check --fix
	@ruff format

# Files that are made from the code and checked in; a test holds them to it.
generate: .venv/ready
	@python tools/generate.py

clean:
	rm -rf .venv .parts

.venv/ready: pyproject.toml constraints.txt tools/venv
	@tools/venv $(PYTHON)

.parts/ready: tools/parts
	@tools/parts
