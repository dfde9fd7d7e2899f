# damtutor: the commands of this course. `make` alone lists them. Without make: see README.md.
PYTHON ?= python3
BIN := .venv/bin
CH ?=
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help env dev lab test book serve editions bench doctor clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

# A stamp for each set of packages: nothing is installed twice, and a changed requirement is installed once.
.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] <= (3, 14) else "damtutor needs Python 3.11 to 3.14; $(PYTHON) is %d.%d. Name another one: make env PYTHON=python3.12" % v[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/learner: .venv/pyvenv.cfg requirements.txt constraints.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e . -c constraints.txt
	@$(BIN)/damtutor doctor  # also compiles the fast loops, once, so that no lesson waits for it
	@touch $@

.venv/maker: .venv/learner
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]" -c constraints.txt
	@touch $@

env: .venv/learner ## make the environment in .venv

dev: .venv/maker ## add what makes and tests the course

lab: env ## open JupyterLab at the start notebook of your own copy, my-course/
	$(BIN)/damtutor start my-course
	$(BIN)/jupyter lab --notebook-dir=my-course my-course/notebooks/00-start.ipynb

test: dev ## run every test; CH=04 narrows notebooks, editions and their lint to one chapter
	$(BIN)/python -m tests.run --chapter '$(CH)'

editions: dev ## make the notebooks from the manuscript in book/
	$(BIN)/python -m publish editions

book: dev ## build the site into _build/html
	$(BIN)/python -m publish site

serve: dev ## show the built site on this machine only; PORT=8000
	$(BIN)/python -m publish serve --port $(PORT)

bench: dev ## measure speed, sizes and times against budgets and other packages (the first run installs 2 GB)
	$(BIN)/python benchmarks/run.py

doctor: env ## say in words what is missing or too old
	$(BIN)/damtutor doctor

clean: ## remove what was built; .venv stays
	rm -rf _build book/_static/vendor book/node_modules .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
