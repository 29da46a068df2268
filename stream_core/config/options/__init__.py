"""Tables of options: one entry defines a flag, a variable, a preference and its help.

Pure data, with the functions that parse values. May import `core` and `models`.
"""
