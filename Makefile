# make run, make test, make lab, make bench, make screenshots, make dist: each sets up what it needs.
PYTHON ?= python3
VENV := .venv
LAB ?= tests/lab
BIN := $(VENV)/bin
SOURCES := $(shell find sriov_tui checks screens -name '*.py')

.PHONY: help run test lint pytest terminal lab browser ansible bench screenshots manual docs catalog dist dist-test roots release release-test lock clean

help:
	@echo 'make run          start the wizard on this machine (as root: sudo make run)'
	@echo 'make test         unit, screen and terminal tests; lint, types, import contracts'
	@echo 'make test ONLY=tests/checks/test_vfs.py   the same with these tests alone: what a change touches'
	@echo 'make terminal     every screen in a pseudo-terminal, 5 s at rest each (about two minutes)'
	@echo 'make lab          the real-host tests, in virtual machines (Debian, root, about half an hour)'
	@echo "make browser      the fleet's page in headless Chromium (apt install chromium)"
	@echo 'make ansible      the Ansible collection: lint, documentation, sanity, simulated machines'
	@echo 'make bench        measurements, as ratios taken side by side'
	@echo 'make screenshots  draw screenshots/ anew'
	@echo 'make catalog      bring the catalog of Chinese sentences up to date with the source, and list what is left to do'
	@echo 'make manual       the manual page, completion for bash and zsh, a page for each finding: build/manual'
	@echo 'make docs         the documents in English and Chinese as HTML: build/html (without a network after the set-up)'
	@echo 'make dist         the one file, wheel and Debian package, in dist/ (Debian, two minutes)'
	@echo 'make dist-test    the tests of what make dist made (all of them as root, with mmdebstrap)'
	@echo 'make roots        real rpm, dnf, apt and dkms with a stand-in for DOCA-Host (root, mmdebstrap, 15 minutes)'
	@echo 'make release      everything that is given away of a version, in release/ (MACHINES=x86_64, SIGNING_KEY=ID)'
	@echo 'make release-test install, run, upgrade and remove each of it in a root of its kind (root); BEFORE=DIR: an older release'

# After `sudo make run` all of it belongs to root: a later make by somebody else says so, in place of a traceback of pip.
ours = @for path in $(VENV) sriov_tui sriov_tui/__pycache__; do \
	    test ! -e $$path || test -w $$path || { \
	        echo "$$path belongs to $$(stat -c %U $$path), as after \`sudo make run\`." >&2; \
	        echo "Take it back (sudo chown -R $$(id -un) .), or set up beside it: make VENV=.venv-$$(id -un) ..." >&2; \
	        exit 1; }; \
	done

# The application and what it needs; nothing is installed outside this folder.
$(VENV)/run: requirements.lock pyproject.toml
	$(ours)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sriov-tui needs Python 3.11 or newer: make PYTHON=python3.11 run")'
	$(PYTHON) -m venv $(VENV) || { echo 'Install the venv module first, as in: apt install python3-venv'; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	touch $@

# The program itself writes nothing, not even a cache of its modules: without these its start takes twice as long.
$(VENV)/compiled: $(VENV)/run $(SOURCES)
	$(ours)
	$(BIN)/python -m compileall -q sriov_tui checks screens
	touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	$(ours)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

run: $(VENV)/compiled
	@$(BIN)/sriov-tui $(ARGS)

lint: $(VENV)/dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# A test that takes so many seconds hangs: its stacks are told, and it is ended.
ends = -o faulthandler_timeout=$(1) -o faulthandler_exit_on_timeout=true

pytest: $(VENV)/dev $(VENV)/compiled
	$(BIN)/python -m pytest -n 2 $(call ends,300) $(ONLY)

# A pytest -m on the command line replaces that of pyproject.toml, which leaves these out of `make test`.
terminal: $(VENV)/dev
	SRIOV_TUI_REST=5 $(BIN)/python -m pytest tests/terminal -n 2 -m rest $(call ends,900)

# At the same time: the checks are ready long before the tests.
test: $(VENV)/dev
	@$(MAKE) --no-print-directory -j 2 lint pytest

lab: $(VENV)/dev
	$(BIN)/python -m pytest $(LAB) -v --override-ini='norecursedirs=.*' -n 2 --dist loadfile

browser: $(VENV)/dev
	$(BIN)/python -m pytest tests/browser -v --override-ini='norecursedirs=.*'

# The newest Ansible that a Python of this machine can run; that of 2.16 beside it, the last for hosts with Python 2.7.
ANSIBLE_PYTHON ?= $(shell for name in python3.14 python3.13 python3.12; do $$name -c 'import ensurepip' 2>/dev/null && echo $$name && exit; done; echo $(PYTHON))

$(VENV)/ansible/ready: requirements-ansible.txt
	$(ANSIBLE_PYTHON) -m venv $(VENV)/ansible
	$(VENV)/ansible/bin/pip install --quiet --disable-pip-version-check -r requirements-ansible.txt
	touch $@

$(VENV)/ansible-2.16/ready:
	$(PYTHON) -m venv $(VENV)/ansible-2.16
	$(VENV)/ansible-2.16/bin/pip install --quiet --disable-pip-version-check 'ansible-core>=2.16,<2.17'
	touch $@

ansible: $(VENV)/dev $(VENV)/ansible/ready $(VENV)/ansible-2.16/ready
	PATH=$(CURDIR)/$(VENV)/ansible/bin:$$PATH ./ansible/check
	for name in ansible ansible-2.16; do \
	    SRIOV_TUI_ANSIBLE=$(CURDIR)/$(VENV)/$$name $(BIN)/python -m pytest tests/ansible -n 2 -v \
	        --override-ini='norecursedirs=.*' || exit 1; \
	done

bench: $(VENV)/dev
	$(BIN)/python -m tests.bench

manual: $(VENV)/dev
	$(BIN)/python -m tools.manual build/manual

$(VENV)/docs/ready: requirements-docs.txt
	$(PYTHON) -m venv $(VENV)/docs
	$(VENV)/docs/bin/pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	touch $@

docs: $(VENV)/dev $(VENV)/docs/ready
	rm -rf build/documents build/html
	$(BIN)/python -m tools.documents build/documents
	release=$$($(BIN)/python -c 'import sriov_tui; print(sriov_tui.__version__)'); \
	for pair in en:en zh-CN:zh_CN; do \
	    $(VENV)/docs/bin/sphinx-build --quiet --fail-on-warning --keep-going -b html -c docs -D language=$${pair#*:} -D release=$$release \
	        build/documents/docs/$${pair%:*} build/html/$${pair%:*} || exit 1; \
	done

catalog: $(VENV)/dev
	$(BIN)/python -m tools.translation

screenshots: $(VENV)/dev
	$(BIN)/python -m tests.make_screenshots

dist:
	packaging/build

dist-test: $(VENV)/dev
	SRIOV_TUI_STARTS=$(SRIOV_TUI_STARTS) $(BIN)/python -m pytest tests/dist -v --override-ini='norecursedirs=.*'

roots: $(VENV)/dev
	$(BIN)/python -m pytest tests/roots -v --override-ini='norecursedirs=.*'

release:
	packaging/release

release-test: $(VENV)/dev
	SRIOV_TUI_BEFORE=$(BEFORE) $(BIN)/python -m pytest tests/release -v --override-ini='norecursedirs=.*'

# Written anew when a dependency in pyproject.toml changes.
lock: $(VENV)/dev
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml requirements-build.in
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --extra dev --output-file requirements-dev.lock pyproject.toml requirements-build.in
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --output-file requirements-dist.lock requirements-dist.in requirements-build.in

clean:
	rm -rf $(VENV) build dist release *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
