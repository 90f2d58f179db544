# Theriac. `make run` on a machine with Python 3.11 and git is all it takes.
PYTHON ?= python3
SETUP := $(PYTHON) -m launch.bootstrap
BIN := $(or $(VENV),.venv)/bin
CODE := $(wildcard app admin blueprints bots jobs sandbox launch bench config.py wsgi.py)
TEST_WORKERS ?= 3
PYTEST_ARGS ?=

# The product is eight processes of one code: without kept bytecode each of them compiles 2,500 modules as it starts.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run services setup test lint unit e2e bench i18n clean

help: ## this list
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/' | expand -t 20
	@echo
	@echo "  make run reads: PORT (8000), SANDBOX_PORT (8090), DATA_DIR (./var), DATABASE_URL and REDIS_URL"
	@echo "  (instead of the embedded servers), DEMO=0 (no demo), WEB_CONCURRENCY (1), SECRET_KEY, HOST (127.0.0.1)."

run: ## set up what is missing, start everything, print where to go; Ctrl-C stops it
	@$(SETUP) -m launch.run

services: ## only PostgreSQL and Valkey, with their addresses to paste into a shell
	@$(SETUP) -m launch.services

setup: ## packages, assets and translations, and nothing started
	@$(SETUP)

test: lint ## everything that CI runs
	$(BIN)/python -m launch.browser
	$(PYTHON) -m launch.node run --silent check
	$(PYTHON) -m launch.node test --silent
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadgroup $(PYTEST_ARGS)

lint: setup ## style, types, import rules, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/python -m launch.i18n check

unit: setup ## the tests without a browser
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadgroup -m "not e2e and not smoke" $(PYTEST_ARGS)

e2e: setup ## the tests with a browser
	$(BIN)/python -m launch.browser
	$(BIN)/python -m pytest tests/e2e $(PYTEST_ARGS)

bench: setup ## measurements beside a limit taken in the same run
	$(BIN)/python -m bench

i18n: setup ## collect the strings, bring the catalogues up to date, compile and check them
	$(BIN)/python -m launch.i18n update
	$(BIN)/python -m launch.i18n compile
	$(BIN)/python -m launch.i18n check

clean: ## remove what is made, but neither the data in var/ nor the environment
	rm -rf app/static/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache htmlcov .coverage*
	find . -name __pycache__ -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +
	find translations -name '*.mo' -delete 2>/dev/null || true
