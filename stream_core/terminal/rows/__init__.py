"""Building blocks of everything drawn: styled rows, figures, dates, results of tools, rows of the wire.

Pure. Imports no other part of the terminal.
"""
