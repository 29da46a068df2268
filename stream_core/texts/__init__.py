"""The Spanish sentences for errors, outcomes of a reply and failed tool calls.

Pure: errors and outcomes go in, text that is safe for a terminal comes out. May import `core` and `models`.
"""
