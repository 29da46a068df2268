# Everything runs with the project's own environment: .venv/bin, made by the README's test command.
BIN := .venv/bin

.PHONY: check test bench faults

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test:
	$(BIN)/pytest

bench:
	$(BIN)/python -m benchmarks

# What can go wrong, as a page.
faults:
	PYTHONPATH=. $(BIN)/python tests/faults.py > docs/faults.md
