# Every command of the project that is not `portrait`. `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
BIN := .venv/bin
PORT ?= 8080
ONLY ?=
SEED ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo airflow up down logs test test-airflow test-slow test-property test-stack test-browser faults soak bench tagger lint format lock hooks clean

help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: ## make this machine ready: packages, Delta jars, class-data archive, key, Airflow's Postgres
	@$(PYTHON) -m include.setup

demo: setup ## build profiles of the sources that are here, in Airflow, and show them
	@$(BIN)/python -m include.setup.demo

airflow: setup ## Airflow's pages on this machine, until Ctrl-C; PORT=8080
	@$(BIN)/python -m include.setup.serve $(PORT)

up: ## Portrait as services in containers, with Spark as a cluster; docs/stack.md
	@$(PYTHON) -m include.setup.stack up

down: ## end the services; what is in their volumes stays
	@$(PYTHON) -m include.setup.stack down

logs: ## what the services say; ONLY=scheduler for one of them
	@$(PYTHON) -m include.setup.stack logs --follow --tail 100 $(ONLY)

test: setup ## all tests but slow ones and those in the real scheduler
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not airflow and not slow"

test-airflow: setup ## tests in the real scheduler
	@$(BIN)/pytest -q -n 2 --dist loadfile -m "airflow and not slow" tests/airflow

test-slow: setup ## what takes long: the real sources, more of the write protocol and of the scheduler
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m slow

test-property: setup ## the write protocol: 200 random histories through Spark and Delta, in any order of runs
	@PORTRAIT_DAYS=4 PORTRAIT_EXAMPLES=$${PORTRAIT_EXAMPLES:-200} $(BIN)/pytest -q -n 2 --dist worksteal tests/property

test-stack: setup ## the services, for real: runs, a training, a killed worker, a restarted scheduler; needs Docker
	@$(BIN)/python -m tests.stack

test-browser: setup ## a headless browser presses Trigger and Backfill in Airflow's pages; needs Chromium
	@$(BIN)/uv pip install --quiet playwright==1.65.2
	@$(BIN)/python -m tests.browser

faults: setup ## a hundred faults, drawn from a seed, and whether all is well after each; SEED=n draws them again
	@$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED))

soak: setup ## sixty days of the shop back to back, with maintenance every week: does anything grow?
	@$(BIN)/python -m tests.soak

bench: setup ## measure; ONLY=name for one of them; results in build/bench.json
	@$(BIN)/python -m tests.bench $(ONLY)

tagger: setup ## train the finder of entities and aspects anew, from labelled sentences in the data folder; ten minutes
	@$(BIN)/python -m include.text.train_tagger

lint: setup ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup ## mend the style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: setup ## pin requirements.in anew into requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --output-file requirements.txt requirements.in

hooks: setup ## check style and contracts before each commit
	@$(BIN)/pre-commit install

clean: ## forget what was built, but not the packages and not the key
	@rm -rf build .mypy_cache .pytest_cache .ruff_cache .hypothesis
