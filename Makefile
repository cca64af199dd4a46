# Two commands: `make demo` shows the main job, `make test` proves it. Both set up all they need.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# What is compiled once is kept: tests start hundreds of processes, and each would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test replay bench lint format generate deb clean

demo: .venv/ready
	@evidenced demo

# Four at once on any machine: most tests wait for a peer, a disk or a clock. Who is done takes over
# from the others, for the slow ones stand together.
test: .venv/ready .parts/ready lint
	@pytest -n 4 --dist worksteal

# Incidents played in quick time: what had to page, what did, and how soon.
replay: .venv/ready .parts/ready
	@pytest -n 4 tests/replay

# What a probe costs beside blackbox_exporter, and how cost grows: an hour and a half of a quiet machine.
bench: .venv/ready .parts/ready
	@python benchmarks/probes.py; probes=$$?; python benchmarks/growth.py && exit $$probes

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

# A Debian package in dist/, for the release and the processor of this machine.
deb: .venv/ready
	@tools/deb

clean:
	rm -rf .venv .parts

.venv/ready: pyproject.toml constraints.txt tools/venv
	@tools/venv $(PYTHON)

.parts/ready: tools/parts | .venv/ready
	@tools/parts
