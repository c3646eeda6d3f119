# Every target installs what it needs; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
BOOTSTRAP := deploy/local/bootstrap.sh

.PHONY: help run stop test test-full targets-mutate bench lint format generate dashboards-push language-model web lock install clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build the web chat, start everything, print the URL
	@$(BOOTSTRAP) run
	@$(VENV)/bin/kubechat up

stop: ## stop what `make run` started
	@$(VENV)/bin/kubechat down

test: ## install what is missing and run the test suite
	@$(BOOTSTRAP) test
	@$(PY) -m pytest -m "not full" -n 3 --dist loadgroup

test-full: ## everything: all faults, all browser stories
	@$(BOOTSTRAP) test
	@$(PY) -m pytest -n 2 --dist loadgroup

targets-mutate: ## make each promise false in turn and see its own test go red; `ARGS=--all` tries also what is proved
	@$(BOOTSTRAP) test
	@$(PY) -m tests.mutation.run $(ARGS)

bench: ## the benchmarks, written to docs/benchmarks.md and .json
	@$(BOOTSTRAP) test
	@$(PY) -m tests.benchmarks.run $(ARGS)

lint: ## format, lint, types, import contracts, generated files, dashboards and rules, the web chat's types
	@$(BOOTSTRAP) lint
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(PY) -m deploy.generate --check
	@$(PY) -m dashboards.lint
	@$(BOOTSTRAP) npm run check
	@echo "Left out: grafana/dashboard-linter and cloudflare/pint (tools/README.md says why)"

format: ## format and fix what can be fixed
	@$(BOOTSTRAP) lint
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

generate: ## write rules, dashboards and Alertmanager's configuration anew
	@$(BOOTSTRAP) lint
	@$(PY) -m deploy.generate

dashboards-push: ## load the dashboards into a Grafana: `make dashboards-push URL=http://127.0.0.1:3000`
	@$(BOOTSTRAP) lint
	@$(PY) -m deploy.observability.push $(URL) $(ARGS)

language-model: ## learn anew what texts ask for, from the lists; `ARGS='--folds 5'` scores it unseen
	@$(BOOTSTRAP) training
	@$(PY) -m tests.language.examples
	@$(PY) -m tests.language.training $(ARGS)

web: ## build the web chat
	@$(BOOTSTRAP) web

lock: ## resolve the dependencies anew
	@$(BOOTSTRAP) lint
	@$(VENV)/bin/uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --python-version 3.11 --upgrade -q -o requirements.lock
	@$(VENV)/bin/uv pip compile pyproject.toml --group dev -c requirements.lock --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --python-version 3.11 --upgrade -q -o requirements-dev.lock
	@$(VENV)/bin/uv pip compile pyproject.toml --group training -c requirements-dev.lock --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --python-version 3.11 --upgrade -q -o requirements-training.lock

clean: ## remove what was built; the state of `make run` stays
	@rm -rf $(VENV) app/web/node_modules app/web/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
