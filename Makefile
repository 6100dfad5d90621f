# The verbs of the project. What takes more than a line is a script under scripts/.
PYTHON := .venv/bin/python
MEMBERS := $(wildcard */pyproject.toml shared/*/pyproject.toml services/*/pyproject.toml)
WEB := services/reporting/web

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test bench faults hostile check fmt lock docs clean

help:  ## List the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.packages $(WEB)/node_modules/.package-lock.json  ## Put everything in place that the project needs (Python 3.11+ is enough)

.venv/.packages: requirements.lock $(MEMBERS) scripts/set-up
	@scripts/set-up && touch $@

# npm writes this file itself, last.
$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json | .venv/.packages
	@$(PYTHON) -m laptop.web

demo: setup  ## Run the example city: make demo [CHECK=1] [BROKER=auto|apache|embedded] [SEED=n] [UNKNOWNS=1]
	@$(PYTHON) -m city demo $(if $(CHECK),--check) $(if $(BROKER),--broker $(BROKER)) $(if $(SEED),--seed $(SEED)) $(if $(UNKNOWNS),--unknowns)

# What is compiled is kept, also where the environment says no: else every worker, and every process that a test starts, compiles all.
test: setup  ## Run every test, or some: make test [ARGS="tests/laptop -k kill"] [BROKER=auto|apache|embedded] [WORKERS=n, 0 is none]
	@PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest --numprocesses $(or $(WORKERS),auto) $(ARGS)

bench: setup  ## Measure, side by side with others, and make docs/performance.md: make bench [SHORT=1] [EVENTS=n]
	@$(PYTHON) -m bench $(if $(SHORT),--short) $(if $(EVENTS),--events $(EVENTS))

faults: setup  ## Strike the city with faults under load: make faults [SHORT=1] [MINUTES=n] [SEED=n] [PAGE=docs/faults.md]
	@$(PYTHON) -m tests.faults $(if $(SHORT),--short) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(PAGE),--page $(PAGE))

hostile: setup  ## Try every door with hostile input: make hostile [CASES=n] [SEED=n] [PAGE=docs/hostile.md]
	@$(PYTHON) -m tests.faults.hostile $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED)) $(if $(PAGE),--page $(PAGE))

check: setup  ## Format, lint, types, import contracts, and freshness of all that is generated
	@scripts/check

fmt: setup  ## Format the code and mend what the linter can mend
	@$(PYTHON) -m ruff format --quiet && $(PYTHON) -m ruff check --fix

lock: setup  ## Write requirements.lock anew (make lock ARGS=--upgrade for newer versions)
	@scripts/lock $(ARGS)

docs: setup  ## Write every generated page and schema anew
	@scripts/docs

clean:  ## Remove what set-up and the tools made
	@git clean -fdXq
