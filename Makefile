# make tables [CORPUS=/path]: the whole graph on the mini corpus or on yours, then the tables.   make test: the tests.   make plan: what it takes.
# make rerun: what other code made than the present one, and what depends on it, runs again.
# make transcribe AUDIO=file.wav BITS=3 DEVICE=0: one recording through the digital model and a device of it.
PYTHON ?= python3
PYTHONS ?= 3.11 3.12
CONFIG ?= config/paper_tables.py

.PHONY: help environment plan tables transcribe rerun test test-all-pythons lint clean

help:
	@sed -n '1,3p' Makefile

environment:
	@$(PYTHON) tools/environment.py

plan: environment
	@PYTHONPATH=tools/local_sisyphus .venv/bin/python -m recipe.graph.plan $(CONFIG)

tables: environment
	@echo "+ ./sis manager -r $(CONFIG)"
	@./sis manager -r $(CONFIG)
	@.venv/bin/python -m recipe.report.show output

# Finished jobs that other code made than the present one, and all that depends on them: moved aside, then run again.
rerun: environment
	@PYTHONPATH=tools/local_sisyphus .venv/bin/python -m recipe.graph.outdated $(CONFIG) --clear
	@./sis manager -r $(CONFIG)

# Make hands the variables of its command line to the shell, which quotes them whatever they hold.
transcribe: environment
	@.venv/bin/python -m recipe.transcribe "$$AUDIO" --config "$(CONFIG)" --bits "$${BITS:-3}" --device "$${DEVICE:-0}" \
		--preset "$${PRESET:-physical}" --reference "$$REFERENCE"

test: environment
	@.venv/bin/python -m pytest -n 2 --dist loadfile

# The committed state on each supported Python: a clone with an environment of 4.6 GB for each, under build/.
test-all-pythons: $(addprefix test-on-,$(PYTHONS))

test-on-%:
	@test -d build/python$* || git clone --quiet . build/python$*
	@git -C build/python$* fetch --quiet origin HEAD && git -C build/python$* checkout --quiet --detach FETCH_HEAD
	@$(MAKE) --no-print-directory -C build/python$* test PYTHON=python$*

lint: environment
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/lint-imports && .venv/bin/mypy

clean:
	rm -rf work/* alias/* output/*
