"""Markdown as rows of a terminal: splitting into blocks, inline spans, tables, code, layout.

Pure but for the shared parser and lexers. May import `config.options` and what is below it.
"""
