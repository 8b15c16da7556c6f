# The contributor's front door. Each target sets up what it needs in .venv.
#
#   make help                      this list
#   make setup                     .venv, with all tools; every other target sets it up by itself
#   make run [ONCE=1] [ARGS=...]   the whole pipeline on this machine, with the samples
#   make test [ARGS=...]           the quick tests, in about three minutes
#   make test-slow [ARGS=...]      the long proofs: deployments, `slips run`, chaos, the console in a browser
#   make test-all                  both
#   make check                     lint, types, `slips check` of the project, and the documentation site
#   make bench [QUICK=1]           speed and memory against their bounds; exits 1 where one is missed
#   make bench AGAINST=COMMIT      is this checkout slower than that commit? both in turns; exits 1 where one is
#   make peers                     what others take for the same events; writes docs/scale.md
#   make chaos [RUNS=200] [SEED=1] [STEPS=20000]
#                                  seeded faults, kills and deadlines; exits 1 where an event is lost
#   make live [ARGS=...]           deploy into your AWS account, send objects with faults, drain, remove all; writes a page
#   make mutants                   take each line that keeps events safe away: a test must notice
#   make lint                      ruff: faults and format; codespell: spelling
#   make types                     mypy, strict
#   make audit                     known vulnerabilities of what Lambda gets (needs the service that lists them)
#   make docs                      write the generated pages of docs/, the index of formats, and the schema of slips.yml again
#   make account                   an empty emulated AWS account to practise `slips deploy` on, until Ctrl-D
#   make site                      build the documentation site into site/; exits 1 for a broken link
#   make screenshots               write docs/images/ again (needs Chromium)
#   make samples                   write samples/ again
#   make wheel                     build dist/slips-….whl, the same bytes for the same files, and check it
#   make lock                      lock requirements-dev.txt and requirements.lock again
#   make clean                     remove what these made

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
BENCH  := $(VENV)/.bench
PEERS  := $(VENV)/peers/.ready
AUDIT  := $(VENV)/audit/.ready
WHEELS := $(VENV)/wheels/.ready
USER   := $(VENV)/user-wheels/.ready
REST   := not run: the slow tests (make test-all)

.PHONY: help setup run test test-slow test-all bench peers chaos live mutants check lint types project audit docs account site screenshots samples wheel lock clean
.DEFAULT_GOAL := test

# Where the environment forbids byte code, each process would compile each module again, and pytest rewrite each test.
export PYTHONDONTWRITEBYTECODE :=

help:
	@sed -n 's/^#   //p' Makefile

setup: $(READY)

run: $(READY)
	@$(BIN)/slips run $(if $(ONCE),--once) $(ARGS)

# worksteal keeps the tests of a file together, and so what they share; for loadgroup see tests/conftest.py.
test: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" $(ARGS)
	@echo "$(REST)"

test-slow: $(READY) $(WHEELS) $(USER)
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  echo "Chromium is not installed, so the console is not tested in a browser (Debian: apt-get install chromium)" >&2
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow $(ARGS)

test-all: REST := the slow tests:
test-all: test test-slow

check: lint types project site

lint: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/codespell

types: $(READY)
	@$(BIN)/mypy --no-error-summary

# Among others: are the policies in .chalice/ those that slips.yml asks for?
project: $(READY)
	@$(BIN)/slips check > $(VENV)/.check || { cat $(VENV)/.check; exit 1; }

# Fails for a vulnerability alone. The rules of bandit, for our own code, are ruff's rules S, in `make lint`.
audit: requirements.lock $(AUDIT)
	@$(VENV)/audit/bin/pip-audit --require-hashes --disable-pip -r requirements.lock > $(VENV)/audit/report 2>&1 || \
	  { ! grep -E 'known vulnerabilit' -A 100 $(VENV)/audit/report || exit 1; \
	    echo "not audited: $$(tail -n 1 $(VENV)/audit/report)" >&2; }
	@grep 'could not be audited' $(VENV)/audit/report >&2 || true

bench: $(READY) $(BENCH)
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(AGAINST),--against $(AGAINST)) $(ARGS)

peers: $(READY) $(BENCH) $(PEERS)
	@$(BIN)/python -m bench.peers $(VENV)/peers/bin/python

chaos: $(READY) $(WHEELS)
	@$(BIN)/python -m tests.chaos --runs $(or $(RUNS),200) --seed $(or $(SEED),1) $(ARGS)
	@SLIPS_STEPS=$(or $(STEPS),20000) $(BIN)/python -m pytest -q -n0 tests/steps/test_steps.py -k at_any_write

# In the account that your AWS configuration names: it says what it costs, and asks.
live: $(READY)
	@$(BIN)/python -m tests.live $(ARGS)

mutants: $(READY) $(WHEELS)
	@$(BIN)/python -m tests.mutation $(ARGS)

docs: $(READY)
	@$(BIN)/python -m slips.ops.cli.reference docs/command-line.md
	@$(BIN)/python -m slips.formats.write_index
	@$(BIN)/slips formats --markdown > docs/formats.md
	@$(BIN)/python -m slips.api.openapi
	@$(BIN)/python -m reference
	@$(BIN)/python -m slips.ops.develop.config_schema docs/slips.schema.json
	@$(BIN)/python -m tests.habits.licences

# Material warns of MkDocs 2, which pyproject.toml excludes.
site: $(READY)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

account: $(READY)
	@$(BIN)/python -W ignore -m tests.deployment.server

screenshots: $(READY)
	@$(BIN)/python -m tests.console.screenshots

samples: $(READY)
	@$(BIN)/python -m bench.samples

wheel: $(READY)
	@rm -rf dist && mkdir dist
	@$(BIN)/python -m tests.wheel.build dist

# setuptools and wheel, too (--all): the tests build the wheel without network, so with what is installed. Lambda gets
# what is tested.
lock:
	@rm -rf $(VENV)/lock && $(PYTHON) -m venv $(VENV)/lock
	@$(VENV)/lock/bin/pip install -qq --disable-pip-version-check '.[dev]'
	@( sed -n '/^#/p' requirements-dev.txt; \
	   $(VENV)/lock/bin/pip freeze --all --disable-pip-version-check --exclude slips --exclude pip ) > $(VENV)/lock/frozen.txt
	@mv $(VENV)/lock/frozen.txt requirements-dev.txt
	@PIP_CONSTRAINT=requirements-dev.txt $(VENV)/lock/bin/slips lock
	@rm -rf $(VENV)/lock

clean:
	@rm -rf $(VENV) .slips .mypy_cache .ruff_cache .hypothesis build dist site *.egg-info

$(READY): requirements-dev.txt requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11, 2) <= sys.version_info[:3] < (3, 14) and "SLIPS needs Python 3.11.2 to 3.13, this is " + sys.version.split()[0] + "; name another one: make PYTHON=python3.12 …")'
	@echo "setting up $(VENV) (once, about a minute)" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps -e .
	@touch $@

$(BENCH): requirements-bench.txt $(READY)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-bench.txt
	@touch $@

# Each in an environment of its own: nothing of them belongs to SLIPS.
$(PEERS): requirements-peers.txt $(READY)
	@rm -rf $(VENV)/peers && $(PYTHON) -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip install -qq --disable-pip-version-check -r requirements-peers.txt
	@touch $@

$(AUDIT): $(READY)
	@rm -rf $(VENV)/audit && $(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install -qq --disable-pip-version-check pip-audit==2.10.1
	@touch $@

# What `chalice package` puts into the package, fetched once, so that the tests need no network.
$(WHEELS): requirements.lock requirements.txt $(READY)
	@rm -rf $(VENV)/wheels
	@$(BIN)/python -m pip download -qq --disable-pip-version-check -d $(VENV)/wheels -r requirements.txt -c requirements-dev.txt
	@touch $@

# What `pip install 'slips[local]' pytest` installs beside SLIPS, for the empty environments of tests/wheel.
$(USER): requirements-dev.txt requirements.txt pyproject.toml $(READY)
	@rm -rf $(VENV)/user-wheels
	@$(BIN)/python -m pip wheel -qq --disable-pip-version-check -c requirements-dev.txt -w $(VENV)/user-wheels '.[local]' pytest
	@rm -rf build $(VENV)/user-wheels/slips-*.whl
	@touch $@
