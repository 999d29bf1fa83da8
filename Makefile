# The few commands that this house knows. CI calls these and nothing else.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/run.stamp
DEV := .venv/dev.stamp
WORDS := .venv/words.stamp
POUCH := tests/bench/pouch/node_modules/.package-lock.json
TUS := tests/foreign/node_modules/.package-lock.json
PO := $(wildcard assets/locales/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := run
.PHONY: run test check phone bench simulate mutants foreign kills monkey journeys docs clean tools browser postgres format

run: phone ## start the server with a demo province; prints every address
	@$(BIN)/python -m server.cli serve --demo

test: check phone browser postgres $(TUS) ## everything CI runs: checks, units, contracts, properties, 2,000 histories, a journey a feature
	$(BIN)/python -m pytest -m "not long" --numprocesses 2 --dist loadgroup

check: $(DEV) $(WORDS) ## style, types, import rules, documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/house

phone: $(RUN) $(WORDS) ## build the phone's web app into build/web
	@$(BIN)/python -m mobile.web.build --out build/web

foreign: $(DEV) $(WORDS) $(TUS) ## tuspy and tus-js-client upload to our server over a line that is cut
	$(BIN)/python -m pytest tests/foreign

kills: $(DEV) $(WORDS) postgres ## MINUTES=10 of kill -9 on a server and three phones in processes of their own; SEED=1, STORE=postgresql
	$(BIN)/python -m tests.kills --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1) --store $(or $(STORE),sqlite)

monkey: phone browser ## MINUTES=30 of chance at the phone in a real browser: touches, kills, clock jumps, a full disk; SEED=1, STEPS=
	$(BIN)/python -m tests.monkey --minutes $(or $(MINUTES),30) --seed $(or $(SEED),1) $(if $(STEPS),--steps $(STEPS))

journeys: phone browser ## every journey, in a real browser
	$(BIN)/python -m pytest tests/journeys tests/monkey

simulate: $(DEV) $(WORDS) ## SEEDS=200000 simulated histories of phones and a server, from seed FIRST=1 on; prints histories an hour
	$(BIN)/python -m tests.simulation --histories $(or $(SEEDS),20000) --seed $(or $(FIRST),1)

bench: phone browser $(POUCH) ## speed, each row a ratio to the floor in the same run, PouchDB beside it; AREAS="push pull"
	$(BIN)/python -m tests.bench $(AREAS)

mutants: $(DEV) $(WORDS) ## ONLY='shared.metrology.judging*' changes the rules in every small way; the tests must notice
	nice -n 19 $(BIN)/python -m tests.mutants $(or $(ONLY),'shared.metrology*')

docs: $(DEV) ## write the generated parts of the documents anew
	$(BIN)/python -m tests.house.documents

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what was built; keeps the demo's data in var/
	rm -rf build mutants .venv

tools:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing. Install Python 3.11 or newer: apt install python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || { echo "Python 3.11 to 3.14 is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Say make PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing. Install it: apt install python3-venv"; exit 2; }
	@command -v node >/dev/null || { echo "Node is missing (18 or newer builds the phone's web app). Install it: apt install nodejs"; exit 2; }
	@command -v npm >/dev/null || { echo "npm is missing. Install it: apt install npm"; exit 2; }

browser: $(DEV)
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || { echo "Chromium is missing: the journeys need it. Install it: apt install chromium"; exit 2; }

postgres:
	@command -v pg_ctl >/dev/null || ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq postgresql >/dev/null; } || { echo "PostgreSQL is missing: the store's tests run on a real one. Install it: apt install postgresql"; exit 2; }

$(RUN): requirements/run.lock | tools
	@echo "Setting up Python in .venv (once; about a minute) ..."
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/run.lock
	@touch $@

$(DEV): requirements/test.lock $(RUN)
	@echo "Adding what the tests need ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/test.lock
	@touch $@

$(TUS): tests/foreign/package-lock.json | tools
	@cd tests/foreign && npm ci --silent --no-audit --no-fund
	@touch $@

$(POUCH): tests/bench/pouch/package-lock.json | tools
	@cd tests/bench/pouch && npm ci --silent --no-audit --no-fund
	@touch $@

$(WORDS): $(PO) $(RUN)
	@for domain in shared mobile server; do $(BIN)/pybabel --quiet compile -d assets/locales -D $$domain || exit 1; done
	@touch $@
