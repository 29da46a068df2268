"""Ctrl+C, Ctrl+Z and the other signals, and who has to undo what before the program stops."""
