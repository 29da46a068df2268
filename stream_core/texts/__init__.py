"""The sentences a person reads, in Spanish: errors, endings of a reply, what went wrong in a tool.

Pure: they take errors and outcomes and return safe text. May import `core` and `models`.
"""
