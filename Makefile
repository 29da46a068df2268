# Everything runs with the project's own environment: .venv/bin, made by the README's test command.
BIN := .venv/bin

.PHONY: check style types layers test bench faults api gallery pictures recordings soak versions audit otherday

check: style types layers

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

test:
	$(BIN)/pytest

bench:
	$(BIN)/python -m benchmarks

# What takes minutes: 10,000 broken streams, 2,000 cancels, faults with an eye on the memory, stops, full disks.
soak:
	CI=true $(BIN)/pytest tests/streaming/test_fuzz.py tests/streaming/test_soak.py tests/store/test_journal.py tests/store/test_save_queue.py tests/terminal/reply/test_held_up.py tests/attacks --soak --hypothesis-profile=soak --durations=4

# What can go wrong, as a page.
faults:
	PYTHONPATH=.:tests $(BIN)/python tests/support/faults.py > docs/faults.md

# The public names, as a page.
api:
	PYTHONPATH=.:tests $(BIN)/python tests/support/api_page.py > docs/api.md

# The designed screens, and the Markdown of every look.
gallery:
	PYTHONPATH=.:tests $(BIN)/python tests/terminal/test_gallery.py
	PYTHONPATH=.:tests $(BIN)/python -m support.gallery

# The pictures of README and guide, drawn by the chat itself from the recordings beside them.
pictures:
	PYTHONPATH=.:tests $(BIN)/python -m support.pictures

# Those recordings anew, where what practice mode answers has changed, and then the pictures.
recordings:
	PYTHONPATH=.:tests $(BIN)/python -m support.pictures --record

# The core of the suite with the lowest and the newest versions that are allowed.
versions:
	.ci/versions

# Known advisories of what is installed; what is known otherwise stands in docs/dependencies.md.
audit:
	$(BIN)/pip install -q pip-audit
	$(BIN)/pip-audit --skip-editable

# The suite with the calendar on other days, also in the programs it starts; PART=tests/models runs a part.
DAYS ?= 2027-05-14 2031-05-14
otherday:
	$(BIN)/pip install -q time-machine
	for day in $(DAYS); do \
		OTHERDAY=$$day PYTHONPATH=$(CURDIR)/tests/support/otherday $(BIN)/pytest -W "ignore::pytest.PytestAssertRewriteWarning" $(PART) || exit 1; \
	done
