# Two commands do all set-up: `make demo` and `make test`. `make` alone lists the targets.
# Nothing here asks more than GNU make 3.81, which is what macOS has.

# The first Python on the path that will do; `make PYTHON=/path/to/python3 ...` names another (after `make clean`).
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && exit; done; echo python3)

# Which tests `make test` and `make prove` run: all, or e.g. `make test TESTS=tests/dns`.
TESTS ?= tests
PYTEST = .venv/bin/pytest

# Debian keeps name servers where only root's path leads.
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin
# Without compiled modules every run is a second slower, so Python may write them.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test prove lint bench messages docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed ## rotate a selector on the embedded sandbox
	.venv/bin/byodkim rotate -r selector mail-20261124-1 -p target sandbox -p mode apply -p reason demo

test: .venv/installed ## run the tests but for the long proofs, four modules at a time (TESTS=tests/dns for a part)
	@sh tests/programs.sh
	$(PYTEST) -m "not prove" --numprocesses=4 --dist=loadfile $(TESTS)

prove: .venv/installed .venv-airflow/installed .venv-localstack/installed ## run the long proofs, half an hour or so
	@sh tests/programs.sh
	$(PYTEST) -m prove $(TESTS)

lint: .venv/installed ## ruff and mypy
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

bench: .venv/installed ## measure what is claimed, as one table
	.venv/bin/python -m tests.bench

messages: .venv/installed ## compile the sentences of other languages, after a change of lib/byodkim/locale/*/LC_MESSAGES/byodkim.po
	for po in lib/byodkim/locale/*/LC_MESSAGES/byodkim.po; do .venv/bin/pybabel -q compile -f -i $$po -o $${po%po}mo || exit; done

# Links in the documents are those of the checkout, so its layout is copied; a notebook becomes a page.
SITE = build/docs

docs: .venv/installed .venv/docs ## build the documents as a site in build/docs/site, in both languages
	@rm -rf $(SITE) && mkdir -p $(SITE)/source
	@tar -cf - *.md docs deploy | tar -xf - -C $(SITE)/source
	@.venv/bin/jupyter nbconvert --log-level ERROR --to markdown $(SITE)/source/docs/*/tutorial.ipynb
	@for page in $(SITE)/source/*.md; do sed 's/tutorial\.ipynb)/tutorial.md)/' $$page >$$page.new && mv $$page.new $$page; done
	.venv/bin/mkdocs build --strict

# Needs uv. Versions that stand in a lock are kept where they still fit: remove the files to take the newest of everything.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command "make lock"
BUILD_REQUIREMENTS = import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")
WITHIN = $(COMPILE) --constraint locks/requirements.lock - --output-file locks/requirements

lock: ## resolve pyproject.toml, and what stands beside it, again into locks/
	$(COMPILE) --all-extras pyproject.toml --output-file locks/requirements.lock
	$(PYTHON) -c '$(BUILD_REQUIREMENTS)' | $(COMPILE) - --output-file locks/requirements-build.lock
	echo "mkdocs>=1.6,<2" | $(WITHIN)-docs.lock
	echo "apache-airflow==3.3.1" | $(COMPILE) - --output-file locks/requirements-airflow.lock
	@# It runs with the versions of its own time only.
	echo "localstack-core[runtime]==4.5.0" | \
	  $(COMPILE) --exclude-newer 2025-07-10 - --output-file locks/requirements-localstack.lock

clean: ## remove what make made; records in outputs/ stay
	rm -rf .venv .venv-airflow .venv-localstack build lib/byodkim.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find lib tests -name __pycache__ -prune -exec rm -rf {} +

# Everything that is downloaded has its hash in a lock. dkimpy comes as source only, so what builds it goes in first.
# The first run compiles what it loads: to compile all takes four times as long.
PIP = bin/python -m pip install --quiet --disable-pip-version-check --no-deps
INSTALL = .venv/$(PIP) --no-build-isolation --no-compile
WHEELS = --require-hashes --only-binary :all:

.venv/locked: locks/requirements.lock locks/requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "byodkim needs Python 3.11 or later, which $(PYTHON) \
	is not: install one, or name one with make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks ensurepip and so makes no virtual environments: on Debian, \
	run apt-get install python3-venv as root, then make again." >&2; exit 1; }
	@echo "Setting up .venv from locks/requirements.lock: a minute or two, once."
	@$(PYTHON) -m venv --clear .venv
	@$(INSTALL) $(WHEELS) -r locks/requirements-build.lock
	@$(INSTALL) $(WHEELS) --no-binary dkimpy -r locks/requirements.lock
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	@$(INSTALL) --editable .
	@.venv/bin/python -m pip check --disable-pip-version-check
	@.venv/bin/python -m compileall -q lib
	@touch $@

.venv/docs: .venv/locked locks/requirements-docs.lock
	@$(INSTALL) $(WHEELS) -r locks/requirements-docs.lock
	@touch $@

# LocalStack pins other versions than byodkim asks for, so it has an environment of its own; some of it comes as source only.
.venv-localstack/installed: .venv/locked locks/requirements-localstack.lock
	@echo "Setting up .venv-localstack: a minute or two, once."
	@$(PYTHON) -m venv --clear .venv-localstack
	@.venv-localstack/$(PIP) --no-build-isolation --no-compile $(WHEELS) -r locks/requirements-build.lock
	@.venv-localstack/$(PIP) --no-build-isolation --no-compile --require-hashes -r locks/requirements-localstack.lock
	@touch $@

# Airflow pins other versions than byodkim asks for, so it has an environment of its own.
.venv-airflow/installed: locks/requirements-airflow.lock
	@echo "Setting up .venv-airflow: a minute or two, once."
	@$(PYTHON) -m venv --clear .venv-airflow
	@.venv-airflow/$(PIP) --no-compile $(WHEELS) -r locks/requirements-airflow.lock
	@touch $@
