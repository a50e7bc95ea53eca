# The few commands that people type. `make demo` and `make test` need Python 3.11 or newer with venv, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test torture check bench words lock clean

## Set up, and rehearse the job on the sample publication: feeds and mails under var/demo/
demo: $(VENV)/run.stamp
	$(BIN)/python examples/demo.py

## Set up, and run the tests, by as many processes as there are cores, eight at most, each file of tests by one of them
test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder $(TESTS)

## Kill passes 200 times at random moments, with each provider on SQLite and on PostgreSQL, and count who was mailed (--help: less of it)
torture: $(VENV)/dev.stamp
	$(BIN)/python -m tests.deliver.torture

## Format, lint, types, layout
check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

## Bring the catalogues of HairFeed's words up to date with templates and code; then translate what is empty in src/hairfeed/locale
words: $(VENV)/dev.stamp
	mkdir -p var
	$(BIN)/pybabel -q extract -F pyproject.toml --no-location --sort-output -o var/hairfeed.pot src/hairfeed templates
	for po in src/hairfeed/locale/*.po; do \
	  $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 120 -l $$(basename $$po .po) -i var/hairfeed.pot -o $$po; \
	done

## Measure; benchmarks/README.md says what. Beside Pelican with PELICAN=path/to/its/python; freezing on an empty database of a server, too, with POSTGRESQL=its/address
bench: $(VENV)/run.stamp
	$(BIN)/python benchmarks/idle_pass.py
	$(BIN)/python benchmarks/collect.py
	$(BIN)/python benchmarks/feeds.py --articles 10000
	$(BIN)/python benchmarks/serve.py
	$(BIN)/python benchmarks/digest.py
	$(BIN)/python benchmarks/deliver.py
	$(BIN)/python benchmarks/smtp.py
	$(BIN)/python benchmarks/web.py
	$(BIN)/python benchmarks/sign_up_timing.py
	$(BIN)/python benchmarks/importing.py --rows 100000
	$(BIN)/python benchmarks/hygiene.py --readers 100000 --events 100000
	$(BIN)/python benchmarks/freeze.py $(if $(POSTGRESQL),--postgresql $(POSTGRESQL))
	$(BIN)/python benchmarks/cold_pass.py --pages 2000 $(if $(PELICAN),--pelican $(PELICAN))

## Resolve the dependencies anew (needs uv and npm); the locks carry hashes and no addresses
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade --extra build -o requirements/run.lock pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraint requirements/run.lock --extra build --extra dev -o requirements/dev.lock pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements/s3-server.lock requirements/s3-server.in
	for folder in tests/browser tests/deliver/npm_fakes tests/feeds/npm_readers tests/mail; do \
		npm install --prefix $$folder --package-lock-only --omit-lockfile-registry-resolved=true --no-audit --no-fund && \
		node -e 'const fs = require("fs"), path = process.argv[1] + "/package-lock.json", lock = JSON.parse(fs.readFileSync(path)); for (const one of Object.values(lock.packages)) delete one.funding; fs.writeFileSync(path, JSON.stringify(lock, null, 2) + "\n")' $$folder || exit 1; \
	done

clean:
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "HairFeed needs Python 3.11 or newer; name one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@
