"""Everything that is shown whole, once: the welcome, lists, tables, the history. Pure.

May import `terminal.reply` and what is below it.
"""
