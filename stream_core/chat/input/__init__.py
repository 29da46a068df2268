"""User input: the line editor, the plain prompt, keys during a reply, the input history.

The only importer of `prompt_toolkit`.
"""
