# make tables: the whole graph on the mini corpus, then the tables.   make test: the tests.
PYTHON ?= python3
CONFIG ?= config/mini.py

.PHONY: help environment tables test lint clean

help:
	@sed -n '1p' Makefile

environment:
	@$(PYTHON) tools/environment.py

tables: environment
	@echo "+ ./sis manager -r $(CONFIG)"
	@./sis manager -r $(CONFIG)
	@.venv/bin/python -m recipe.report.show output

test: environment
	@.venv/bin/python -m pytest -n 2 --dist loadfile

lint: environment
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

clean:
	rm -rf work/* alias/* output/*
