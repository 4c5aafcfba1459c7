# make tables [CORPUS=/path]: the whole graph on the mini corpus or on yours, then the tables.   make test: the tests.   make plan: what it takes.
# make rerun: what other code made than the present one, and what depends on it, runs again.
# make transcribe AUDIO=file.wav BITS=3 DEVICE=0: recordings (or a folder, a list) through the digital model and a device; FORMAT="html json".
PYTHON ?= python3
PYTHONS ?= 3.11 3.12
export PYTHON CONFIG

# A value from the command line is text, whatever it holds: make does not expand it, and hands it to programs in their
# environment. Recipes name such values "$$CONFIG", never $(CONFIG), so that the shell does not read them either.
define as_text
override $(1) := $$(value $(1))
export $(1)
endef
$(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(eval $(call as_text,$(name)))))

# The graph: CONFIG if it is given, else the last one started here, else config/paper_tables.py.
GRAPH = $$(.venv/bin/python -m recipe.graph.made_from "$$CONFIG")

.PHONY: help environment plan tables results transcribe rerun docs zoo test test-all-pythons lint clean

help:
	@sed -n '1,3p' Makefile

environment:
	@"$$PYTHON" tools/environment.py

plan: environment
	@PYTHONPATH=tools/local_sisyphus .venv/bin/python -m recipe.graph.plan "$$CONFIG"

tables: environment
	@config="$(GRAPH)" && printf '+ ./sis manager -r %s\n' "$$config" && ./sis manager -r "$$config"
	@.venv/bin/python -m recipe.report.show output

# What a finished graph found, copied to docs/results/, and the tables that README and docs show of it.
results: environment
	@config="$(GRAPH)" && .venv/bin/python -m recipe.report.published "$$config"

# Finished jobs that other code made than the present one, and all that depends on them: moved aside, then run again.
rerun: environment
	@PYTHONPATH=tools/local_sisyphus .venv/bin/python -m recipe.graph.outdated --clear -- "$$CONFIG"
	@config="$(GRAPH)" && ./sis manager -r "$$config"

transcribe: environment
	@.venv/bin/python -m recipe.transcribe --config="$$CONFIG" --bits="$${BITS:-3}" --device="$${DEVICE:-0}" \
		--preset="$${PRESET:-physical}" --reference="$$REFERENCE" --format="$$FORMAT" -- "$$AUDIO"

# The documentation site, build/site/index.html; its packages are in an environment of their own, build/site-environment.
docs:
	@"$$PYTHON" tools/site/build.py

# Networks of other packages on crossbars: the tables of docs/networks.md. What they need is put into build/zoo-packages.
zoo: environment
	@.venv/bin/python tools/zoo.py

test: environment
	@.venv/bin/python -m pytest -n 2 --dist loadfile

# The committed state on each supported Python: a clone with an environment of 4.6 GB for each, under build/.
SUPPORTED := 3.11 3.12
$(if $(filter-out $(SUPPORTED),$(PYTHONS)),$(error PYTHONS holds other versions than $(SUPPORTED); name one or more of these))
test-all-pythons: $(addprefix test-on-,$(filter $(SUPPORTED),$(PYTHONS)))

$(addprefix test-on-,$(SUPPORTED)): test-on-%:
	@test -d build/python$* || git clone --quiet . build/python$*
	@git -C build/python$* fetch --quiet origin HEAD && git -C build/python$* checkout --quiet --detach FETCH_HEAD
	@$(MAKE) --no-print-directory -C build/python$* test PYTHON=python$*

lint: environment
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/lint-imports && .venv/bin/mypy

clean:
	rm -rf work/* alias/* output/*
