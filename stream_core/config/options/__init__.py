"""The tables of what can be chosen: one entry is a flag, a variable, a preference and its help.

Pure data with the functions that read values from text. May import `core` and `models`.
"""
