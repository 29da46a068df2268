"""Files of the person: private ones, and whether one can be trusted.

Uses core only, and decides nothing about what is in a file. For every package above that opens files by name.
"""
