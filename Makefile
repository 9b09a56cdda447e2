# What one does with this repository, each in one command. `make help` lists them.

PYTHON = python3
VENV = .venv
LAB_ARGS =

BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --retries 10 --timeout 60
BROWSER = chromium fonts-dejavu-core
# The oldest front ends for which the extension is made.
OLDEST = jupyterlab==4.4.0 notebook==7.4.0
COLLABORATION = 'jupyterlab>=4.4' 'jupyter-collaboration>=4'
# Registries are sometimes slow or briefly away: run a command up to three times.
PATIENTLY = patiently() { for pause in 5 20 no; do "$$@" && return; \
  [ $$pause = no ] || { echo "Failed; once more in $$pause s."; sleep $$pause; }; done; \
  return 1; }; patiently
EXTENSION = $(shell find labextension -name node_modules -prune -o -name lib -prune -o -name .yarn -prune -o -type f -print)
JLPM = cd labextension && PATH="$(abspath $(BIN)):$$PATH" jlpm
# JupyterLab refuses to run as root unless told twice.
ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)

.DELETE_ON_ERROR:
.PHONY: help lab test lint bench clean browser

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16
	@echo
	@echo "Variables: PYTHON=$(PYTHON)  VENV=$(VENV)  LAB_ARGS=$(LAB_ARGS)"

lab: $(VENV)/lab.stamp ## open the tour in JupyterLab
	$(BIN)/jupyter lab $(ROOT) $(LAB_ARGS) examples/tour.ipynb

test: $(VENV)/test.stamp $(VENV)/beside.stamp browser lint ## check and test everything
	$(JLPM) test
	$(BIN)/python -m pytest

lint: $(VENV)/test.stamp ## format, lint, types, layers
	$(JLPM) lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/test.stamp ## measure against plain ipykernel
	$(BIN)/python -m benchmarks

clean: ## delete the virtual environment and all caches
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf reactive_kernel/labextension labextension/lib labextension/node_modules
	rm -rf labextension/.yarn labextension/tsconfig.tsbuildinfo
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Reactive Python needs Python 3.11 or later; choose one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv module. Install it: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# pip builds the extension, too, and leaves what that needs in labextension/node_modules.
$(VENV)/lab.stamp: pyproject.toml $(EXTENSION) | $(VENV)/bin/python
	$(PATIENTLY) $(PIP) install --editable '.[lab]'
	@touch $@

$(VENV)/test.stamp: pyproject.toml $(EXTENSION) | $(VENV)/bin/python
	$(PATIENTLY) $(PIP) install --editable '.[test,lint]'
	@touch $@

# What would change JupyterLab for all other tests: environments of their own.
$(VENV)/beside.stamp: Makefile | $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/oldest
	$(PATIENTLY) $(VENV)/oldest/bin/pip install --quiet --retries 10 --timeout 60 $(OLDEST)
	$(PYTHON) -m venv $(VENV)/collaboration
	$(PATIENTLY) $(VENV)/collaboration/bin/pip install --quiet --retries 10 --timeout 60 $(COLLABORATION)
	@touch $@

# The browser tests drive the distribution's Chromium.
browser:
	@if command -v chromium >/dev/null || [ -n "$$CHROMIUM" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	  $(PATIENTLY) $$sudo apt-get update -q && \
	  patiently $$sudo env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -qy --no-install-recommends $(BROWSER); \
	else \
	  echo "No Chromium: the browser tests will be skipped. To run them, either"; \
	  echo "  sudo apt-get install $(BROWSER)"; \
	  echo "or set CHROMIUM to the path of one."; \
	fi
