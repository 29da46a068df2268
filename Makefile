# Everything runs with the project's own environment: .venv/bin, made by the README's test command.
BIN := .venv/bin

.PHONY: check test bench

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test:
	$(BIN)/pytest

bench:
	$(BIN)/python -m benchmarks
