"""Paths of the project's files."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
FIXTURES = TESTS / "fixtures"
PROGRAM = ROOT / "streaming_chatbot.py"
